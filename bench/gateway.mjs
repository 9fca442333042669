// What gateway and router cost a call: the same server called by itself, through a gateway, and through router and gateway.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Failure, ROOT, run } from '../examples/project.mjs';
import { call, KEY, load } from './calls.mjs';
import { median, printTable, quantile } from './statistics.mjs';

/** Turns that the set-ups take, so that what else the machine does falls on all alike. */
const ROUNDS = 4;

/** Callers at once where throughput is measured. */
const CALLERS = 16;

/** How long the server takes for a call. */
const SERVER_MS = [0, 20];

/** More than this is no cost but a mistake, such as a time-out that is waited for. */
const MOST_ADDED_MS = 50;

/** Loopback addresses of their own, since the ports are the same for all. */
const ADDRESSES = { gateway: '127.0.90.1', routed: '127.0.90.2', router: '127.0.90.3' };

/** A server that is as fast as Node and takes the time that a call asks for. */
const SERVER = `
  const answer = (response) => response.end('{"answer":42}');
  const server = require('node:http').createServer((request, response) => {
    const ms = Number(request.headers['x-milliseconds'] ?? 0);
    request.resume().on('end', () => (ms > 0 ? setTimeout(answer, ms, response) : answer(response)));
  });
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** Measures and prints; says so where there is no HAProxy. */
export async function benchGateway() {
  const { status, stdout } = run('haproxy', ['-v']);
  if (status !== 0) {
    const sentence = 'What gateway and router cost is not measured: there is no haproxy on the PATH.';
    if (process.env.CI === 'true') {
      throw new Failure(sentence);
    }
    console.log(`\n${sentence}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-gateway-'));
  const programs = [];
  try {
    const setUps = await start(folder, programs);
    const measured = await measure(setUps);
    const version = /version (\S+)/.exec(stdout)?.[1];
    console.log(
      `\nHAProxy ${version}, ${ROUNDS} turns of each; latency of 1 caller, the rest with ${CALLERS} at once:`,
    );
    report(measured);
  } finally {
    for (const program of programs) {
      program.kill('SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(folder, programs) {
  const { gatewayConfig } = await compiled('gateway/gateway-config');
  const { routerConfig } = await compiled('gateway/router-config');
  const { keysTask } = await compiled('gateway/keys-task');
  const { metricsTask } = await compiled('gateway/metrics-task');
  const { GATEWAY_PORTS } = await compiled('gateway/ports');
  const { SCORING_PROTOCOL } = await compiled('gateway/protocol');
  const { SCORING_REQUEST_LIMITS } = await compiled('scoring/request-limits');

  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  programs.push(server);
  const [port] = await once(server.stdout, 'data');
  const httpPort = Number(port);

  const keyMap = join(folder, 'keys.map');
  const keysTaskFile = join(folder, 'keys.lua');
  const keys = join(folder, 'keys');
  mkdirSync(keys);
  for (const name of ['primary', 'secondary']) {
    writeFileSync(join(keys, name), createHash('sha256').update(KEY).digest('hex'));
  }
  writeFileSync(keyMap, '');
  writeFileSync(keysTaskFile, keysTask({ folder: keys, map: keyMap }));
  const settings = {
    serviceName: 'bench',
    protocol: { ...SCORING_PROTOCOL, httpPort },
    // so many that nobody waits: the queue is the service's affair, and no cost
    limits: { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 4 * CALLERS },
    keyMap,
    keysTaskFile,
    drainTimeoutSeconds: 10,
  };
  const measured = (part) => {
    const metricsTaskFile = join(folder, `${part}-metrics.lua`);
    writeFileSync(metricsTaskFile, metricsTask({ ...settings, part }));
    return { ...settings, metricsTaskFile };
  };
  const said = join(folder, 'said.log');
  const { gateway, routed, router } = ADDRESSES;
  const configurations = {
    gateway: gatewayConfig({ ...measured('gateway'), behindRouter: false, address: gateway }),
    routed: gatewayConfig({ ...measured('gateway'), behindRouter: true, address: routed }),
    router: routerConfig({
      ...measured('router'),
      replicasHost: routed,
      maxReplicas: 1,
      routerHosts: [router],
      address: router,
    }),
  };
  for (const [name, text] of Object.entries(configurations)) {
    const file = join(folder, `${name}.cfg`);
    writeFileSync(file, text);
    // its access log is written and thrown away; what it says of its start is kept
    programs.push(spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', openSync(said, 'a')] }));
  }
  const setUps = [
    { label: 'server alone', host: '127.0.0.1', port: httpPort },
    { label: 'through gateway', host: gateway, port: GATEWAY_PORTS.requests },
    { label: 'through router and gateway', host: router, port: GATEWAY_PORTS.requests },
  ];
  for (const setUp of setUps) {
    await answers(setUp, said);
  }
  return setUps;
}

/** A module of the library, which need not be compiled yet when this one is loaded. */
function compiled(module) {
  return import(pathToFileURL(join(ROOT, 'dist', 'src', `${module}.js`)).href);
}

async function answers(setUp, said) {
  const latest = performance.now() + 30_000;
  const agent = new Agent();
  for (let status; status !== 200; ) {
    status = await call(setUp, agent, 0);
    if (performance.now() > latest) {
      const log = readFileSync(said, 'utf8');
      throw new Failure(`no 200 came ${setUp.label} within 30 s, but ${status}; what HAProxy said:\n${log}`);
    }
    await sleep(status === 200 ? 0 : 100);
  }
}

async function measure(setUps) {
  const measured = SERVER_MS.flatMap((serverMs) =>
    setUps.map((setUp) => ({ ...setUp, serverMs, alone: [], together: [], seconds: 0 })),
  );
  for (let round = 0; round <= ROUNDS; round++) {
    for (const each of measured) {
      const alone = await load(each, 1);
      const together = await load(each, CALLERS);
      // the first turn warms up
      if (round > 0) {
        each.alone.push(...alone.latencies);
        each.together.push(...together.latencies);
        each.seconds += together.seconds;
      }
    }
  }
  return measured;
}

function report(measured) {
  const figures = measured.map(({ serverMs, label, alone, together, seconds }) => ({
    serverMs,
    label,
    values: [median(alone), quantile(together, 0.99), together.length / seconds],
  }));
  const rows = figures.map(({ serverMs, label, values }) => {
    const base = figures.find((each) => each.serverMs === serverMs);
    return [
      `${label}, ${serverMs} ms a call`,
      ...values.flatMap((value, index) => [
        index === 2 ? value.toFixed(0) : value.toFixed(2),
        (value / base.values[index]).toFixed(2),
      ]),
    ];
  });
  printTable([['', 'median ms', 'ratio', 'p99 ms', 'ratio', 'calls a s', 'ratio'], ...rows]);
  for (const { serverMs, label, values } of figures) {
    const added = values[0] - figures.find((each) => each.serverMs === serverMs).values[0];
    if (added > MOST_ADDED_MS) {
      throw new Failure(`a call ${label} takes ${added.toFixed(0)} ms longer; more than ${MOST_ADDED_MS} is a mistake`);
    }
  }
}
