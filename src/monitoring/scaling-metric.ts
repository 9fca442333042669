import { type MeasuredService, PART_LABEL, ServiceMetrics, ServicePart } from './service-metrics';
import type { TritonMetrics } from './triton-metrics';

/** What a service is scaled by. */
export interface ScalingTarget {
  /** The fewest replicas. */
  readonly minReplicas: number;

  /** How busy replicas shall be. */
  readonly targetUtilizationPercent: number;

  /** Seconds that a replica works on one request, where requests are counted. */
  readonly secondsPerRequest?: number;

  /** Milliseconds that a request may wait in Triton, where that time is what counts. */
  readonly queueTargetMs?: number;
}

/** A service that is scaled, as its metrics know it. */
export interface MeteredService extends Omit<MeasuredService, 'routed' | 'triton'> {
  /** Number of calls that one replica works on at once. */
  readonly replicaMaxConcurrentRequests: number;
}

/** A figure of a whole service, and what of it one replica shall have. */
export interface ScalingMetric {
  /**
   * What Kubernetes does with the figure: `AverageValue` asks for as many replicas as the threshold divides it into, `Value`
   * for as many times the present ones as it is of the threshold.
   */
  readonly type: 'AverageValue' | 'Value';

  /**
   * Expression of PromQL. It has no value where a series is missing that must be there, which leaves replicas as they are: what
   * cannot be read must not look like a service that nobody calls.
   */
  readonly query: string;

  /** What of it one replica shall have. */
  readonly threshold: number;
}

/**
 * What a service is scaled by, as Prometheus computes it.
 *
 * `AverageValue` makes Kubernetes ask for ceil(figure ÷ threshold) replicas: with the calls in progress, and with concurrency ×
 * utilization of them for each replica, that is the formula of `Capacity`.
 */
export function scalingMetric(
  service: MeteredService,
  { minReplicas, targetUtilizationPercent, secondsPerRequest, queueTargetMs }: ScalingTarget,
): ScalingMetric {
  const { selector, triton } = new ServiceMetrics({ ...service, routed: true, triton: queueTargetMs !== undefined });
  if (queueTargetMs !== undefined && triton !== undefined) {
    return { type: 'Value', query: queueMilliseconds(triton), threshold: queueTargetMs };
  }
  const busyPlaces = (service.replicaMaxConcurrentRequests * targetUtilizationPercent) / 100;
  const inProgress = requestsInProgress(selector, minReplicas === 0);
  return secondsPerRequest === undefined
    ? { type: 'AverageValue', query: inProgress, threshold: rounded(busyPlaces) }
    : {
        type: 'AverageValue',
        query: requestsPerSecond(selector, inProgress, secondsPerRequest),
        threshold: rounded(busyPlaces / secondsPerRequest),
      };
}

/**
 * Calls that replicas work on, that wait there, and that wait at the routers for a replica.
 *
 * While there is a replica, its gateway has a say; a service that may have none is at zero of them only as long as its
 * routers see none either.
 */
function requestsInProgress(selector: string, mayHaveNone: boolean): string {
  const of = (part: ServicePart) => `sum(inference_requests_in_progress{${selector},${PART_LABEL}="${part}"})`;
  const noReplica = `max(haproxy_backend_active_servers{${selector},${PART_LABEL}="${ServicePart.ROUTER}",proxy="replicas"}) == 0`;
  const atReplicas = mayHaveNone ? `(${of(ServicePart.GATEWAY)} or ${noReplica})` : of(ServicePart.GATEWAY);
  return `${of(ServicePart.ROUTER)} + ${atReplicas}`;
}

/** What gateways and routers answer before a call may wait for a place: 401, 404, 408, 411 and 413. */
const REFUSED_EARLY = 'code!~"401|404|408|411|413",grpc_code!~"12|16"';

/**
 * Requests that are answered per second. Where none has been, those in progress tell, by Little's law, how many come: a call
 * that waits for the first replica is not answered and must wake one all the same. The window is as short as two readings
 * allow, so that replicas come as soon as the load does.
 */
function requestsPerSecond(selector: string, inProgress: string, secondsPerRequest: number): string {
  const answered = `sum(rate(inference_requests_total{${selector},${PART_LABEL}="${ServicePart.ROUTER}",${REFUSED_EARLY}}[30s]))`;
  return `(${answered} > 0) or (${inProgress}) / ${secondsPerRequest}`;
}

/** Mean time that a request waited inside Triton over the last minute; 0 where none came, which nothing divides by. */
function queueMilliseconds({ queueTimePerRequest, requestsPerSecond }: TritonMetrics): string {
  return `(${queueTimePerRequest.expression} or 0 * ${requestsPerSecond.expression}) * 1000`;
}

/** Without the dust of binary fractions. Kubernetes counts thousandths. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
