import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelControl, ModelLoading, ModelSource } from 'azure-inference-cdktf';
import { afterEach, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { TRITON_PORTS } from '../../src/triton/server';
import { folderWith } from '../fixtures';
import { KEYS } from './servers/haproxy';
import { type Answer, call } from './servers/load';
import { servingEnvironment } from './servers/scoring-server';
import { podOf, type SynthesizedService } from './servers/synthesized-pod';
import { NEWER_FLAGS, TritonPod } from './servers/triton-pod';
import { DIGITS, numberBody, numberCall, scaler, synthesizeTriton } from './servers/triton-program';
import { grpcCalls } from './servers/triton-server';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, HAPROXY, TRITON } from './tools';

const EXAMPLE = join(ROOT, 'examples/gpu-triton');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));
const ADDRESS = '127.0.24.9';

/** A model whose file is none. */
const BROKEN = ModelSource.directory(
  folderWith({
    'config.pbtxt': readFileSync(join(EXAMPLE, 'models/digits/config.pbtxt'), 'utf8'),
    'labels.txt': '',
    '1/model.onnx': 'no graph',
  }),
);

/** What a model answered, by the names of its outputs; else the status. */
function outputs({ status, text }: Answer): unknown {
  if (status !== 200) {
    return status;
  }
  const found: { name: string; data: number[] }[] = JSON.parse(text).outputs;
  return Object.fromEntries(found.map(({ name, data }) => [name, data]));
}

