import { type Dashboard, type DashboardRow, dashboard } from './dashboard';
import { type MeasuredPlatform, PlatformMetrics } from './platform-metrics';

/** What the dashboard of a platform is made of. */
export interface PlatformDashboardOf {
  readonly platform: MeasuredPlatform;

  /** Name of the cluster, for people. */
  readonly clusterName: string;

  /** Name of the data source that is asked. */
  readonly dataSourceName?: string;
}

/** Parts of the uid of the dashboard of a platform. */
export function platformIdentity(clusterName: string): string[] {
  return ['platform', clusterName];
}

/** The dashboard of a platform: all services and all nodes. */
export function platformDashboard({ platform, clusterName, dataSourceName }: PlatformDashboardOf): Dashboard {
  const metrics = new PlatformMetrics(platform);
  return dashboard({
    identity: platformIdentity(clusterName),
    title: `Inference on ${clusterName}`,
    description: `All model services of ${clusterName}, and what its nodes have left.`,
    tags: ['inference', 'platform'],
    dataSourceName,
    rows: [serviceRow(metrics), nodeRow(metrics), gpuRow(metrics)],
  });
}

const SERVICE = '{{namespace}}/{{inference_service}}';

function serviceRow(metrics: PlatformMetrics): DashboardRow {
  return {
    title: 'Services',
    panels: [
      {
        title: 'Calls',
        description: 'Calls that are answered per second, by service.',
        unit: 'reqps',
        width: 8,
        metrics: [{ metric: metrics.requestsPerSecond, legend: SERVICE }],
      },
      {
        title: 'Errors',
        description: 'Share of the calls of five minutes that end with an error, by service.',
        unit: 'percentunit',
        width: 8,
        metrics: [{ metric: metrics.errorRatio, legend: SERVICE }],
      },
      {
        title: 'Latency',
        description: 'Time within which 99 % of the calls have their answer, by service.',
        unit: 's',
        width: 8,
        metrics: [{ metric: metrics.latencyP99, legend: SERVICE }],
      },
    ],
  };
}

function nodeRow(metrics: PlatformMetrics): DashboardRow {
  const { nodesMax } = metrics;
  return {
    title: 'Nodes',
    panels: [
      {
        title: 'Nodes by pool',
        description: 'Nodes of each pool, and the most that it may have.',
        unit: 'short',
        width: 8,
        metrics: [
          { metric: metrics.nodes },
          ...(nodesMax === undefined ? [] : [{ metric: nodesMax, legend: '{{pool}}, at most' }]),
        ],
      },
      {
        title: 'Pods pending',
        description: 'Pods that wait for a place, for their images or for their models, by namespace.',
        unit: 'short',
        width: 8,
        metrics: [{ metric: metrics.podsPending }],
      },
      {
        title: 'Nodes not ready',
        description: '1 for each node that does not report that it is ready.',
        unit: 'short',
        width: 8,
        metrics: [{ metric: metrics.nodesNotReady }],
      },
      {
        title: 'CPU that nobody asked for',
        description: 'Cores of each node that no pod is promised.',
        unit: 'cores',
        width: 12,
        metrics: [{ metric: metrics.cpuUnallocated }],
      },
      {
        title: 'Memory that nobody asked for',
        description: 'Memory of each node that no pod is promised.',
        unit: 'bytes',
        width: 12,
        metrics: [{ metric: metrics.memoryUnallocated }],
      },
    ],
  };
}

function gpuRow(metrics: PlatformMetrics): DashboardRow {
  return {
    title: 'GPUs',
    panels: [
      {
        title: 'GPU',
        description: 'Share of the time in which the GPUs of each node compute.',
        unit: 'percentunit',
        width: 8,
        metrics: [{ metric: metrics.gpuUtilization }],
      },
      {
        title: 'GPU memory',
        description: 'Memory of the GPUs of each node that is in use.',
        unit: 'bytes',
        width: 8,
        metrics: [{ metric: metrics.gpuMemoryUsed }],
      },
      {
        title: 'GPUs that nobody asked for',
        description: 'GPUs of each node, or partitions of them, that no pod is promised.',
        unit: 'short',
        width: 8,
        metrics: [{ metric: metrics.gpusUnallocated }],
      },
    ],
  };
}
