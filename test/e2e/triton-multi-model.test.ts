import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { KEYS } from './servers/haproxy';
import { call } from './servers/load';
import { servingEnvironment } from './servers/scoring-server';
import { podOf } from './servers/synthesized-pod';
import { TritonPod } from './servers/triton-pod';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, HAPROXY, TRITON } from './tools';

const EXAMPLE = join(ROOT, 'examples/triton-multi-model');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));
const ADDRESS = '127.0.24.19';

describeWith([HAPROXY, TRITON], "the example's five models in one real Triton", () => {
  let pod: TritonPod;

  beforeAll(async () => {
    const outdir = synthesizeExample('triton-multi-model');
    pod = await TritonPod.start({ outdir, stack: 'readers-serving', service: 'digit-ensemble' }, { address: ADDRESS });
    await pod.ready();
  });

  afterAll(() => pod?.stop());

  /** What a model answers, by the names of its outputs. */
  async function ask(body: object, path = '/v2/models/digit-reader/infer'): Promise<{ [output: string]: number[] }> {
    const { status, text } = await call(ADDRESS, { path, body });
    expect(status, text).toBe(200);
    const outputs: { name: string; data: number[] }[] = JSON.parse(text).outputs;
    return Object.fromEntries(outputs.map(({ name, data }) => [name, data]));
  }

  test('are all loaded with the ensemble, which alone is named', async () => {
    const ready = async (path: string) => {
      const { status } = await call(ADDRESS, { path: `/v2/models/${path}/ready`, method: 'GET' });
      return status;
    };

    for (const model of readdirSync(join(EXAMPLE, 'models/triton'))) {
      expect([model, await ready(model)]).toEqual([model, 200]);
    }
    expect(await ready('digits-network/versions/1')).toBe(200);
    expect(await ready('digits-network/versions/2')).toBe(200);
  });

  test('answer the request as the example says, one classifier outvoted', async () => {
    const { digit, probability, votes } = example('answer.json');
    const answer = await ask(example('request.json'));

    expect(answer).toMatchObject({ digit: [digit], votes });
    expect(new Set(votes).size).toBe(2);
    expect(answer.probabilities).toHaveLength(10);
    expect(answer.probabilities?.[digit]).toBeCloseTo(probability, 3);
  });

  test('answer several images in one call, each as when it is sent alone, however dark its ink', async () => {
    const [input] = example('request.json').inputs;
    const pixels: number[] = input.data;
    const darker = pixels.map((pixel) => 15 * pixel);
    const blank = pixels.map(() => 7);
    const alone = await ask(example('request.json'));
    const together = await ask({ inputs: [{ ...input, shape: [3, 64], data: [...pixels, ...darker, ...blank] }] });

    const { digit: [digit] = [], votes: [network, kernel] = [] } = alone;
    expect(together.digit?.slice(0, 2)).toEqual([digit, digit]);
    expect(together.votes?.slice(0, 4)).toEqual([network, kernel, network, kernel]);
    expect(together.probabilities).toHaveLength(30);
    for (const probability of together.probabilities ?? []) {
      expect(probability).toBeGreaterThanOrEqual(0);
    }
  });

  test('let callers compare the two versions of the network', async () => {
    const image = Array.from({ length: 64 }, () => 0.5);
    const body = { inputs: [{ name: 'image', shape: [1, 64], datatype: 'FP32', data: image }] };
    const [latest, first, second] = await Promise.all(
      ['', '/versions/1', '/versions/2'].map((version) => ask(body, `/v2/models/digits-network${version}/infer`)),
    );

    expect(latest).toEqual(second);
    expect(latest).not.toEqual(first);
  });

  const client = (key: string, ...args: string[]) =>
    spawnSync('python3', [join(EXAMPLE, 'client.py'), `${ADDRESS}:${GATEWAY_PORTS.requests}`, ...args], {
      env: servingEnvironment(),
      input: `${key}\n`,
      encoding: 'utf8',
    });

  test('answer the client of the example, which prints the likeliest classes in words', () => {
    const { status, stdout, stderr } = client(KEYS.primary, join(EXAMPLE, 'request.json'));

    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe('three 0.708, eight 0.269  votes: network 3, kernel 8\n');
    const one = client(KEYS.secondary, join(EXAMPLE, 'request.json'), '--classes', '1');
    expect(one.stdout).toBe('three 0.708  votes: network 3, kernel 8\n');
  });

  test('say to the client of the example what is refused', () => {
    const { status, stderr } = client('wrong', join(EXAMPLE, 'request.json'));

    expect(status).toBe(1);
    expect(stderr).toMatch(/^401: /);
  });
});

describe('the pod of five models', () => {
  const { triton } = podOf({
    outdir: synthesizeExample('triton-multi-model'),
    stack: 'readers-serving',
    service: 'digit-ensemble',
  }).containers;

  test('has two GPUs, which its models share out', () => {
    const config = (model: string) => readFileSync(join(EXAMPLE, 'models/triton', model, 'config.pbtxt'), 'utf8');

    expect(triton?.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(triton?.env).toContainEqual({ name: 'CUDA_VISIBLE_DEVICES', value: '0,1' });
    expect(config('digits-network')).toContain('gpus: [ 0 ]');
    expect(config('digits-kernel')).toContain('gpus: [ 1 ]');
  });

  test('is told of the ensemble alone, in one repository of them all', () => {
    const flags = triton?.args?.filter((arg) => /^--(model-|load-model)/.test(arg));

    expect(flags).toEqual([
      expect.stringMatching(/^--model-repository=as:\/\/\w+\/models\/readers-serving\/readers\/\w+\/readers\/triton$/),
      '--model-control-mode=explicit',
      '--load-model=digit-reader',
    ]);
  });
});
