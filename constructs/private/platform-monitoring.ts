import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { COMPONENT_LABEL } from '../../src/kubernetes/labels';
import { actionGroupProblems } from '../../src/monitoring/alert-options';
import { ruleGroups } from '../../src/monitoring/alert-rule';
import { platformAlerts } from '../../src/monitoring/platform-alerts';
import { platformDashboard } from '../../src/monitoring/platform-dashboard';
import type { MeasuredPlatform } from '../../src/monitoring/platform-metrics';
import { refuse } from '../../src/validation';
import type { IInferenceCluster } from '../inference-cluster-options';
import { managedDataSource, measuredCluster } from './measured-cluster';
import { PROMETHEUS_NAMESPACE } from './prometheus-access';
import { watchBy } from './watch-by';

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
    const { clusterName } = cluster;
    refuse(this, actionGroupProblems('alertActionGroupIds', alertActionGroupIds, cluster.monitoring));
    const platform: MeasuredPlatform = { cluster: measuredCluster(cluster), pools: cluster.pools };
    const dashboard = platformDashboard({ platform, clusterName, dataSourceName: managedDataSource(cluster) });
    const groups = ruleGroups(NAME, platformAlerts(platform));

    this.dashboardUrl = watchBy(this, {
      cluster,
      dashboard,
      groups,
      inCluster: {
        releaseName: NAME,
        namespace: PROMETHEUS_NAMESPACE,
        labels: { [COMPONENT_LABEL]: 'monitoring' },
        dependsOn: props.dependsOn,
      },
      inAzure: {
        description: `Alerts of the nodes and GPUs of ${clusterName}.`,
        actionGroupIds: [...new Set(alertActionGroupIds)],
        names: [clusterName],
      },
    });
  }
}
