import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import { type ClientCall, clientLines } from '../../src/triton/client-lines';
import { TritonModelConfig } from '../../src/triton/model-config';
import { serviceCalls } from '../../src/triton/service-calls';
import { Haproxy, KEYS, KeyFiles, writeMetricsTask } from './servers/haproxy';
import { call } from './servers/load';
import { servingEnvironment } from './servers/scoring-server';
import { startTritonServer, type TritonServer } from './servers/triton-server';
import { synthesizeExample } from './terraform';
import { describeWith, HAPROXY, TRITON } from './tools';

const GATEWAY = '127.0.24.21';
const OPEN_GATEWAY = '127.0.24.22';

const at = (host: string) => {
  const address = `${host}:${GATEWAY_PORTS.requests}`;
  return { httpAddress: address, grpcAddress: address };
};

/** What the example's service says of itself, at the address and ports of the gateway in the place of a load balancer's. */
function exampleService() {
  const stack = join(synthesizeExample('gpu-triton'), 'stacks/digits-serving/cdk.tf.json');
  const said = JSON.stringify(JSON.parse(readFileSync(stack, 'utf8')).output['service_digit-reader'].value);
  return JSON.parse(said.replaceAll(/\$\{[^}]*\}:800[01]\b/g, at(GATEWAY).httpAddress));
}

/** A shell in which `az` prints a key for the command that a service names, and fails for any other. */
function shell(keyCommand: string, key: string): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-az-'));
  const az = join(folder, 'az');
  writeFileSync(az, `#!/bin/sh\n[ "az $*" = '${keyCommand}' ] && echo '${key}'\n`);
  chmodSync(az, 0o755);
  const { PATH, ...environment } = servingEnvironment();
  return { ...environment, PATH: [folder, PATH].join(delimiter) };
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const program = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const status = new Promise<number | null>((done) => program.once('close', done));
  const [output, errors] = await Promise.all([text(program.stdout), text(program.stderr)]);
  return { status: await status, output, errors };
}

function runPython(program: string | undefined, env: NodeJS.ProcessEnv) {
  const file = join(mkdtempSync(join(tmpdir(), 'azure-inference-client-')), 'client.py');
  writeFileSync(file, program ?? '');
  return run('python3', [file], env);
}

