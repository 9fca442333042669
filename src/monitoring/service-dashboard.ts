import type { RequestLimits } from '../scoring/request-limits';
import type { ResolvedAlerts } from './alert-options';
import { type Dashboard, type DashboardRow, dashboard, type PanelMetric } from './dashboard';
import type { MeasuredService, ServiceMetrics } from './service-metrics';
import type { TritonMetrics } from './triton-metrics';

/** What the dashboard of a service is made of. */
export interface ServiceDashboardOf {
  readonly service: MeasuredService;
  readonly metrics: ServiceMetrics;
  readonly limits: Required<RequestLimits>;

  /** Whether its replicas have GPUs. */
  readonly hasGpus: boolean;

  /** What the alerts are; nothing where there are none, and no lines for them. */
  readonly alerts?: ResolvedAlerts;

  /** Share of places that autoscaling keeps taken, in percent; nothing where it looks at something else. */
  readonly targetUtilizationPercent?: number;

  /** Name of the data source that is asked. */
  readonly dataSourceName?: string;
}

/** Parts of the uid of the dashboard of a service. */
export function serviceIdentity({ cluster = '', namespace, serviceName }: MeasuredService): string[] {
  return ['service', cluster, namespace, serviceName];
}

/** The dashboard of one service. */
export function serviceDashboard(of: ServiceDashboardOf): Dashboard {
  const { service, metrics } = of;
  const { namespace, serviceName, cluster } = service;
  const place = cluster === undefined ? namespace : `${namespace} on ${cluster}`;
  return dashboard({
    identity: serviceIdentity(service),
    title: `${serviceName} in ${place}`,
    description: `The model service ${serviceName}: its calls, where they wait, its replicas and what these use.`,
    tags: ['inference', 'service'],
    dataSourceName: of.dataSourceName,
    rows: [
      callRow(of),
      waitRow(of),
      replicaRow(of),
      resourceRow(of),
      ...(metrics.triton ? [modelRow(metrics.triton)] : []),
    ],
  });
}

function callRow({ metrics, alerts }: ServiceDashboardOf): DashboardRow {
  const grpc = metrics.requestsPerSecondByGrpcStatus;
  return {
    title: 'Calls',
    panels: [
      {
        title: 'Calls by status',
        description: 'Calls that are answered per second, by the HTTP status that callers see; gRPC calls have 200.',
        unit: 'reqps',
        width: 8,
        stacked: true,
        metrics: [{ metric: metrics.requestsPerSecondByStatus }],
      },
      {
        title: 'Errors',
        description:
          'Share of the calls of five minutes that end with a status from 500 on, or with what gRPC has for it.',
        unit: 'percentunit',
        width: 8,
        threshold: alerts && alerts.errorPercent / 100,
        metrics: [
          { metric: metrics.errorRatio, legend: 'all errors' },
          { metric: metrics.queuedTooLongRatio, legend: '503, queued too long' },
          { metric: metrics.timeoutRatio, legend: '504, scored too long' },
          { metric: metrics.queueFullRatio, legend: '429, queue full' },
        ],
      },
      {
        title: 'Latency',
        description: 'Time from the arrival of a call to its answer.',
        unit: 's',
        width: 8,
        threshold: alerts && alerts.latencyP99Ms / 1000,
        metrics: [
          { metric: metrics.latencyP50, legend: '50 %' },
          { metric: metrics.latencyP95, legend: '95 %' },
          { metric: metrics.latencyP99, legend: '99 %' },
        ],
      },
      ...(grpc === undefined
        ? []
        : [
            {
              title: 'gRPC calls by status',
              description: 'gRPC calls that are answered per second, by the status of gRPC: 0 is success.',
              unit: 'reqps',
              width: 8,
              stacked: true,
              metrics: [{ metric: grpc, legend: 'status {{grpc_code}}' }],
            },
          ]),
    ],
  };
}

