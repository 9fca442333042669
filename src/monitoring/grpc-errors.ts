/** What gRPC has for a full queue, which is 429 to HTTP, and for a wait that was too long, which is 503. */
export const GRPC_RESOURCE_EXHAUSTED = 8;

/**
 * What gRPC calls end with where an HTTP call would with a status from 500 on, while the call's own status is 200: UNKNOWN,
 * DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE and DATA_LOSS.
 *
 * @see https://grpc.io/docs/guides/status-codes/
 */
export const GRPC_ERRORS: readonly number[] = [2, 4, GRPC_RESOURCE_EXHAUSTED, 13, 14, 15];
