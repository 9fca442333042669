import type { RequestLimits } from '../scoring/request-limits';
import { type GatewayError, GrpcStatus } from './gateway-error';
import type { ServedProtocol } from './protocol';

/** Clients that keep to it do not add to the load that refused them. */
const SOON = { 'retry-after': '1' };

export const INVALID_KEY: GatewayError = {
  status: 401,
  code: 'invalid_key',
  message: "send one of the service's two keys as 'Authorization: Bearer KEY'",
  option: 'auth',
  grpcStatus: GrpcStatus.UNAUTHENTICATED,
  headers: { 'www-authenticate': 'Bearer' },
};

export function unknownPath(protocol: ServedProtocol): GatewayError {
  return {
    status: 404,
    code: 'unknown_path',
    message: `the service answers ${protocol.pathsInWords}`,
    grpcStatus: GrpcStatus.UNIMPLEMENTED,
  };
}

export const UNKNOWN_METHOD: GatewayError = {
  status: 404,
  code: 'unknown_method',
  message: 'the service has the methods for health, metadata, statistics and inference, and no other',
  grpcStatus: GrpcStatus.UNIMPLEMENTED,
};

export function requestTooSlow({ requestReadTimeoutMs }: Required<RequestLimits>): GatewayError {
  return {
    status: 408,
    code: 'request_too_slow',
    message: `the request did not arrive within ${requestReadTimeoutMs} ms`,
    option: 'requestReadTimeoutMs',
    grpcStatus: GrpcStatus.DEADLINE_EXCEEDED,
  };
}

export const LENGTH_REQUIRED: GatewayError = {
  status: 411,
  code: 'length_required',
  message: 'send the length of the body as Content-Length; a body in chunks has none',
  grpcStatus: GrpcStatus.RESOURCE_EXHAUSTED,
};

export function bodyTooLarge({ maxRequestBodyMiB }: Required<RequestLimits>): GatewayError {
  return {
    status: 413,
    code: 'body_too_large',
    message: `the body is larger than ${maxRequestBodyMiB} MiB`,
    option: 'maxRequestBodyMiB',
    grpcStatus: GrpcStatus.RESOURCE_EXHAUSTED,
  };
}

export function queueFull({ replicaMaxQueuedRequests }: Required<RequestLimits>): GatewayError {
  return {
    status: 429,
    code: 'queue_full',
    message: `${replicaMaxQueuedRequests} requests a replica wait already; call again later`,
    option: 'replicaMaxQueuedRequests',
    grpcStatus: GrpcStatus.RESOURCE_EXHAUSTED,
    headers: SOON,
  };
}

export const SERVER_BROKE_OFF: GatewayError = {
  status: 502,
  code: 'server_broke_off',
  message: 'the model server ended the connection while it worked on the request; its log says why',
  grpcStatus: GrpcStatus.UNAVAILABLE,
};

export const SERVER_DOWN: GatewayError = {
  status: 503,
  code: 'server_down',
  message: 'the model server does not answer; it may be starting',
  grpcStatus: GrpcStatus.UNAVAILABLE,
  headers: SOON,
};

export const REPLICA_GOING: GatewayError = {
  status: 503,
  code: 'replica_going',
  message: 'the replica is about to end and takes no more requests; call again',
  grpcStatus: GrpcStatus.UNAVAILABLE,
  headers: SOON,
};

export const NO_REPLICA: GatewayError = {
  status: 503,
  code: 'no_replica',
  message: 'no replica is ready',
  grpcStatus: GrpcStatus.UNAVAILABLE,
  headers: SOON,
};

export function queuedTooLong({ maxRequestWaitTimeMs }: Required<RequestLimits>): GatewayError {
  return {
    status: 503,
    code: 'queued_too_long',
    message: `no replica took the request within ${maxRequestWaitTimeMs} ms; call again later`,
    option: 'maxRequestWaitTimeMs',
    grpcStatus: GrpcStatus.RESOURCE_EXHAUSTED,
    headers: SOON,
  };
}

export function scoredTooLong({ scoringTimeoutMs }: Required<RequestLimits>): GatewayError {
  return {
    status: 504,
    code: 'scored_too_long',
    message: `the model server did not answer within ${scoringTimeoutMs} ms`,
    option: 'scoringTimeoutMs',
    grpcStatus: GrpcStatus.DEADLINE_EXCEEDED,
  };
}
