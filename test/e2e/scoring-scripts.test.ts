import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { type Haproxy, KEYS, startGateway } from './servers/haproxy';
import type { Program } from './servers/process';
import { type ScoringServerOptions, startScoringServer } from './servers/scoring-server';
import { describeWith, HAPROXY, SCORING_SERVER, SEEDS, SEEDS_FOLDER } from './tools';

const MIB = 1024 * 1024;
const STAND_INS = join(__dirname, 'servers/scripts/stand-ins');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Serves a script behind a gateway for the tests of a block. */
function served(address: string, port: number, options: () => Omit<ScoringServerOptions, 'port'>) {
  let server: Program;
  let gateway: Haproxy;
  beforeAll(async () => {
    server = await startScoringServer({ ...options(), port });
    gateway = await startGateway({ address, serverPort: port });
    await gateway.answersHealth('/ready');
  });
  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });
  return (method: string, body?: Buffer | FormData | string, headers: Record<string, string> = {}) =>
    fetch(`http://${address}:${GATEWAY_PORTS.requests}/score`, {
      method,
      body,
      headers: { authorization: `Bearer ${KEYS.primary}`, ...headers },
    });
}

describeWith([HAPROXY, SCORING_SERVER], 'a script of raw HTTP', () => {
  const send = served('127.0.16.2', 15162, () => ({ script: 'raw.py', models: { 'weights/1/weights.txt': '0.5' } }));
  const bytes = Buffer.from(Array.from({ length: 2 * MIB }, (_, index) => (index + (index >> 8)) % 256));

  test.each([
    'none',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'image/jpeg',
    'text/plain; charset=utf-16',
    'application/json',
  ])('is given 2 MiB of all bytes as they are, with the content type %s', async (type) => {
    const answer = await send('POST', bytes, type === 'none' ? {} : { 'content-type': type });

    expect([answer.status, await answer.json()]).toEqual([
      200,
      { bytes: bytes.length, sha256: sha256(bytes), type: type === 'none' ? null : type, weights: '0.5' },
    ]);
  });

  test('may read fields and files of forms', async () => {
    const form = new FormData();
    form.append('name', 'lynx');
    form.append('image', new Blob([bytes.subarray(0, 1000)]), 'lynx.jpg');

    expect(await (await send('POST', form, { 'x-test-form': 'yes' })).json()).toEqual({
      form: { name: 'lynx' },
      files: { image: sha256(bytes.subarray(0, 1000)) },
    });
  });

  test('answers GET itself, and the server what it does not serve', async () => {
    const get = await send('GET');
    const put = await send('PUT', Buffer.from('{}'));

    expect([get.status, await get.text()]).toEqual([405, 'GET is not supported']);
    expect([put.status, await put.json()]).toEqual([
      405,
      { message: 'The method is not allowed for the requested URL.' },
    ]);
  });

  test.each([
    [201, { 'x-mine': 'yes', 'Content-Type': 'image/png' }],
    [418, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }],
    [200, { 'Set-Cookie': 'one=1,two=2', 'Content-Type': 'application/octet-stream' }],
    [503, { 'Retry-After': '7' }],
  ])('has its answer come as it is: %d, %j', async (status, headers) => {
    const body = bytes.subarray(0, 3000);
    const asked = JSON.stringify({ status, headers, body: body.toString('base64') });
    const answer = await send('POST', Buffer.from('{}'), { 'x-test-answer': asked });

    expect(answer.status).toBe(status);
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    for (const [name, value] of Object.entries(headers)) {
      const got = name === 'Set-Cookie' ? answer.headers.getSetCookie().join(',') : answer.headers.get(name);
      expect(got).toBe(value);
    }
  });
});

