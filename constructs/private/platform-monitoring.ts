import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { COMPONENT_LABEL } from '../../src/kubernetes/labels';
import { actionGroupProblems } from '../../src/monitoring/alert-options';
import { ruleGroups } from '../../src/monitoring/alert-rule';
import { Monitoring } from '../../src/monitoring/monitoring';
import { platformAlerts } from '../../src/monitoring/platform-alerts';
import { platformDashboard } from '../../src/monitoring/platform-dashboard';
import type { MeasuredPlatform } from '../../src/monitoring/platform-metrics';
import { refuse } from '../../src/validation';
import type { IInferenceCluster } from '../inference-cluster-options';
import { alertRulesChart } from './alert-rules-chart';
import { azureAlerts } from './azure-alerts';
import { GrafanaDashboard } from './grafana-dashboard';
import { grafanaInCluster, managedDataSource, measuredCluster } from './measured-cluster';
import { PROMETHEUS_NAMESPACE } from './prometheus-access';

/** What the monitoring of platforms differs in. */
export interface PlatformMonitoringProps {
  /** The cluster with all its pools. */
  readonly cluster: IInferenceCluster;

  /** Ids of the action groups that are told of alerts. */
  readonly alertActionGroupIds?: readonly string[];

  /** What must be there before: the Prometheus of the cluster. */
  readonly dependsOn?: ITerraformDependable[];
}

/** Name of the platform's own groups of rules, and of their Helm release. */
const NAME = 'inference-platform';

/** The dashboard of a platform and its alerts, where the metrics of its cluster are collected. */
export class PlatformMonitoring extends Construct {
  /** Where the dashboard is found; nothing without one. */
  public readonly dashboardUrl?: string;

  constructor(scope: Construct, id: string, props: PlatformMonitoringProps) {
    super(scope, id);
    const { cluster, alertActionGroupIds = [] } = props;
    const { clusterName, monitorWorkspace } = cluster;
    refuse(this, actionGroupProblems('alertActionGroupIds', alertActionGroupIds, cluster.monitoring));
    const platform: MeasuredPlatform = { cluster: measuredCluster(cluster), pools: cluster.pools };
    const dashboard = platformDashboard({ platform, clusterName, dataSourceName: managedDataSource(cluster) });
    const groups = ruleGroups(NAME, platformAlerts(platform));

    if (cluster.monitoring === Monitoring.IN_CLUSTER) {
      alertRulesChart(this, 'chart', {
        releaseName: NAME,
        namespace: PROMETHEUS_NAMESPACE,
        labels: { [COMPONENT_LABEL]: 'monitoring' },
        groups,
        dashboard,
        dependsOn: props.dependsOn,
      });
      this.dashboardUrl = grafanaInCluster(dashboard);
    } else if (cluster.monitoring === Monitoring.AZURE_MANAGED && monitorWorkspace !== undefined) {
      azureAlerts(this, {
        cluster,
        monitorWorkspace,
        groups,
        description: `Alerts of the nodes and GPUs of ${clusterName}.`,
        actionGroupIds: [...new Set(alertActionGroupIds)],
      });
      const { url } = new GrafanaDashboard(this, 'dashboard', {
        resourceGroup: monitorWorkspace.resourceGroup,
        names: [clusterName],
        dashboard,
      });
      this.dashboardUrl = url;
    }
  }
}
