import { Release } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { type AlertRuleGroup, prometheusGroup } from '../../src/monitoring/alert-rule';
import type { Dashboard } from '../../src/monitoring/dashboard';
import { packagedChart } from './packaged-chart';

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
    chart: packagedChart(scope, 'alert-rules'),
    atomic: true,
    values: [JSON.stringify(values)],
    dependsOn: props.dependsOn,
  });
}
