import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn } from './fixtures';

const ROOT = join(__dirname, '..');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const ENTRIES = Object.keys(MANIFEST.exports).map((entry) => entry.replace(/^\./, MANIFEST.name));

/** A project that has installed the packed package, and what the package says it needs. */
const project = mkdtempSync(join(tmpdir(), 'azure-inference-package-'));
const installed = join(project, 'node_modules', MANIFEST.name);

function run(command: string, args: readonly string[], cwd = project): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${error ?? stderr}`);
  }
  return stdout;
}

/** What the entries export, as the project sees it. */
const exportsOf = (load: string) =>
  JSON.parse(
    run(process.execPath, [
      '-e',
      `(async () => {
        const names = {};
        for (const entry of ${JSON.stringify(ENTRIES)}) {
          const loaded = ${load};
          names[entry] = Object.keys(loaded).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
        }
        console.log(JSON.stringify(names));
      })()`,
    ]),
  ) as { [entry: string]: string[] };

beforeAll(() => {
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', project, '--cache', join(project, 'cache')], ROOT);
  run('tar', ['-xzf', `${MANIFEST.name}-${MANIFEST.version}.tgz`]);
  mkdirSync(dirname(installed), { recursive: true });
  run('mv', ['package', installed]);
  for (const needed of Object.keys({ ...MANIFEST.dependencies, ...MANIFEST.peerDependencies })) {
    mkdirSync(dirname(join(project, 'node_modules', needed)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', needed), join(project, 'node_modules', needed));
  }
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('the package holds what users need and nothing of how it is tested', () => {
  const packed = Object.keys(filesIn(installed));

  expect(packed).toEqual(
    expect.arrayContaining([
      'package.json',
      'LICENSE',
      'README.md',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'constructs/charts/alert-rules/templates/prometheusrule.yaml',
      'constructs/inference-cluster.ts',
      'constructs/charts/pod-monitor/Chart.yaml',
      'constructs/charts/pod-monitor/templates/pod-monitor.yaml',
      'stacks/serving-stack.ts',
      'src/azure/vm-size.ts',
      'constructs/charts/model-service/Chart.yaml',
      'constructs/charts/model-service/templates/scaledobject.yaml',
      'constructs/charts/model-service/values.schema.json',
    ]),
  );
  expect(
    packed.filter((path) => /(^|\/)(test|examples|bench)\/|\.test\.|tsbuildinfo|\.tfstate|node_modules/.test(path)),
  ).toEqual([]);
  expect(packed.filter((path) => !/^(dist\/)?(src|constructs|stacks)\//.test(path)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
  ]);
});

test('no declaration that users get mentions a type of a provider', () => {
  const declarations = Object.entries(filesIn(installed)).filter(([path]) => path.endsWith('.d.ts'));

  expect(declarations.length).toBeGreaterThan(40);
  expect(declarations.filter(([, text]) => text.includes('@cdktf/provider-')).map(([path]) => path)).toEqual([]);
});

test('every source has its program, its types and the maps that lead back to it', () => {
  const packed = filesIn(installed);
  const sources = Object.keys(packed).filter((path) => /^(src|constructs|stacks)\/.*\.ts$/.test(path));

  expect(sources.length).toBeGreaterThan(40);
  for (const source of sources) {
    const built = `dist/${source.replace(/\.ts$/, '')}`;
    // what is private has no types for users, and could not without naming a provider's
    const maps = source.includes('/private/') ? [`${built}.js.map`] : [`${built}.js.map`, `${built}.d.ts.map`];
    for (const map of maps) {
      const [origin] = JSON.parse(packed[map] ?? '{}').sources ?? [];
      expect(join(dirname(map), String(origin)), map).toBe(source);
    }
  }
});

describe('every entry', () => {
  test('is required and imported with the same names', () => {
    const required = exportsOf('require(entry)');
    const imported = exportsOf(
      "await import(entry, entry.endsWith('.json') ? { with: { type: 'json' } } : {}).then((m) => entry.endsWith('.json') ? m.default : m)",
    );

    expect(Object.keys(required)).toEqual([
      'azure-inference-cdktf',
      'azure-inference-cdktf/constructs',
      'azure-inference-cdktf/stacks',
      'azure-inference-cdktf/testing',
      'azure-inference-cdktf/package.json',
    ]);
    expect(imported).toEqual(required);
    expect(required['azure-inference-cdktf']).toEqual(expect.arrayContaining(['InferencePlatform', 'VmSize']));
    expect(required['azure-inference-cdktf/constructs']).toEqual(expect.arrayContaining(['InferenceCluster']));
    expect(required['azure-inference-cdktf/stacks']).toEqual(expect.arrayContaining(['ServingStack', 'StateBackend']));
    expect(required['azure-inference-cdktf/testing']).toEqual(['Template']);
  });

  test('has types that a program checks against', () => {
    writeFileSync(
      join(project, 'main.ts'),
      `import { InferencePlatform, VmSize } from 'azure-inference-cdktf';
       import { InferenceCluster } from 'azure-inference-cdktf/constructs';
       import { ServingStack } from 'azure-inference-cdktf/stacks';
       import { Template } from 'azure-inference-cdktf/testing';
       import { App } from 'cdktf';
       const platform = new InferencePlatform(new App(), 'prod', { subscriptionId: '', location: '' });
       const cluster: InferenceCluster = platform.cluster;
       cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
       // @ts-expect-error a pool says how far it grows
       cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3 });
       const serving: ServingStack = platform.serving;
       Template.of(serving).output('x');`,
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');

    for (const resolution of [
      ['--module', 'node16', '--moduleResolution', 'node16'],
      ['--module', 'commonjs', '--moduleResolution', 'node10'],
    ]) {
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', ...resolution];
      expect(run(process.execPath, [tsc, ...options, 'main.ts'])).toBe('');
    }
  });

  test('fails for what is not an entry', () => {
    expect(() => run(process.execPath, ['-e', "require('azure-inference-cdktf/dist/src/validation.js')"])).toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });
});

test('the charts that services bring are found where the package is installed', () => {
  const program = `
    const { App } = require('cdktf');
    const { InferenceCluster, Monitoring, NodePool, ResourceGroup, ScoringImage, ServiceAuth, ServingStack, VmSize } =
      require('azure-inference-cdktf');
    const where = { subscriptionId: '11111111-2222-3333-4444-555555555555', location: 'westeurope' };
    const app = new App({ outdir: 'synthesized' });
    const pool = NodePool.fromNodePoolAttributes(app, 'cpu', { poolName: 'cpu', size: VmSize.D4S_V5, maxNodes: 4 });
    const resourceGroup = ResourceGroup.fromResourceGroupAttributes(app, 'group', { ...where, resourceGroupName: 'shop' });
    const monitoring = Monitoring.IN_CLUSTER;
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', { clusterName: 'aks', resourceGroup, pools: [pool], monitoring });
    const image = ScoringImage.fromRegistry('registry.example.com/digits:1');
    new ServingStack(app, 'team', { ...where, cluster }).addScoringService('reader', { pool, image, auth: ServiceAuth.none() });
    app.synth();`;
  run(process.execPath, ['-e', program]);

  const synthesized = filesIn(join(project, 'synthesized/stacks/team'));
  const { chart } = Object.values(JSON.parse(synthesized['cdk.tf.json'] ?? '').resource.helm_release)[0] as {
    chart: string;
  };
  const shipped = filesIn(join(installed, 'constructs/charts/model-service'));
  for (const [path, text] of Object.entries(shipped)) {
    expect(synthesized[join(chart, path)], path).toBe(text);
  }
});

test('the command says which version it is', () => {
  const bin = join(installed, MANIFEST.bin['azure-inference']);

  expect(run(process.execPath, [bin, '--version']).trim()).toBe(MANIFEST.version);
  expect(readFileSync(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('the charts of the package are found where it is installed', () => {
  const program = `
    const { App } = require('cdktf');
    const { AddonsStack, InferenceCluster, Monitoring, ResourceGroup } = require('azure-inference-cdktf');
    const app = new App({ outdir: 'charts' });
    const where = { subscriptionId: '11111111-2222-3333-4444-555555555555', location: 'westeurope' };
    const group = { ...where, resourceGroupName: 'shared' };
    const resourceGroup = ResourceGroup.fromResourceGroupAttributes(app, 'group', group);
    const attributes = { clusterName: 'aks', resourceGroup, monitoring: Monitoring.IN_CLUSTER };
    const cluster = InferenceCluster.fromClusterAttributes(app, 'cluster', attributes);
    new AddonsStack(app, 'addons', { ...where, cluster });
    app.synth();`;
  run(process.execPath, ['-e', program]);
  const files = Object.keys(filesIn(join(project, 'charts/stacks/addons')));

  expect(files.filter((path) => /alert-rules.*Chart\.yaml$/.test(path))).toHaveLength(1);
});
