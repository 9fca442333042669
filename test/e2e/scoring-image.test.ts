import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ModelSource, ScoringEnvironment, type ScoringImageOptions, VmSize } from 'azure-inference-cdktf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { folderWith, outputOf, testApp, testPlatform } from '../fixtures';
import { type Haproxy, KEYS, startGateway } from './servers/haproxy';
import { call } from './servers/load';
import { Program } from './servers/process';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, HADOLINT, HADOLINT_COMMAND, HAPROXY, PACKAGE_INDEX } from './tools';

const SCRIPT = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';
const MINUTE = 60_000;

/** The Dockerfile that an image is built by. */
function dockerfileOf(options: Partial<ScoringImageOptions>, withModel = false): string {
  const app = testApp();
  const platform = testPlatform({}, app);
  const model = platform.models.addModel('digits', { source: ModelSource.directory(folderWith({ 'a.pkl': 'x' })) });
  const image = platform.serving.addScoringImage('digits', {
    entryScript: 'score.py',
    sourceDirectory: folderWith({ 'score.py': SCRIPT }),
    environment: ScoringEnvironment.pip({ packages: ['numpy'] }),
    models: withModel ? [model] : [],
    ...options,
  });
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
  platform.serving.addScoringService('reader', { pool, image, numReplicas: 1 });
  const output = outputOf(app);
  return output[Object.keys(output).find((path) => path.endsWith('/Dockerfile')) ?? ''] ?? '';
}

describeWith([HADOLINT], 'the Dockerfile of a scoring image', () => {
  const base = 'registry.example.com/base:1.2';
  test.each<[string, () => string]>([
    ['packages of pip', () => dockerfileOf({})],
    [
      'a conda environment',
      () => dockerfileOf({ environment: ScoringEnvironment.conda({ packages: ['numpy=2.4.6'] }) }),
    ],
    ['no packages', () => dockerfileOf({ environment: ScoringEnvironment.image(base) })],
    ['models', () => dockerfileOf({}, true)],
    [
      'variables and labels of any text',
      () =>
        dockerfileOf({
          environment: ScoringEnvironment.pip({
            packages: ['numpy'],
            environmentVariables: { QUOTES: `"it's" $HOME \\n`, EMPTY: '' },
          }),
          tags: { area: `"vision" and 'more' $HOME \\` },
          description: 'Reads digits.\nIn two lines.',
        }),
    ],
  ])('has nothing that a linter would mind, with %s', (_, text) => {
    const linted = spawnSync(HADOLINT_COMMAND, ['--format', 'tty', '-'], { input: text(), encoding: 'utf8' });

    expect([linted.status, linted.stdout, linted.stderr]).toEqual([0, '', '']);
  });
});

/** What conda would install, as pip names it. */
function pipPackages(conda: { readonly dependencies: readonly (string | { readonly pip: readonly string[] })[] }) {
  return conda.dependencies.flatMap((each) => {
    if (typeof each !== 'string') {
      return each.pip;
    }
    return /^(python|pip)\b/.test(each) ? [] : [each.replace(/^([\w.-]+)=([\w.*]+)$/, '$1==$2')];
  });
}

function findFile(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
    (path) => path.endsWith(`/${name}`) && statSync(join(folder, path)).isFile(),
  );
  return join(folder, found ?? name);
}

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const ADDRESS = '127.0.5.9';
const PORT = 15109;
const EXAMPLE = join(ROOT, 'examples/scoring-script');
const example = (file: string) => JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8'));