function waitRow({ metrics, limits }: ServiceDashboardOf): DashboardRow {
  const { meanRouterQueueTime, triton } = metrics;
  const parts: PanelMetric[] = [
    ...(meanRouterQueueTime === undefined ? [] : [{ metric: meanRouterQueueTime }]),
    { metric: metrics.meanGatewayQueueTime },
    { metric: metrics.meanServerTime },
  ];
  return {
    title: 'Where the time goes',
    panels: [
      {
        title: 'Latency by part',
        description: 'Mean time of a call in each part; together they make up its mean latency.',
        unit: 's',
        width: 8,
        stacked: true,
        metrics: parts,
      },
      {
        title: 'Model server',
        description: 'Time that the model server takes, without queues. Above the line is the scoring time-out.',
        unit: 's',
        width: 8,
        threshold: limits.scoringTimeoutMs / 1000,
        metrics: [
          { metric: metrics.serverTimeP99, legend: '99 %' },
          ...(triton === undefined ? [] : [{ metric: triton.queueTimePerRequest, legend: 'queue of Triton, mean' }]),
        ],
      },
      {
        title: 'Queue',
        description: `Calls that wait, at the routers and in the replicas. Each replica lets ${limits.replicaMaxQueuedRequests} wait.`,
        unit: 'short',
        width: 8,
        metrics: [
          { metric: metrics.queueLength, legend: 'wait' },
          { metric: metrics.requestsInProgress, legend: 'wait or are computed' },
        ],
      },
    ],
  };
}

function replicaRow({ metrics, targetUtilizationPercent }: ServiceDashboardOf): DashboardRow {
  const { pods } = metrics;
  return {
    title: 'Replicas',
    panels: [
      {
        title: 'Replicas',
        description: 'Replicas wanted and ready; with autoscaling also the fewest and the most that it may take.',
        unit: 'short',
        width: 12,
        metrics: [
          { metric: pods.replicasWanted, legend: 'wanted' },
          { metric: pods.replicasReady, legend: 'ready' },
          { metric: pods.replicasMin, legend: 'at least' },
          { metric: pods.replicasMax, legend: 'at most' },
        ],
      },
      {
        title: 'Utilization',
        description:
          'Calls under way and waiting, by what all replicas work on at once. The line is what autoscaling holds.',
        unit: 'percentunit',
        width: 12,
        threshold: targetUtilizationPercent && targetUtilizationPercent / 100,
        metrics: [{ metric: metrics.utilization, legend: 'utilization' }],
      },
    ],
  };
}

function resourceRow({ metrics, hasGpus }: ServiceDashboardOf): DashboardRow {
  const { pods, triton } = metrics;
  const utilization = triton?.gpuUtilization ?? pods.gpuUtilization;
  const memory = triton?.gpuMemoryUsed ?? pods.gpuMemoryUsed;
  const ofGpus: DashboardRow['panels'] = [
    {
      title: 'GPU',
      description: 'Share of the time in which each GPU computes.',
      unit: 'percentunit',
      width: 6,
      metrics: [{ metric: utilization }],
    },
    {
      title: 'GPU memory',
      description: 'Memory of each GPU that is in use.',
      unit: 'bytes',
      width: 6,
      metrics: [
        { metric: memory },
        ...(triton === undefined ? [] : [{ metric: triton.gpuMemoryTotal, legend: 'there is, {{gpu_uuid}}' }]),
      ],
    },
  ];
  return {
    title: 'What they use',
    panels: [
      {
        title: 'CPU',
        description: 'Cores that all replicas use together, and those that they are promised, by container.',
        unit: 'cores',
        width: hasGpus ? 6 : 12,
        metrics: [{ metric: pods.cpuCores }, { metric: pods.cpuRequestCores, legend: '{{container}}, promised' }],
      },
      {
        title: 'Memory',
        description: 'Memory that all replicas use together, and what they are promised, by container.',
        unit: 'bytes',
        width: hasGpus ? 6 : 12,
        metrics: [{ metric: pods.memoryBytes }, { metric: pods.memoryRequestBytes, legend: '{{container}}, promised' }],
      },
      ...(hasGpus ? ofGpus : []),
    ],
  };
}

function modelRow(triton: TritonMetrics): DashboardRow {
  const panels = [
    { metric: triton.requestsPerSecondByModel, description: 'Requests that succeed, by model.' },
    { metric: triton.meanLatencyByModel, description: 'From the arrival in Triton to the answer, by model.' },
    { metric: triton.meanQueueTimeByModel, description: 'How long requests wait in Triton, by model.' },
    { metric: triton.meanComputeTimeByModel, description: 'How long the inference takes, by model.' },
    { metric: triton.batchSizeByModel, description: 'Inferences that are computed at once, by model.' },
    { metric: triton.failuresPerSecondByModel, description: 'Requests that fail, by model.' },
  ];
  return {
    title: 'Models in Triton',
    panels: panels.map(({ metric, description }) => ({
      title: metric.title,
      description,
      unit: metric.unit,
      width: 8,
      metrics: [{ metric }],
    })),
  };
}
