import { LabeledMetric } from './labeled-metric';
import { PodMetrics } from './pod-metrics';
import { GRPC_ERROR_CODES, matchers, mean, ofCluster, orZero, quantile, RATIO_WINDOW, rate, rateBy } from './promql';
import { ScalarMetric } from './scalar-metric';
import { TritonMetrics } from './triton-metrics';

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

/** A service, as its metrics know it. */
export interface MeasuredService {
  /** Namespace of the service. */
  readonly namespace: string;

  /** Name of the service. */
  readonly serviceName: string;

  /** Whether callers reach routers, which find a free replica. */
  readonly routed: boolean;

  /**
   * Name of the cluster, where Prometheus writes it into every series: managed Prometheus keeps those of several
   * clusters in one workspace.
   *
   * @default - none: Prometheus knows one cluster
   */
  readonly cluster?: string;

  /**
   * Whether Triton serves the models.
   *
   * @default false
   */
  readonly triton?: boolean;

  /**
   * Of how many steps each ensemble in Triton is made, by its name: Triton counts a request of each step besides the caller's.
   *
   * @default - there are no ensembles
   */
  readonly ensembleSteps?: { readonly [ensemble: string]: number };

  /**
   * Whether callers may call by gRPC, where an error has HTTP status 200 and a status of its own.
   *
   * @default false
   */
  readonly grpc?: boolean;
}

/** Statuses as regular expressions: of HTTP, and of gRPC where it has one for the same. */
interface Statuses {
  readonly code: string;
  readonly grpcCode?: string;
}

const ERRORS: Statuses = { code: '5..', grpcCode: GRPC_ERROR_CODES };
const QUEUE_FULL: Statuses = { code: '429' };
const QUEUED_TOO_LONG: Statuses = { code: '503', grpcCode: '14' };
const TIMEOUTS: Statuses = { code: '504', grpcCode: '4' };

/**
 * The metrics of one service as expressions of PromQL, for alerts and dashboards besides those of the library.
 *
 * Series come every 15 seconds, so a window of one minute holds four of them. Shares, means and quantiles are those of five
 * minutes, so that a service that is called every other minute has them, too.
 */
export class ServiceMetrics {
  constructor(private readonly service: MeasuredService) {}

  /** Calls that are answered per second, whatever the answer. */
  public get requestsPerSecond(): ScalarMetric {
    return new ScalarMetric('Requests per second', 'reqps', rate(this.front('inference_requests_total')));
  }

  /** Calls that are answered per second, by HTTP status, as callers see it: label `code`. */
  public get requestsPerSecondByStatus(): LabeledMetric {
    const series = this.front('inference_requests_total');
    return new LabeledMetric('Requests per second by HTTP status', 'reqps', 'code', rateBy('code', series));
  }

  /** gRPC calls that are answered per second, by status of gRPC: label `grpc_code`. Nothing where callers use HTTP alone. */
  public get requestsPerSecondByGrpcStatus(): LabeledMetric | undefined {
    if (!this.service.grpc) {
      return undefined;
    }
    const series = this.front('inference_requests_total', 'grpc_code!=""');
    const title = 'gRPC requests per second by gRPC status';
    return new LabeledMetric(title, 'reqps', 'grpc_code', rateBy('grpc_code', series));
  }

  /**
   * Calls that end with a status from 500 on, per second, or with what gRPC has for it: `UNKNOWN`, `DEADLINE_EXCEEDED`,
   * `RESOURCE_EXHAUSTED`, `INTERNAL`, `UNAVAILABLE` or `DATA_LOSS`. To gRPC a full queue is `RESOURCE_EXHAUSTED`, too.
   */
  public get errorsPerSecond(): ScalarMetric {
    return new ScalarMetric('Errors per second', 'reqps', this.answered(ERRORS));
  }

  /**
   * Share of the calls of five minutes that end with an error, as `errorsPerSecond` counts them, from 0 to 1; nothing while
   * nobody calls.
   */
  public get errorRatio(): ScalarMetric {
    return this.share('Share of errors', ERRORS);
  }

  /** Calls that are answered with 429 per second: as many as may wait do so already. gRPC calls are not among them. */
  public get queueFullPerSecond(): ScalarMetric {
    return new ScalarMetric('Queue full (429) per second', 'reqps', this.answered(QUEUE_FULL));
  }

  /** Share of the calls of five minutes that are answered with 429, from 0 to 1; nothing while nobody calls. */
  public get queueFullRatio(): ScalarMetric {
    return this.share('Share of queue full (429)', QUEUE_FULL);
  }

  /**
   * Calls that are answered with 503 per second: they waited for longer than `maxRequestWaitTimeMs`, or no replica was
   * ready. Of gRPC calls those with `UNAVAILABLE`; those that waited too long are `RESOURCE_EXHAUSTED`.
   */
  public get queuedTooLongPerSecond(): ScalarMetric {
    return new ScalarMetric('Queued too long (503) per second', 'reqps', this.answered(QUEUED_TOO_LONG));
  }

  /**
   * Share of the calls of five minutes that are answered with 503, as `queuedTooLongPerSecond` counts them, from 0 to 1;
   * nothing while nobody calls.
   */
  public get queuedTooLongRatio(): ScalarMetric {
    return this.share('Share of queued too long (503)', QUEUED_TOO_LONG);
  }

  /** Calls that the server took too long for, `scoringTimeoutMs`, per second: 504, and `DEADLINE_EXCEEDED` of gRPC. */
  public get timeoutsPerSecond(): ScalarMetric {
    return new ScalarMetric('Time-outs (504) per second', 'reqps', this.answered(TIMEOUTS));
  }

