import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { outcomes } from './servers/errors';
import type { Haproxy } from './servers/haproxy';
import { until } from './servers/process';
import { type CountedAnswer, callCounted, type Replica, RoutedService } from './servers/router';
import { describeWith, HAPROXY } from './tools';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

/** Ids of the calls that began more than once. */
function sentTwice(service: RoutedService): string[] {
  return service.begun.filter((id, index, all) => all.indexOf(id) !== index);
}

/** Calls a replica beside the routers. */
function occupy(replica: Replica, calls: number, milliseconds: number): Promise<CountedAnswer[]> {
  return Promise.all(Array.from({ length: calls }, () => callCounted(replica.address, { milliseconds })));
}

describeWith([HAPROXY], 'the routers before ten servers', () => {
  let service: RoutedService;

  beforeAll(async () => {
    service = await RoutedService.start({ network: '127.0.20' }, 10);
  });

  afterAll(() => service.stop());

  test('find a free one for all but 2 % of the calls at 70 % load of one-second calls', {
    timeout: 2 * MINUTE,
  }, async () => {
    const answers = await service.load({ perSecond: 7, seconds: 60, milliseconds: 1000 });

    const { 200: answered = 0, '503 queued_too_long': late = 0, ...others } = outcomes(answers);
    expect(others).toEqual({});
    expect(answered).toBeGreaterThan(350);
    expect(late / answers.length).toBeLessThan(0.02);
    expect(service.replicas.map(({ server }) => server.mostAtOnce)).toEqual(Array(10).fill(1));
    expect(sentTwice(service)).toEqual([]);
    for (const router of service.routers) {
      expect(router.accesses.length).toBeGreaterThan(answers.length / 4);
    }
  });
});

