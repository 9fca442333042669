import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import { Haproxy, KEYS, KeyFiles } from './servers/haproxy';
import { call } from './servers/load';
import type { Program } from './servers/process';
import { servingEnvironment } from './servers/scoring-server';
import { runTriton } from './servers/triton-server';
import { ROOT, synthesizeExample, synthesizeProgram } from './terraform';
import { describeWith, HAPROXY, TRITON } from './tools';

const EXAMPLE = join(ROOT, 'examples/gpu-triton');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));
const ADDRESS = '127.0.24.9';
const HTTP_PORT = 15291;
const GRPC_PORT = 15292;

/** What releases after the wheel's, 24.10, brought. */
const NEWER = /^--http-max-input-size=/;

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

/** The server of a service's pod: what it is started with, and its models as they lie in the store. */
function podOf(outdir: string, stackName: string, service: string) {
  const stack = join(outdir, 'stacks', stackName);
  const { resource } = JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as { resource: Parts };
  const store = mkdtempSync(join(tmpdir(), 'azure-inference-store-'));
  for (const { name, source } of Object.values(resource.azurerm_storage_blob ?? {}) as Parts[]) {
    mkdirSync(dirname(join(store, String(name))), { recursive: true });
    cpSync(join(stack, String(source)), join(store, String(name)));
  }
  const deployments = Object.values(resource.kubernetes_deployment_v1 ?? {}) as Parts[];
  const deployment = deployments.find(({ metadata }) => String(metadata?.name) === service);
  const containers = deployment?.spec?.template?.spec?.container as readonly Parts[];
  const container = containers.find(({ name }) => String(name) === 'triton') as Parts;
  return { store, container, args: (container.args as readonly unknown[]).map(String) };
}

/** Starts the server of a pod, its models from a folder in the place of the store, on a machine without a GPU. */
function startServer(
  { store, container, args }: ReturnType<typeof podOf>,
  changed: (folder: string) => void = () => {},
) {
  const repository = args.find((arg) => arg.startsWith('--model-repository=')) ?? '';
  const folder = join(store, repository.replace(/^--model-repository=(as:\/\/[^/]+\/[^/]+|\/models)\//, ''));
  const config = join(folder, 'digits/config.pbtxt');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll('KIND_GPU', 'KIND_CPU'));
  changed(folder);
  const ports: { readonly [port: string]: number } = { '8000': HTTP_PORT, '8001': GRPC_PORT, '8002': 15_293 };
  const given = args
    .map((arg) => (arg === repository ? `--model-repository=${folder}` : arg))
    .map((arg) => arg.replace(/(?<=-port=)\d+$/, (port) => String(ports[port])))
    .map((arg) => arg.replace('0.0.0.0', '127.0.0.1'));
  const variables = (container.env as readonly Parts[]).map(({ name, value }) => [String(name), String(value)]);
  return runTriton(given.slice(1), Object.fromEntries(variables));
}

describeWith([HAPROXY, TRITON], "the example's service on a real Triton", () => {
  let server: Program | undefined;
  let gateway: Haproxy | undefined;

  afterEach(async () => {
    await gateway?.stop();
    await server?.stop();
    gateway = undefined;
    server = undefined;
  });

  /** Runs the pod. */
  async function start(changed?: (folder: string) => void) {
    const pod = podOf(synthesizeExample('gpu-triton'), 'digits-serving', 'digit-reader');
    const { container } = pod;
    server = startServer({ ...pod, args: pod.args.filter((arg) => !NEWER.test(arg)) }, changed);
    const { keyMap, keysTaskFile } = new KeyFiles();
    const settings = {
      serviceName: 'digit-reader',
      protocol: { ...TRITON_PROTOCOL, httpPort: HTTP_PORT, grpcPort: GRPC_PORT },
      limits: resolveRequestLimits({}, { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 64 }),
      behindRouter: false,
      drainTimeoutSeconds: 60,
    };
    gateway = await Haproxy.start(gatewayConfig({ ...settings, keyMap, keysTaskFile, address: ADDRESS }), ADDRESS);
    return { server, gateway, startupProbe: container.startup_probe as Parts };
  }

  test('is ready for its probes, and gives the right class by both of Triton’s clients', async () => {
    const { server, gateway, startupProbe } = await start();
    expect(String(startupProbe.http_get?.port)).toBe(String(GATEWAY_PORTS.health));
    const path = String(startupProbe.http_get?.path);
    await server.until('the probe is answered', async () => (await gateway.health(path)) === 200);

    const [pixels] = [example('request.json').inputs[0].data];
    const address = `${ADDRESS}:${GATEWAY_PORTS.requests}`;
    const input = JSON.stringify({ address, key: KEYS.primary, pixels });
    const script = join(ROOT, 'test/e2e/servers/scripts/classify.py');
    const found = execFileSync('python3', [script], { env: servingEnvironment(), input, encoding: 'utf8' });

    const { digit } = example('answer.json');
    expect(JSON.parse(found)).toEqual({ http: digit, grpc: digit });
    const { status, text } = await call(ADDRESS, { path: '/v2/models/digits/infer', body: example('request.json') });
    expect(status).toBe(200);
    const outputs: { name: string; data: number[] }[] = JSON.parse(text).outputs;
    expect(outputs.find(({ name }) => name === 'digit')?.data).toEqual([digit]);
  });

  test('is never ready with a model that does not load, and says which and why', async () => {
    const { server, gateway } = await start((folder) => {
      writeFileSync(join(folder, 'digits/1/model.onnx'), 'no graph');
    });

    expect(await server.ended).not.toBe(0);
    expect(await gateway.health('/ready')).toBe(503);
    expect(server.log).toMatch(/failed to load 'digits' version 1/);
    expect(server.log).toMatch(/model\.onnx failed|InvalidProtobuf|Protobuf parsing failed/);
  });
});

describeWith([TRITON], 'a service of the oldest release', () => {
  test('starts on it with every flag that it is given', async () => {
    const server = startServer(podOf(synthesizeProgram('loading-platform'), 'loading-serving', 'downloads'));
    try {
      await server.until('Triton is ready', () =>
        fetch(`http://127.0.0.1:${HTTP_PORT}/v2/models/digits/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      const about = await fetch(`http://127.0.0.1:${HTTP_PORT}/v2`);
      expect(await about.json()).toMatchObject({ version: '2.51.0' });
    } finally {
      await server.stop();
    }
  });
});
