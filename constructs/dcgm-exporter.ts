import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { NAME_LABEL } from '../src/kubernetes/labels';
import { SCRAPE_SECONDS } from '../src/monitoring/scrape-interval';
import type { INodePool } from './node-pool';
import { packagedChart } from './private/packaged-chart';
import { placeOnPools } from './private/placement';
import type { PrometheusStack } from './prometheus-stack';

/** The chart of NVIDIA's exporter that pools are tried with. */
const CHART = {
  repository: 'https://nvidia.github.io/dcgm-exporter/helm-charts',
  name: 'dcgm-exporter',
  version: '4.8.2',
};

/**
 * What the exporter tells of each GPU or instance of one, in its own form. Each metric is paid for by the sample, so it is
 * what dashboards and alerts need, and what tells why a GPU is slow. Instances of partitioned GPUs have no DCGM_FI_DEV_GPU_UTIL; the ratio of time that the
 * engine is active tells the same of them.
 *
 * @see https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html
 */
const METRICS = [
  'DCGM_FI_DEV_GPU_UTIL, gauge, GPU utilization (in %).',
  'DCGM_FI_DEV_FB_USED, gauge, Framebuffer memory used (in MiB).',
  'DCGM_FI_DEV_FB_FREE, gauge, Framebuffer memory free (in MiB).',
  'DCGM_FI_DEV_GPU_TEMP, gauge, GPU temperature (in C).',
  'DCGM_FI_DEV_POWER_USAGE, gauge, Power draw (in W).',
  'DCGM_FI_DEV_XID_ERRORS, gauge, Value of the last XID error encountered.',
  'DCGM_FI_PROF_GR_ENGINE_ACTIVE, gauge, Ratio of time the graphics engine is active.',
  'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE, gauge, Ratio of cycles the tensor pipe is active.',
  'DCGM_FI_PROF_DRAM_ACTIVE, gauge, Ratio of cycles the device memory interface is active.',
];

/** Properties of `DcgmExporter`. */
export interface DcgmExporterProps {
  /** The pools whose GPUs are measured: those where AKS installs the driver. The GPU Operator brings its own exporter. */
  readonly pools: readonly INodePool[];

  /** Group of the kind PodMonitor that the cluster's Prometheus heeds, such as `azmonitoring.coreos.com`. */
  readonly monitorsApiGroup: string;

  /**
   * Prometheus inside the cluster, which brings the kind PodMonitor and is installed first.
   *
   * @default - none: the kind is there
   */
  readonly prometheus?: PrometheusStack;

  /**
   * Version of the chart.
   *
   * @default 4.8.2
   */
  readonly chartVersion?: string;
}

/**
 * NVIDIA's DCGM exporter, which tells Prometheus how busy and how full the GPUs are, and which pod holds each.
 *
 * It runs on the nodes of its pools and nowhere else, as root with the right to profile, which DCGM needs.
 *
 * @see https://learn.microsoft.com/azure/aks/monitor-gpu-metrics
 */
export class DcgmExporter extends Construct {
  constructor(scope: Construct, id: string, props: DcgmExporterProps) {
    super(scope, id);
    const name = 'dcgm-exporter';
    const namespace = 'kube-system';
    const exporter = new Release(this, 'Resource', {
      name,
      repository: CHART.repository,
      chart: CHART.name,
      version: props.chartVersion ?? CHART.version,
      namespace,
      atomic: true,
      values: [
        JSON.stringify({
          // its monitor would be of one group alone, and would name the pod of the exporter for every GPU
          serviceMonitor: { enabled: false },
          service: { port: 9400, address: ':9400' },
          kubeletPath: '/var/lib/kubelet/pod-resources',
          customMetrics: `${METRICS.join('\n')}\n`,
          securityContext: { runAsNonRoot: false, runAsUser: 0, capabilities: { add: ['SYS_ADMIN'] } },
          resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
          ...placeOnPools(props.pools),
        }),
      ],
    });
    new Release(this, 'Monitor', {
      name: `${name}-monitor`,
      chart: packagedChart(this, 'pod-monitor'),
      namespace,
      atomic: true,
      values: [
        JSON.stringify({
          apiGroup: props.monitorsApiGroup,
          podLabels: { [NAME_LABEL]: name },
          port: 'metrics',
          interval: `${SCRAPE_SECONDS}s`,
          // a GPU is told by the pod that holds it, and by none while nobody does
          honorLabels: true,
          dropLabels: 'pod|namespace|container',
        }),
      ],
      dependsOn: props.prometheus === undefined ? [exporter] : [exporter, props.prometheus.release],
    });
  }
}
