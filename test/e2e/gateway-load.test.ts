import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { outcomes } from './servers/errors';
import { KEYS, KeyFiles, startGateway } from './servers/haproxy';
import { call, closedLoad } from './servers/load';
import { callCounts, startScoringServer, untilIdle } from './servers/scoring-server';
import { describeWith, HAPROXY, SCORING_SERVER } from './tools';

const MINUTE = 60_000;

/** Starts a server and a gateway before it, and stops them after the test. */
async function start(address: string, port: number, limits = {}, keys = new KeyFiles()) {
  const server = await startScoringServer({ port, limits });
  const gateway = await startGateway({ address, serverPort: port, limits }, keys);
  await gateway.answersHealth('/ready');
  const stop = async () => {
    await gateway.stop();
    await server.stop();
  };
  return { server, gateway, stop };
}

describeWith([HAPROXY, SCORING_SERVER], 'a gateway under load', () => {
  test.concurrent('never has more calls computed than the replica takes, and explains every refusal', {
    timeout: 3 * MINUTE,
  }, async ({ expect }) => {
    const limits = {
      replicaMaxConcurrentRequests: 4,
      replicaMaxQueuedRequests: 30,
      maxRequestWaitTimeMs: 300,
      scoringTimeoutMs: 2000,
    };
    const { gateway, stop } = await start('127.0.5.21', 15121, limits);
    const agent = new Agent({ keepAlive: true });
    let calls = 0;

    const answers = await closedLoad(gateway.address, { clients: 200, seconds: 60, agent }, (client) => {
      calls += 1;
      const seconds = [0, 0.01, 0.05, 0.2][(calls + client) % 4];
      return { key: client % 2 === 0 ? KEYS.primary : KEYS.secondary, body: { sleep_seconds: seconds } };
    });
    agent.destroy();

    const { 200: answered = 0, ...refused } = outcomes(answers);
    expect(Object.keys(refused).sort()).toEqual(['429 queue_full', '503 queued_too_long']);
    expect(answered).toBeGreaterThan(1000);
    const { most, ended } = await callCounts(15121);
    expect(most).toBe(4);
    expect(ended).toBe(answered);
    await stop();
  });

  test.concurrent('lets a call take 50 s with the default probes, which are answered throughout', {
    timeout: 3 * MINUTE,
  }, async ({ expect }) => {
    const { gateway, server, stop } = await start('127.0.5.22', 15122);
    const probes: number[] = [];
    const answer = call(gateway.address, { body: { spin_seconds: 50 } });
    let done = false;
    answer.finally(() => {
      done = true;
    });
    while (!done) {
      probes.push(await gateway.health('/live'), await gateway.health('/ready'));
      await sleep(1000);
    }

    expect((await answer).status).toBe(200);
    expect(probes.length).toBeGreaterThan(60);
    expect(new Set(probes)).toEqual(new Set([200]));
    expect(server.log.match(/Booting worker/g)).toHaveLength(1);
    await stop();
  });

  test.concurrent('has the server give up calls that its callers were told of by 504, and use all its threads again', {
    timeout: MINUTE,
  }, async ({ expect }) => {
    const limits = { replicaMaxConcurrentRequests: 2, scoringTimeoutMs: 1000 };
    const { gateway, stop } = await start('127.0.5.23', 15123, limits);
    for (let round = 0; round < 3; round += 1) {
      const late = await Promise.all([1, 2].map(() => call(gateway.address, { body: { spin_seconds: 600 } })));
      expect(outcomes(late)).toEqual({ '504 scored_too_long': 2 });
      await untilIdle(15123);
    }
    expect((await callCounts(15123)).late).toBe(6);

    // one by one the calls in the queue find a free thread, and none of them an error that was meant for another
    const after = await Promise.all(Array.from({ length: 20 }, () => call(gateway.address)));
    expect(outcomes(after)).toEqual({ 200: 20 });
    const together = await Promise.all([1, 2].map(() => call(gateway.address, { body: { sleep_seconds: 0.5 } })));
    expect(outcomes(together)).toEqual({ 200: 2 });
    await stop();
  });

  test.concurrent('ends after a drain in which every call that it had accepted is answered', {
    timeout: MINUTE,
  }, async ({ expect }) => {
    const limits = { replicaMaxConcurrentRequests: 2, maxRequestWaitTimeMs: 10_000 };
    const { gateway, server } = await start('127.0.5.24', 15124, limits);
    const calls = Array.from({ length: 6 }, () => call(gateway.address, { body: { sleep_seconds: 1 } }));
    await gateway.until(
      'four calls wait',
      async () => (await gateway.metric('haproxy_backend_current_queue', 'proxy="model"')) === 4,
    );
    gateway.kill('SIGUSR1');
    await gateway.until(
      'it takes no connection',
      async () => (await call(gateway.address, { key: 'wrong' })).error === 'ECONNREFUSED',
    );

    expect(outcomes(await Promise.all(calls))).toEqual({ 200: 6 });
    expect(await gateway.ended).toBe(0);
    await server.stop();
  });
});

