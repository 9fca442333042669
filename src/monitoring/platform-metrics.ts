import { LabeledMetric } from './labeled-metric';
import { gpuActivity, MIB } from './pod-metrics';
import { GRPC_ERROR_CODES, matchers, ofCluster, quantile, RATIO_WINDOW, rateBy } from './promql';
import { ScalarMetric } from './scalar-metric';

/** A pool, as the metrics of its platform know it. */
export interface MeasuredPool {
  readonly poolName: string;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** A platform, as its metrics know it. */
export interface MeasuredPlatform {
  /** Name of the cluster, where Prometheus writes it into every series; nothing where it knows one cluster. */
  readonly cluster?: string;

  /** The pools that are known while synthesizing. */
  readonly pools: readonly MeasuredPool[];
}

/** Names under which kube-state-metrics counts GPUs and their partitions. */
const GPU_RESOURCE = 'resource=~"nvidia_com_(gpu|mig_.+)|amd_com_gpu"';

/** The metrics of all services and nodes of a platform as expressions of PromQL. */
export class PlatformMetrics {
  constructor(private readonly platform: MeasuredPlatform) {}

  /** Calls that are answered per second, by service: labels `namespace` and `inference_service`. */
  public get requestsPerSecond(): LabeledMetric {
    return this.byService('Requests per second by service', 'reqps', (part) => this.requests(part));
  }

  /** Share of the calls of five minutes that end with an error, of HTTP or gRPC, from 0 to 1, by service. */
  public get errorRatio(): LabeledMetric {
    return this.byService('Share of errors by service', 'percentunit', (part) => {
      const all = this.requests(part, undefined, RATIO_WINDOW);
      const failed = [`code=~"5.."`, `grpc_code=~"${GRPC_ERROR_CODES}"`].map(
        (status) => `(${this.requests(part, status, RATIO_WINDOW)} or ${all} * 0)`,
      );
      return `(${failed.join(' + ')}) / ${all}`;
    });
  }

  /** Time below which 99 % of all calls have their answer, in seconds, by service. */
  public get latencyP99(): LabeledMetric {
    return this.byService('Latency, 99 %, by service', 's', (part) => {
      const buckets = this.series('inference_request_duration_seconds_bucket', `part="${part}"`);
      return quantile(0.99, buckets, BY_SERVICE);
    });
  }

  /** Pods that wait for a place, for their images, or for models that their init containers download, by namespace. */
  public get podsPending(): LabeledMetric {
    const pending = this.series('kube_pod_status_phase', 'phase="Pending"');
    return new LabeledMetric('Pods pending', 'short', 'namespace', `sum by (namespace) (${pending})`);
  }

  /** Nodes by pool. AKS names them after it. */
  public get nodes(): LabeledMetric {
    const pool = `label_replace(${this.series('kube_node_info')}, "pool", "$1", "node", "aks-([a-z0-9]+)-.+")`;
    return new LabeledMetric('Nodes', 'short', 'pool', `count by (pool) (${pool})`);
  }

  /** Nodes of one pool; nothing while there are none. */
  public nodesOf(poolName: string): ScalarMetric {
    const nodes = this.series('kube_node_info', `node=~"aks-${poolName}-.+"`);
    return new ScalarMetric(`Nodes of ${poolName}`, 'short', `count(${nodes})`);
  }

  /** The most nodes that each known pool grows to; nothing where none is known. */
  public get nodesMax(): LabeledMetric | undefined {
    const { pools } = this.platform;
    const each = pools.map(
      ({ poolName, maxNodes }) => `label_replace(vector(${maxNodes}), "pool", "${poolName}", "", "")`,
    );
    return each.length === 0 ? undefined : new LabeledMetric('Nodes at most', 'short', 'pool', each.join(' or '));
  }

  /** Nodes that are not ready. */
  public get nodesNotReady(): LabeledMetric {
    const ready = this.series('kube_node_status_condition', 'condition="Ready",status="true"');
    return new LabeledMetric('Nodes not ready', 'short', 'node', `1 - max by (node) (${ready})`);
  }

