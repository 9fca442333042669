// npm run bench: what the library costs, measured against the same platform written by hand on cdktf, and what its gateway
// and router cost a call.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, Failure, ROOT, runOrFail } from '../examples/project.mjs';
import { differences, resourceCounts } from './compare.mjs';
import { benchGateway } from './gateway.mjs';
import { median, printTable } from './statistics.mjs';

/** What the library may cost, in times of what the hand-written program takes. */
const WANTED_RATIO = 1.2;

const WARM_UPS = 2;
const EXAMPLE = join(ROOT, 'examples', 'gpu-triton');
const TEXTS = join(ROOT, 'bench', 'texts');

const LIBRARY = { label: 'with the library', args: [join(ROOT, 'dist', 'examples', 'gpu-triton', 'main.js')] };
const HAND_WRITTEN = { label: 'by hand', args: [join(ROOT, 'dist', 'bench', 'hand-written', 'main.js')] };
const FLOOR = { label: 'cdktf loaded, nothing else', args: ['-e', 'require("cdktf")'] };

try {
  await bench();
} catch (error) {
  if (!(error instanceof Failure)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

async function bench() {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '15' }, 'take-texts': { type: 'boolean', default: false } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Failure(`--runs is the number of measured runs, 1 or more; got '${values.runs}'`);
  }
  ensureInstalled();
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  runOrFail(process.execPath, [tsc, '-b', ROOT, join(ROOT, 'examples'), join(ROOT, 'bench')], 'it does not compile');
  if (values['take-texts']) {
    takeTexts();
  }
  checkSameResources();
  report(measure([LIBRARY, HAND_WRITTEN, FLOOR], runs));
  await benchGateway();
}

