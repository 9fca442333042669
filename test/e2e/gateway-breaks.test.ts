import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { BEHAVIOUR_HEADER, type Behaviour, CountingServer } from './servers/counting-server';
import { expectError, outcome } from './servers/errors';
import { type Haproxy, startGateway } from './servers/haproxy';
import { type Answer, type Call, rawHead } from './servers/load';
import { until } from './servers/process';
import { countedProtocol, type Replica, RoutedService } from './servers/router';
import { WAYS, type Way } from './servers/ways';
import { describeWith, HAPROXY } from './tools';

const protocol = TRITON_PROTOCOL;

const ONE_PLACE = {
  replicaMaxConcurrentRequests: 1,
  replicaMaxQueuedRequests: 4,
  maxRequestWaitTimeMs: 300,
  scoringTimeoutMs: 10_000,
};

/** The ways on which no other call waits first. */
const FIRST = WAYS.filter(({ name }) => name.startsWith('the first'));

const HTTP2 = WAYS.find(({ name }) => name === 'the first call over HTTP/2') as Way;
const GRPC = WAYS.find(({ name }) => name === 'the first call of gRPC') as Way;

/** A call that is counted, and its id. */
function counted(way: Way, address: string, behaviour: Omit<Behaviour, 'id'> = {}, options: Call = {}) {
  const id = randomUUID();
  const headers = { [BEHAVIOUR_HEADER]: JSON.stringify({ id, ...behaviour }) };
  return { id, answer: way.call(address, { ...options, headers }) };
}

/** Expects the error of a call whose server ended the connection, in the words of HTTP or of gRPC. */
function expectBrokeOff(answer: Answer, { grpc }: Way): void {
  if (!grpc) {
    expectError(answer, { status: 502, code: 'server_broke_off', says: 'its log says why' }, protocol);
    return;
  }
  expect({ ...answer, text: '' }).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'application/grpc',
      'grpc-status': '14',
      'grpc-message': 'the model server ended the connection while it worked on the request; its log says why',
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
}

/** Status of an answer over HTTP or gRPC, and the code of the gateway's error if it is one. */
function outcomeOf(answer: Answer): string {
  const { 'grpc-status': status, 'grpc-message': message } = answer.headers;
  return status === undefined || status === '0' ? outcome(answer) : `grpc ${status} ${message}`;
}

/** A gateway without a router, and a server that counts behind it. */
async function startAlone(address: string, limits = {}): Promise<{ gateway: Haproxy; server: CountingServer }> {
  const server = new CountingServer();
  await server.listen();
  const gateway = await startGateway({ address, protocol: countedProtocol(server, protocol), limits });
  await gateway.answersHealth('/ready');
  return { gateway, server };
}

const THROUGH = ['a gateway', 'router and gateway'] as const;