  /** Share of the calls of five minutes that the server took too long for, from 0 to 1; nothing while nobody calls. */
  public get timeoutRatio(): ScalarMetric {
    return this.share('Share of time-outs (504)', TIMEOUTS);
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

  /** Mean time that calls wait for a replica at the routers, in seconds; nothing where there are no routers. */
  public get meanRouterQueueTime(): ScalarMetric | undefined {
    return this.service.routed ? this.meanTime('Queue of the routers', 'queue', ServicePart.ROUTER) : undefined;
  }

  /** Mean time that calls wait for their turn in a replica, in seconds. */
  public get meanGatewayQueueTime(): ScalarMetric {
    return this.meanTime('Queue of the replicas', 'queue', ServicePart.GATEWAY);
  }

  /** Mean time that the model server takes for a call, in seconds. */
  public get meanServerTime(): ScalarMetric {
    return this.meanTime('Model server', 'server', ServicePart.GATEWAY);
  }

  /** Time below which 99 % of the calls that reach a replica are answered by its model server, in seconds. */
  public get serverTimeP99(): ScalarMetric {
    const series = `inference_server_duration_seconds_bucket{${this.selectorOf(ServicePart.GATEWAY)}}`;
    return new ScalarMetric('Model server, 99 %', 's', quantile(0.99, series));
  }

  /** Calls that are computed or wait, mean over the last 15 seconds. */
  public get requestsInProgress(): ScalarMetric {
    const { selector } = this;
    return new ScalarMetric('Requests in progress', 'short', `sum(inference_requests_in_progress{${selector}})`);
  }

  /** Calls that wait: at the routers, and in each replica those above what it works on at once. Mean over 15 seconds. */
  public get queueLength(): ScalarMetric {
    const gateway = this.selectorOf(ServicePart.GATEWAY);
    const atReplicas = `inference_requests_in_progress{${gateway}} - inference_max_concurrent_requests{${gateway}}`;
    const routers = `sum(inference_requests_in_progress{${this.selectorOf(ServicePart.ROUTER)}})`;
    const inReplicas = `sum(clamp_min(${atReplicas}, 0))`;
    const all = this.service.routed ? `${orZero(inReplicas)} + ${orZero(routers)}` : inReplicas;
    return new ScalarMetric('Requests that wait', 'short', all);
  }

  /** Replicas whose gateway answers. */
  public get replicas(): ScalarMetric {
    return new ScalarMetric('Replicas', 'short', `count(${this.places})`);
  }

  /**
   * Share of all places that calls take, from 0 up: those in flight and those that wait, by replicas ×
   * replicaMaxConcurrentRequests, as Azure ML's front end counted it.
   */
  public get utilization(): ScalarMetric {
    const { expression } = this.requestsInProgress;
    return new ScalarMetric('Utilization', 'percentunit', `${expression} / sum(${this.places})`);
  }

  /** What Kubernetes knows of the service: replicas ready and wanted, CPU, memory and GPUs of its pods. */
  public get pods(): PodMetrics {
    return new PodMetrics(this.service);
  }

  /** What Triton counts; nothing where it does not serve. */
  public get triton(): TritonMetrics | undefined {
    const { triton, ensembleSteps } = this.service;
    return triton ? new TritonMetrics(this.selectorOf(ServicePart.TRITON), ensembleSteps) : undefined;
  }

  /** Labels of all series of the service, for expressions of one's own: `inference_requests_total{SELECTOR}`. */
  public get selector(): string {
    const { namespace, serviceName, cluster } = this.service;
    return matchers(ofCluster(cluster), `namespace="${namespace}"`, `${SERVICE_LABEL}="${serviceName}"`);
  }

  private get places(): string {
    return `inference_max_concurrent_requests{${this.selectorOf(ServicePart.GATEWAY)}}`;
  }

  private latency(share: number): ScalarMetric {
    const buckets = this.front('inference_request_duration_seconds_bucket');
    return new ScalarMetric(`Latency, ${share * 100} %`, 's', quantile(share, buckets));
  }

  private meanTime(title: string, kind: string, part: ServicePart): ScalarMetric {
    return new ScalarMetric(title, 's', mean(`inference_${kind}_duration_seconds`, this.selectorOf(part)));
  }

  /** Calls that end with one of some statuses per second; 0 where none does. */
  private answered({ code, grpcCode }: Statuses, window?: string): string {
    const calls = (matcher: string) => orZero(rate(this.front('inference_requests_total', matcher), window));
    const http = calls(`code=~"${code}"`);
    return this.service.grpc && grpcCode !== undefined ? `(${http} + ${calls(`grpc_code=~"${grpcCode}"`)})` : http;
  }

  /** Share of the calls of some minutes that end with one of some statuses. */
  private share(title: string, statuses: Statuses): ScalarMetric {
    const all = rate(this.front('inference_requests_total'), RATIO_WINDOW);
    return new ScalarMetric(title, 'percentunit', `${this.answered(statuses, RATIO_WINDOW)} / ${all}`);
  }

  /** Series of the part that callers reach. */
  private front(name: string, more?: string): string {
    const part = this.service.routed ? ServicePart.ROUTER : ServicePart.GATEWAY;
    return `${name}{${matchers(this.selectorOf(part), more)}}`;
  }

  private selectorOf(part: ServicePart): string {
    return matchers(this.selector, `${PART_LABEL}="${part}"`);
  }
}
