import { Release } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { type Autoscale, scalingBehavior } from '../../src/monitoring/scaling';
import { type MeteredService, scalingMetric } from '../../src/monitoring/scaling-metric';
import { SCRAPE_SECONDS } from '../../src/monitoring/scrape-interval';
import type { ServingNamespace } from '../serving-namespace';
import { packagedChart } from './packaged-chart';
import type { PrometheusAccess } from './prometheus-access';
import type { ServiceMonitor } from './service-monitors';

/** What the charts of services differ in. */
export interface ServiceChartProps extends Omit<MeteredService, 'namespace'> {
  readonly namespace: ServingNamespace;

  /** The Prometheus of the cluster. */
  readonly prometheus: PrometheusAccess;

  /** What Prometheus shall read. */
  readonly monitors: readonly ServiceMonitor[];

  /** How replicas follow the load; nothing where their number is fixed. */
  readonly autoscale?: Autoscale;

  /** What must be there before it is scaled. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * Whatever of a service is of kinds that the cluster's add-ons define, as a Helm release of a chart of this package: Terraform
 * would have to know these kinds while it plans, before the add-ons are there.
 */
export function serviceChart(service: Construct, id: string, props: ServiceChartProps): Release {
  const { serviceName, namespace, prometheus, monitors, autoscale } = props;
  const values = {
    service: { name: serviceName },
    prometheus: {
      monitorsApiGroup: prometheus.monitorsApiGroup,
      serverAddress: prometheus.serverAddress,
      scalerClientId: prometheus.scalerClientId,
    },
    scraping: { intervalSeconds: SCRAPE_SECONDS, monitors },
    ...(autoscale === undefined ? {} : { scaling: scalingValues(props, autoscale) }),
  };
  return new Release(service, id, {
    // a name is 53 characters long at most, and that of a service 45
    name: `${serviceName}-service`,
    namespace: namespace.name,
    chart: packagedChart(service, 'model-service'),
    atomic: true,
    values: [JSON.stringify(values)],
    dependsOn: props.dependsOn,
  });
}

function scalingValues(props: ServiceChartProps, scale: Autoscale) {
  const { minReplicas, maxReplicas, cooldownSeconds } = scale;
  return {
    minReplicas,
    maxReplicas,
    pollingSeconds: SCRAPE_SECONDS,
    cooldownSeconds,
    metric: scalingMetric({ ...props, namespace: props.namespace.namespaceName }, scale),
    behavior: scalingBehavior(scale),
  };
}
