import type { RequestLimits } from '../scoring/request-limits';

/** How often a request is sent on when replicas refuse it or are gone. */
export const ROUTER_RETRIES = 3;

/** How much longer than the next hop each one waits, so that the answer comes from where the limit is held. */
const MARGIN_MS = 2000;

/** How long endpoints may take to learn that a pod is going, during which calls still arrive. */
export const ENDPOINT_SECONDS = 5;

/** How long a router waits for one replica. */
export function replicaAnswerMs({ maxRequestWaitTimeMs, scoringTimeoutMs }: Required<RequestLimits>): number {
  return maxRequestWaitTimeMs + scoringTimeoutMs + MARGIN_MS;
}

/**
 * How long a router that a caller reached waits for the one that chooses, which may try several replicas.
 *
 * @param wakeTimeoutMs how long the call may be held before, until there is a replica
 */
export function routerAnswerMs(limits: Required<RequestLimits>, wakeTimeoutMs = 0): number {
  return wakeTimeoutMs + replicaAnswerMs(limits) + (ROUTER_RETRIES + 1) * limits.maxRequestWaitTimeMs + MARGIN_MS;
}

/**
 * How long the model server of a replica that goes waits before it is told to end: until calls have ceased to arrive, and
 * the last of them has its answer. Its gateway goes as soon as that is so.
 */
export function replicaDrainSeconds(limits: Required<RequestLimits>, drainTimeoutSeconds: number): number {
  const longest = Math.ceil((limits.maxRequestWaitTimeMs + limits.scoringTimeoutMs) / 1000);
  return Math.min(ENDPOINT_SECONDS + longest, drainTimeoutSeconds);
}

/** The same for a router. */
export function routerDrainSeconds(
  limits: Required<RequestLimits>,
  drainTimeoutSeconds: number,
  wakeTimeoutMs = 0,
): number {
  const longest = Math.ceil((limits.requestReadTimeoutMs + routerAnswerMs(limits, wakeTimeoutMs)) / 1000);
  return Math.min(ENDPOINT_SECONDS + longest, drainTimeoutSeconds);
}
