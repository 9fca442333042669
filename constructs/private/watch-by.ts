import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { AlertRuleGroup } from '../../src/monitoring/alert-rule';
import type { Dashboard } from '../../src/monitoring/dashboard';
import { Monitoring } from '../../src/monitoring/monitoring';
import type { IInferenceCluster } from '../inference-cluster-options';
import { alertRulesChart } from './alert-rules-chart';
import { azureAlerts } from './azure-alerts';
import { GrafanaDashboard } from './grafana-dashboard';
import { grafanaInCluster } from './measured-cluster';

/** A dashboard and alerts, whoever shows and tells them. */
export interface Watching {
  readonly cluster: IInferenceCluster;
  readonly dashboard: Dashboard;
  readonly groups: readonly AlertRuleGroup[];

  /** What they are as a Helm release, where Prometheus is inside the cluster. */
  readonly inCluster: {
    /** Name of the release, at most 53 characters. */
    readonly releaseName: string;

    readonly namespace: string;
    readonly labels: { readonly [name: string]: string };

    /** What must be there before. */
    readonly dependsOn?: ITerraformDependable[];
  };

  /** What they are in Azure. */
  readonly inAzure: {
    /** What the alerts are of. */
    readonly description: string;

    /** Ids of the action groups that are told. */
    readonly actionGroupIds: readonly string[];

    /** What a reader should recognise in the name of the dashboard. */
    readonly names: readonly string[];
  };
}

/**
 * Brings a dashboard and alerts to where the metrics of the cluster are collected.
 *
 * @returns where the dashboard is found; nothing where nobody collects them
 */
export function watchBy(scope: Construct, { cluster, dashboard, groups, ...where }: Watching): string | undefined {
  const { monitoring, monitorWorkspace } = cluster;
  if (monitoring === Monitoring.IN_CLUSTER) {
    alertRulesChart(scope, 'chart', { ...where.inCluster, groups, dashboard });
    return grafanaInCluster(dashboard);
  }
  if (monitoring === Monitoring.AZURE_MANAGED && monitorWorkspace !== undefined) {
    const { names, ...alerts } = where.inAzure;
    azureAlerts(scope, { cluster, monitorWorkspace, groups, ...alerts });
    const { resourceGroup } = monitorWorkspace;
    return new GrafanaDashboard(scope, 'dashboard', { resourceGroup, names, dashboard }).url;
  }
  return undefined;
}