describeWith([HAPROXY, TRITON], 'what a Triton service says of its calls', () => {
  let triton: TritonServer;
  const gateways: Haproxy[] = [];
  let service: ReturnType<typeof exampleService>;
  let keyCommand: string;
  let env: NodeJS.ProcessEnv;
  const runLine = (line: string, environment = env) => run('sh', ['-c', line], environment);

  beforeAll(async () => {
    service = exampleService();
    keyCommand = service.commands.keys.primary;
    env = shell(keyCommand, KEYS.primary);
    triton = await startTritonServer();
    const protocol = { ...TRITON_PROTOCOL, httpPort: triton.httpPort, grpcPort: triton.grpcPort };
    const limits = resolveRequestLimits({}, { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 4 });
    const settings = {
      serviceName: 'digits',
      protocol,
      limits,
      metricsTaskFile: writeMetricsTask({ part: 'gateway', protocol, limits }),
      behindRouter: false,
      drainTimeoutSeconds: 10,
    };
    const { keyMap, keysTaskFile } = new KeyFiles();
    const keys = { keyMap, keysTaskFile };
    gateways.push(await Haproxy.start(gatewayConfig({ ...settings, ...keys, address: GATEWAY }), GATEWAY));
    gateways.push(await Haproxy.start(gatewayConfig({ ...settings, address: OPEN_GATEWAY }), OPEN_GATEWAY));
    for (const gateway of gateways) {
      await gateway.answersHealth('/ready');
    }
  });

  afterAll(() => Promise.all([...gateways, triton.program].map((one) => one.stop())));

  /** The digit that Triton takes an empty image for. */
  async function digitOfZeros(): Promise<unknown> {
    const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: Array(64).fill(0) }];
    const answer = await call(GATEWAY, { path: '/v2/models/digits/infer', body: { inputs } });
    const outputs: { name: string; data: unknown[] }[] = JSON.parse(answer.text).outputs;
    return outputs.find(({ name }) => name === 'digit')?.data[0];
  }

  describe('with a key:', () => {
    test('the command line for readiness is answered with 200', async () => {
      const { status, output } = await runLine(service.commands.ready);

      expect(status).toBe(0);
      expect(output).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    });

    test('the command line for metadata prints those of the model', async () => {
      const { status, output } = await runLine(service.commands.metadata.digits);

      expect(status).toBe(0);
      expect(JSON.parse(output)).toMatchObject({
        name: 'digits',
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
        outputs: [{ name: 'probabilities' }, { name: 'digit' }],
      });
    });

    test('the other addresses that it names answer those with a key and nobody else', async () => {
      const urls: string[] = [
        ...Object.values<string>(service.health_urls),
        ...Object.values<string>(service.metadata_urls),
      ];
      expect(urls).toHaveLength(3);
      for (const url of urls) {
        expect((await fetch(url, { headers: { authorization: `Bearer ${KEYS.secondary}` } })).status).toBe(200);
        expect((await fetch(url)).status).toBe(401);
      }
    });

    test.each(['http', 'grpc'])('the program for %s prints what the model answers', async (protocol) => {
      const { status, output, errors } = await runPython(service.client[protocol], env);

      expect({ status, errors }).toEqual({ status: 0, errors: '' });
      expect(output).toMatch(/^\{'name': 'digits'.*'pixels'/);
      expect(output).toMatch(/^probabilities \[\[/m);
      expect(output).toMatch(new RegExp(`^digit \\[\\[${await digitOfZeros()}\\]\\]$`, 'm'));
    });

    test.each(['http', 'grpc'])('the program for %s takes a key from the environment first', async (protocol) => {
      const environment = { ...shell('nothing', ''), SERVICE_KEY: KEYS.secondary };

      expect(await runPython(service.client[protocol], environment)).toMatchObject({ status: 0 });
    });

    test('lines and programs fail for a key that is not the service’s', async () => {
      const other = shell(keyCommand, 'wrong');

      for (const line of [service.commands.ready, service.commands.metadata.digits]) {
        expect(await runLine(line, other)).toMatchObject({ status: 22, errors: expect.stringContaining('401') });
      }
      expect(await runPython(service.client.http, other)).toMatchObject({
        status: 1,
        errors: expect.stringContaining("[401] send one of the service's two keys"),
      });
      expect(await runPython(service.client.grpc, other)).toMatchObject({
        status: 1,
        errors: expect.stringContaining("UNAUTHENTICATED] send one of the service's two keys"),
      });
    });
  });

  describe('without keys:', () => {
    const open = (more: Partial<ClientCall>) => clientLines({ ...at(OPEN_GATEWAY), modelName: 'digits', ...more });

    test('the command lines are answered', async () => {
      const { commands } = serviceCalls({ ...at(OPEN_GATEWAY), models: [] });

      expect(await runLine(commands.ready)).toMatchObject({ status: 0, output: expect.stringContaining(' 200 OK') });
    });

    test.each(['http', 'grpc'] as const)('the program for %s asks the service for its inputs', async (protocol) => {
      expect(await runPython(open({})[protocol], env)).toMatchObject({
        status: 0,
        output: expect.stringContaining(`digit [[${await digitOfZeros()}]]`),
      });
      expect(await runPython(open({ modelName: 'sleeper' })[protocol], env)).toMatchObject({
        status: 0,
        output: expect.stringContaining('slept [0.]'),
      });
    });

    test('the program for a model with any number of answers prints them', async () => {
      const config = new TritonModelConfig({ modelTransactionPolicy: { decoupled: true } });

      expect(await runPython(open({ config }).grpc, env)).toMatchObject({
        status: 0,
        output: expect.stringMatching(new RegExp(`'digit': array\\(\\[\\[${await digitOfZeros()}\\]\\]`)),
      });
      expect((await runPython(open({ config, modelName: 'nobody' }).grpc, env)).status).toBe(1);
    });
  });
});