describeWith([HAPROXY, SCORING_SERVER], 'a script of JSON', () => {
  const send = served('127.0.16.3', 15163, () => ({ script: 'matrix.py', models: { 'tf/3/offset.json': '10' } }));

  test.each([
    'none',
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/octet-stream',
  ])('is given its body with the content type %s, and its list comes as JSON', async (type) => {
    const body = Buffer.from('{"data": [[0, 2, 1], [5, 4, 3]]}');
    const answer = await send('POST', body, type === 'none' ? {} : { 'content-type': type });

    expect([answer.status, await answer.json()]).toEqual([200, [11, 10]]);
  });

  test('is given a multipart body too, to read by itself', async () => {
    const answer = await send('POST', Buffer.from('{"data": [[1, 2]]}'), {
      'content-type': 'multipart/form-data; boundary=x',
    });

    expect([answer.status, await answer.json()]).toEqual([200, [11]]);
  });

  test('refuses bytes that are no text, as the server does', async () => {
    const answer = await send('POST', Buffer.from([0xff, 0xd8, 0xff]), { 'content-type': 'image/jpeg' });

    expect([answer.status, await answer.json()]).toEqual([
      400,
      { message: expect.stringMatching(/^Input cannot be decoded as UTF-8/) },
    ]);
  });
});

describeWith([HAPROXY, SCORING_SERVER], 'a script of rows', () => {
  const send = served('127.0.16.4', 15164, () => ({
    script: 'rows.py',
    models: { 'factor/9/factor.json': '1', 'factor/10/factor.json': '2', 'other/1/x': '' },
    workerCount: 2,
  }));

  test('finds the newest version of its model, and its text comes as JSON', async () => {
    const answer = await send('POST', '[[1, 2], [3, 4]]', { 'content-type': 'application/json' });

    expect([answer.status, await answer.json()]).toEqual([200, '[6, 14]']);
  });
});

/** The one block of Python in a document that is a script. */
function scriptOf(seed: string): string {
  const name = readdirSync(SEEDS_FOLDER).find((file) => file.startsWith(seed));
  const text = readFileSync(join(SEEDS_FOLDER, String(name)), 'utf8');
  const blocks = [...text.matchAll(/^```python\n(.*?)^```/gms)].map(([, block = '']) => block);
  const script = blocks.find((block) => /^def init\(\):/m.test(block) && /^def run\(/m.test(block));
  // the cell of a notebook begins with a command of the notebook
  return String(script).replace(/^%%writefile .*\n/, '');
}

describeWith([HAPROXY, SCORING_SERVER, SEEDS], 'the scripts of the documents as they stand', () => {
  const environment = { PYTHONPATH: STAND_INS };

  describe('images as they are', () => {
    const send = served('127.0.16.5', 15165, () => ({
      script: scriptOf('000'),
      models: { 'resnet50/1/export/saved_model.pb': 'x' },
      environment,
    }));

    test.each(['none', 'application/x-www-form-urlencoded', 'image/jpeg'])('with the content type %s', async (type) => {
      const image = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const answer = await send('POST', image, type === 'none' ? {} : { 'content-type': type });

      expect([answer.status, await answer.text()]).toEqual([200, '["scores:0", [256], 32640]']);
    });

    test('GET and PUT', async () => {
      const get = await send('GET');

      expect([get.status, await get.text()]).toEqual([405, 'GET is not supported']);
      expect((await send('PUT', Buffer.from('{}'))).status).toBe(405);
    });
  });

  describe('a matrix', () => {
    const send = served('127.0.16.6', 15166, () => ({
      script: scriptOf('001'),
      models: { 'tf-dnn-mnist/1/mnist-tf.model.meta': 'x' },
      environment,
    }));

    test('is answered with a list', async () => {
      const answer = await send('POST', '{"data": [[0.1, 0.7, 0.2], [0.9, 0, 0]]}', {
        'content-type': 'application/json',
      });

      expect([answer.status, await answer.json()]).toEqual([200, [1, 0]]);
    });
  });

  describe('rows', () => {
    const send = served('127.0.16.7', 15167, () => ({
      script: scriptOf('003'),
      models: { 'nyc-taxi-automl-predictor/1/model.pkl': 'x' },
      environment,
    }));

    test('are answered with a text of JSON', async () => {
      const rows = [Array.from({ length: 13 }, (_, index) => index), Array.from({ length: 13 }, () => 1)];
      const answer = await send('POST', JSON.stringify(rows));

      expect([answer.status, await answer.json()]).toEqual([200, '[78, 13]']);
    });
  });
});
