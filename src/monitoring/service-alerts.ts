import type { RequestLimits } from '../scoring/request-limits';
import type { ResolvedAlerts } from './alert-options';
import { type AlertRule, AlertSeverity } from './alert-rule';
import { SERVICE_LABEL, type ServiceMetrics } from './service-metrics';

/** What the alerts of a service are made of. */
export interface ServiceAlertsOf {
  readonly metrics: ServiceMetrics;
  readonly namespace: string;
  readonly serviceName: string;
  readonly limits: Required<RequestLimits>;
  readonly alerts: ResolvedAlerts;

  /**
   * How long a replica may take to start, its node included, in seconds.
   *
   * @default - what starts within ten minutes
   */
  readonly startSeconds?: number;
}

/** Share of calls of one kind of refusal or time-out from which it hurts: one in a hundred. */
const HURTS = 0.01;

/** Time after which a service without a ready replica is told of, where its replicas start within ten. */
const NOT_READY_MINUTES = 15;

/** Minutes beyond what a replica may take to start. */
const START_MARGIN_MINUTES = 5;

const GRPC_RUNBOOK =
  'Of gRPC, UNKNOWN (2), INTERNAL (13) and DATA_LOSS (15) are the model server, UNAVAILABLE (14) is no replica, ' +
  'DEADLINE_EXCEEDED (4) is scoringTimeoutMs, and RESOURCE_EXHAUSTED (8) is a full queue or a wait that was too long.';

/** The alerts of one service. */
export function serviceAlerts(of: ServiceAlertsOf): AlertRule[] {
  const labels = { namespace: of.namespace, [SERVICE_LABEL]: of.serviceName };
  return [...callAlerts(of), ...replicaAlerts(of), ...tritonAlerts(of)].map((rule) => ({ ...rule, labels }));
}

function callAlerts({ metrics, serviceName, limits, alerts }: ServiceAlertsOf): AlertRule[] {
  const { errorPercent, latencyP99Ms } = alerts;
  const { maxRequestWaitTimeMs, scoringTimeoutMs, replicaMaxQueuedRequests } = limits;
  const servesGrpc = metrics.requestsPerSecondByGrpcStatus !== undefined;
  return [
    {
      alert: 'InferenceServiceErrors',
      expression: metrics.errorRatio.above(errorPercent / 100),
      forMinutes: 5,
      severity: AlertSeverity.CRITICAL,
      summary: `{{ $value | humanizePercentage }} of the calls to ${serviceName} end with an error`,
      description: `For five minutes, more than ${errorPercent} % of the calls to ${serviceName} in the last five ended with a status from 500 on${servesGrpc ? ", or gRPC's name for it" : ''}.`,
      runbook:
        'See in the dashboard which status it is. 500 and 502: the log of the model server. 503: too few replicas, or ' +
        `none. 504: the model server is slower than scoringTimeoutMs.${servesGrpc ? ` ${GRPC_RUNBOOK}` : ''}`,
    },
    {
      alert: 'InferenceServiceLatency',
      expression: metrics.latencyP99.above(latencyP99Ms / 1000),
      forMinutes: 10,
      severity: AlertSeverity.WARNING,
      summary: `One call in a hundred to ${serviceName} takes {{ $value | humanizeDuration }} or longer`,
      description: `For ten minutes, 1 % of the calls to ${serviceName} took longer than ${latencyP99Ms} ms.`,
      runbook:
        'See in the dashboard which part takes the time. Queues: more replicas, or a lower target utilization. Model ' +
        'server: its CPU, memory and GPU.',
    },
    {
      alert: 'InferenceServiceQueueFull',
      expression: metrics.queueFullRatio.above(HURTS),
      forMinutes: 5,
      severity: AlertSeverity.WARNING,
      summary: `{{ $value | humanizePercentage }} of the calls to ${serviceName} are turned away with 429`,
      description: `For five minutes, more than 1 % of the calls to ${serviceName} in the last five found ${replicaMaxQueuedRequests} others waiting at each replica.`,
      runbook:
        'Let it have more replicas, or callers fewer calls at once. replicaMaxQueuedRequests is how many may wait.',
    },
    {
      alert: 'InferenceServiceQueuedTooLong',
      expression: metrics.queuedTooLongRatio.above(HURTS),
      forMinutes: 5,
      severity: AlertSeverity.WARNING,
      summary: `{{ $value | humanizePercentage }} of the calls to ${serviceName} are turned away with 503`,
      description: `For five minutes, more than 1 % of the calls to ${serviceName} in the last five waited for longer than ${maxRequestWaitTimeMs} ms, or found no replica ready.`,
      runbook:
        'Let it have more replicas, or more to start with. maxRequestWaitTimeMs is how long calls may wait; bursts ' +
        'that are over sooner than a replica starts need a longer one.',
    },
    {
      alert: 'InferenceServiceTimeouts',
      expression: metrics.timeoutRatio.above(HURTS),
      forMinutes: 5,
      severity: AlertSeverity.WARNING,
      summary: `{{ $value | humanizePercentage }} of the calls to ${serviceName} take longer than they may`,
      description: `For five minutes, the model server took longer than ${scoringTimeoutMs} ms for more than 1 % of the calls to ${serviceName} in the last five.`,
      runbook:
        'The server goes on computing what nobody waits for any more. See what these calls have in common, or raise ' +
        'scoringTimeoutMs.',
    },
  ];
}