describeWith([HAPROXY], 'a call', () => {
  let alone: { gateway: Haproxy; server: CountingServer };
  let service: RoutedService;

  beforeAll(async () => {
    const limits = { ...ONE_PLACE, replicaMaxConcurrentRequests: 16 };
    alone = await startAlone('127.0.25.50', limits);
    service = await RoutedService.start({ network: '127.0.25', limits, protocol }, 2);
  });

  afterAll(async () => {
    await alone?.gateway.stop();
    await alone?.server.kill();
    await service?.stop();
  });

  const address = (through: string) => (through === 'a gateway' ? alone.gateway.address : service.routerAddress(1));
  const timesBegun = (id: string) => [...alone.server.begun, ...service.begun].filter((begun) => begun === id).length;
  const isBegun = (id: string) => timesBegun(id) > 0;

  const eachWay = THROUGH.flatMap((through) => WAYS.map((way) => [way.name, through, way] as const));

  test.each(eachWay)(
    'is answered when its server breaks off, and computed once: %s through %s',
    async (_, through, way) => {
      for (const breakOff of ['reset', 'end'] as const) {
        const { id, answer } = counted(way, address(through), { breakOff });

        expectBrokeOff(await answer, way);
        expect(timesBegun(id)).toBe(1);
      }
    },
  );

  test.each(eachWay)(
    'shows nothing of what hops tell each other to server and caller: %s through %s',
    async (_, through, way) => {
      const answerHeaders = { 'x-gateway-queue-ms': '7', 'x-gateway-final-status': '429', 'x-mine': 'yes' };
      const answer = await counted(way, address(through), { answerHeaders }).answer;

      expect(answer.headers['x-mine']).toBe('yes');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-gateway-'))).toEqual([]);
      const { headers } = JSON.parse(answer.text);
      expect(headers['x-request-id']).toBe(answer.headers['x-ms-request-id']);
      expect(Object.keys(headers).filter((name) => /^(x-gateway-|x-ms-|authorization)/.test(name))).toEqual([]);
    },
  );

  test('says in the log how long it waited, as long as it came to the queue', async () => {
    for (const proxy of [alone.gateway, service.routers[1] as Haproxy]) {
      for (const way of [HTTP2, GRPC]) {
        const answered = await counted(way, proxy.address).answer;
        const refused = await counted(way, proxy.address, {}, { key: 'wrong' }).answer;

        expect((await proxy.access(answered.headers['x-ms-request-id'])).queueMs).toMatch(/^\d+$/);
        expect((await proxy.access(refused.headers['x-ms-request-id'])).queueMs).toBe('-');
      }
    }
  });

  test.each(FIRST.map((way) => [way.name, way] as const))(
    'is given to another replica when the server of one is down: %s through router and gateway',
    async (_, way) => {
      const [down, other] = service.replicas as [Replica, Replica];
      await down.server.kill();
      const before = other.server.begun.length;
      const calls = Array.from({ length: 8 }, () => counted(way, address('router')));

      for (const { id, answer } of calls) {
        expect(outcomeOf(await answer)).toBe('200');
        expect(timesBegun(id)).toBe(1);
      }
      expect(other.server.begun.length).toBe(before + calls.length);
      await service.restore(down);
    },
  );

  test.each(FIRST.map((way) => [way.name, way] as const))(
    'is never said to be computed when its server is down: %s through a gateway',
    async (_, way) => {
      await alone.server.kill();
      const answers = await Promise.all(Array.from({ length: 4 }, () => counted(way, address('a gateway')).answer));
      await alone.server.listen();
      await alone.gateway.answersHealth('/ready');

      for (const answer of answers) {
        expect(outcomeOf(answer)).toMatch(
          /^503 (server_down|queued_too_long)$|^grpc (14 the model server does not answer|8 no replica)/,
        );
      }
      await alone.gateway.until(
        'it takes calls',
        async () => outcomeOf(await counted(way, address('a gateway')).answer) === '200',
      );
    },
  );

  test('is answered when the gateway behind its router is killed, and computed once, whatever way it came', async () => {
    const calls = WAYS.map((way) => ({ way, ...counted(way, address('router'), { milliseconds: 20_000 }) }));
    await until('all are computed', () => calls.every(({ id }) => isBegun(id)));
    await Promise.all(service.replicas.map(({ gateway }) => gateway.stop('SIGKILL')));

    for (const { way, id, answer } of calls) {
      expectBrokeOff(await answer, way);
      expect(timesBegun(id)).toBe(1);
    }
    for (const replica of service.replicas) {
      await service.restore(replica);
    }
  });

  test('is answered when the router that chose for another one is killed, and computed once, whatever way it came', async () => {
    const calls = WAYS.map((way) => ({ way, ...counted(way, service.routerAddress(1), { milliseconds: 20_000 }) }));
    await until('all are computed', () => calls.every(({ id }) => isBegun(id)));
    await service.routers[0]?.stop('SIGKILL');

    for (const { way, id, answer } of calls) {
      expectBrokeOff(await answer, way);
      expect(timesBegun(id)).toBe(1);
    }
    await service.startRouter(0);
  });
});