describeWith([HAPROXY], 'the routers before two replicas', () => {
  let service: RoutedService;
  let replicas: readonly [Replica, Replica];

  beforeAll(async () => {
    const limits = {
      replicaMaxQueuedRequests: 1,
      maxRequestWaitTimeMs: 1500,
      scoringTimeoutMs: 3000,
      maxRequestBodyMiB: 4,
    };
    service = await RoutedService.start({ network: '127.0.21', limits }, 2);
    const [first, second] = service.replicas;
    replicas = [first as Replica, second as Replica];
  });

  afterAll(() => service.stop());

  /** The lines that gateways wrote about a request. */
  const gatewayLines = (requestId: unknown) =>
    replicas.flatMap(({ gateway }) => gateway.accesses.filter((line) => line.requestId === requestId));

  test('give one id to a request: in the answer, in the log of the router, of the gateway, and at the server', async () => {
    const { status, headers, text } = await service.call({ headers: { 'x-ms-request-id': "the caller's own" } });

    const id = headers['x-ms-request-id'];
    expect(status).toBe(200);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await service.routers[0]?.access(id)).toMatchObject({ part: 'router', status: 200, path: '/score' });
    await until('the line of a gateway', () => gatewayLines(id).length > 0);
    expect(gatewayLines(id)).toMatchObject([{ part: 'gateway', status: 200, path: '/score' }]);
    expect(JSON.parse(text).headers['x-request-id']).toBe(id);
  });

  test("tell the server the caller's address, and not the caller's key", async () => {
    const { text } = await service.call({ headers: { 'x-forwarded-for': '203.0.113.9' } });

    const { headers } = JSON.parse(text);
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers).not.toHaveProperty('authorization');
  });

  test.each([
    [401, 'invalid_key', { key: 'wrong' }],
    [404, 'unknown_path', { path: '/other' }],
    [411, 'length_required', { headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' } }],
    [413, 'body_too_large', { headers: { 'content-length': String(4 * MIB + 1) } }],
    [502, 'server_broke_off', { breakOff: 'reset' as const }],
    [504, 'scored_too_long', { milliseconds: 4000 }],
  ])('answer %i with %s, the id in it, and never ask twice', async (status, code, what) => {
    const answer = await service.call(what);

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text).error).toMatchObject({
      status,
      code,
      message: expect.any(String),
      requestId: answer.headers['x-ms-request-id'],
    });
    expect(service.begun.filter((id) => id === answer.id).length).toBe(status > 500 ? 1 : 0);
    await until('the call ends', () => replicas.every(({ server }) => server.atOnce === 0));
  });

  test.each([500, 501, 502, 503, 504, 429, 408, 425])(
    'leave a %i of the server as it is, and never ask twice',
    async (status) => {
      const answerHeaders = { 'x-of-the-script': 'yes', 'x-gateway-final-status': '429' };
      const answer = await service.call({ status, answerHeaders });

      expect(answer.status).toBe(status);
      expect(answer.headers['x-of-the-script']).toBe('yes');
      expect(answer.headers).not.toHaveProperty('x-gateway-final-status');
      expect(JSON.parse(answer.text)).toHaveProperty('bytes');
      expect(service.begun.filter((id) => id === answer.id)).toHaveLength(1);
    },
  );

  test('take bodies that are larger than what they hold, whole', async () => {
    const { status, text } = await service.call({ body: Buffer.alloc(3 * MIB) });

    expect(status).toBe(200);
    expect(JSON.parse(text).bytes).toBe(3 * MIB);
  });

  test.each([0, 1])('pass over replica %i when a call has waited there too long', async (busy) => {
    const beside = occupy(replicas[busy] as Replica, 1, 2500);
    await until('it works', () => replicas[busy]?.server.atOnce === 1);
    const answers = [await service.call(), await service.call()];

    expect(outcomes(answers)).toEqual({ 200: 2 });
    expect(answers.flatMap(({ headers }) => gatewayLines(headers['x-ms-request-id']))).toContainEqual(
      expect.objectContaining({ status: 503, finalStatus: '-', queueMs: expect.stringMatching(/^\d{4}$/) }),
    );
    expect(outcomes(await beside)).toEqual({ 200: 1 });
  });

  test.each([0, 1])('pass over replica %i when as many wait there as may', async (busy) => {
    const beside = occupy(replicas[busy] as Replica, 2, 1000);
    await until('it works', () => replicas[busy]?.server.atOnce === 1);
    const answers = [await service.call(), await service.call()];

    expect(outcomes(answers)).toEqual({ 200: 2 });
    expect(answers.flatMap(({ headers }) => gatewayLines(headers['x-ms-request-id']))).toContainEqual(
      expect.objectContaining({ status: 503, finalStatus: '429' }),
    );
    expect(outcomes(await beside)).toEqual({ 200: 2 });
  });

  test('answer 429 when every replica refuses', async () => {
    const beside = Promise.all(replicas.map((replica) => occupy(replica, 2, 1300)));
    await until('they work', () => replicas.every(({ server }) => server.atOnce === 1));
    const { status, headers, text } = await service.call();

    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('1');
    expect(headers).not.toHaveProperty('x-gateway-final-status');
    expect(JSON.parse(text).error).toMatchObject({
      status: 429,
      code: 'queue_full',
      option: 'replicaMaxQueuedRequests',
      requestId: headers['x-ms-request-id'],
    });
    expect(outcomes((await beside).flat())).toEqual({ 200: 4 });
  });

  test('answer 503 when no replica is free in time, and 429 at once when too many wait', async () => {
    const computed = [service.call({ milliseconds: 2500 }), service.call({ milliseconds: 2500 }, [1])];
    await until('both work', () => replicas.every(({ server }) => server.atOnce === 1));
    const waiting = [service.call(), service.call({}, [1])];
    await until('both wait', async () => {
      const [router] = service.routers;
      return (await router?.metric('haproxy_backend_current_queue', 'proxy="replicas"')) === 2;
    });
    const refused = await service.call({}, [1]);

    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(JSON.parse(refused.text).error).toMatchObject({ code: 'queue_full', option: 'replicaMaxQueuedRequests' });
    for (const { status, headers, text } of await Promise.all(waiting)) {
      expect(status).toBe(503);
      expect(headers['retry-after']).toBe('1');
      expect(JSON.parse(text).error).toMatchObject({
        status: 503,
        code: 'queued_too_long',
        option: 'maxRequestWaitTimeMs',
        requestId: headers['x-ms-request-id'],
      });
    }
    expect(outcomes(await Promise.all(computed))).toEqual({ 200: 2 });
  });

  test('never sent a call twice in all this', () => {
    expect(service.begun.length).toBeGreaterThan(20);
    expect(sentTwice(service)).toEqual([]);
  });

  test('answer 503 when no replica is ready', async () => {
    await Promise.all(replicas.map(({ server }) => server.kill()));
    await Promise.all(service.routers.map((router) => service.knows(router, 0)));
    const { status, headers, text } = await service.call();

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(JSON.parse(text).error).toMatchObject({ code: 'no_replica', requestId: headers['x-ms-request-id'] });
  });
});

