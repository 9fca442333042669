import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVICE_METRICS } from '../../src/gateway/metrics-task';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { outcomes } from './servers/errors';
import type { Haproxy } from './servers/haproxy';
import { type Answer, call, callHttp2, http2 } from './servers/load';
import { until } from './servers/process';
import { type Replica, RoutedService } from './servers/router';
import { describeWith, HAPROXY } from './tools';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

/** Calls in progress as both routers tell, once a second's count is there. */
async function inProgress({ routers }: RoutedService): Promise<number> {
  const values = await Promise.all(routers.map((router) => router.serviceMetric(SERVICE_METRICS.inProgress)));
  return values.reduce((sum, value) => sum + value, 0);
}

/** Connections that a router has where calls are held. */
function heldBy(router: Haproxy): Promise<number> {
  return router.metric('haproxy_frontend_current_sessions', 'proxy="inside"');
}

describeWith([HAPROXY], 'routers that hold calls while there is no replica', () => {
  const WAKE_MS = 12_000;
  let service: RoutedService;
  let replica: Replica | undefined;

  beforeAll(async () => {
    const limits = {
      replicaMaxConcurrentRequests: 2,
      replicaMaxQueuedRequests: 3,
      maxRequestWaitTimeMs: 3000,
      // shorter than calls are held
      requestReadTimeoutMs: 1000,
      scoringTimeoutMs: 3000,
    };
    service = await RoutedService.start({ network: '127.0.31', limits, wakeTimeoutMs: WAKE_MS }, 0);
  });

  afterAll(() => service.stop());

  /** Lets the replica come, as Kubernetes does: it is in the DNS before it is ready. */
  async function wake(): Promise<void> {
    replica ??= await service.addReplica({ ready: false });
    service.inDns = [replica.address];
    await sleep(1000);
    if (!replica.server.listens) {
      await replica.server.listen();
    }
  }

  /** Lets the last replica go, and waits until no router would choose. */
  async function sleepAgain(): Promise<void> {
    await replica?.server.kill();
    service.inDns = [];
    await Promise.all(service.routers.map((router) => service.knows(router, 0)));
    await Promise.all(
      service.routers.map((router) =>
        router.until('no router chooses', async () => {
          return (await router.metric('haproxy_backend_active_servers', 'proxy="choice"')) === 0;
        }),
      ),
    );
  }

  test('answer a call after its time with 503, and say when to call again', { timeout: MINUTE }, async () => {
    const began = performance.now();
    const { status, headers, text } = await service.call();

    expect(performance.now() - began).toBeGreaterThan(WAKE_MS);
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(headers).not.toHaveProperty('x-gateway-queue-ms');
    expect(JSON.parse(text).error).toMatchObject({ code: 'no_replica', requestId: headers['x-ms-request-id'] });
    const line = await service.routers[0]?.access(headers['x-ms-request-id']);
    expect(Number(line?.queueMs)).toBeGreaterThanOrEqual(WAKE_MS);
  });

  test('count a call that is held as one in progress, and none once its caller is gone', {
    timeout: MINUTE,
  }, async () => {
    await until('nothing is left of other calls', async () => (await inProgress(service)) === 0, 20);
    const [router] = service.routers as [Haproxy];
    const caller = new AbortController();
    const gone = call(router.address, { signal: caller.signal });
    await until('it counts', async () => (await inProgress(service)) > 0);

    caller.abort();
    expect((await gone).status).toBe(0);
    await until('it has left', async () => (await heldBy(router)) === 0, 2);
    await until('it counts no more', async () => (await inProgress(service)) === 0, 18);
  });

  test('give several calls their answers once a replica is there, whichever router they reached', {
    timeout: MINUTE,
  }, async () => {
    const held = [
      service.call({ body: Buffer.alloc(3 * MIB) }),
      service.call({}, [1]),
      service.call({}, [1]),
      service.call(),
    ];
    await until('they are held', async () => {
      const counts = await Promise.all(service.routers.map(heldBy));
      return counts[0] === 2 && counts[1] === 2;
    });
    await wake();

    const answers = await Promise.all(held);
    expect(outcomes(answers)).toEqual({ 200: 4 });
    expect(JSON.parse(answers[0]?.text ?? '').bytes).toBe(3 * MIB);
    expect(JSON.parse(answers[0]?.text ?? '').headers).not.toHaveProperty('x-gateway-held-ms');
    expect(service.begun.length).toBe(4);
    const line = await service.routers[0]?.access(answers[0]?.headers['x-ms-request-id']);
    expect(Number(line?.queueMs)).toBeGreaterThan(500);
  });

  test('hold none once there is a replica', async () => {
    for (const [index, router] of service.routers.entries()) {
      // a router hears of another one that chooses by its checks
      await router.until(
        'a call is not held',
        async () => {
          const { headers } = await service.call({}, [index]);
          return (await router.access(headers['x-ms-request-id'])).queueMs === '0';
        },
        5,
      );
    }
  });

  test('hold a call that comes just when the last replica has gone', { timeout: MINUTE }, async () => {
    await replica?.server.kill();
    const [router] = service.routers as [Haproxy];
    await service.knows(router, 0);
    const call = service.call({}, [1]);
    await until(
      'it is held',
      async () => (await router.metric('haproxy_frontend_current_sessions', 'proxy="chosen"')) === 1,
    );
    await wake();

    expect(outcomes([await call])).toEqual({ 200: 1 });
  });

  test('hold as many as one replica takes on, and answer others with 429 at once', { timeout: MINUTE }, async () => {
    await sleepAgain();
    const held = Array.from({ length: 5 }, () => service.call());
    await until('they are held', async () => (await heldBy(service.routers[0] as Haproxy)) === 5);
    const began = performance.now();
    const refused = await service.call();

    expect(performance.now() - began).toBeLessThan(WAKE_MS / 2);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(JSON.parse(refused.text).error).toMatchObject({ code: 'queue_full', option: 'replicaMaxQueuedRequests' });
    await wake();
    expect(outcomes(await Promise.all(held))).toEqual({ 200: 5 });
  });

  test('hold on to a call while they drain, and give it its answer', { timeout: MINUTE }, async () => {
    await sleepAgain();
    const [first] = service.routers as [Haproxy];
    const held = service.call();
    await until('it is held', async () => (await heldBy(first)) === 1);
    first.kill('SIGUSR1');
    await sleep(1000);
    await wake();

    expect(outcomes([await held])).toEqual({ 200: 1 });
    expect(await first.ended).toBe(0);
  });

  test('hold calls from their start on', { timeout: MINUTE }, async () => {
    await replica?.server.kill();
    service.inDns = [];
    await service.routers[1]?.stop();
    await service.startLonelyRouter(0, service.nameserver);
    const [router] = service.routers as [Haproxy];
    await router.answersHealth('/ready');
    const held = call(router.address, { headers: { 'x-test-behaviour': JSON.stringify({ id: 'early' }) } });
    await until('it is held', async () => (await heldBy(router)) === 1);
    await wake();

    expect(outcomes([await held])).toEqual({ 200: 1 });
  });
});

