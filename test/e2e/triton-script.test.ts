import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScoringEnvironment, VmSize } from 'azure-inference-cdktf';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { folderWith, testApp, testPlatform } from '../fixtures';
import { KEYS } from './servers/haproxy';
import { call } from './servers/load';
import { CLOSE } from './servers/process';
import { servingEnvironment } from './servers/scoring-server';
import type { SynthesizedService } from './servers/synthesized-pod';
import { SCRIPTED_ADDRESS as ADDRESS, TritonPod } from './servers/triton-pod';
import { DIGITS, sleeper, synthesizeTriton } from './servers/triton-program';
import { grpcCall } from './servers/triton-server';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, HAPROXY, PILLOW, SCORING_SERVER, TRITON } from './tools';

const EXAMPLE = join(ROOT, 'examples/triton-pre-post-processing');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));

/** A script as those of Azure ML were: one client, made once, by its old name, and several calls at once. */
const OLD_SCRIPT = `
import json
import threading

import numpy as np
import tritonhttpclient

now = 0
most = 0
lock = threading.Lock()


def init():
    global triton_client
    triton_client = tritonhttpclient.InferenceServerClient(url="localhost:8000")


def run(data):
    global now, most
    with lock:
        now += 1
        most = max(most, now)
    seconds = np.array([json.loads(data)["seconds"]], dtype=np.float32)
    model_input = tritonhttpclient.InferInput("seconds", seconds.shape, "FP32")
    model_input.set_data_from_numpy(seconds, binary_data=True)
    output = tritonhttpclient.InferRequestedOutput("slept", binary_data=True)
    res = triton_client.infer("sleeper", [model_input], request_id="0", outputs=[output])
    with lock:
        now -= 1
    return {"slept": float(res.as_numpy("slept")[0]), "most": most}
`;

/** Synthesizes a platform with one Triton service and a script before it. */
function synthesizeScript(script: string): SynthesizedService {
  const app = testApp();
  const platform = testPlatform({}, app);
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
  const models = [
    platform.models.addModel('digits', { source: DIGITS }),
    platform.models.addModel('sleeper', { source: sleeper() }),
  ];
  platform.serving
    .addTritonService('models', { pool, models, numReplicas: 1, drainTimeoutSeconds: 10 })
    .withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': script }) });
  app.synth();
  return { outdir: app.outdir, stack: 'prod-serving', service: 'models' };
}

describeWith([HAPROXY, TRITON], 'the example before it has its script', () => {
  let pod: TritonPod | undefined;
  afterAll(() => pod?.stop());

  test('answers the request to Triton with the classes and their names', async () => {
    pod = await TritonPod.start(synthesizeTriton({ digits: DIGITS }), { address: ADDRESS });
    await pod.ready();

    const answer = await call(ADDRESS, { path: '/v2/models/digits/infer', body: example('request-to-triton.json') });
    const [{ data }] = JSON.parse(answer.text).outputs;
    expect(data.map((each: string) => each.replace(/^[\d.]+:\d+:/, ''))).toEqual(
      example('answer.json').digits.map(({ name }: { name: string }) => name),
    );
  });
});