function checkSameResources() {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-bench-'));
  try {
    const outputs = [LIBRARY, HAND_WRITTEN].map((program, index) => {
      const output = { label: program.label, folder: join(folder, String(index)) };
      synthesize(program, output.folder);
      return output;
    });
    const found = differences(...outputs);
    if (found.length > 0) {
      throw new Failure(`The two programs make different things:\n${found.map((line) => `  ${line}`).join('\n')}`);
    }
    const counts = Object.entries(resourceCounts(outputs[0].folder));
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    console.log(`Both programs make the same ${total} resources with the same arguments:`);
    console.log(`${counts.map(([stack, count]) => `${stack} ${count}`).join(', ')}.\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives the hand-written program what is text in it: what the library writes for HAProxy, callers, Grafana and Azure Monitor. */
function takeTexts() {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-bench-'));
  try {
    synthesize(LIBRARY, folder);
    const [addons, serving] = ['digits-addons', 'digits-serving'].map((name) =>
      JSON.parse(readFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), 'utf8')),
    );
    takeConfigurations(serving);
    takeClients(serving);
    takeQueries(serving);
    takeMonitoring(addons, 'platform');
    takeMonitoring(serving, 'service');
    const exporter = blocks(addons, 'helm_release').find(({ name }) => name === 'dcgm-exporter');
    writeText('dcgm-metrics.csv', JSON.parse(exporter.values[0]).customMetrics);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function takeConfigurations(stack) {
  for (const { metadata, data } of blocks(stack, 'kubernetes_config_map_v1')) {
    const role = metadata.name.includes('-router-') ? 'router' : 'gateway';
    writeText(`${role}.cfg`, data['haproxy.cfg']);
    writeText(`${role}-metrics.lua`, data['metrics.lua']);
    writeText('keys.lua', data['keys.lua']);
  }
}

function takeClients(stack) {
  for (const [protocol, client] of Object.entries(stack.output['service_digit-reader'].value.client)) {
    writeText(`client-${protocol}.py`, client.replace(/\$\{[^}]*\}/, 'ADDRESS'));
  }
}

function takeQueries(stack) {
  for (const { name, query } of blocks(stack, 'azurerm_log_analytics_saved_search')) {
    const clusterId = /'\/subscriptions\/[^']*'/g;
    writeText(`${name.replace(/^.*-digit-reader-/, '')}.kql`, query.replace(clusterId, "'CLUSTER_ID'"));
  }
}

/** The dashboard and the rules of alerts of a stack; of a rule, what differs from rule to rule. */
function takeMonitoring(stack, prefix) {
  const [deployment] = blocks(stack, 'azurerm_resource_group_template_deployment');
  const dashboard = JSON.parse(JSON.parse(deployment.parameters_content).definition.value);
  writeText(`${prefix}-dashboard.json`, pretty(dashboard));
  const [group] = blocks(stack, 'azurerm_monitor_alert_prometheus_rule_group');
  const rules = group.rule.map(({ enabled: _, action: __, alert_resolution: ___, ...rule }) => rule);
  writeText(`${prefix}-alerts.json`, pretty(rules));
}

function blocks(stack, type) {
  return Object.values(stack.resource[type]);
}

function pretty(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function writeText(name, text) {
  writeFileSync(join(TEXTS, name), text);
}

/** Takes turns, so that what else the machine does falls on all alike. */
function measure(programs, runs) {
  const measured = programs.map((program) => ({ ...program, samples: [] }));
  for (let round = 0; round < WARM_UPS + runs; round++) {
    for (const program of measured) {
      const sample = measureOnce(program);
      if (round >= WARM_UPS) {
        program.samples.push(sample);
      }
    }
  }
  return measured;
}

function measureOnce(program) {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-bench-'));
  try {
    const usage = join(folder, 'usage.json');
    const hook = ['--require', join(ROOT, 'bench', 'usage.cjs')];
    const wallMs = synthesize({ ...program, args: [...hook, ...program.args] }, join(folder, 'out'), usage);
    return { wallMs, ...JSON.parse(readFileSync(usage, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program as `cdktf synth` would, and returns how many milliseconds it took. */
function synthesize({ label, args }, outdir, usage = '') {
  const env = {
    CDKTF_OUTDIR: outdir,
    BENCH_USAGE: usage,
    // the generated names depend on it
    ARM_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000',
    // a profiler or a loader of the caller's would be measured too
    NODE_OPTIONS: '',
  };
  const start = process.hrtime.bigint();
  runOrFail(process.execPath, args, `the program ${label} failed`, { cwd: EXAMPLE, env });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function report(programs) {
  const columns = [
    ['wall ms, min', (samples) => minimum(samples, 'wallMs')],
    ['median', (samples) => medianOf(samples, 'wallMs')],
    ['CPU ms, min', (samples) => minimum(samples, 'cpuMs')],
    ['median', (samples) => medianOf(samples, 'cpuMs')],
    ['peak MiB', (samples) => medianOf(samples, 'memoryMiB')],
    ['modules', (samples) => medianOf(samples, 'modules')],
    ['of providers', (samples) => medianOf(samples, 'providerModules')],
  ];
  const runs = programs[0].samples.length;
  console.log(
    `Node ${process.version}, ${cpus().length} cores, ${runs} runs of each in turns, after ${WARM_UPS} warm-ups:`,
  );
  printTable([
    ['', ...columns.map(([title]) => title)],
    ...programs.map(({ label, samples }) => [label, ...columns.map(([, value]) => value(samples).toFixed(0))]),
  ]);

  const [library, handWritten] = programs.map(({ samples }) => samples);
  const ratio = (statistic, what) => statistic(library, what) / statistic(handWritten, what);
  console.log('\nThe library in times of the hand-written program:');
  printTable([
    ['', 'medians', 'minimums'],
    ...[
      ['wall time', 'wallMs'],
      ['CPU time', 'cpuMs'],
      ['peak memory', 'memoryMiB'],
    ].map(([title, what]) => [title, ratio(medianOf, what).toFixed(2), ratio(minimum, what).toFixed(2)]),
  ]);
  const wall = ratio(medianOf, 'wallMs');
  const verdict = wall < WANTED_RATIO ? 'below' : 'NOT below';
  console.log(`\nThe median wall time is ${wall.toFixed(2)} times the hand-written one's: ${verdict} ${WANTED_RATIO}.`);
}

function minimum(samples, what) {
  return Math.min(...samples.map((sample) => sample[what]));
}

function medianOf(samples, what) {
  return median(samples.map((sample) => sample[what]));
}
