import { Construct } from 'constructs';
import { COMPONENT_LABEL, PART_OF_LABEL } from '../../src/kubernetes/labels';
import { type AlertOptions, alertProblems, resolveAlerts } from '../../src/monitoring/alert-options';
import { ruleGroups } from '../../src/monitoring/alert-rule';
import { Monitoring } from '../../src/monitoring/monitoring';
import { serviceAlerts } from '../../src/monitoring/service-alerts';
import { serviceDashboard } from '../../src/monitoring/service-dashboard';
import { type MeasuredService, ServiceMetrics } from '../../src/monitoring/service-metrics';
import type { RequestLimits } from '../../src/scoring/request-limits';
import { refuse } from '../../src/validation';
import type { ClusterConnection } from '../cluster-connection';
import type { ServingNamespace } from '../serving-namespace';
import { managedDataSource, measuredCluster } from './measured-cluster';
import { watchBy } from './watch-by';

/** What the monitoring of services differs in. */
export interface ServiceMonitoringProps extends Omit<MeasuredService, 'namespace' | 'cluster'> {
  readonly connection: ClusterConnection;
  readonly namespace: ServingNamespace;
  readonly limits: Required<RequestLimits>;

  /** Number of GPUs of one replica. */
  readonly gpus: number;

  /** When somebody is told. */
  readonly alerts?: AlertOptions;

  /**
   * How long a replica may take to start, its node included, in seconds.
   *
   * @default - what starts within ten minutes
   */
  readonly startSeconds?: number;

  /** Share of places that autoscaling keeps taken; nothing where it looks at something else, or is off. */
  readonly targetUtilizationPercent?: number;
}

/** The dashboard of a service and its alerts, where the metrics of its cluster are collected. */
export class ServiceMonitoring extends Construct {
  /** The figures of the service. */
  public readonly metrics: ServiceMetrics;

  /** Where the dashboard is found; nothing without one. */
  public readonly dashboardUrl?: string;

  constructor(scope: Construct, id: string, props: ServiceMonitoringProps) {
    super(scope, id);
    const { namespace, serviceName, limits, startSeconds, alerts: given = {}, targetUtilizationPercent } = props;
    const { cluster } = props.connection;
    refuse(this, alertProblems(given, cluster.monitoring));
    const service: MeasuredService = {
      namespace: namespace.namespaceName,
      serviceName,
      routed: props.routed,
      cluster: measuredCluster(cluster),
      triton: props.triton,
      ensembleSteps: props.ensembleSteps,
      grpc: props.grpc,
    };
    const metrics = new ServiceMetrics(service);
    this.metrics = metrics;
    if (cluster.monitoring === Monitoring.NONE) {
      return; // nothing to show, and nobody to tell
    }

    const alerts = resolveAlerts(given, limits.scoringTimeoutMs);
    const dashboard = serviceDashboard({
      service,
      metrics,
      limits,
      hasGpus: props.gpus > 0,
      alerts,
      targetUtilizationPercent,
      dataSourceName: managedDataSource(cluster),
    });
    const of = { metrics, namespace: service.namespace, serviceName, limits, startSeconds };
    const groups =
      alerts === undefined ? [] : ruleGroups(`${service.namespace}-${serviceName}`, serviceAlerts({ ...of, alerts }));

    this.dashboardUrl = watchBy(this, {
      cluster,
      dashboard,
      groups,
      inCluster: {
        // a name is 53 characters long at most, and that of a service 45
        releaseName: `${serviceName}-alerts`,
        namespace: namespace.name,
        labels: { [PART_OF_LABEL]: serviceName, [COMPONENT_LABEL]: 'monitoring' },
      },
      inAzure: {
        description: `Alerts of the model service ${serviceName} in ${service.namespace}.`,
        actionGroupIds: alerts?.actionGroupIds ?? [],
        names: [serviceName, service.namespace],
      },
    });
  }
}