describeWith([HAPROXY, PACKAGE_INDEX], "the example's script in its own environment, behind its gateway", () => {
  const venv = join(mkdtempSync(join(tmpdir(), 'azure-inference-environment-')), 'venv');
  const python = join(venv, 'bin/python');
  let server: Program;
  let gateway: Haproxy;

  beforeAll(async () => {
    const stack = join(synthesizeExample('scoring-script'), 'stacks/scripts-serving');
    const context = dirname(findFile(stack, 'Dockerfile'));
    const conda = parse(readFileSync(join(context, 'conda.yml'), 'utf8'));
    expect(conda.dependencies).toContain('python=3.11');
    execFileSync('python3.11', ['-m', 'venv', venv]);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pipPackages(conda)]);

    // the files of the image and of the pod, where a test may write
    const root = mkdtempSync(join(tmpdir(), 'azure-inference-pod-'));
    cpSync(join(context, 'source'), root, { recursive: true });
    mkdirSync(join(root, 'azureml-models/digits/1'), { recursive: true });
    cpSync(join(ROOT, 'examples/gpu-triton/models/digits/1'), join(root, 'azureml-models/digits/1'), {
      recursive: true,
    });
    const { resource } = JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as { resource: Parts };
    const [deployment] = Object.values(resource.kubernetes_deployment_v1 ?? {}) as Parts[];
    const pod = deployment?.spec?.template?.spec as Parts;
    const container = (pod.container as readonly Parts[]).find(({ name }) => String(name) === 'scoring') as Parts;
    const config = Object.values(resource.kubernetes_config_map_v1 ?? {}).find(
      (map) => (map as Parts).data?.['gunicorn.conf.py'] !== undefined,
    ) as Parts;
    for (const [name, text] of Object.entries(config.data ?? {})) {
      writeFileSync(join(root, name), String(text));
    }
    for (const [name, bytes] of Object.entries(config.binary_data ?? {})) {
      writeFileSync(join(root, name), Buffer.from(String(bytes), 'base64'));
    }
    const here = (text: unknown) =>
      String(text)
        .replaceAll('/var/azureml-app', root)
        .replaceAll('/etc/scoring-server', root)
        .replace('127.0.0.1:5001', `127.0.0.1:${PORT}`);
    writeFileSync(join(root, 'gunicorn.conf.py'), here(readFileSync(join(root, 'gunicorn.conf.py'), 'utf8')));
    const variables = (container.env as readonly Parts[]).map(({ name, value }) => [String(name), here(value)]);
    const [command = '', ...args] = (container.command as readonly unknown[]).map(here);
    server = new Program([command, ...args], {
      PATH: [join(venv, 'bin'), process.env.PATH].join(delimiter),
      ...Object.fromEntries(variables),
    });
    gateway = await startGateway({ address: ADDRESS, serverPort: PORT });
    await server.until('the gateway finds the server well', async () => (await gateway.health('/ready')) === 200, 60);
  }, 10 * MINUTE);

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  test.each([
    ['one row', 'request.json', 'answer.json'],
    ['several rows', 'request-rows.json', 'answer-rows.json'],
  ])('answers the request with %s as the example says', async (_, request, answer) => {
    const { status, text } = await call(ADDRESS, { body: example(request) });

    expect([status, JSON.parse(text)]).toEqual([200, example(answer)]);
  });

  test('answers the client of the example, which prints labels and predictions', { timeout: 5 * MINUTE }, () => {
    const needed = /^pip install (.*)$/m.exec(readFileSync(join(EXAMPLE, 'client.py'), 'utf8'))?.[1]?.split(' ') ?? [];
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...needed]);
    const uri = `http://${ADDRESS}:${GATEWAY_PORTS.requests}/score`;
    const printed = execFileSync(python, [join(EXAMPLE, 'client.py'), uri, '--rows', '100'], {
      input: `${KEYS.primary}\n`,
      encoding: 'utf8',
    });

    const lines = [...printed.matchAll(/^label: (\d) {2}prediction: (\d) {2}probability: [01]\.\d{4}$/gm)];
    expect(lines).toHaveLength(100);
    expect(lines.filter(([, label, prediction]) => label === prediction).length).toBeGreaterThan(90);
  });

  test('says to the client of the example what is refused', () => {
    const uri = `http://${ADDRESS}:${GATEWAY_PORTS.requests}/score`;
    const { status, stderr } = spawnSync(python, [join(EXAMPLE, 'client.py'), uri], {
      input: 'wrong\n',
      encoding: 'utf8',
    });

    expect(status).toBe(1);
    expect(stderr).toMatch(/^401: /);
  });
});

describe('the client of the example', () => {
  test('sends rows that the model was not trained with', () => {
    const split = (file: string) =>
      /train_test_split\(([^)]*)\)/
        .exec(readFileSync(join(ROOT, file), 'utf8'))?.[1]
        ?.replaceAll(/\s+/g, ' ')
        .trim();

    expect(split('examples/scoring-script/client.py')?.replaceAll('labels', 'digits')).toBe(
      split('examples/gpu-triton/train.py'),
    );
    expect(split('examples/gpu-triton/train.py')).toContain('random_state=0');
  });
});