describeWith([HAPROXY, SCORING_SERVER, TRITON, PILLOW], "the example's script before a real Triton", () => {
  let pod: TritonPod;

  beforeAll(async () => {
    const outdir = synthesizeExample('triton-pre-post-processing');
    pod = await TritonPod.start({ outdir, stack: 'pictures-serving', service: 'picture-reader' }, { address: ADDRESS });
    await pod.ready();
  });
  afterAll(() => pod?.stop());

  test('is loaded once Triton is ready, and has scored the warm-up request before it takes calls', () => {
    const { log } = pod.scoring;

    expect(log.indexOf('Triton is ready')).toBeGreaterThan(log.indexOf('Waiting for Triton to load its models'));
    expect(log.indexOf('Booting worker')).toBeGreaterThan(log.indexOf('Triton is ready'));
    expect(log).not.toContain('Traceback');
  });

  test('asks Triton for the metadata and the classes, and answers the request as the example says', async () => {
    const { status, text } = await call(ADDRESS, { body: example('request.json') });

    expect([status, JSON.parse(text)]).toEqual([200, example('answer.json')]);
  });

  test('answers the client of the example', () => {
    const url = `http://${ADDRESS}:${GATEWAY_PORTS.requests}/score`;
    const args = [join(EXAMPLE, 'client.py'), url, join(EXAMPLE, 'seven.png')];
    const printed = execFileSync('python3', args, { env: servingEnvironment(), input: KEYS.primary, encoding: 'utf8' });

    expect(
      printed
        .split('\n')
        .slice(0, 3)
        .map((line) => line.replaceAll(/ +/g, ' ')),
    ).toEqual(
      example('answer.json').digits.map(
        ({ name, probability }: { name: string; probability: number }) => `${name} ${probability.toFixed(3)}`,
      ),
    );
    expect(spawnSync('python3', args, { env: servingEnvironment(), input: 'wrong' }).status).not.toBe(0);
  });

  test('is all that callers reach: nothing of Triton, whatever they ask', async () => {
    const paths = ['/v2/health/ready', '/v2/models/digits', '/v2/repository/index', '/triton/ready', '/metrics'];
    for (const path of paths) {
      expect([path, (await call(ADDRESS, { path, method: 'GET' })).status]).toEqual([path, 404]);
    }
    expect((await call(ADDRESS, { path: '/v2/models/digits/infer', body: {} })).status).toBe(404);
    const { status } = await grpcCall(`${ADDRESS}:${GATEWAY_PORTS.requests}`, { method: 'ServerReady' });
    expect(status).not.toBe('OK');
  });

  test('lets the metrics of Triton be read beside those of the gateway', async () => {
    const metrics = async (path: string) =>
      (await fetch(`http://${ADDRESS}:${GATEWAY_PORTS.metrics}${path}`, { headers: CLOSE })).text();

    expect(await metrics('/triton/metrics')).toMatch(
      /^nv_inference_request_success\{model="digits",version="1"\} \d+/m,
    );
    expect(await metrics('/metrics')).toMatch(/^haproxy_server_status\{/m);
  });

  test('is not ready, and lives, while Triton is not there', async () => {
    pod.triton.kill('SIGKILL');

    await pod.scoring.until(
      'the script is not ready',
      async () => (await pod.probe('readinessProbe', 'scoring')) === 503,
    );
    expect(await pod.probe('livenessProbe', 'scoring')).toBe(200);
    expect(await pod.probe('livenessProbe', 'triton')).not.toBe(200);
  });
});

describeWith([HAPROXY, SCORING_SERVER, TRITON], 'a script of Azure ML before a real Triton', () => {
  let pod: TritonPod | undefined;
  afterEach(() => pod?.stop());

  test('runs as it is, with one client for calls at once, and goes when all have their answers', async () => {
    const started = await TritonPod.start(synthesizeScript(OLD_SCRIPT), { address: ADDRESS });
    pod = started;
    await started.ready();
    const ask = (seconds: number) => call(ADDRESS, { body: { seconds } });

    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(0.5)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const most = Math.max(...answers.map(({ text }) => JSON.parse(text).most));
    expect(most).toBeGreaterThan(1);
    expect(answers.map(({ text }) => JSON.parse(text).slept)).toEqual(Array(8).fill(0.5));

    const late = Array.from({ length: 4 }, () => ask(6));
    const { gateway } = started;
    await gateway.until('the script has the calls', async () => {
      return (await gateway.metric('haproxy_backend_current_sessions', 'proxy="model"')) === 4;
    });
    const ended = started.terminate();
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual(Array(4).fill(200));
    expect(await ended).toEqual({ triton: 0, scoring: 0, gateway: 0 });
  });

  test('fails in init with its own traceback as the last words', async () => {
    const script = 'def init():\n    raise ValueError("no vocabulary")\n\n\ndef run(data):\n    return data\n';
    const started = await TritonPod.start(synthesizeScript(script), { address: ADDRESS });
    pod = started;

    expect(await started.scoring.ended).not.toBe(0);
    expect(started.scoring.log.trim().split('\n').at(-1)).toBe('ValueError: no vocabulary');
    expect(await started.probe('startupProbe', 'scoring')).not.toBe(200);
  });
});

test('the environment of a script before Triton has the clients that the tests call Triton with', () => {
  expect(ScoringEnvironment.curated('AzureML-Triton').resolve(false).pip).toEqual([
    'numpy==2.4.6',
    'tritonclient[grpc,http]==2.73.0',
  ]);
});
