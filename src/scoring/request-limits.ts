import { type NumberRange, rangeProblems } from './number-range';

/**
 * What one replica of a service takes on, and for how long. The gateway in the replica's pod holds these limits before
 * a call reaches the server, and answers what is over them itself.
 */
export interface RequestLimits {
  /**
   * Number of calls that one replica works on at once, 1 to 10000. Others wait.
   *
   * @default - 1 for scoring services, as in Azure ML; twice what its models compute at once for Triton services
   */
  readonly replicaMaxConcurrentRequests?: number;

  /**
   * How long a call may wait for its turn, 1 to 300000 milliseconds: five minutes are the longest call of a Kubernetes
   * endpoint of Azure ML. Then it is answered with 503.
   *
   * @default 500
   * @see https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-kubernetes-online
   */
  readonly maxRequestWaitTimeMs?: number;

  /**
   * How long the server may take to answer, 1 to 3600000 milliseconds: the scoring server itself gives up after an hour
   * (azureml-inference-server-http 1.5.1). Then the call is answered with 504; the server may go on computing.
   *
   * @default 60000
   */
  readonly scoringTimeoutMs?: number;

  /**
   * Number of calls that may wait at one replica, 1 to 10000. The next is answered with 429 at once. Azure ML bounded
   * the time of waiting only; this bounds the memory that waiting calls take.
   *
   * @default 100
   */
  readonly replicaMaxQueuedRequests?: number;

  /**
   * Size of a call's body, 1 to 2047 MiB: protocol buffers, and gRPC with them, end at 2 GiB. What is larger is
   * answered with 413.
   *
   * @default 100
   * @see https://learn.microsoft.com/azure/machine-learning/v1/how-to-deploy-azure-kubernetes-service
   */
  readonly maxRequestBodyMiB?: number;

  /**
   * How long the header of a call and its body, or the first MiB of a larger one, may take to arrive, 1 to 300000
   * milliseconds. Then it is answered with 408. A caller that sends slowly takes no place from the others meanwhile.
   *
   * @default 10000
   */
  readonly requestReadTimeoutMs?: number;
}

/** The limits of a scoring service that names none. */
export const SCORING_REQUEST_LIMITS: Required<RequestLimits> = {
  replicaMaxConcurrentRequests: 1,
  maxRequestWaitTimeMs: 500,
  scoringTimeoutMs: 60_000,
  replicaMaxQueuedRequests: 100,
  maxRequestBodyMiB: 100,
  requestReadTimeoutMs: 10_000,
};

/** Which limits may be set. The largest counts are far above what a replica can do: they catch a slip of the keys. */
export const REQUEST_LIMIT_RANGES = {
  replicaMaxConcurrentRequests: { minimum: 1, maximum: 10_000 },
  maxRequestWaitTimeMs: { minimum: 1, maximum: 300_000 },
  scoringTimeoutMs: { minimum: 1, maximum: 3_600_000 },
  replicaMaxQueuedRequests: { minimum: 1, maximum: 10_000 },
  maxRequestBodyMiB: { minimum: 1, maximum: 2047 },
  requestReadTimeoutMs: { minimum: 1, maximum: 300_000 },
} satisfies { readonly [limit in keyof RequestLimits]: NumberRange };

/** What is wrong with the limits. */
export function requestLimitProblems(limits: RequestLimits): string[] {
  return rangeProblems(limits, REQUEST_LIMIT_RANGES);
}

/** All limits: those that are given, and the others by default. */
export function resolveRequestLimits(
  limits: RequestLimits,
  defaults: Required<RequestLimits>,
): Required<RequestLimits> {
  return {
    replicaMaxConcurrentRequests: limits.replicaMaxConcurrentRequests ?? defaults.replicaMaxConcurrentRequests,
    maxRequestWaitTimeMs: limits.maxRequestWaitTimeMs ?? defaults.maxRequestWaitTimeMs,
    scoringTimeoutMs: limits.scoringTimeoutMs ?? defaults.scoringTimeoutMs,
    replicaMaxQueuedRequests: limits.replicaMaxQueuedRequests ?? defaults.replicaMaxQueuedRequests,
    maxRequestBodyMiB: limits.maxRequestBodyMiB ?? defaults.maxRequestBodyMiB,
    requestReadTimeoutMs: limits.requestReadTimeoutMs ?? defaults.requestReadTimeoutMs,
  };
}
