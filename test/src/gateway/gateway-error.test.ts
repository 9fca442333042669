import { describe, expect, test } from 'vitest';
import * as errors from '../../../src/gateway/errors';
import { type GatewayError, GrpcStatus, grpcReply, jsonRefusal, jsonReply } from '../../../src/gateway/gateway-error';
import { SCORING_PROTOCOL, TRITON_PROTOCOL } from '../../../src/gateway/protocol';

const limits = {
  replicaMaxConcurrentRequests: 1,
  replicaMaxQueuedRequests: 7,
  maxRequestWaitTimeMs: 111,
  scoringTimeoutMs: 222,
  maxRequestBodyMiB: 5,
  requestReadTimeoutMs: 333,
};

/** The body that HAProxy would give. */
function body(error: GatewayError, protocol = SCORING_PROTOCOL): unknown {
  const [, text = ''] = /lf-string '((?:[^']|'\\'')*)'/.exec(jsonReply(error, 'unique-id', protocol)) ?? [];
  return JSON.parse(text.replaceAll("'\\''", "'").replace('%[unique-id,json(utf8s)]', 'ID').replaceAll('%%', '%'));
}

const SOON = { 'retry-after': '1' };

describe('an error of the gateway', () => {
  test.each([
    [
      errors.INVALID_KEY,
      401,
      'invalid_key',
      "'Authorization: Bearer KEY'",
      'auth',
      GrpcStatus.UNAUTHENTICATED,
      { 'www-authenticate': 'Bearer' },
    ],
    [
      errors.unknownPath(SCORING_PROTOCOL),
      404,
      'unknown_path',
      '/score, /swagger.json and / (health)',
      undefined,
      GrpcStatus.UNIMPLEMENTED,
      undefined,
    ],
    [
      errors.requestTooSlow(limits),
      408,
      'request_too_slow',
      'within 333 ms',
      'requestReadTimeoutMs',
      GrpcStatus.DEADLINE_EXCEEDED,
      undefined,
    ],
    [
      errors.LENGTH_REQUIRED,
      411,
      'length_required',
      'Content-Length',
      undefined,
      GrpcStatus.RESOURCE_EXHAUSTED,
      undefined,
    ],
    [
      errors.bodyTooLarge(limits),
      413,
      'body_too_large',
      '5 MiB',
      'maxRequestBodyMiB',
      GrpcStatus.RESOURCE_EXHAUSTED,
      undefined,
    ],
    [
      errors.queueFull(limits),
      429,
      'queue_full',
      '7 requests',
      'replicaMaxQueuedRequests',
      GrpcStatus.RESOURCE_EXHAUSTED,
      SOON,
    ],
    [
      errors.SERVER_BROKE_OFF,
      502,
      'server_broke_off',
      'its log says why',
      undefined,
      GrpcStatus.UNAVAILABLE,
      undefined,
    ],
    [errors.SERVER_DOWN, 503, 'server_down', 'may be starting', undefined, GrpcStatus.UNAVAILABLE, SOON],
    [errors.NO_REPLICA, 503, 'no_replica', 'no replica is ready', undefined, GrpcStatus.UNAVAILABLE, SOON],
    [
      errors.queuedTooLong(limits),
      503,
      'queued_too_long',
      'within 111 ms',
      'maxRequestWaitTimeMs',
      GrpcStatus.RESOURCE_EXHAUSTED,
      SOON,
    ],
    [
      errors.scoredTooLong(limits),
      504,
      'scored_too_long',
      'within 222 ms',
      'scoringTimeoutMs',
      GrpcStatus.DEADLINE_EXCEEDED,
      undefined,
    ],
  ])('says what was met: $code', (error, status, code, says, option, grpcStatus, headers) => {
    const others = { status, code, ...(option === undefined ? {} : { option }), requestId: 'ID' };
    expect(body(error)).toEqual({ error: { message: expect.stringContaining(says), ...others } });
    expect(body(error, TRITON_PROTOCOL)).toEqual({ error: expect.stringContaining(says), ...others });
    expect([error.grpcStatus, error.headers]).toEqual([grpcStatus, headers]);
  });

  const error: GatewayError = {
    status: 429,
    code: 'full',
    message: `it's 100 % full: "a\\b"`,
    grpcStatus: GrpcStatus.RESOURCE_EXHAUSTED,
    headers: { 'x-note': "50 %, it's" },
  };

  test('means what it says, whatever characters are in it', () => {
    expect(body(error)).toMatchObject({ error: { message: error.message } });
    expect(body(error, TRITON_PROTOCOL)).toMatchObject({ error: error.message });
    expect(jsonReply(error, 'unique-id', SCORING_PROTOCOL)).toMatch(/ hdr x-note '50 %%, it'\\''s'$/);
  });

  test('is headers alone for gRPC callers, in printable ASCII', () => {
    expect(grpcReply({ ...error, message: 'é 5 % ☃' })).toBe(
      "hdr grpc-status '8' hdr grpc-message '%%C3%%A9 5 %%25 %%E2%%98%%83' hdr x-note '50 %%, it'\\''s'",
    );
  });

  test('may go to a router under another status, and after a while', () => {
    expect(jsonRefusal(error, 'unique-id', '{ always_true }', SCORING_PROTOCOL)).toMatch(
      /^http-request return status 429 .*always_true \}$/,
    );
    expect(
      jsonRefusal({ ...error, sentAs: 503, delayed: true }, 'unique-id', '{ always_true }', SCORING_PROTOCOL),
    ).toMatch(/^http-request tarpit status 503 content-type application\/json lf-string '\{"error":\{"status":429,/);
  });
});