describeWith([HAPROXY], 'the one place of a replica', () => {
  let alone: { gateway: Haproxy; server: CountingServer };
  let service: RoutedService;

  beforeAll(async () => {
    alone = await startAlone('127.0.26.50', ONE_PLACE);
    service = await RoutedService.start({ network: '127.0.26', limits: ONE_PLACE, protocol }, 1);
  });

  afterAll(async () => {
    await alone?.gateway.stop();
    await alone?.server.kill();
    await service?.stop();
  });

  test.each(THROUGH.flatMap((through) => [HTTP2, GRPC].map((way) => [way.name, through, way] as const)))(
    'is kept when a caller cancels %s through %s',
    async (_, through, way) => {
      const [address, server] =
        through === 'a gateway'
          ? [alone.gateway.address, alone.server]
          : [service.routerAddress(1), (service.replicas[0] as Replica).server];
      const caller = new AbortController();
      const { id, answer } = counted(way, address, { milliseconds: 2500 }, { signal: caller.signal });
      await until('it is computed', () => server.begun.includes(id));
      caller.abort();
      expect((await answer).error).toBe('ended without an answer');

      const other = counted(way, address);
      expect(outcomeOf(await other.answer)).toMatch(/^503 queued_too_long$|^grpc 8 no replica took the request/);
      expect(server.atOnce).toBe(1);
      await until('it is free', () => server.atOnce === 0);
      const last = counted(way, address);
      expect(outcomeOf(await last.answer)).toBe('200');
      expect(server.begun.slice(-2)).toEqual([id, last.id]);
    },
  );

  test.each([...THROUGH, 'the gateway behind a router'])(
    'is kept when a caller resets its connection to %s',
    async (through) => {
      const replica = service.replicas[0] as Replica;
      const [address, server] = {
        'a gateway': [alone.gateway.address, alone.server] as const,
        'router and gateway': [service.routerAddress(1), replica.server] as const,
      }[through] ?? [replica.address, replica.server];
      const id = randomUUID();
      const behaviour = JSON.stringify({ id, milliseconds: 2500 });
      const caller = connect(GATEWAY_PORTS.requests, address);
      caller.write(
        `${rawHead(['POST /v2/models/digits/infer HTTP/1.1', `${BEHAVIOUR_HEADER}: ${behaviour}`, 'Content-Length: 2'])}{}`,
      );
      await until('it is computed', () => server.begun.includes(id));
      caller.resetAndDestroy();

      const other = await counted(HTTP2, address).answer;
      expect(outcomeOf(other)).toBe('503 queued_too_long');
      expect(server.atOnce).toBe(1);
      await until('it is free', () => server.atOnce === 0);
    },
  );
});

describeWith([HAPROXY], 'a gateway without a router that goes', () => {
  test('answers the calls that it has, and those whose body it waits for, and ends', async () => {
    const limits = { ...ONE_PLACE, maxRequestWaitTimeMs: 10_000, replicaMaxQueuedRequests: 20 };
    const { gateway, server } = await startAlone('127.0.26.51', limits);
    const sum = async (name: string, proxies: readonly string[]) => {
      const figures = await Promise.all(proxies.map((proxy) => gateway.metric(name, `proxy="${proxy}"`)));
      return figures.reduce((one, other) => one + other, 0);
    };
    let goes = () => {};
    const bodyAfter = new Promise<void>((resolve) => {
      goes = resolve;
    });
    const arrived = () => sum('haproxy_frontend_http_requests_total', ['requests']);
    const before = await arrived();
    const late = WAYS.map((way) => ({ way, ...counted(way, gateway.address, {}, { bodyAfter }) }));
    // what goes before a later call of a connection would wait behind the calls below, and the later call be made too late
    const requests = late.length + WAYS.length - FIRST.length;
    await gateway.until('all have come', async () => (await arrived()) === before + requests);
    const held = () => sum('haproxy_backend_current_sessions', ['admitted', 'admitted-grpc']);
    await gateway.until('bodies are waited for', async () => (await held()) === late.length);
    const computed = [...FIRST, ...FIRST].map((way) => counted(way, gateway.address, { milliseconds: 600 }));
    const queued = () => sum('haproxy_backend_current_queue', ['model', 'model-grpc']);
    // one is computed over HTTP, and one over gRPC
    await gateway.until('all others wait', async () => (await queued()) === computed.length - 2);
    gateway.kill('SIGUSR1');
    await gateway.until('it takes no connection', async () => (await gateway.health('/gateway')) === 0);
    goes();

    for (const { id, answer } of computed) {
      expect(outcomeOf(await answer)).toBe('200');
      expect(server.begun).toContain(id);
    }
    for (const { way, answer } of late) {
      expect(outcomeOf(await answer)).toBe(
        way.grpc ? 'grpc 14 the replica is about to end and takes no more requests; call again' : '503 replica_going',
      );
    }
    expect(await gateway.ended).toBe(0);
    await server.kill();
  });
});
