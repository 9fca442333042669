import type { RequestLimits } from '../scoring/request-limits';
import { BUFFER_BYTES } from './admission';

/** What a gateway or a router is promised; two cores of the one took 8,000 requests a second, of the other 900. */
export const HAPROXY_REQUEST = { cpuCores: 0.1, memoryGiB: 0.125 } as const;

/** What HAProxy takes for itself and for idle connections. */
const BASE_MIB = 256;

/** More than this would endanger the other pods of a node; limits that ask for it are those of calls without a body. */
const MOST_MIB = 4096;

/**
 * The most memory that a gateway or a router may take: every request that is worked on or waits may fill a buffer, and
 * one that may be sent again a second one.
 */
export function haproxyMemoryLimitMiB(
  { replicaMaxConcurrentRequests, replicaMaxQueuedRequests }: Required<RequestLimits>,
  replicas: number,
): number {
  const buffers = 2 * replicas * (replicaMaxConcurrentRequests + replicaMaxQueuedRequests);
  return Math.min(MOST_MIB, BASE_MIB + Math.ceil((buffers * BUFFER_BYTES) / (1024 * 1024)));
}
