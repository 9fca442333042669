import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { AssetType, type ITerraformDependable, TerraformAsset, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { fileDigests, shortHash } from '../../src/digest';
import { type AlertRuleGroup, prometheusGroup } from '../../src/monitoring/alert-rule';
import type { Dashboard } from '../../src/monitoring/dashboard';

/** What is brought into the cluster for Prometheus and Grafana there. */
export interface AlertRulesChartProps {
  /** Name of the Helm release, at most 53 characters. */
  readonly releaseName: string;

  /** Namespace of the objects. */
  readonly namespace: string;

  /** Labels of the objects. */
  readonly labels: { readonly [name: string]: string };

  readonly groups: readonly AlertRuleGroup[];
  readonly dashboard: Dashboard;

  /** What must be there before. */
  readonly dependsOn?: ITerraformDependable[];
}

const CHART = 'alert-rules';

/**
 * Alerts and a dashboard for the Prometheus and the Grafana of the cluster, as a Helm release of a chart of this package:
 * Terraform would have to know the kind PrometheusRule while it plans, before the cluster does.
 */
export function alertRulesChart(scope: Construct, id: string, props: AlertRulesChartProps): Release {
  const { releaseName, groups, dashboard, labels } = props;
  const values = {
    labels,
    groups: groups.map(prometheusGroup),
    dashboards: { [`${releaseName}-dashboard`]: JSON.stringify(dashboard) },
  };
  return new Release(scope, id, {
    name: releaseName,
    namespace: props.namespace,
    chart: chartOf(scope).path,
    atomic: true,
    values: [JSON.stringify(values)],
    dependsOn: props.dependsOn,
  });
}

/** The chart in the output of a stack, once for all that use it. */
function chartOf(scope: Construct): TerraformAsset {
  const stack = TerraformStack.of(scope);
  const charts = (stack.node.tryFindChild('charts') as Construct | undefined) ?? new Construct(stack, 'charts');
  const existing = charts.node.tryFindChild(CHART) as TerraformAsset | undefined;
  const path = chartFolder();
  return (
    existing ??
    // by names and contents, whatever else the machine knows of the files
    new TerraformAsset(charts, CHART, { path, type: AssetType.DIRECTORY, assetHash: folderHash(path) })
  );
}

/** The chart as the package ships it beside the sources: no compiler copies it. */
function chartFolder(): string {
  const [beside, fromCompiled] = [join(__dirname, '../charts'), join(__dirname, '../../../constructs/charts')];
  return join(existsSync(beside) ? beside : fromCompiled, CHART);
}

function folderHash(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  return shortHash(
    files.flatMap((file) => [file.slice(folder.length), fileDigests(file).sha256]),
    32,
  );
}