describeWith([HAPROXY, SCORING_SERVER], 'the keys of a gateway', () => {
  test('are all there before it is ready', async () => {
    const keys = new KeyFiles({ primary: KEYS.primary });
    const server = await startScoringServer({ port: 15125 });
    const gateway = await startGateway({ address: '127.0.5.25', serverPort: 15125 }, keys);
    await gateway.until('the first key is taken', async () => (await call(gateway.address)).status === 200);

    expect(await gateway.health('/live')).toBe(200);
    expect(await gateway.health('/ready')).toBe(503);
    keys.set('secondary', '');
    await sleep(1500);
    expect(await gateway.health('/ready')).toBe(503);
    keys.set('secondary', KEYS.secondary);
    await gateway.answersHealth('/ready');
    expect((await call(gateway.address, { key: KEYS.secondary })).status).toBe(200);
    await gateway.stop();
    await server.stop();
  });

  test('are exchanged one after the other under load, within ten seconds, without a failed call', {
    timeout: MINUTE,
  }, async () => {
    const keys = new KeyFiles();
    const limits = { replicaMaxConcurrentRequests: 8, maxRequestWaitTimeMs: 10_000 };
    const { gateway, stop } = await start('127.0.5.26', 15126, limits, keys);
    const takes = async (key: string) => (await call(gateway.address, { key })).status === 200;
    const agent = new Agent({ keepAlive: true });
    // callers hold the key that stays while the other one is exchanged
    let valid = KEYS.secondary;
    const load = closedLoad(gateway.address, { clients: 20, seconds: 12, agent }, () => ({ key: valid }));

    keys.set('primary', 'next-primary');
    await gateway.until('the new primary key is taken', () => takes('next-primary'), 10);
    await gateway.until('the old primary key is refused', async () => !(await takes(KEYS.primary)), 10);
    valid = 'next-primary';
    await sleep(500);
    keys.set('secondary', 'next-secondary');
    await gateway.until('the new secondary key is taken', () => takes('next-secondary'), 10);
    await gateway.until('the old secondary key is refused', async () => !(await takes(KEYS.secondary)), 10);

    const { 200: answered = 0, ...others } = outcomes(await load);
    expect(others).toEqual({});
    expect(answered).toBeGreaterThan(100);
    agent.destroy();
    await stop();
  });

  test('stay as they are while a file is empty, broken, the digest of nothing, or gone', {
    timeout: MINUTE,
  }, async () => {
    const keys = new KeyFiles();
    const { gateway, stop } = await start('127.0.5.27', 15127, {}, keys);
    const status = async (key: string) => (await call(gateway.address, { key })).status;

    const empty = createHash('sha256').digest('hex');
    const twoDigests = `${'a'.repeat(64)}\n${'b'.repeat(64)}`;
    for (const [index, content] of ['', 'no digest', 'a'.repeat(63), twoDigests, empty].entries()) {
      keys.write('primary', content);
      // the exchange of the other key shows that the files were read meanwhile
      keys.set('secondary', `secondary ${index}`);
      await gateway.until('the files were read', async () => (await status(`secondary ${index}`)) === 200);
      expect(await status(KEYS.primary)).toBe(200);
      expect(await status('')).toBe(401);
    }
    keys.remove('primary');
    keys.set('secondary', KEYS.secondary);
    await gateway.until('the files were read', async () => (await status(KEYS.secondary)) === 200);
    expect(await status(KEYS.primary)).toBe(200);
    expect(await gateway.health('/ready')).toBe(200);
    await stop();
  });

  test('may be exchanged for each other', { timeout: MINUTE }, async () => {
    const keys = new KeyFiles();
    const { gateway, stop } = await start('127.0.5.28', 15128, {}, keys);
    const name = async (key: string) =>
      (await gateway.access((await call(gateway.address, { key })).headers['x-ms-request-id'])).key;

    keys.set('primary', KEYS.secondary);
    keys.set('secondary', KEYS.primary);
    await gateway.until('both are exchanged', async () => (await name(KEYS.primary)) === 'secondary');
    expect(await name(KEYS.secondary)).toBe('primary');
    await stop();
  });
});