describeWith([HAPROXY], 'under load, the routers', () => {
  const load = { perSecond: 20, seconds: 6, milliseconds: 200 };
  let service: RoutedService;

  beforeAll(async () => {
    service = await RoutedService.start({ network: '127.0.22', limits: { replicaMaxConcurrentRequests: 2 } }, 4);
  });

  afterAll(() => service.stop());

  afterEach(() => {
    expect(sentTwice(service)).toEqual([]);
    expect(Math.max(...service.replicas.map(({ server }) => server.mostAtOnce))).toBe(2);
  });

  const replica = (index: number) => service.replicas[index] as Replica;
  const router = (index: number) => service.routers[index] as Haproxy;

  /** A moment at which a replica computes. */
  const works = ({ server }: Replica) => until('the replica works', () => server.atOnce > 0);

  test('lose the calls that a killed server worked on, and no other', async () => {
    let inFlight = 0;
    const answers = await service.load(load, async () => {
      await sleep(1000);
      await works(replica(0));
      inFlight = replica(0).server.atOnce;
      await replica(0).server.kill();
    });

    expect(outcomes(answers)).toEqual({ 200: answers.length - inFlight, '502 server_broke_off': inFlight });
    await service.restore(replica(0));
  });

  test('lose the calls that a killed gateway had, and no other', async () => {
    let inFlight = 0;
    const answers = await service.load(load, async () => {
      await sleep(1000);
      await works(replica(1));
      inFlight = replica(1).server.atOnce;
      await replica(1).gateway.stop('SIGKILL');
    });

    expect(outcomes(answers)).toEqual({ 200: answers.length - inFlight, '502 server_broke_off': inFlight });
    await service.restore(replica(1));
  });

  test('lose no call to a replica that drains while its address is still known', async () => {
    const answers = await service.load(load, async () => {
      await sleep(1000);
      await works(replica(2));
      replica(2).gateway.kill('SIGUSR1');
      expect(await replica(2).gateway.ended).toBe(0);
      await sleep(2000);
      service.inDns = service.inDns.filter((address) => address !== replica(2).address);
    });

    expect(outcomes(answers)).toEqual({ 200: answers.length });
    await service.restore(replica(2));
  });

  test('use a new replica once it is ready, and not before', async () => {
    const answers = await service.load(load, async () => {
      const added = await service.addReplica({ ready: false });
      service.inDns = [...service.inDns, added.address];
      await until('a router asks it', () => added.gateway.accesses.length > 0);
      await sleep(2000);
      expect(added.server.begun).toEqual([]);
      await added.server.listen();
      await until('it works', () => added.server.begun.length > 0);
    });

    expect(outcomes(answers)).toEqual({ 200: answers.length });
  });

  test.each([0, 1])('lose no call when router %i drains, and when it is back', async (drained) => {
    const answers = await service.load(load, async () => {
      await sleep(1000);
      await until('it works', () => service.replicas.some(({ server }) => server.atOnce > 1));
      router(drained).kill('SIGUSR1');
      expect(await router(drained).ended).toBe(0);
      await sleep(1000);
      await service.startRouter(drained);
    });

    expect(outcomes(answers)).toEqual({ 200: answers.length });
  });

  test.each([
    ['chooses for another', 0],
    ['does not choose', 1],
  ])('lose the calls that a killed router had which %s, and no other', async (_, killed) => {
    const answers = await service.load(load, async () => {
      await sleep(1000);
      await until('it works', () => service.replicas.some(({ server }) => server.atOnce > 1));
      await router(killed).stop('SIGKILL');
      await sleep(1000);
      await service.startRouter(killed);
    });

    const lost = answers.filter(({ status }) => status !== 200);
    expect(lost.length).toBeGreaterThan(0);
    const [its, others] = [true, false].map((own) =>
      lost.filter(({ from }) => (from === service.routerAddress(killed)) === own),
    );
    // a connection to the killed one has nobody left that could answer; the other one answers for it
    expect(outcomes(its ?? [])).toEqual(its?.length ? { ECONNRESET: its.length } : {});
    expect(outcomes(others ?? [])).toEqual(
      others?.length && killed === 0 ? { '502 server_broke_off': others.length } : {},
    );
  });

  test('let the first that lives choose for both', async () => {
    const chosenBy = async (index: number) => {
      const chosen = () => router(index).metric('haproxy_frontend_http_requests_total', 'proxy="chosen"');
      const before = await chosen();
      expect(outcomes([await service.call({}, [1])])).toEqual({ 200: 1 });
      return (await chosen()) > before;
    };
    expect(await chosenBy(0)).toBe(true);

    await router(0).stop('SIGKILL');
    expect(await chosenBy(1)).toBe(true);

    // one that finds no replica, since no DNS answers it, does not choose
    await service.startLonelyRouter(0, '127.0.22.9:53');
    await sleep(2000);
    expect(await chosenBy(1)).toBe(true);

    await router(0).stop('SIGKILL');
    await service.startRouter(0);
    await until('the first chooses again', () => chosenBy(0));
  });
});
