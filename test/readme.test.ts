import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { InferencePlatform, ModelSource, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bodyTooLarge,
  INVALID_KEY,
  LENGTH_REQUIRED,
  queuedTooLong,
  queueFull,
  requestTooSlow,
  SERVER_BROKE_OFF,
  scoredTooLong,
  unknownPath,
} from '../src/gateway/errors';
import { SCORING_PROTOCOL } from '../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../src/scoring/request-limits';
import { env, testApp } from './fixtures';

const ROOT = resolve(__dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text ?? '');
}

/** The snippets of the README as programs: those that make no App go on where the smallest program ends. */
function programs(): string[] {
  const [smallest = '', ...others] = blocks('ts');
  const settings = "const settings = { subscriptionId: '', location: '' };\n";
  return [smallest, ...others.map((text) => (text.includes('new App()') ? text : `${smallest}${settings}${text}`))];
}

describe('the programs of the README', () => {
  // below the package, so that they import it by its name
  const folder = mkdtempSync(join(ROOT, 'dist/readme-'));
  let files: string[];

  beforeAll(() => {
    files = programs().map((text, index) => {
      const file = join(folder, `program-${index}.ts`);
      writeFileSync(file, text);
      return file;
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('type-check', () => {
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    });
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));

    expect(messages).toEqual([]);
  });

  test('synthesize, where they are whole', () => {
    const whole = files.filter((file) => {
      const text = readFileSync(file, 'utf8');
      return text.trimEnd().endsWith('app.synth();');
    });
    expect(whole).toHaveLength(2);

    for (const file of whole) {
      const outdir = join(mkdtempSync(join(tmpdir(), 'azure-inference-readme-')), 'out');
      const compiled = ts.transpileModule(readFileSync(file, 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
      });
      const script = file.replace(/\.ts$/, '.js');
      writeFileSync(script, compiled.outputText);
      execFileSync('node', [script], {
        cwd: join(ROOT, 'examples/gpu-triton'),
        env: { ...process.env, CDKTF_OUTDIR: outdir },
      });

      expect(readdirSync(join(outdir, 'stacks')).length).toBeGreaterThan(2);
    }
  });
});

test('the pool that the README shows is the one that its smallest program yields', () => {
  const platform = new InferencePlatform(testApp(), 'prod', env);
  platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
  const [shown = ''] = blocks('json');

  expect(Template.of(platform.clusterStack).resource(KubernetesClusterNodePool, 'gpu')).toMatchObject(
    JSON.parse(shown),
  );
});

test('the refusal that the README shows is the one that its mistakes yield', () => {
  const platform = new InferencePlatform(testApp(), 'prod', env);
  const pool = platform.cluster.addGpuPool('A100', { size: VmSize.NC24ADS_A100_V4, minNodes: 2, maxNodes: 1 });
  const digits = platform.models.addModel('digits', {
    source: ModelSource.directory(join(ROOT, 'examples/gpu-triton/models/digits')),
  });
  platform.serving.addTritonService('vision', { pool, models: [digits], gpuCores: 2 });
  const shown = blocks('text').find((text) => text.startsWith('ValidationError: ')) ?? '';

  expect(() => Template.of(platform.serving)).toThrow(shown.replace('ValidationError: ', '').trimEnd());
});

test('the answer of a gateway that the README shows, and its table of them, are true', () => {
  const limits = SCORING_REQUEST_LIMITS;
  const shown = JSON.parse(blocks('text').find((text) => text.startsWith('{"error"')) ?? '{}').error;
  const { status, code, message, option } = queuedTooLong(limits);
  expect(shown).toEqual({ status, code, message, option, requestId: shown.requestId });

  const errors = [
    INVALID_KEY,
    unknownPath(SCORING_PROTOCOL),
    requestTooSlow(limits),
    LENGTH_REQUIRED,
    bodyTooLarge(limits),
    queueFull(limits),
    SERVER_BROKE_OFF,
    queuedTooLong(limits),
    scoredTooLong(limits),
  ];
  const rows = [...README.matchAll(/^\| (\d{3}) +\|[^|]+\| (?:`(\w+)`)? +\|/gm)].map(([, ...row]) => row);
  expect(rows).toEqual(errors.map((error) => [String(error.status), error.option]));
});

test('the commands of the README exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = [...README.matchAll(/npm (?:run )?(demo|test|check|bench)\b/g)].map(([, name]) => name);

  expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
  const help = spawnSync('node', [join(ROOT, 'dist/src/cli/main.js'), 'report', '--help'], { encoding: 'utf8' });
  expect(help.stdout).toContain('--output');
  expect(help.stdout).toContain('--html');
});
