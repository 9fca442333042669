import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { routerConfig } from '../../src/gateway/router-config';
import { type DnsServer, startDnsServer } from './servers/dns';
import { Haproxy, KEYS, KeyFiles, writeMetricsTask } from './servers/haproxy';
import { call, callHttp2, exchange, http2, rawHead } from './servers/load';
import { until } from './servers/process';
import {
  type GrpcAnswer,
  type GrpcCall,
  grpcCall,
  grpcCalls,
  startTritonServer,
  type TritonServer,
} from './servers/triton-server';
import { describeWith, HAPROXY, TRITON } from './tools';

const GATEWAY = '127.0.24.1';
const GATEWAY_BEHIND_ROUTER = '127.0.24.2';
const ROUTER = '127.0.24.3';

const EXAMPLE = resolve(__dirname, '../../examples/gpu-triton');
const REQUEST = JSON.parse(readFileSync(join(EXAMPLE, 'request.json'), 'utf8'));
const ANSWER = JSON.parse(readFileSync(join(EXAMPLE, 'answer.json'), 'utf8'));

const REQUEST_ID = /^[0-9a-f-]{36}$/;

const limits = {
  replicaMaxConcurrentRequests: 2,
  maxRequestWaitTimeMs: 500,
  scoringTimeoutMs: 2000,
  replicaMaxQueuedRequests: 2,
  maxRequestBodyMiB: 1,
  requestReadTimeoutMs: 1000,
};

/** The example's request as a gRPC call. */
const DIGITS: GrpcCall = {
  method: 'ModelInfer',
  fields: {
    modelName: 'digits',
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], contents: { fp32Contents: REQUEST.inputs[0].data } }],
    outputs: [{ name: 'digit' }],
  },
};

/** A call of so many seconds. A negative number kills the server. */
function sleeping(seconds: number): GrpcCall {
  const input = { name: 'seconds', datatype: 'FP32', shape: [1], contents: { fp32Contents: [seconds] } };
  return { method: 'ModelInfer', fields: { modelName: 'sleeper', inputs: [input] } };
}

/** The class that Triton found. */
function digit({ status, message, replies: [reply] }: GrpcAnswer): unknown {
  const [raw] = (reply?.rawOutputContents ?? []) as string[];
  return raw === undefined ? `${status} ${message}` : Number(Buffer.from(raw, 'base64').readBigInt64LE());
}

/** A call that loads a model, whose code comes with the call. */
function loading(proof: string): GrpcCall {
  const code = `
class TritonPythonModel:
    def initialize(self, args):
        open(${JSON.stringify(proof)}, "w").close()
`;
  const parameters = {
    config: { stringParam: JSON.stringify({ backend: 'python' }) },
    'file:1/model.py': { bytesParam: Buffer.from(code).toString('base64') },
  };
  return { method: 'RepositoryModelLoad', fields: { modelName: 'intruder', parameters } };
}

/** The same over HTTP. */
function loadingBody(proof: string) {
  const { config, 'file:1/model.py': file } = (loading(proof).fields as { parameters: Record<string, object> })
    .parameters as {
    config: { stringParam: string };
    'file:1/model.py': { bytesParam: string };
  };
  return { parameters: { config: config.stringParam, 'file:1/model.py': file.bytesParam } };
}

function proofFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'azure-inference-proof-')), 'ran');
}

