import { describe, expect, test } from 'vitest';
import { SCORING_PROTOCOL, type ServedProtocol, speaksGrpc, TRITON_PROTOCOL } from '../../../src/gateway/protocol';

const lets = ({ paths }: ServedProtocol, path: string) => paths.some((pattern) => new RegExp(pattern).test(path));

describe('the protocol of the scoring server', () => {
  test.each(['/', '/score', '/swagger.json'])('lets %s through', (path) => {
    expect(lets(SCORING_PROTOCOL, path)).toBe(true);
  });

  test.each(['', '//', '/score/', '/score/x', '/scores', '/swaggerxjson', '/v2'])(
    'lets nothing else through: "%s"',
    (path) => {
      expect(lets(SCORING_PROTOCOL, path)).toBe(false);
    },
  );

  test('has no gRPC', () => {
    expect(speaksGrpc(SCORING_PROTOCOL)).toBe(false);
    expect(SCORING_PROTOCOL.grpcMethods).toEqual([]);
  });

  test('is that of the port that the server listens on', () => {
    expect(SCORING_PROTOCOL).toMatchObject({ httpPort: 5001, livePath: '/', readyPath: '/' });
  });
});

describe('the protocol of Triton', () => {
  test.each([
    '/v2',
    '/v2/',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/stats',
    '/v2/models/digits',
    '/v2/models/digits/ready',
    '/v2/models/digits/config',
    '/v2/models/digits/stats',
    '/v2/models/digits/infer',
    '/v2/models/digits/generate',
    '/v2/models/digits/generate_stream',
    '/v2/models/digits.v2_a-b/versions/12/infer',
  ])('lets %s through', (path) => {
    expect(lets(TRITON_PROTOCOL, path)).toBe(true);
  });

  test.each([
    '/',
    '/metrics',
    '/v2/repository/index',
    '/v2/repository/models/digits/load',
    '/v2/systemsharedmemory/status',
    '/v2/cudasharedmemory/status',
    '/v2/logging',
    '/v2/trace/setting',
    '/v2/models/digits/trace/setting',
    '/v2/models/../repository/index',
    '/v2/models/.hidden/infer',
    '/v2/models/digits%2finfer',
    '/v2/models/digits/infer/',
    '/v2/models/digits/versions/x/infer',
    '/v2/models/digits/infer/v2/health/live',
  ])('does not let %s through', (path) => {
    expect(lets(TRITON_PROTOCOL, path)).toBe(false);
  });

  test('has the methods of gRPC that callers need, and none that changes a server', () => {
    expect(
      TRITON_PROTOCOL.grpcMethods.map((method) => method.replace(/^\/inference\.GRPCInferenceService\//, '')),
    ).toEqual([
      '/grpc.health.v1.Health/Check',
      'ServerLive',
      'ServerReady',
      'ServerMetadata',
      'ModelReady',
      'ModelMetadata',
      'ModelConfig',
      'ModelStatistics',
      'ModelInfer',
      'ModelStreamInfer',
    ]);
    expect(TRITON_PROTOCOL.grpcMethods).toEqual(expect.arrayContaining([...TRITON_PROTOCOL.grpcStreams]));
  });

  test("is that of Triton's own ports", () => {
    expect(speaksGrpc(TRITON_PROTOCOL)).toBe(true);
    expect(TRITON_PROTOCOL).toMatchObject({ httpPort: 8000, grpcPort: 8001, readyPath: '/v2/health/ready' });
  });
});