function replicaAlerts({ metrics, serviceName, namespace, startSeconds }: ServiceAlertsOf): AlertRule[] {
  const { replicasReady, replicasWanted, replicasMin, replicasMax, restarts } = metrics.pods;
  const utilization = metrics.utilization.above(1);
  const startMinutes = Math.ceil((startSeconds ?? 0) / 60);
  const notReadyMinutes = Math.max(NOT_READY_MINUTES, startMinutes + START_MARGIN_MINUTES);
  const isAtMaximum = `${replicasWanted.expression} >= ${replicasMax.expression}`;
  return [
    {
      alert: 'InferenceServiceNotReady',
      expression: `${replicasReady.below(1)} and ${replicasWanted.above(0)}`,
      forMinutes: notReadyMinutes,
      severity: AlertSeverity.CRITICAL,
      summary: `No replica of ${serviceName} is ready`,
      description: `For ${notReadyMinutes} minutes, ${serviceName} was to have replicas and none was ready: it answers nobody. ${startSeconds === undefined ? 'A node with GPUs takes up to ten minutes to start.' : `A replica may take up to ${startMinutes} minutes to start, its node included.`}`,
      runbook: `kubectl --namespace ${namespace} describe pods --selector app.kubernetes.io/name=${serviceName} says what keeps them.`,
    },
    {
      alert: 'InferenceServiceAtMaximum',
      expression: `${isAtMaximum} and ${replicasMax.expression} > ${replicasMin.expression}`,
      forMinutes: 30,
      severity: AlertSeverity.WARNING,
      summary: `${serviceName} has had as many replicas as it may for half an hour: {{ $value }}`,
      description: `Autoscaling cannot give ${serviceName} more replicas, whatever the load.`,
      runbook:
        'Raise the most replicas of the service, and the most nodes of its pool where that is too small for them.',
    },
    {
      alert: 'InferenceServiceNotScaling',
      expression: `${utilization} unless ${isAtMaximum}`,
      forMinutes: 10,
      severity: AlertSeverity.WARNING,
      summary: `More calls to ${serviceName} than places for them, and no more replicas`,
      description: `For ten minutes, more calls were under way or waiting than all replicas of ${serviceName} work on at once, {{ $value | humanizePercentage }} of them, while it has fewer replicas than it may, or a fixed number.`,
      runbook: `kubectl --namespace ${namespace} describe horizontalpodautoscalers,scaledobjects says whether autoscaling gets its metric; without autoscaling, let it have more replicas.`,
    },
    {
      alert: 'InferenceServiceRestarts',
      // increase() reads a little more than happened, two as 2.03
      expression: restarts.above(2.5),
      forMinutes: 1,
      severity: AlertSeverity.WARNING,
      summary: `Containers of ${serviceName} end again and again: {{ $value | humanize }} times in 15 minutes`,
      description: `Containers of ${serviceName} ended three times or more in 15 minutes, with the calls that they worked on.`,
      runbook: `kubectl --namespace ${namespace} logs --previous --selector app.kubernetes.io/name=${serviceName} --all-containers --prefix says why; OOMKilled in describe pods means too little memory.`,
    },
  ];
}

function tritonAlerts({ metrics, serviceName, namespace, alerts }: ServiceAlertsOf): AlertRule[] {
  const { triton } = metrics;
  if (triton === undefined) {
    return [];
  }
  return [
    {
      alert: 'InferenceTritonFailures',
      expression: triton.failureRatioByModel.above(alerts.errorPercent / 100),
      forMinutes: 5,
      severity: AlertSeverity.CRITICAL,
      summary: `{{ $value | humanizePercentage }} of the requests to {{ $labels.model }} of ${serviceName} fail in Triton`,
      description: `For five minutes, more than ${alerts.errorPercent} % of the requests to a model of ${serviceName} in the last five failed. Requests that are malformed are among them.`,
      runbook: `kubectl --namespace ${namespace} logs --selector app.kubernetes.io/name=${serviceName} --container triton --prefix says why.`,
    },
  ];
}