describeWith([HAPROXY], 'routers that hold gRPC calls while there is no replica', () => {
  const WAKE_MS = 6000;
  let service: RoutedService;

  beforeAll(async () => {
    const limits = { replicaMaxQueuedRequests: 1 };
    const options = { network: '127.0.27', protocol: TRITON_PROTOCOL, limits, wakeTimeoutMs: WAKE_MS };
    service = await RoutedService.start(options, 0);
  });

  afterAll(() => service.stop());

  /** Calls as gRPC does, with an empty message. */
  async function grpc(index: number): Promise<Answer> {
    const session = http2(service.routerAddress(index));
    const answer = await callHttp2(session, {
      path: '/inference.GRPCInferenceService/ModelInfer',
      body: Buffer.alloc(5),
      headers: {
        'content-type': 'application/grpc',
        te: 'trailers',
        'x-test-behaviour': JSON.stringify({ id: `${index}` }),
      },
    });
    session.close();
    return answer;
  }

  test('say after their time that it is unavailable, and at once what are too many', { timeout: MINUTE }, async () => {
    const held = [grpc(0), service.call({ path: '/v2' })];
    await until('they count', async () => (await inProgress(service)) > 0);
    const refused = await grpc(0);

    expect(refused.headers).toMatchObject({ 'grpc-status': '8', 'retry-after': '1' });
    const [late, http] = await Promise.all(held);
    expect(late?.headers).toMatchObject({ 'grpc-status': '14', 'grpc-message': 'no replica is ready' });
    expect(http?.status).toBe(503);
  });

  test('give them their answers once a replica is there', { timeout: MINUTE }, async () => {
    const held = [grpc(0), grpc(1)];
    await sleep(1000);
    service.inDns = [(await service.addReplica()).address];
    const answers = await Promise.all(held);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ text }) => JSON.parse(text).bytes)).toEqual([5, 5]);
    expect(service.begun).toHaveLength(2);
  });
});
