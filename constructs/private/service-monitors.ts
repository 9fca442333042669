import { SERVICE_METRICS_PATH } from '../../src/gateway/metrics-task';
import { NAME_LABEL } from '../../src/kubernetes/labels';
import { ServicePart } from '../../src/monitoring/service-metrics';

/** Pods that Prometheus reads, and where it does. */
export interface ServiceMonitor {
  /** Name of the monitor. */
  readonly name: string;

  /** Labels of the pods. */
  readonly matchLabels: { readonly [name: string]: string };

  readonly endpoints: readonly MetricsEndpoint[];
}

/** One page of metrics. */
export interface MetricsEndpoint {
  /** Name of the port, as the container has it. */
  readonly port: string;

  readonly path: string;

  /** The part of the service that its series are of. */
  readonly part: ServicePart;

  /** Regular expression of the series that are kept; nothing for all. */
  readonly keep?: string;
}

/** Triton's metrics, as its pods offer them. */
export const TRITON_METRICS: MetricsEndpoint = { port: 'triton-metrics', path: '/metrics', part: ServicePart.TRITON };

/** The same where only a script of the pod reaches Triton: its gateway passes them on. */
export const TRITON_METRICS_BEHIND_SCRIPT: MetricsEndpoint = {
  port: 'metrics',
  path: '/triton/metrics',
  part: ServicePart.TRITON,
};

/**
 * Of the hundreds of series that HAProxy has by itself, those that scaling reads, and its queues for whoever looks for what
 * waits where. Azure's Prometheus bills by the sample.
 */
const KEPT_OF_HAPROXY = ['haproxy_backend_active_servers', 'haproxy_backend_current_queue'].join('|');

/**
 * What Prometheus reads of a service.
 *
 * @param more pages of the replicas besides those of their gateways
 */
export function serviceMonitors(
  serviceName: string,
  routed: boolean,
  more: readonly MetricsEndpoint[] = [],
): ServiceMonitor[] {
  const monitor = (name: string, part: ServicePart, others: readonly MetricsEndpoint[]) => ({
    name,
    matchLabels: { [NAME_LABEL]: name },
    endpoints: [
      { port: 'metrics', path: '/metrics', part, keep: KEPT_OF_HAPROXY },
      { port: 'metrics', path: SERVICE_METRICS_PATH, part },
      ...others,
    ],
  });
  return [
    monitor(serviceName, ServicePart.GATEWAY, more),
    ...(routed ? [monitor(`${serviceName}-router`, ServicePart.ROUTER, [])] : []),
  ];
}
