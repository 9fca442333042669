import type { RequestLimits } from '../scoring/request-limits';
import { BUFFER_BYTES } from './admission';

/** What a gateway or a router is promised. A core takes some ten thousand requests a second in a gateway, three thousand in a router. */
export const HAPROXY_REQUEST = { cpuCores: 0.1, memoryGiB: 0.125 } as const;

/** What HAProxy takes for itself and for idle connections. */
const BASE_MIB = 256;

/**
 * The most memory that a gateway or a router may take: every request that is worked on or waits may fill a buffer, and
 * one that may be sent again a second one.
 */
export function haproxyMemoryLimitMiB(
  { replicaMaxConcurrentRequests, replicaMaxQueuedRequests }: Required<RequestLimits>,
  replicas: number,
): number {
  const buffers = 2 * replicas * (replicaMaxConcurrentRequests + replicaMaxQueuedRequests);
  return BASE_MIB + Math.ceil((buffers * BUFFER_BYTES) / (1024 * 1024));
}