  /** Share of the time in which the GPUs of a node compute, from 0 to 1: label `Hostname`. */
  public get gpuUtilization(): LabeledMetric {
    const expression = `avg by (Hostname) (${gpuActivity((name) => this.series(name))})`;
    return new LabeledMetric('GPU utilization by node', 'percentunit', 'Hostname', expression);
  }

  /** Memory of the GPUs of a node that is in use, in bytes: label `Hostname`. */
  public get gpuMemoryUsed(): LabeledMetric {
    const expression = `sum by (Hostname) (${this.series('DCGM_FI_DEV_FB_USED')}) * ${MIB}`;
    return new LabeledMetric('GPU memory used by node', 'bytes', 'Hostname', expression);
  }

  /** Share of the memory of each GPU or partition in use, from 0 to 1: labels `Hostname`, `gpu` and, of partitions, `GPU_I_ID`. */
  public get gpuMemoryRatio(): LabeledMetric {
    const used = `max by (Hostname, gpu, GPU_I_ID) (${this.series('DCGM_FI_DEV_FB_USED')})`;
    const free = `max by (Hostname, gpu, GPU_I_ID) (${this.series('DCGM_FI_DEV_FB_FREE')})`;
    return new LabeledMetric('GPU memory in use', 'percentunit', 'gpu', `${used} / (${used} + ${free})`);
  }

  /** The last error that the driver reported of each GPU since its exporter started, 0 where none: `Hostname`, `gpu`. */
  public get gpuErrors(): LabeledMetric {
    const expression = `max by (Hostname, gpu) (${this.series('DCGM_FI_DEV_XID_ERRORS')})`;
    return new LabeledMetric('XID of the last error', 'short', 'gpu', expression);
  }

  /** GPUs, or partitions of them, that no pod asked for, by node. */
  public get gpusUnallocated(): LabeledMetric {
    const there = `sum by (node) (${this.series('kube_node_status_allocatable', GPU_RESOURCE)})`;
    return new LabeledMetric('GPUs free by node', 'short', 'node', this.unallocated(there, GPU_RESOURCE));
  }

  /** CPU that no pod asked for, in cores, by node. */
  public get cpuUnallocated(): LabeledMetric {
    const there = `sum by (node) (${this.series('kube_node_status_allocatable', 'resource="cpu"')})`;
    return new LabeledMetric('CPU free by node', 'cores', 'node', this.unallocated(there, 'resource="cpu"'));
  }

  /** Memory that no pod asked for, in bytes, by node. */
  public get memoryUnallocated(): LabeledMetric {
    const there = `sum by (node) (${this.series('kube_node_status_allocatable', 'resource="memory"')})`;
    return new LabeledMetric('Memory free by node', 'bytes', 'node', this.unallocated(there, 'resource="memory"'));
  }

  /** What is there without what pods ask for that have a place and are not over. */
  private unallocated(there: string, resource: string): string {
    const requests = this.series('kube_pod_container_resource_requests', `${resource},node!=""`);
    const alive = `max by (namespace, pod) (${this.series('kube_pod_status_phase', 'phase=~"Pending|Running"')} == 1)`;
    const asked = `sum by (node) (${requests} * on (namespace, pod) group_left () ${alive})`;
    return `${there} - (${asked} or ${there} * 0)`;
  }

  /** A figure of what callers reach: the routers of a service that has some, the replicas of others. */
  private byService(title: string, unit: string, of: (part: string) => string): LabeledMetric {
    return new LabeledMetric(title, unit, 'inference_service', `${of('router')} or ${of('gateway')}`);
  }

  private requests(part: string, more?: string, window?: string): string {
    return rateBy(BY_SERVICE, this.series('inference_requests_total', matchers(`part="${part}"`, more)), window);
  }

  private series(name: string, more?: string): string {
    const all = matchers(ofCluster(this.platform.cluster), more);
    return all === '' ? name : `${name}{${all}}`;
  }
}

const BY_SERVICE = 'namespace, inference_service';