describeWith([HAPROXY, TRITON], 'the pod of a Triton service', () => {
  let pod: TritonPod | undefined;

  afterEach(async () => {
    await pod?.stop();
    pod = undefined;
  });

  async function start(service: SynthesizedService): Promise<TritonPod> {
    pod = await TritonPod.start(service, { address: ADDRESS });
    return pod;
  }

  const get = (path: string) => call(ADDRESS, { path, method: 'GET' });
  const scaled = async (path: string) => outputs(await call(ADDRESS, { path, body: numberBody('value', 7) }));

  test('is ready for its probes, and gives the right class by both of Triton’s clients', async () => {
    const outdir = synthesizeExample('gpu-triton');
    const started = await start({ outdir, stack: 'digits-serving', service: 'digit-reader' });
    await started.ready();
    expect(await started.probe('livenessProbe')).toBe(200);

    const [pixels] = [example('request.json').inputs[0].data];
    const address = `${ADDRESS}:${GATEWAY_PORTS.requests}`;
    const input = JSON.stringify({ address, key: KEYS.primary, pixels });
    const script = join(ROOT, 'test/e2e/servers/scripts/classify.py');
    const found = execFileSync('python3', [script], { env: servingEnvironment(), input, encoding: 'utf8' });

    const { digit } = example('answer.json');
    expect(JSON.parse(found)).toEqual({ http: digit, grpc: digit });
    const answer = await call(ADDRESS, { path: '/v2/models/digits/infer', body: example('request.json') });
    expect(outputs(answer)).toMatchObject({ digit: [digit] });
  });

  test('starts on the oldest release with every flag that it is given, its models downloaded before', async () => {
    const image = 'nvcr.io/nvidia/tritonserver:24.10-py3';
    const service = synthesizeTriton({ digits: DIGITS }, { image, loading: ModelLoading.DOWNLOAD });
    const { triton } = podOf(service).containers;
    expect(triton?.args?.filter((arg) => NEWER_FLAGS.test(arg) || arg.includes('as://'))).toEqual([]);

    await (await start(service)).ready();

    expect(JSON.parse((await get('/v2')).text)).toMatchObject({ version: '2.51.0' });
    const answer = await call(ADDRESS, { path: '/v2/models/digits/infer', body: example('request.json') });
    expect(outputs(answer)).toMatchObject({ digit: [example('answer.json').digit] });
  });

  test('is never ready with a model that does not load, and says which and why', async () => {
    const { triton, gateway } = await start(synthesizeTriton({ digits: BROKEN }));

    expect(await triton.ended).not.toBe(0);
    expect(await gateway.health('/ready')).toBe(503);
    expect(triton.log).toMatch(/failed to load 'digits' version 1/);
    expect(triton.log).toMatch(/model\.onnx failed|InvalidProtobuf|Protobuf parsing failed/);
  });

  test('stays with a model that does not load where it is not to end, alive and not ready, and says which and why', async () => {
    const sources = { digits: BROKEN, scaler: scaler({ 1: 2 }) };
    const started = await start(synthesizeTriton(sources, { exitOnError: false }));
    const { triton } = started;

    await triton.until('Triton lives', async () => (await started.probe('livenessProbe')) === 200);
    expect(triton.log).toMatch(/failed to load 'digits' version 1/);
    expect(triton.log).toMatch(/model\.onnx failed|InvalidProtobuf|Protobuf parsing failed/);
    expect(await started.probe('startupProbe')).toBe(503);
    expect(await started.probe('readinessProbe')).toBe(503);
    await triton.until('the gateway knows', async () => (await get('/v2/models/scaler/ready')).status === 200);
    expect((await get('/v2/models/digits/ready')).status).toBe(400);
    expect(triton.hasEnded).toBe(false);
  });

  test('serves what it is told to load and nothing else, whatever callers do', async () => {
    const modelControl = ModelControl.explicit({ load: ['digits'] });
    const started = await start(synthesizeTriton({ digits: DIGITS, scaler: scaler({ 1: 2 }) }, { modelControl }));
    await started.ready();
    const infer = '/v2/models/scaler/infer';

    expect((await get('/v2/models/digits/ready')).status).toBe(200);
    const answer = await call(ADDRESS, { path: '/v2/models/digits/infer', body: example('request.json') });
    expect(outputs(answer)).toMatchObject({ digit: [example('answer.json').digit] });
    expect((await get('/v2/models/scaler/ready')).status).toBe(400);
    expect(await scaled(infer)).toBe(404);

    for (const path of ['index', 'models/scaler/load', 'models/digits/unload']) {
      expect((await call(ADDRESS, { path: `/v2/repository/${path}` })).status).toBe(404);
    }
    const refused = await grpcCalls(`${ADDRESS}:${GATEWAY_PORTS.requests}`, [
      { method: 'RepositoryIndex' },
      { method: 'RepositoryModelLoad', fields: { modelName: 'scaler' } },
      { method: 'RepositoryModelUnload', fields: { modelName: 'digits' } },
      numberCall('scaler', 'value', 7),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([...Array(3).fill('UNIMPLEMENTED'), 'NOT_FOUND']);
    expect(await scaled(infer)).toBe(404);
    expect((await get('/v2/models/digits/ready')).status).toBe(200);

    // it is there, and Triton would load it at the word of whoever reached it
    const load = `http://${ADDRESS}:${TRITON_PORTS.http}/v2/repository/models/scaler/load`;
    expect((await fetch(load, { method: 'POST' })).status).toBe(200);
    expect(await scaled(infer)).toEqual({ scaled: [14] });
  });

  test('serves the newest version of a model', async () => {
    await (await start(synthesizeTriton({ scaler: scaler({ 1: 2, 2: 3 }) }))).ready();

    expect(await scaled('/v2/models/scaler/infer')).toEqual({ scaled: [21] });
    expect(await scaled('/v2/models/scaler/versions/2/infer')).toEqual({ scaled: [21] });
    expect(await scaled('/v2/models/scaler/versions/1/infer')).toBe(404);
  });

  test('serves all versions of a model that says so, and the newest to who names none', async () => {
    await (await start(synthesizeTriton({ scaler: scaler({ 1: 2, 2: 3 }, 'version_policy: { all {} }') }))).ready();

    expect(await scaled('/v2/models/scaler/infer')).toEqual({ scaled: [21] });
    expect(await scaled('/v2/models/scaler/versions/2/infer')).toEqual({ scaled: [21] });
    expect(await scaled('/v2/models/scaler/versions/1/infer')).toEqual({ scaled: [14] });
  });
});
