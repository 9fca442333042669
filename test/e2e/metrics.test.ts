import { spawnSync } from 'node:child_process';
import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricsTask, SERVICE_METRICS, SERVICE_METRICS_PATH } from '../../src/gateway/metrics-task';
import { SCORING_PROTOCOL, TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import { CountingServer } from './servers/counting-server';
import { outcomes } from './servers/errors';
import { type Haproxy, startGateway, writeConfig } from './servers/haproxy';
import { call, closedLoad } from './servers/load';
import { type Program, until } from './servers/process';
import { callCounted, countedProtocol, RoutedService } from './servers/router';
import { startScoringServer } from './servers/scoring-server';
import { grpcCall, grpcCalls, startTritonServer, type TritonServer } from './servers/triton-server';
import { describeWith, HAPROXY, PROMETHEUS, SCORING_SERVER, TRITON } from './tools';

const MINUTE = 60_000;
const { requests, duration, queue, server: computed, inProgress, maxConcurrent } = SERVICE_METRICS;

const code = (status: number) => `code="${status}"`;
const count = (haproxy: Haproxy, histogram: string) => haproxy.serviceMetric(`${histogram}_count`);
const sum = (haproxy: Haproxy, histogram: string) => haproxy.serviceMetric(`${histogram}_sum`);

describeWith([HAPROXY, SCORING_SERVER], 'the metrics of a gateway before the scoring server', () => {
  const limits = {
    replicaMaxConcurrentRequests: 2,
    replicaMaxQueuedRequests: 4,
    maxRequestWaitTimeMs: 700,
    scoringTimeoutMs: 1500,
    maxRequestBodyMiB: 1,
  };
  let server: Program;
  let gateway: Haproxy;

  beforeAll(async () => {
    server = await startScoringServer({ port: 15161, limits });
    gateway = await startGateway({ address: '127.0.5.61', serverPort: 15161, limits });
    await gateway.answersHealth('/ready');
  });

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  test('are all there before the first call', async () => {
    expect(await count(gateway, duration)).toBe(0);
    expect(await gateway.serviceMetric(`${duration}_bucket`, 'le="+Inf"')).toBe(0);
    expect(await gateway.serviceMetric(inProgress)).toBe(0);
    expect(await gateway.serviceMetric(maxConcurrent)).toBe(2);
  });

  test('count calls by the status that callers saw, and time what the server and the queue took', {
    timeout: MINUTE,
  }, async () => {
    const agent = new Agent({ keepAlive: true });
    const answers = await closedLoad(gateway.address, { clients: 3, seconds: 6, agent }, () => ({
      body: { sleep_seconds: 0.2 },
    }));
    agent.destroy();

    // three callers take turns in two places: each call waits half as long as it is computed
    expect(outcomes(answers)).toEqual({ 200: answers.length });
    expect(await gateway.serviceMetric(requests, code(200))).toBe(answers.length);
    for (const histogram of [duration, queue, computed]) {
      expect(await count(gateway, histogram)).toBe(answers.length);
      expect(await gateway.serviceMetric(`${histogram}_bucket`, 'le="+Inf"')).toBe(answers.length);
    }
    const mean = async (histogram: string) => (await sum(gateway, histogram)) / answers.length;
    expect(await mean(computed)).toBeGreaterThan(0.2);
    expect(await mean(computed)).toBeLessThan(0.25);
    expect((await mean(queue)) + (await mean(computed))).toBeCloseTo(await mean(duration), 2);
    expect(6 / (answers.length / 3)).toBeCloseTo(await mean(duration), 1);
    expect(await gateway.serviceMetric(`${computed}_bucket`, 'le="0.1"')).toBe(0);
    expect(await gateway.serviceMetric(`${computed}_bucket`, 'le="0.5"')).toBe(answers.length);
  });

  test('count what is refused at the door as a call that neither waited nor was computed', async () => {
    const before = await Promise.all([duration, queue, computed].map((histogram) => count(gateway, histogram)));
    await call(gateway.address, { key: 'wrong' });
    await call(gateway.address, { path: '/other' });
    await call(gateway.address, {
      headers: { 'content-length': String(2 * 1024 * 1024) },
      bodyAfter: new Promise(() => {}),
    });

    for (const status of [401, 404, 413]) {
      expect(await gateway.serviceMetric(requests, code(status))).toBe(1);
    }
    const after = await Promise.all([duration, queue, computed].map((histogram) => count(gateway, histogram)));
    expect(after).toEqual([(before[0] ?? 0) + 3, before[1], before[2]]);
  });

  test('time the wait of what waited in vain, and what the server took of what it was too slow for', {
    timeout: MINUTE,
  }, async () => {
    const before = {
      queue: [await count(gateway, queue), await sum(gateway, queue)],
      computed: [await count(gateway, computed), await sum(gateway, computed)],
    } as const;
    const slow = [1, 2].map(() => call(gateway.address, { body: { sleep_seconds: 3 } }));
    await until('they are computed', async () => {
      return (await gateway.metric('haproxy_server_current_sessions', 'proxy="model",server="model"')) === 2;
    });
    const late = call(gateway.address);

    expect(outcomes(await Promise.all([...slow, late]))).toEqual({
      '503 queued_too_long': 1,
      '504 scored_too_long': 2,
    });
    expect(await gateway.serviceMetric(requests, code(503))).toBe(1);
    expect(await gateway.serviceMetric(requests, code(504))).toBe(2);
    expect(await count(gateway, queue)).toBe(before.queue[0] + 3);
    expect((await sum(gateway, queue)) - before.queue[1]).toBeCloseTo(0.7, 1);
    expect(await count(gateway, computed)).toBe(before.computed[0] + 2);
    expect((await sum(gateway, computed)) - before.computed[1]).toBeCloseTo(3, 1);
  });

  test('tell the calls in progress, those that wait among them, as the mean of fifteen seconds', {
    timeout: MINUTE,
  }, async () => {
    const agent = new Agent({ keepAlive: true });
    await until('nothing is in progress', async () => (await gateway.serviceMetric(inProgress)) === 0);
    const load = closedLoad(gateway.address, { clients: 4, seconds: 20, agent }, () => ({
      body: { sleep_seconds: 0.3 },
    }));
    // over half of the time it tells half of it
    await until('it has begun', async () => (await gateway.serviceMetric(inProgress)) > 0);
    expect(await gateway.serviceMetric(inProgress)).toBeLessThan(2);
    await until('the window is full', async () => (await gateway.serviceMetric(inProgress)) > 3.6);
    expect(outcomes(await load)).toEqual({ 200: expect.any(Number) });
    agent.destroy();
    await until('it is over', async () => (await gateway.serviceMetric(inProgress)) === 0);
  });
});

describeWith([HAPROXY], 'the metrics of routers and the gateways behind them', () => {
  let service: RoutedService;

  beforeAll(async () => {
    const limits = { replicaMaxQueuedRequests: 2, maxRequestWaitTimeMs: 1000 };
    service = await RoutedService.start({ network: '127.0.28', limits }, 2);
  });

  afterAll(() => service.stop());

  const total = async (parts: readonly Haproxy[], name: string, labels?: string) => {
    const values = await Promise.all(parts.map((part) => part.serviceMetric(name, labels)));
    return values.reduce((all, value) => all + (Number.isNaN(value) ? 0 : value), 0);
  };

  test('add up: calls where callers arrive, waiting there, computing at the replicas', {
    timeout: MINUTE,
  }, async () => {
    const gateways = service.replicas.map(({ gateway }) => gateway);
    const calls = Array.from({ length: 4 }, (_, index) => service.call({ milliseconds: 800 }, [index % 2]));

    expect(outcomes(await Promise.all(calls))).toEqual({ 200: 4 });
    expect(await total(service.routers, requests, code(200))).toBe(4);
    expect(await total(service.routers, `${queue}_count`)).toBe(4);
    expect(await total(service.routers, `${queue}_sum`)).toBeCloseTo(1.6, 1);
    expect(await total(gateways, requests, code(200))).toBe(4);
    expect(await total(gateways, `${computed}_sum`)).toBeCloseTo(3.2, 1);
    expect(await service.routers[0]?.serviceMetric(maxConcurrent)).toBeNaN();
    expect(await service.routers[0]?.metricsText(SERVICE_METRICS_PATH)).not.toContain(computed);
  });

  test('tell what waits as in progress at the router that chooses, and what is computed at the gateways', {
    timeout: MINUTE,
  }, async () => {
    const gateways = service.replicas.map(({ gateway }) => gateway);
    const parts = [...service.routers, ...gateways];
    await until('nothing is in progress', async () => (await total(parts, inProgress)) === 0);
    let over = false;
    const clients = Array.from({ length: 4 }, async (_, index) => {
      while (!over) {
        await service.call({ milliseconds: 300 }, [index % 2]);
      }
    });
    await until('two are computed', async () => (await total(gateways, inProgress)) > 1.8);
    await until('two wait', async () => (await total(service.routers, inProgress)) > 1.8);
    over = true;
    await Promise.all(clients);

    expect(await total(parts, inProgress)).toBeLessThan(4.1);
  });

  test('count a call that a replica refused once, with the status that its caller saw', async () => {
    const gateways = service.replicas.map(({ gateway }) => gateway);
    const computing = service.replicas.flatMap(({ address }) =>
      [1, 2, 3].map(() => callCounted(address, { milliseconds: 900 })),
    );
    await until('they are full', async () => {
      const queues = await Promise.all(
        gateways.map((one) => one.metric('haproxy_backend_current_queue', 'proxy="model"')),
      );
      return queues.every((waiting) => waiting === 2);
    });
    const { status } = await service.call();
    const late = (await Promise.all(computing)).filter((answer) => answer.status === 503);

    expect(status).toBe(429);
    expect(await total(service.routers, requests, code(429))).toBe(1);
    expect(await total(service.routers, requests, code(503))).toBe(0);
    // each of them refused it, some twice, as the caller is told and not as the router is
    expect(await total(gateways, requests, code(429))).toBeGreaterThanOrEqual(2);
    expect(await total(gateways, requests, code(503))).toBe(late.length);
  });
});

describeWith([HAPROXY, TRITON], 'the metrics of gRPC calls', () => {
  let triton: TritonServer;
  let gateway: Haproxy;

  beforeAll(async () => {
    triton = await startTritonServer();
    gateway = await startGateway({
      address: '127.0.5.63',
      protocol: { ...TRITON_PROTOCOL, httpPort: triton.httpPort, grpcPort: triton.grpcPort },
      limits: { replicaMaxConcurrentRequests: 4, maxRequestWaitTimeMs: 5000 },
    });
    await gateway.answersHealth('/ready');
  });

  afterAll(async () => {
    await gateway?.stop();
    await triton?.program.stop();
  });

  const sleeper = (seconds: number) => ({
    method: 'ModelInfer',
    fields: {
      modelName: 'sleeper',
      inputs: [{ name: 'seconds', datatype: 'FP32', shape: [1], contents: { fp32Contents: [seconds] } }],
    },
  });

  test('count by the status of gRPC besides, and are timed as others are', { timeout: MINUTE }, async () => {
    const address = `${gateway.address}:8080`;
    const answers = await grpcCalls(address, Array(8).fill(sleeper(0.5)));
    const wrong = [
      await grpcCall(address, { method: 'ServerLive', key: 'wrong' }),
      await grpcCall(address, { method: 'RepositoryIndex' }),
      await grpcCall(address, { method: 'ModelMetadata', fields: { name: 'other' } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('OK'));
    expect(wrong.map(({ status }) => status)).toEqual(['UNAUTHENTICATED', 'UNIMPLEMENTED', 'NOT_FOUND']);
    const counted = (status: number) => gateway.serviceMetric(requests, `code="200",grpc_code="${status}"`);
    expect(await counted(0)).toBe(8);
    expect(await counted(16)).toBe(1);
    expect(await counted(12)).toBe(1);
    expect(await counted(5)).toBe(1);
    expect(await gateway.serviceMetric(requests, code(200))).toBeNaN();
    expect(await count(gateway, computed)).toBe(9);
    // eight of half a second, and whatever a busy machine adds
    expect(await sum(gateway, computed)).toBeGreaterThanOrEqual(3.9);
    expect(await sum(gateway, queue)).toBeGreaterThan(1);
  });

  test('are in progress together with those of HTTP', { timeout: MINUTE }, async () => {
    const calls = grpcCalls(`${gateway.address}:8080`, Array(4).fill(sleeper(3)));
    await until('they count', async () => (await gateway.serviceMetric(inProgress)) > 0);
    await calls;
  });
});

describeWith([HAPROXY], 'a call', () => {
  const limits = SCORING_REQUEST_LIMITS;

  test('is answered as ever when it cannot be counted, and the metrics say so in the log', {
    timeout: MINUTE,
  }, async () => {
    const server = new CountingServer();
    await server.listen();
    const protocol = countedProtocol(server, SCORING_PROTOCOL);
    const broken = metricsTask({ part: 'gateway', protocol, limits })
      .replace('local function count(txn)\n', "local function count(txn)\n  error('broken')\n")
      .replace('local function sample()\n', "local function sample()\n  error('broken')\n");
    const metricsTaskFile = writeConfig(broken, 'metrics.lua');
    const gateway = await startGateway({ address: '127.0.5.64', protocol, metricsTaskFile });
    await gateway.answersHealth('/ready');
    const answers = [await callCounted(gateway.address), await callCounted(gateway.address)];

    expect(outcomes(answers)).toEqual({ 200: 2 });
    expect(await count(gateway, duration)).toBe(0);
    expect(await gateway.serviceMetric(inProgress)).toBe(0);
    expect(gateway.jsonLines.filter(({ event }) => event === 'call not counted')).toHaveLength(1);
    await gateway.stop();
    await server.kill();
  });

  test('adds no more series than there are statuses, whatever a script answers', { timeout: MINUTE }, async () => {
    const server = new CountingServer();
    await server.listen();
    const protocol = countedProtocol(server, SCORING_PROTOCOL);
    const gateway = await startGateway({ address: '127.0.5.65', protocol });
    await gateway.answersHealth('/ready');
    const grpcStatus = { 'grpc-status': '99"} evil 1', 'content-type': 'application/grpc' };
    await callCounted(gateway.address, { status: 299, answerHeaders: grpcStatus });
    await callCounted(gateway.address, { status: 799 });

    const text = await gateway.metricsText(SERVICE_METRICS_PATH);
    expect(text.match(/^inference_requests_total.*/gm)?.sort()).toEqual([
      'inference_requests_total{code="299"} 1',
      'inference_requests_total{code="599"} 1',
    ]);
    await gateway.stop();
    await server.kill();
  });
});

describeWith([HAPROXY, PROMETHEUS], 'the text of the metrics', () => {
  describe.each(['gateway', 'router'] as const)('of a %s', (part) => {
    test('is as Prometheus wants it', { timeout: MINUTE }, async () => {
      const service = await RoutedService.start({ network: '127.0.29' }, 1);
      await service.call();
      const [router] = service.routers;
      const [replica] = service.replicas;
      const haproxy = (part === 'router' ? router : replica?.gateway) as Haproxy;
      const answer = await haproxy.metricsAnswer(SERVICE_METRICS_PATH);
      const text = await answer.text();
      await service.stop();

      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
    });
  });
});
