import { ScalarMetric } from './scalar-metric';

/** Labels that every series of a service has, by the PodMonitors of the service. */
export const SERVICE_LABEL = 'inference_service';
export const PART_LABEL = 'part';

/** The part of a service that a series is of. */
export enum ServicePart {
  /** HAProxy before the model server, in its pod. */
  GATEWAY = 'gateway',

  /** HAProxy before the replicas. */
  ROUTER = 'router',

  /** NVIDIA Triton Inference Server. */
  TRITON = 'triton',
}

/** Path of the metrics that gateways and routers keep for this library, beside HAProxy's own at `/metrics`. */
export const SERVICE_METRICS_PATH = '/service-metrics';

/** A service, as its metrics know it. */
export interface MeasuredService {
  /** Namespace of the service. */
  readonly namespace: string;

  /** Name of the service. */
  readonly serviceName: string;

  /** Whether callers reach routers, which find a free replica. */
  readonly routed: boolean;

  /** Number of calls that one replica works on at once. */
  readonly replicaMaxConcurrentRequests: number;
}

/**
 * The metrics of one service as expressions of PromQL, for alerts and dashboards besides those of the library.
 *
 * Series come every 15 seconds, so a window of one minute holds four of them.
 */
export class ServiceMetrics {
  /** @internal */
  public constructor(private readonly service: MeasuredService) {}

  /** Calls that are answered per second, whatever the answer. */
  public get requestsPerSecond(): ScalarMetric {
    return new ScalarMetric('Requests per second', 'reqps', `sum(rate(${this.front('inference_requests_total')}[1m]))`);
  }

  /** Calls that end with a status from 500 on, per second. */
  public get errorsPerSecond(): ScalarMetric {
    const errors = this.front('inference_requests_total', 'code=~"5.."');
    return new ScalarMetric('Errors per second', 'reqps', `sum(rate(${errors}[1m]))`);
  }

  /** Share of calls that end with a status from 500 on, from 0 to 1; nothing while nobody calls. */
  public get errorRatio(): ScalarMetric {
    const { expression } = this.errorsPerSecond;
    return new ScalarMetric(
      'Share of errors',
      'percentunit',
      `(${expression} or vector(0)) / ${this.requestsPerSecond.expression}`,
    );
  }

  /** Time below which half of all calls have their answer, in seconds. */
  public get latencyP50(): ScalarMetric {
    return this.latency(0.5);
  }

  /** Time below which 95 % of all calls have their answer, in seconds. */
  public get latencyP95(): ScalarMetric {
    return this.latency(0.95);
  }

  /** Time below which 99 % of all calls have their answer, in seconds. */
  public get latencyP99(): ScalarMetric {
    return this.latency(0.99);
  }

  /** Calls that are computed or wait, mean over the last 15 seconds. */
  public get requestsInProgress(): ScalarMetric {
    const { selector } = this;
    return new ScalarMetric('Requests in progress', 'short', `sum(inference_requests_in_progress{${selector}})`);
  }

  /** Replicas whose gateway answers. */
  public get replicas(): ScalarMetric {
    const gateways = `inference_max_concurrent_requests{${this.selector},${PART_LABEL}="${ServicePart.GATEWAY}"}`;
    return new ScalarMetric('Replicas', 'short', `count(${gateways})`);
  }

  /**
   * Share of all places that calls take, from 0 up: those in flight and those that wait, by replicas ×
   * replicaMaxConcurrentRequests, as Azure ML's front end counted it.
   */
  public get utilization(): ScalarMetric {
    const places = `sum(inference_max_concurrent_requests{${this.selector},${PART_LABEL}="${ServicePart.GATEWAY}"})`;
    return new ScalarMetric('Utilization', 'percentunit', `${this.requestsInProgress.expression} / ${places}`);
  }

  /** Labels of all series of the service, for expressions of one's own: `inference_requests_total{SELECTOR}`. */
  public get selector(): string {
    const { namespace, serviceName } = this.service;
    return `namespace="${namespace}",${SERVICE_LABEL}="${serviceName}"`;
  }

  private latency(quantile: number): ScalarMetric {
    const buckets = `sum by (le) (rate(${this.front('inference_request_duration_seconds_bucket')}[5m]))`;
    return new ScalarMetric(`Latency, ${quantile * 100} %`, 's', `histogram_quantile(${quantile}, ${buckets})`);
  }

  /** Series of the part that callers reach. */
  private front(name: string, more = ''): string {
    const part = this.service.routed ? ServicePart.ROUTER : ServicePart.GATEWAY;
    return `${name}{${this.selector},${PART_LABEL}="${part}"${more === '' ? '' : `,${more}`}}`;
  }
}
