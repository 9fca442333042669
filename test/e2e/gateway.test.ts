import { readFileSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LogLevel } from '../../src/scoring/log-level';
import { expectError, outcomes } from './servers/errors';
import { type Haproxy, KEYS, startGateway } from './servers/haproxy';
import { type Answer, answerIn, type Call, call, callHttp2, exchange, http2, rawHead } from './servers/load';
import type { Program } from './servers/process';
import { startScoringServer, untilIdle } from './servers/scoring-server';
import { describeWith, HAPROXY, SCORING_SERVER } from './tools';

const ADDRESS = '127.0.5.2';
const PORT = 15102;
const MIB = 1024 * 1024;

const LIMITS = {
  maxRequestWaitTimeMs: 400,
  scoringTimeoutMs: 2000,
  replicaMaxQueuedRequests: 2,
  maxRequestBodyMiB: 2,
  requestReadTimeoutMs: 1000,
};

const EXAMPLE = join(__dirname, '../../examples/gpu-triton');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));

describeWith([HAPROXY, SCORING_SERVER], 'a gateway before the scoring server', () => {
  let server: Program;
  let gateway: Haproxy;

  beforeAll(async () => {
    server = await startScoringServer({ port: PORT, limits: LIMITS });
    gateway = await startGateway({ address: ADDRESS, serverPort: PORT, limits: LIMITS });
    await gateway.answersHealth('/ready');
  });

  // a call that was given up may be computed still
  afterEach(() => untilIdle(PORT));

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  const send = (options: Call = {}) => call(ADDRESS, options);

  describe.each(['HTTP/1.1', 'HTTP/2'])('over %s', (protocol) => {
    let session: ClientHttp2Session;
    beforeAll(() => {
      session = http2(ADDRESS);
    });
    afterAll(() => session.close());

    const ask = (options: Call = {}): Promise<Answer> =>
      protocol === 'HTTP/2' ? callHttp2(session, options) : send(options);

    test.each(Object.entries(KEYS))('lets the %s key through, which the script does not see', async (_, key) => {
      const { status, text } = await ask({ key });

      expect(status).toBe(200);
      expect(Object.keys(JSON.parse(text).headers)).not.toContain('Authorization');
    });

    test("gives the example's request the example's answer", async () => {
      const { status, text } = await ask({ body: example('request.json') });

      expect([status, JSON.parse(text)]).toEqual([200, example('answer.json')]);
    });

    test('gives every answer an id, which the script and the log have too, in place of what the caller calls so', async () => {
      const { headers, text } = await ask({ headers: { 'x-ms-request-id': 'mine', 'x-request-id': 'mine' } });

      const id = headers['x-ms-request-id'];
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(JSON.parse(text).headers['X-Request-Id']).toBe(id);
      expect(await gateway.access(id)).toMatchObject({
        status: 200,
        path: '/score',
        key: 'primary',
        service: 'digits',
      });
    });

    test('reports health and swagger with a key', async () => {
      expect(await ask({ path: '/', method: 'GET' })).toMatchObject({ status: 200, text: 'Healthy' });
      expect(await ask({ path: '/swagger.json', method: 'GET' })).toMatchObject({ status: 200 });
    });

    test.each([
      ['no key', { authorization: undefined }],
      ['a wrong key', { authorization: 'Bearer wrong' }],
      ['a key in other letters', { authorization: `Bearer ${KEYS.primary.toLowerCase()}` }],
      ['a digest of a key', { authorization: 'Bearer keys-taken' }],
      ['an empty key', { authorization: 'Bearer ' }],
      ['a key as password', { authorization: `Basic ${Buffer.from(`user:${KEYS.primary}`).toString('base64')}` }],
    ])('answers %s with 401', async (_, headers) => {
      const answer = await ask({ headers });

      expectError(answer, { status: 401, code: 'invalid_key', says: 'Authorization: Bearer KEY', option: 'auth' });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    });

    test.each([
      '/scores',
      '/score/',
      '//score',
      '/Score',
      '/%73core',
      '/score%2f',
      '/score;x',
      '/./score',
      '/x/../score',
    ])('answers %s with 404', async (path) => {
      expectError(await ask({ path }), { status: 404, code: 'unknown_path', says: '/score, /swagger.json and /' });
    });

    test('tells nobody without a key which paths there are', async () => {
      expect((await ask({ path: '/scores', key: 'wrong' })).status).toBe(401);
    });

    test('answers a body over the limit with 413 before it is sent, and takes one at the limit', async () => {
      // who sends it all the same may find the connection closed before the answer is read
      const answer = await ask({ body: Buffer.alloc(2 * MIB + 1), bodyAfter: new Promise(() => {}) });

      expectError(answer, { status: 413, code: 'body_too_large', says: '2 MiB', option: 'maxRequestBodyMiB' });
      expect(JSON.parse((await ask({ body: Buffer.alloc(2 * MIB) })).text).bytes).toBe(2 * MIB);
    });

    test('answers with 429 what finds the queue full, and with 503 what waits in it for too long', async () => {
      const busy = ask({ body: { sleep_seconds: 1.5 } });
      await sleep(100);
      const waiting = [ask(), ask()];
      await gateway.until(
        'two wait',
        async () => (await gateway.metric('haproxy_backend_current_queue', 'proxy="model"')) === 2,
      );
      const others = await Promise.all([...waiting, ask(), ask()]);

      expect(outcomes(others)).toEqual({ '429 queue_full': 2, '503 queued_too_long': 2 });
      const [full, late] = others.sort((one, other) => one.status - other.status).filter((_, index) => index % 2 === 0);
      expectError(full as Answer, {
        status: 429,
        code: 'queue_full',
        says: '2 requests',
        option: 'replicaMaxQueuedRequests',
      });
      expectError(late as Answer, {
        status: 503,
        code: 'queued_too_long',
        says: '400 ms',
        option: 'maxRequestWaitTimeMs',
      });
      expect(others.map(({ headers }) => headers['retry-after'])).toEqual(['1', '1', '1', '1']);
      expect((await busy).status).toBe(200);
    });

    test('answers a call that is computed for too long with 504', async () => {
      expectError(await ask({ body: { spin_seconds: 60 } }), {
        status: 504,
        code: 'scored_too_long',
        says: '2000 ms',
        option: 'scoringTimeoutMs',
      });
    });

    test.each([429, 500, 503])('leaves a %d of the script itself as it is', async (status) => {
      const answer = await ask({ body: { status, body: '{"mine":1}', headers: { 'x-mine': 'yes' } } });

      expect([answer.status, answer.text, answer.headers['x-mine']]).toEqual([status, '{"mine":1}', 'yes']);
    });

    test('takes long answers', async () => {
      expect((await ask({ body: { answer_bytes: 20 * MIB } })).text.length).toBe(20 * MIB);
    });
  });

  test.each(['HTTP/1.1', 'HTTP/2'])('answers a call over %s that ends the server with 502, once', async (protocol) => {
    const session = http2(ADDRESS);
    const exit = { body: { exit: true } };
    const boots = () => server.log.match(/Booting worker/g)?.length ?? 0;
    const before = boots();
    const answer = await (protocol === 'HTTP/2' ? callHttp2(session, exit) : send(exit));
    session.close();

    expectError(answer, { status: 502, code: 'server_broke_off', says: 'its log says why' });
    await gateway.answersHealth('/ready');
    // a call that was sent again would have ended another worker
    expect(boots()).toBe(before + 1);
  });

  const lengthRequired = { status: 411, code: 'length_required', says: 'Content-Length' };

  test.each([
    ['in chunks', 'Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'],
    ['without length', 'Content-Type: application/json', ''],
  ])('answers a body %s with 411', async (_, header, body) => {
    const request = rawHead(['POST /score HTTP/1.1', header]) + body;

    expectError(answerIn(await exchange(ADDRESS, [request], { waitMs: 300 })), lengthRequired);
  });

  test.each(['POST', 'GET'])('answers a body over HTTP/2 that a %s does not announce with 411', async (method) => {
    const session = http2(ADDRESS);
    const answer = callHttp2(session, { method, body: {}, headers: { 'content-length': undefined }, sendBody: true });

    expectError(await answer, lengthRequired);
    session.close();
  });

  test('answers a body that trickles with 408, and others meanwhile', async () => {
    const head = rawHead(['POST /score HTTP/1.1', 'Content-Length: 100']);
    const slow = exchange(ADDRESS, [head, ...Array.from({ length: 5 }, () => ' ')], { pauseMs: 300 });
    const others = await Promise.all(Array.from({ length: 3 }, () => send()));

    expect(others.map(({ status }) => status)).toEqual([200, 200, 200]);
    expectError(answerIn(await slow), {
      status: 408,
      code: 'request_too_slow',
      says: '1000 ms',
      option: 'requestReadTimeoutMs',
    });
  });

  test('answers with 429 what comes while twice as many bodies arrive as it takes', async () => {
    const head = rawHead(['POST /score HTTP/1.1', 'Content-Length: 100']);
    const slow = Array.from({ length: 6 }, () => exchange(ADDRESS, [head]));
    await gateway.until(
      'six bodies arrive',
      async () => (await gateway.metric('haproxy_backend_current_sessions', 'proxy="admitted"')) === 6,
    );

    expect(outcomes([await send(), ...(await Promise.all(slow)).map(answerIn)])).toEqual({
      '429 queue_full': 1,
      '408 request_too_slow': 6,
    });
  });

  test('answers absolute addresses by their path', async () => {
    const status = async (url: string) => {
      const head = rawHead([`GET ${url} HTTP/1.1`]);
      return (await exchange(ADDRESS, [head], { waitMs: 300 })).split(' ')[1];
    };

    expect(await status('http://test/')).toBe('200');
    expect(await status('http://test/scores')).toBe('404');
    expect(await status('http://other/')).toBe('400');
  });

  test('says at once that the server is down', async () => {
    const alone = await startGateway({ address: '127.0.5.3', serverPort: 15103 });
    await alone.until('the keys are there', async () => (await call(alone.address)).status === 503);

    expectError(await call(alone.address), { status: 503, code: 'server_down', says: 'may be starting' });
    expect(await alone.health('/live')).toBe(503);
    await alone.stop();
  });

  test('neither gives up a call nor a connection when it waits longer for an answer than for a request', async () => {
    const slow = { body: { sleep_seconds: 1.8 } };

    expect((await send(slow)).status).toBe(200);
    const session = http2(ADDRESS);
    expect((await callHttp2(session, slow)).status).toBe(200);
    expect((await callHttp2(session)).status).toBe(200);
    session.close();
  });

  test('keeps the place of a call whose caller has left until it is computed', async () => {
    const left = send({ body: { sleep_seconds: 1 }, signal: AbortSignal.timeout(200) });
    expect((await left).error).toBe('ABORT_ERR');

    expect(outcomes([await send()])).toEqual({ '503 queued_too_long': 1 });
    await untilIdle(PORT);
    expect(outcomes([await send()])).toEqual({ 200: 1 });
  });

  test('has nothing but JSON in its log, whatever callers send', async () => {
    const nasty = [
      'quote " backslash \\ tab \t end',
      'newline %0a %22 %5c',
      '{"a":"b"}',
      '\xff\xfe invalid \xc3',
      'é€😀'.repeat(300),
      '"'.repeat(5000),
      '\\'.repeat(5000),
    ];
    const before = gateway.accesses.length;
    for (const text of nasty) {
      const path = text.replaceAll(/[^!-~]|#/g, '');
      const bytes = Buffer.from(text, /[\u0100-\uffff]/.test(text) ? 'utf8' : 'latin1');
      const request = [
        Buffer.from(`GET /${path} HTTP/1.1\r\nHost: test\r\nUser-Agent: `),
        bytes,
        Buffer.from('\r\nx-ms-client-request-id: '),
        bytes,
        Buffer.from('\r\n\r\n'),
      ];
      expect(await exchange(ADDRESS, [Buffer.concat(request)], { waitMs: 200 })).toMatch(/^HTTP\/1\.1 401 /);
    }
    await gateway.until('the log is there', () => gateway.accesses.length === before + nasty.length);

    const lines = gateway.accesses.slice(before);
    expect(lines.map(({ userAgent }) => userAgent)).toEqual([
      'quote " backslash \\ tab \t end',
      'newline %0a %22 %5c',
      '{"a":"b"}',
      ' invalid ',
      // HAProxy leaves out what lies beyond the 16-bit characters, or is cut in two
      `${'é€'.repeat(28)}é`,
      '"'.repeat(256),
      '\\'.repeat(256),
    ]);
    expect(lines.at(-1)).toMatchObject({ status: 401, clientRequestId: '\\'.repeat(128) });
    expect(lines.at(-1)?.path).toMatch(/^\/\\{1000,1023}$/);
  });

  test('has the server log what it is told to, and nothing else', async () => {
    const quiet = await startScoringServer({ port: 15104, logLevel: LogLevel.WARNING });
    await fetch('http://127.0.0.1:15104/score', { method: 'POST', body: '{}' });
    await quiet.stop('SIGTERM');

    expect(quiet.log).not.toMatch(/ I \[\d+\] azmlinfsrv/);
    expect(server.log).toMatch(/ I \[\d+\] azmlinfsrv/);
  });

  test('writes no line about a connection that asks nothing', async () => {
    const before = gateway.accesses.length;
    await exchange(ADDRESS, [], { waitMs: 50 });
    await exchange(ADDRESS, [], { waitMs: 1500 });
    const { headers } = await send();

    expect(await gateway.access(headers['x-ms-request-id'])).toBeDefined();
    expect(gateway.accesses.length).toBe(before + 1);
  });
});
