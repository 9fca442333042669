import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CollectedData } from '../../src/scoring/gunicorn/collected-data';
import { Azure } from './servers/azure';
import { CLOSE, type Program, until } from './servers/process';
import { type ScoringServerOptions, startScoringServer } from './servers/scoring-server';
import { describeWith, SCORING_SERVER, TELEMETRY } from './tools';

const FOLDERS = { folder: 'sub/rg/serving', modelFolder: 'vision/3' };

async function score(port: number, body: string | Buffer, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/score`, {
    method: 'POST',
    headers: { ...CLOSE, 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** A script of raw HTTP that streams its answer: the parts that it is told, one by one. */
const STREAMING = `
import flask
from azureml.contrib.services.aml_request import rawhttp

def init():
    pass

@rawhttp
def run(request):
    if request.headers.get("x-read") == "no":
        return flask.Response("unread")
    parts = request.get_data().split(b"|")
    return flask.Response((part for part in parts), mimetype="application/octet-stream")
`;

describeWith([SCORING_SERVER, TELEMETRY], 'collected data', () => {
  /** Serves a script that is collected from, for the tests of a block. */
  function collected(port: number, data: Partial<CollectedData> = {}, options: Partial<ScoringServerOptions> = {}) {
    const parts = {} as { azure: Azure; server: Program };
    beforeAll(async () => {
      parts.azure = await Azure.start();
      const { containerUrl } = parts.azure;
      const collectedData = {
        ...{ containerUrl, ...FOLDERS, samplePercent: 100, maxPayloadKiB: 64, flushSeconds: 1 },
        ...data,
      };
      const environment = parts.azure.environment;
      parts.server = await startScoringServer({
        ...{ port, script: 'calling.py', watch: { collectedData }, environment },
        ...options,
      });
    });
    afterAll(async () => {
      await parts.server?.stop();
      parts.azure?.stop();
    });
    const lines = async (count: number) => {
      await until(`${count} lines are written`, () => parts.azure.lines.length >= count);
      return parts.azure.lines;
    };
    return { parts, lines };
  }

  describe('of a script of JSON', () => {
    const port = 15193;
    const { parts, lines } = collected(port);

    test('is a line for each call, with input and output to the letter, below a folder for each day', async () => {
      const body = '{"data": [1.50,\n 1e400], "data": "é"}';
      await score(port, body, { 'x-request-id': 'request-1' });

      const [line] = (await lines(1)) as [Record<string, unknown>];
      const { time, durationMs } = line;
      expect(line).toEqual({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        requestId: 'request-1',
        method: 'POST',
        query: '',
        contentType: 'application/json',
        status: 200,
        durationMs: expect.any(Number),
        input: { data: 'é' },
        inputBytes: Buffer.byteLength(body),
        inputTruncated: false,
        output: { data: 'é' },
        outputBytes: expect.any(Number),
        outputTruncated: false,
      });
      const [[path, text]] = [...parts.azure.blobs] as [[string, string]];
      expect(path).toMatch(
        new RegExp(
          `^sub/rg/serving/digits/vision/3/${String(time).slice(0, 10).replaceAll('-', '/')}/reader-0-\\d+-\\d{6}-1\\.jsonl$`,
        ),
      );
      expect(text).toContain('"input":{"data": [1.50,  1e400], "data": "é"}');
      expect(durationMs).toBeGreaterThan(0);
      expect(parts.azure.refusals).toEqual([]);
      expect(parts.azure.signIns).toEqual(['https://storage.azure.com/.default']);
    });

    test('has calls that failed, what is no JSON as base64, and what is too long up to its limit', async () => {
      const written = parts.azure.lines.length;
      const long = Buffer.from(JSON.stringify({ data: 'x'.repeat(100 * 1024) }));
      expect((await score(port, '{"fail": "here"}')).status).toBe(500);
      expect((await score(port, Buffer.from([0xff, 0]))).status).toBe(400);
      expect((await score(port, 'NaN')).status).toBe(500);
      expect((await score(port, long)).status).toBe(200);

      const [failed, binary, constant, cut] = (await lines(written + 4)).slice(written);
      expect(failed).toMatchObject({ status: 500, input: { fail: 'here' }, output: { message: expect.any(String) } });
      expect(binary).toMatchObject({ status: 400, inputBase64: '/wA=', inputBytes: 2, inputTruncated: false });
      expect(constant).toMatchObject({ inputBase64: Buffer.from('NaN').toString('base64') });
      expect(cut).toMatchObject({ inputBytes: long.length, inputTruncated: true, outputTruncated: true });
      expect(Buffer.from(String(cut?.inputBase64), 'base64').equals(long.subarray(0, 64 * 1024))).toBe(true);
      expect(cut?.input).toBeUndefined();
    });

    test('has no health checks and no descriptions', async () => {
      const written = parts.azure.lines.length;
      for (const path of ['', 'swagger.json']) {
        await fetch(`http://127.0.0.1:${port}/${path}`, { headers: CLOSE });
      }
      await score(port, '{"data": "after"}');

      expect((await lines(written + 1)).slice(written).map(({ input }) => input)).toEqual([{ data: 'after' }]);
    });

    test('costs no call while the store is away, is written later, and collected afterwards', async () => {
      const written = parts.azure.lines.length;
      parts.azure.isOn = false;
      const calls = Array.from({ length: 40 }, (_, index) => score(port, `{"data": ${index}}`));
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 200));
      const line = `Collected data cannot be written to ${parts.azure.containerUrl}: OSError: 503 Service Unavailable: `;
      await parts.server.until('the log says so', () => parts.server.log.includes(line));
      expect(parts.server.log).toContain('the store is away; ');
      expect(parts.azure.lines).toHaveLength(written);
      parts.azure.isOn = true;

      const late = (await lines(written + 40)).slice(written).map(({ input }) => (input as { data: number }).data);
      expect(late.sort((one, other) => one - other)).toEqual(calls.map((_, index) => index));
      await score(port, '{"data": "again"}');
      expect((await lines(written + 41)).at(-1)).toMatchObject({ input: { data: 'again' } });
    });

    test('is written when the worker ends', async () => {
      const written = parts.azure.lines.length;
      await score(port, '{"data": "last"}');
      await parts.server.stop('SIGTERM');

      expect(parts.azure.lines.slice(written)).toMatchObject([{ input: { data: 'last' } }]);
    });
  });

  describe('of a script of raw HTTP', () => {
    const port = 15194;
    const { parts, lines } = collected(port, {}, { script: STREAMING });

    test('has all bytes of a streamed answer, which go on as they are', async () => {
      const body = Buffer.from('one|two|\xff', 'latin1');
      const answer = await score(port, body, { 'content-type': 'image/jpeg' });

      expect(answer.bytes.toString('latin1')).toBe('onetwo\xff');
      expect((await lines(1))[0]).toMatchObject({
        inputBase64: body.toString('base64'),
        outputBase64: answer.bytes.toString('base64'),
        contentType: 'image/jpeg',
      });
    });

    test('says where a script did not read its input', async () => {
      const written = parts.azure.lines.length;
      await score(port, 'unread', { 'x-read': 'no' });
      const [line] = (await lines(written + 1)).slice(written);

      expect(line).toMatchObject({ inputBytes: 6, inputTruncated: true, outputTruncated: false });
      expect(line?.inputBase64).toBeUndefined();
    });
  });

  describe('of a sample', () => {
    const port = 15195;
    const { parts } = collected(port, { samplePercent: 25 });

    test('has about as many calls as it is asked for', async () => {
      for (let call = 0; call < 10; call += 1) {
        await Promise.all(Array.from({ length: 40 }, () => score(port, '{}')));
      }
      await parts.server.stop('SIGTERM');

      // 100 of 400 on average; outside of these bounds once in 10^9 runs
      expect(parts.azure.lines.length).toBeGreaterThan(48);
      expect(parts.azure.lines.length).toBeLessThan(160);
    });
  });

  describe('of more than fits', () => {
    const port = 15196;
    const { parts, lines } = collected(port, { maxPayloadKiB: 1024 });

    test('is dropped while the store is away, and counted in the log', async () => {
      parts.azure.isOn = false;
      const body = JSON.stringify({ data: 'x'.repeat(900 * 1024) });
      for (let call = 0; call < 8; call += 1) {
        expect((await score(port, body)).status).toBe(200);
      }
      parts.azure.isOn = true;

      // a queue of 8 MiB has room for four calls of twice 0.9 MiB
      expect((await lines(4)).map(({ inputTruncated }) => inputTruncated)).toEqual([false, false, false, false]);
      await parts.server.until('the log counts', () => parts.server.log.includes('4 collected calls were dropped'));
      await score(port, '{"data": "again"}');
      expect((await lines(5)).at(-1)).toMatchObject({ input: { data: 'again' } });
    });
  });

  describe('without a store at its end', () => {
    const port = 15197;
    const { parts } = collected(port, { flushSeconds: 60 });

    test('keeps the worker no longer than it may, and says what is lost', async () => {
      parts.azure.isOn = false;
      await score(port, '{"data": "lost"}');
      const status = parts.server.ended;
      await parts.server.stop('SIGTERM');

      expect(await status).toBe(0);
      expect(parts.server.log).toContain('1 collected calls are lost with this worker');
    });
  });
});