describeWith([HAPROXY, TRITON], 'the gateway before Triton', () => {
  let triton: TritonServer;
  let dns: DnsServer;
  let gateway: Haproxy;
  let router: Haproxy;
  const through = `${GATEWAY}:8080`;

  beforeAll(async () => {
    // a mode that no service has, so that only the gateway stands between a caller and the repository
    triton = await startTritonServer({ explicit: true });
    const { keyMap, keysTaskFile } = new KeyFiles();
    const protocol = { ...TRITON_PROTOCOL, httpPort: triton.httpPort, grpcPort: triton.grpcPort };
    const settings = { serviceName: 'digits', protocol, limits, keyMap, keysTaskFile, drainTimeoutSeconds: 10 };
    const measured = (part: 'gateway' | 'router') => ({
      metricsTaskFile: writeMetricsTask({ part, protocol, limits }),
    });
    const before = (address: string, behindRouter: boolean) =>
      Haproxy.start(gatewayConfig({ ...settings, ...measured('gateway'), address, behindRouter }), address);
    gateway = await before(GATEWAY, false);
    const behind = await before(GATEWAY_BEHIND_ROUTER, true);
    dns = await startDnsServer(ROUTER);
    dns.names.set('replicas.test', [GATEWAY_BEHIND_ROUTER]).set('router.test', [ROUTER]);
    const names = { replicasHost: 'replicas.test', routerHosts: ['router.test'], nameserver: dns.address };
    const routed = { ...settings, ...measured('router'), ...names, address: ROUTER, maxReplicas: 16 };
    router = await Haproxy.start(routerConfig(routed), ROUTER);
    for (const one of [gateway, behind, router]) {
      await one.answersHealth('/ready');
      running.push(one);
    }
    await router.until('the router knows the replica', async () => {
      return (await router.metric('haproxy_backend_active_servers', 'proxy="replicas-grpc"')) === 1;
    });
  });

  const running: Haproxy[] = [];

  afterAll(async () => {
    await Promise.all([...running, triton.program].map((one) => one.stop()));
    await dns.stop();
  });

  test.each([
    ['the gateway', GATEWAY],
    ['router and gateway', ROUTER],
  ])('answers the example through %s over HTTP and gRPC, with either key', async (_, address) => {
    for (const key of Object.values(KEYS)) {
      const { status, headers, text } = await call(address, { path: '/v2/models/digits/infer', body: REQUEST, key });
      expect(status).toBe(200);
      const outputs: { name: string; data: number[] }[] = JSON.parse(text).outputs;
      expect(outputs.find(({ name }) => name === 'digit')?.data).toEqual([ANSWER.digit]);
      expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
    }
    const answers = await grpcCalls(
      `${address}:8080`,
      Object.values(KEYS).map((key) => ({ ...DIGITS, key })),
    );
    expect(answers.map(digit)).toEqual([ANSWER.digit, ANSWER.digit]);
    for (const { headers } of answers) {
      expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
    }
  });

  test.each([
    ['the gateway', GATEWAY],
    ['router and gateway', ROUTER],
  ])('passes a stream of calls through %s', async (_, address) => {
    const stream = { ...DIGITS, method: 'ModelStreamInfer', request: 'ModelInferRequest', messages: 3 };
    const { status, replies } = await grpcCall(`${address}:8080`, stream);

    expect(status).toBe('OK');
    expect(replies.map(({ inferResponse }) => inferResponse)).toEqual(
      Array(3).fill(expect.objectContaining({ modelName: 'digits' })),
    );
  });

  test.each([
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/stats',
    '/v2/models/digits',
    '/v2/models/digits/ready',
    '/v2/models/digits/config',
    '/v2/models/digits/stats',
    '/v2/models/digits/versions/1/ready',
  ])('lets %s through', async (path) => {
    expect((await call(GATEWAY, { path, method: 'GET' })).status).toBe(200);
  });

  test.each([
    ['the gateway', GATEWAY],
    ['router and gateway', ROUTER],
  ])('passes what Triton itself answers to a wrong gRPC call through %s', async (_, address) => {
    const { inputs } = DIGITS.fields as { inputs: object[] };
    const answers = await grpcCalls(`${address}:8080`, [
      { method: 'ModelInfer', fields: { modelName: 'nobody', inputs } },
      { method: 'ModelInfer', fields: { modelName: 'sleeper', inputs } },
      { method: 'ModelConfig', fields: { name: 'nobody' } },
    ]);

    expect(answers.map(({ status, message }) => ({ status, message }))).toEqual([
      { status: 'NOT_FOUND', message: "Request for unknown model: 'nobody' is not found" },
      { status: 'INVALID_ARGUMENT', message: "unexpected inference input 'pixels' for model 'sleeper'" },
      { status: 'NOT_FOUND', message: "Request for unknown model: 'nobody' is not found" },
    ]);
    for (const { headers } of answers) {
      expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
    }
  });

  test('lets the methods for health, metadata and statistics through', async () => {
    const fields = { name: 'digits' };
    const answers = [
      ...(await grpcCalls(through, [
        { method: '/grpc.health.v1.Health/Check' },
        { method: 'ServerLive' },
        { method: 'ServerReady' },
        { method: 'ServerMetadata' },
      ])),
      ...(await grpcCalls(through, [
        { method: 'ModelReady', fields },
        { method: 'ModelMetadata', fields },
        { method: 'ModelConfig', fields },
        { method: 'ModelStatistics', fields },
      ])),
    ];

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('OK'));
  });

  test.each([
    ['POST', '/v2/repository/index'],
    ['POST', '/v2/repository/models/digits/load'],
    ['POST', '/v2/repository/models/digits/unload'],
    ['GET', '/v2/systemsharedmemory/status'],
    ['POST', '/v2/systemsharedmemory/region/any/register'],
    ['POST', '/v2/systemsharedmemory/unregister'],
    ['GET', '/v2/cudasharedmemory/status'],
    ['POST', '/v2/cudasharedmemory/region/any/register'],
    ['GET', '/v2/logging'],
    ['POST', '/v2/logging'],
    ['GET', '/v2/trace/setting'],
    ['POST', '/v2/trace/setting'],
    ['GET', '/v2/models/digits/trace/setting'],
    ['POST', '/v2/models/digits/trace/setting'],
    ['POST', '//v2/repository/index'],
    ['POST', '/v2//repository/index'],
    ['POST', '/v2/./repository/index'],
    ['POST', '/v2/models/digits/../../repository/index'],
    ['POST', '/v2/models/../repository/index'],
    ['POST', '/v2/models/%2e%2e/repository/index'],
    ['POST', '/v2/models/digits%2f..%2f..%2frepository/index'],
    ['POST', '/v2/repository%2Findex'],
    ['POST', '/v2/%72epository/index'],
    ['POST', '/v2/repository/index;/v2/health/live'],
    ['POST', '/v2/repository/index?/v2/health/live'],
    ['POST', '/v2/repository/index#/v2/health/live'],
    ['POST', '/V2/repository/index'],
    ['POST', '/v2/Repository/index'],
    ['POST', '/v2\\repository\\index'],
    ['POST', `http://${GATEWAY}/v2/repository/index`],
    ['POST', 'http:///v2/health/live/v2/repository/index'],
    ['POST', '*'],
  ])('answers %s %s with 404 or 400 of its own', async (method, path) => {
    // HAProxy 3.2 resets the connection after its 400 where a body is left unread
    const answer = await exchange(GATEWAY, [rawHead([`${method} ${path} HTTP/1.1`, 'Connection: close'])]);

    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(answer).toMatch(/"code":"unknown_path"|400 Bad request/);
  });

  test.each([
    'RepositoryIndex',
    'RepositoryModelLoad',
    'RepositoryModelUnload',
    'SystemSharedMemoryStatus',
    'SystemSharedMemoryRegister',
    'SystemSharedMemoryUnregister',
    'CudaSharedMemoryStatus',
    'CudaSharedMemoryRegister',
    'CudaSharedMemoryUnregister',
    'TraceSetting',
    'LogSettings',
  ])('answers %s with UNIMPLEMENTED', async (method) => {
    const { status, message, headers } = await grpcCall(through, { method });

    expect({ status, message }).toEqual({
      status: 'UNIMPLEMENTED',
      message: 'the service has the methods for health, metadata, statistics and inference, and no other',
    });
    expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
  });

  test.each([
    ['//inference.GRPCInferenceService/RepositoryIndex', 'application/grpc'],
    ['/inference.GRPCInferenceService//RepositoryIndex', 'application/grpc'],
    ['/inference.GRPCInferenceService/RepositoryIndex?', 'application/grpc'],
    ['/inference.GRPCInferenceService/RepositoryIndex;/ModelInfer', 'application/grpc'],
    ['/inference.GRPCInferenceService/ModelInfer/../RepositoryIndex', 'application/grpc'],
    ['/inference.GRPCInferenceService/%52epositoryIndex', 'application/grpc'],
    ['/inference.grpcinferenceservice/RepositoryIndex', 'application/grpc'],
    ['/v2/models/digits/infer', 'application/grpc'],
    ['/inference.GRPCInferenceService/RepositoryIndex', 'application/grpc+proto'],
    ['/inference.GRPCInferenceService/RepositoryIndex', 'application/grpc-web'],
    ['/inference.GRPCInferenceService/RepositoryIndex', 'Application/GRPC'],
    ['/inference.GRPCInferenceService/ModelInfer', 'application/octet-stream'],
    ['/inference.GRPCInferenceService/RepositoryIndex', 'application/json'],
  ])('does not let %s over HTTP/2 as %s through', async (path, type) => {
    const session = http2(GATEWAY);
    const headers = { 'content-type': type, 'content-length': undefined, te: 'trailers' };
    const answer = await callHttp2(session, { path, headers, body: Buffer.alloc(5) });
    session.close();

    expect(answer.headers['grpc-status'] ?? JSON.parse(answer.text).code).toMatch(/^(12|unknown_path)$/);
    expect(answer.headers['x-ms-request-id']).toMatch(REQUEST_ID);
  });

  test('keeps a model from Triton whose code comes with the call', async () => {
    const path = '/v2/repository/models/intruder/load';
    const proof = proofFile();
    expect((await call(GATEWAY, { path, body: loadingBody(proof) })).status).toBe(404);
    expect((await call(ROUTER, { path, body: loadingBody(proof) })).status).toBe(404);
    expect((await grpcCall(through, loading(proof))).status).toBe('UNIMPLEMENTED');
    expect((await grpcCall(`${ROUTER}:8080`, loading(proof))).status).toBe('UNIMPLEMENTED');
    expect(existsSync(proof)).toBe(false);

    // the same calls run the code where there is no gateway
    await grpcCall(`127.0.0.1:${triton.grpcPort}`, loading(proof));
    expect(existsSync(proof)).toBe(true);
    const another = proofFile();
    await fetch(`http://127.0.0.1:${triton.httpPort}/v2/repository/models/another/load`, {
      method: 'POST',
      body: JSON.stringify(loadingBody(another)),
    });
    expect(existsSync(another)).toBe(true);
  });

  test('answers a gRPC call over HTTP/1.1 in plain HTTP, and lives', async () => {
    for (const method of ['ModelInfer', 'RepositoryIndex']) {
      for (const key of [KEYS.primary, 'wrong']) {
        const lines = [
          `POST /inference.GRPCInferenceService/${method} HTTP/1.1`,
          'Content-Type: application/grpc',
          'Content-Length: 5',
          'Connection: close',
        ];
        const answer = await exchange(GATEWAY, [rawHead(lines, key), Buffer.alloc(5)]);
        expect(answer).toContain(`"code":"${key === 'wrong' ? 'invalid_key' : 'unknown_path'}"`);
      }
    }
    expect(gateway.hasEnded).toBe(false);
  });

  const refusedBy = [
    ['the gateway', GATEWAY],
    ['the router', ROUTER],
  ] as const;

  test.each(refusedBy)('answers gRPC in its own words: %s', async (_, address) => {
    const target = `${address}:8080`;
    const [wrongKey, noKey, late] = await grpcCalls(target, [
      { ...DIGITS, key: 'wrong' },
      { ...DIGITS, key: '' },
      sleeping(3),
    ]);
    const unauthenticated = {
      status: 'UNAUTHENTICATED',
      message: "send one of the service's two keys as 'Authorization: Bearer KEY'",
    };
    expect(wrongKey).toMatchObject(unauthenticated);
    expect(noKey).toMatchObject(unauthenticated);
    expect(late).toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      message: 'the model server did not answer within 2000 ms',
    });
    for (const answer of [wrongKey, noKey, late]) {
      expect(answer?.headers['x-ms-request-id']).toMatch(REQUEST_ID);
    }
    // Triton computes on after the time-out
    await until(
      'the model is free',
      async () => (await grpcCall(`127.0.0.1:${triton.grpcPort}`, sleeping(0))).status === 'OK',
    );
  });

  test.each(refusedBy)(
    'answers RESOURCE_EXHAUSTED to gRPC calls that wait too long or are too many: %s',
    async (_, address) => {
      const answers = await grpcCalls(`${address}:8080`, Array(6).fill(sleeping(1.2)));

      expect(answers.map(({ status, message }) => `${status} ${message}`).sort()).toEqual([
        'OK ',
        'OK ',
        'RESOURCE_EXHAUSTED 2 requests a replica wait already; call again later',
        'RESOURCE_EXHAUSTED 2 requests a replica wait already; call again later',
        'RESOURCE_EXHAUSTED no replica took the request within 500 ms; call again later',
        'RESOURCE_EXHAUSTED no replica took the request within 500 ms; call again later',
      ]);
      for (const { headers } of answers) {
        expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
      }
    },
  );

  test.each(refusedBy)(
    'answers RESOURCE_EXHAUSTED to a gRPC message that says to be too large: %s',
    async (_, address) => {
      const session = http2(address);
      const answer = await callHttp2(session, {
        path: '/inference.GRPCInferenceService/ModelInfer',
        headers: { 'content-type': 'application/grpc', 'content-length': undefined },
        body: Buffer.from([0, 0, 0x10, 0, 1]),
      });
      session.close();

      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'grpc-status': '8',
        'grpc-message': 'the body is larger than 1 MiB',
        'x-ms-request-id': expect.stringMatching(REQUEST_ID),
      });
    },
  );

  test('answers DEADLINE_EXCEEDED to a gRPC message that does not arrive', async () => {
    const session = http2(GATEWAY);
    const stream = session.request({
      ':path': '/inference.GRPCInferenceService/ModelInfer',
      ':method': 'POST',
      'content-type': 'application/grpc',
      authorization: `Bearer ${KEYS.primary}`,
    });
    stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
    const headers = await new Promise<Record<string, unknown>>((answered) => stream.on('response', answered));
    stream.close();
    session.close();

    expect(headers).toMatchObject({
      ':status': 200,
      'grpc-status': '4',
      'grpc-message': 'the request did not arrive within 1000 ms',
      'x-ms-request-id': expect.stringMatching(REQUEST_ID),
    });
  });

  test('writes the status of gRPC into the log', async () => {
    const { headers } = await grpcCall(through, { method: 'RepositoryIndex' });

    expect(await gateway.access(headers['x-ms-request-id'])).toMatchObject({
      path: '/inference.GRPCInferenceService/RepositoryIndex',
      grpcStatus: '12',
      key: 'primary',
    });
  });

  test.each(refusedBy)(
    'answers UNAVAILABLE when Triton is killed while it works, and when it is down: %s',
    async (name, address) => {
      if (triton.program.hasEnded) {
        triton = await startTritonServer({ explicit: true, ports: triton });
        await until('all hops know', async () => (await grpcCall(`${ROUTER}:8080`, DIGITS)).status === 'OK');
        await until('the gateway knows', async () => (await grpcCall(through, DIGITS)).status === 'OK');
      }
      const killed = await grpcCall(`${address}:8080`, sleeping(-1));
      expect(await triton.program.ended).toBe('SIGKILL');

      expect(killed).toMatchObject({
        status: 'UNAVAILABLE',
        message: 'the model server ended the connection while it worked on the request; its log says why',
      });
      expect(killed.headers['x-ms-request-id']).toMatch(REQUEST_ID);
      const down = {
        'the gateway': 'the model server does not answer; it may be starting',
        'the router': 'no replica is ready',
      };
      await until('the hops know', async () => {
        const { status, message, headers } = await grpcCall(`${address}:8080`, DIGITS);
        expect(message).not.toContain('ended the connection');
        expect(headers['x-ms-request-id']).toMatch(REQUEST_ID);
        return status === 'UNAVAILABLE' && message === down[name];
      });
    },
  );
});
