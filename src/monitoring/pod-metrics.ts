import { LabeledMetric } from './labeled-metric';
import { matchers, ofCluster, rateBy, SLOW_WINDOW } from './promql';
import { ScalarMetric } from './scalar-metric';

/** The service whose pods are looked at. */
export interface PodsOf {
  readonly namespace: string;
  readonly serviceName: string;
  readonly cluster?: string;
}

/** What Kubernetes makes names of: no vowels, nor what looks like another sign. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';

/**
 * What Kubernetes knows of a service and its pods, from kube-state-metrics, cAdvisor and NVIDIA's DCGM exporter: what
 * managed Prometheus keeps of them without being asked.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-default
 */
export class PodMetrics {
  /** @internal */
  public constructor(private readonly service: PodsOf) {}

  /** Replicas that answer their readiness probe. */
  public get replicasReady(): ScalarMetric {
    return this.replicas('Replicas ready', 'kube_deployment_status_replicas_ready');
  }

  /** Replicas that the service is to have now. */
  public get replicasWanted(): ScalarMetric {
    return this.replicas('Replicas wanted', 'kube_deployment_spec_replicas');
  }

  /** The fewest replicas that autoscaling goes down to, but for zero; nothing without autoscaling. */
  public get replicasMin(): ScalarMetric {
    return this.autoscaler('Replicas at least', 'spec_min_replicas');
  }

  /** The most replicas that autoscaling goes up to; nothing without autoscaling. */
  public get replicasMax(): ScalarMetric {
    return this.autoscaler('Replicas at most', 'spec_max_replicas');
  }

  /** Replicas that autoscaling asks for; nothing without autoscaling. */
  public get replicasDesired(): ScalarMetric {
    return this.autoscaler('Replicas asked for by autoscaling', 'status_desired_replicas');
  }

  /** How often containers of the pods ended and were started anew in the last 15 minutes. */
  public get restarts(): ScalarMetric {
    const series = this.containers('kube_pod_container_status_restarts_total');
    return new ScalarMetric('Restarts in 15 minutes', 'short', `sum(increase(${series}[15m]))`);
  }

  /** CPU that the pods use, in cores, by container: label `container`. */
  public get cpuCores(): LabeledMetric {
    const expression = rateBy('container', this.containers('container_cpu_usage_seconds_total'), SLOW_WINDOW);
    return new LabeledMetric('CPU by container', 'cores', 'container', expression);
  }

  /** CPU that the pods are promised, in cores, by container: label `container`. */
  public get cpuRequestCores(): LabeledMetric {
    return this.requested('CPU promised by container', 'cores', 'cpu');
  }

  /** Memory that the pods use and cannot give back, in bytes, by container: label `container`. */
  public get memoryBytes(): LabeledMetric {
    const expression = `sum by (container) (${this.containers('container_memory_working_set_bytes')})`;
    return new LabeledMetric('Memory by container', 'bytes', 'container', expression);
  }

  /** Memory that the pods are promised, in bytes, by container: label `container`. */
  public get memoryRequestBytes(): LabeledMetric {
    return this.requested('Memory promised by container', 'bytes', 'memory');
  }

  /** Share of the time in which the GPUs of a pod, or their partitions, compute, from 0 to 1: label `pod`. */
  public get gpuUtilization(): LabeledMetric {
    const expression = `avg by (pod) (${gpuActivity((name) => this.ofPods(name))})`;
    return new LabeledMetric('GPU utilization by replica', 'percentunit', 'pod', expression);
  }

  /** Memory of the GPUs of a pod that is in use, in bytes: label `pod`. */
  public get gpuMemoryUsed(): LabeledMetric {
    const expression = `sum by (pod) (${this.ofPods('DCGM_FI_DEV_FB_USED')}) * ${MIB}`;
    return new LabeledMetric('GPU memory used by replica', 'bytes', 'pod', expression);
  }

  private replicas(title: string, name: string): ScalarMetric {
    const { serviceName } = this.service;
    return new ScalarMetric(title, 'short', `max(${name}{${matchers(this.place, `deployment="${serviceName}"`)}})`);
  }

  private autoscaler(title: string, name: string): ScalarMetric {
    // KEDA names the autoscaler that it makes after its own object
    const own = `horizontalpodautoscaler=~"(keda-hpa-)?${this.service.serviceName}"`;
    return new ScalarMetric(title, 'short', `max(kube_horizontalpodautoscaler_${name}{${matchers(this.place, own)}})`);
  }

  private requested(title: string, unit: string, resource: string): LabeledMetric {
    const series = this.containers('kube_pod_container_resource_requests', `resource="${resource}"`);
    return new LabeledMetric(title, unit, 'container', `sum by (container) (${series})`);
  }

  private containers(name: string, more?: string): string {
    return this.ofPods(name, matchers('container!=""', more));
  }

  /** Series of the pods of the Deployment: `<name>-<hash of its template>-<five characters>`. */
  private ofPods(name: string, more?: string): string {
    const pod = `pod=~"${this.service.serviceName}-${SAFE}{1,10}-${SAFE}{5}"`;
    return `${name}{${matchers(this.place, pod, more)}}`;
  }

  private get place(): string {
    const { namespace, cluster } = this.service;
    return matchers(ofCluster(cluster), `namespace="${namespace}"`);
  }
}

/** How busy GPUs are, from 0 to 1: the finer figure, which partitions have too, where DCGM may profile; else the driver's. */
export function gpuActivity(series: (name: string) => string): string {
  return `${series('DCGM_FI_PROF_GR_ENGINE_ACTIVE')} or ${series('DCGM_FI_DEV_GPU_UTIL')} / 100`;
}

/** DCGM counts memory in MiB. */
export const MIB = '1048576';
