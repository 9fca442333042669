import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capacity, ScoringOptions, VmSize } from 'azure-inference-cdktf';
import { afterEach, expect, test, vi } from 'vitest';
import { ExitCode } from '../../src/cli/program';
import type { ProfileSettings } from '../../src/profile/profile-settings';
import { PROFILE_PROGRAM } from '../../src/profile/program/program';
import { folderWith } from '../fixtures';
import { cli } from '../src/cli-runner';
import { manifestsOf } from './manifests';
import { Program, until } from './servers/process';
import { servingEnvironment } from './servers/scoring-server';
import { podOf } from './servers/synthesized-pod';
import { startTritonServer } from './servers/triton-server';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, PERF_ANALYZER, PERF_ANALYZER_COMMAND, PYTHON, SCORING_SERVER, TRITON } from './tools';

const MINUTE = 60_000;

const servers: Server[] = [];
const programs: Program[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});

/** A server on loopback, by its address. */
async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port on loopback that nobody listens on. */
async function freePort(): Promise<number> {
  const { port } = new URL(await listening(() => {}));
  await new Promise((done) => servers.pop()?.close(done));
  return Number(port);
}

/** What the program has of Python, as a module that expressions are asked of, after the lines that come first. */
function python(expression: string, first = ''): unknown {
  const folder = folderWith({ 'program.py': PROFILE_PROGRAM });
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', `import json, program\nfrom program import *\n${first}\nprint(json.dumps(${expression}))`],
    {
      cwd: folder,
      encoding: 'utf8',
      // callers that wait for each other would do so for ever
      timeout: MINUTE / 2,
    },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** Runs the program with its settings, and gives its report. */
async function profiled(settings: ProfileSettings, environment: NodeJS.ProcessEnv = process.env) {
  const folder = folderWith({ 'profile.py': PROFILE_PROGRAM, 'settings.json': JSON.stringify(settings) });
  const program = new Program(['python3', join(folder, 'profile.py'), join(folder, 'settings.json')], environment);
  programs.push(program);
  const status = await program.ended;
  const report = program.log.slice(program.log.indexOf('\n{') + 1, program.log.lastIndexOf('\n}') + 2);
  return { status, report: JSON.parse(report), log: program.log };
}

describeWith([PYTHON], 'the program that profiles', () => {
  test('is Python 3.8', () => {
    const parse = 'import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 8))';
    const { stderr } = spawnSync('python3', ['-c', parse], { input: PROFILE_PROGRAM, encoding: 'utf8' });

    expect(stderr).toBe('');
  });

  const level = (concurrency: number, requestsPerSecond: number, p99: number, errors = 'dict()') =>
    `dict(concurrency=${concurrency}, requestsPerSecond=${requestsPerSecond}, latencyPercentile99InMs=${p99}, errors=${errors}, successes=5)`;

  test.each([
    ['the lowest that is near the highest throughput', [level(1, 20, 10), level(2, 39, 10), level(4, 40, 10)], 2],
    ['not one that is slower by more', [level(1, 20, 10), level(2, 37, 10), level(4, 40, 10)], 4],
    ['not one with errors', [level(1, 20, 10), level(2, 40, 10, "{'503': 1}")], 1],
    ['not one whose slowest calls run out of time', [level(1, 20, 10), level(2, 40, 100)], 1],
    ['none where all have errors', [level(1, 20, 10, "{'500': 9}")], null],
  ])('takes for the best level %s', (_, levels, best) => {
    expect(python(`(best_of([${levels}], 100) or {}).get("concurrency")`)).toBe(best);
  });

  test('gives percentiles as values that were measured', () => {
    expect(python('[percentile(list(range(1, 101)), part) for part in (50, 99, 99.9)]')).toEqual([50, 99, 100]);
    expect(python('[percentile([7], 50), percentile([], 50)]')).toEqual([7, null]);
  });

  test('tells the cores used on average and at most between two samples, of those that touch the level', () => {
    const samples = '[(0, 0, 1), (1, 3, 1), (2, 4, 1), (3, 6, 1), (4, 20, 1)]';

    expect(python(`cpu_used(${samples}, dict(begin=1.5, end=2.5))`)).toEqual([1.5, 2]);
    expect(python(`cpu_used([(0, 0, 1)], dict(begin=0, end=9))`)).toEqual([null, null]);
  });

  test('recommends a fifth more than was used, in tenths', () => {
    expect(python('[with_headroom(value) for value in (0.001, 0.5, 1, None)]')).toEqual([0.1, 0.6, 1.2, null]);
  });

  test('says why it does not know what a container used', () => {
    expect(python('WrittenUsage("nowhere").problem')).toBe('the node does not show a container its cgroup');
  });

  test('skips what it cannot read of what a container used', () => {
    const written = `${folderWith({ usage: '1 2000000 3\n4 5\n6 seven 8\n9 1000000 1' })}/usage`;

    expect(python(`WrittenUsage("${written}").samples()`)).toEqual([[1, 2, 3]]);
  });

  const refused = 'def refused(*_, **__):\n  raise PermissionError(13, "Permission denied")\n';
  const ended = 'def ended(*_, **__):\n  raise ProcessLookupError(3, "No such process")\n';
  const taken = 'usage = ProcessUsage(os.getpid())\nusage.take()\n';
  const seen = '[usage.problem, len(usage.samples())]';

  test('measures a process that may be read', () => {
    expect(python(`${seen} + [usage.taken[0][2] > 2 ** 20]`, taken)).toEqual([null, 1, true]);
  });

  test('does not take memory that may not be read for none', () => {
    expect(python(seen, `${taken}${refused}program.open = refused\nusage.memory(7)`)).toEqual([
      'memory of process 7 cannot be read (Permission denied); profile as its user or as root',
      0,
    ]);
  });

  test('takes a process that has ended for one without memory', () => {
    expect(python(`[usage.memory(7)] + ${seen}`, `${taken}${ended}program.open = ended`)).toEqual([0, null, 1]);
  });

  test('says that the kernel tells no memory at all', () => {
    expect(python(seen, `ProcessUsage.memory = lambda *_: 0\n${taken}`)).toEqual([
      'the kernel does not say how much memory a process uses: it has no /proc/<pid>/smaps_rollup',
      0,
    ]);
  });

  test('tells a process that is not there from a system that has no such processes', () => {
    expect(python('ProcessUsage(99999999).problem')).toBe('there is no process 99999999, or this user may not see it');
    expect(python('ProcessUsage(1).problem', 'os.path.exists = lambda _: False')).toBe(
      'CPU and memory are measured on Linux alone',
    );
  });

  const settings = 'dict(ready=1, concurrency=[1], servers=[], facts=dict(service="s", scoringTimeoutMs=1))';

  test.each(['StopIteration', 'IndexError', 'ZeroDivisionError', 'RuntimeError'])(
    'leaves a report where something fails that nobody thought of: %s',
    (failure) => {
      const first = `def fails(*_):\n  raise ${failure}("of a kind")\nprogram.wait_until_ready = fails`;

      expect(python(`profile(${settings}, [], None)["error"]`, first)).toBe(`${failure}: of a kind`);
    },
  );

  const load = (body: string) =>
    `class Calls(HttpLoad):
  def __init__(self):
    self.address, self.timeout, self.connection, self.has_ended = "127.0.0.1:9", 1, http.client.HTTPConnection, lambda: False
    self.count, self.lock = 0, threading.Lock()
  def call(self, connection):
    with self.lock:
      self.count += 1
      count = self.count
    ${body}
def failure():
  try:
    Calls().warm_up_and_measure(3, 0, 0)
  except Failure as failure:
    return str(failure)
`;

  test('ends a level whose callers do not all live until it begins', () => {
    const body = 'if count == 1: raise ValueError("of a kind")';

    expect(python('failure()', load(body))).toBe('3 calls at once cannot be made: ValueError: of a kind');
  });

  test('ends a level whose callers cannot all be started', () => {
    const first = `${load('pass')}
begin = threading.Thread.start
def start(thread, started=[]):
  if len(started) == 2: raise RuntimeError("can't start new thread")
  started.append(thread)
  begin(thread)
threading.Thread.start = start`;

    expect(python('failure()', first)).toBe("3 calls at once cannot be made: RuntimeError: can't start new thread");
  });

  test('minds neither a command that has ended meanwhile nor one that does not want to end', () => {
    const gone = 'gone = subprocess.Popen(["true"], start_new_session=True)\ngone.wait()\nend_group(gone)\n';
    const stays = `script = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
stays = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
stays.stdout.read(1)
program.END_SECONDS = 0.2
program.log = lambda _: None
end_group(stays)`;

    expect(python('[gone.returncode, stays.returncode]', `${gone}${stays}`)).toEqual([0, -9]);
  });

  test('turns a request of Triton into what perf_analyzer reads, each item by itself', () => {
    const request = `dict(inputs=[dict(name="x", datatype="FP32", shape=[2, 2], data=[[1, 2], [3, 4]]),
      dict(name="s", datatype="BYTES", shape=[2, 1], data=["a", "b"])])`;

    expect(python(`inputs_for_perf_analyzer(${request}, True)`)).toEqual({
      data: [
        { x: { content: [1, 2], shape: [2] }, s: { content: ['a'], shape: [1] } },
        { x: { content: [3, 4], shape: [2] }, s: { content: ['b'], shape: [1] } },
      ],
    });
    expect(python(`inputs_for_perf_analyzer(${request}, False)`)).toEqual({
      data: [{ x: { content: [1, 2, 3, 4], shape: [2, 2] }, s: { content: ['a', 'b'], shape: [2, 1] } }],
    });
    expect(python('inputs_for_perf_analyzer(dict(data=[1]), True)')).toEqual({ data: [1] });
  });
});

describeWith([PYTHON], 'the profile of a server on this machine', () => {
  const request = () => `${folderWith({ 'request.json': '{"data": 1}' })}/request.json`;
  const output = () => `${folderWith({})}/found/profile.json`;
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

  test('sends the request at every level, and leaves a report that options and capacity are made of', async () => {
    const bodies = new Set<string>();
    let atOnce = 0;
    let most = 0;
    const url = await listening(async (call, response) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      const body = await buffer(call);
      bodies.add(`${call.method} ${call.url} ${call.headers['content-type']} ${body}`);
      await sleep(20);
      atOnce -= 1;
      response.end('ok');
    });
    const file = output();
    const { code, out, error } = await cli(
      ...['profile', `${url}/score`, request(), '--concurrency', '1,3', '--duration-seconds', '1', '--output', file],
      ...['--pid', String(process.pid), '--requested-cpu', '2', '--requested-memory-gb', '4'],
    );

    expect(error).toContain('concurrency 3, 1 seconds');
    expect(code).toBe(ExitCode.SUCCESS);
    expect([...bodies].sort()).toEqual(['GET / undefined ', 'POST /score application/json {"data": 1}']);
    expect(most).toBe(3);
    const report = read(file);
    expect(report).toMatchObject({
      kind: 'azure-inference-profile',
      schemaVersion: 1,
      state: 'Succeeded',
      error: null,
      service: `${url}/score`,
      requestedCpu: 2,
      requestedMemoryInGB: 4,
      successRate: 100,
      best: { concurrency: 3 },
    });
    expect(
      report.levels.map(({ concurrency, errors }: { concurrency: number; errors: object }) => [concurrency, errors]),
    ).toEqual([
      [1, {}],
      [3, {}],
    ]);
    expect(report.totalQueries).toBe(report.levels[0].requests + report.levels[1].requests);
    expect(report.latencyPercentile50InMs).toBeGreaterThanOrEqual(20);
    expect(report.latencyPercentile99InMs).toBeGreaterThanOrEqual(report.latencyPercentile50InMs);
    expect(out).toContain(`Recommended: replicaMaxConcurrentRequests 3, cpuCores ${report.recommendedCpu}, memoryGb `);
    expect(ScoringOptions.fromProfile(file)).toEqual({
      cpuCores: report.recommendedCpu,
      memoryGb: report.recommendedMemoryInGB,
      replicaMaxConcurrentRequests: 3,
    });
    const capacity = Capacity.fromProfile(file, { requestsPerSecond: 1000, size: VmSize.D4S_V5 });
    expect(capacity.secondsPerRequest).toBeCloseTo(3 / report.measuredQueriesPerSecond, 4);
  });

  test('starts a server, measures all that it starts, and ends it', async () => {
    const port = await freePort();
    const script = `require('http').createServer((call, answer) => { call.resume(); answer.end(String(process.pid)) }).listen(${port}, '127.0.0.1')`;
    const kept = 'const kept = Buffer.alloc(256 * 2 ** 20, 1);';
    const file = output();
    const folder = folderWith({ 'server.cjs': `${kept}${script};setInterval(() => kept.length, 1000)` });
    const command = `node ${folder}/server.cjs; echo never`;
    const { code } = await cli(
      ...[
        'profile',
        `http://127.0.0.1:${port}/`,
        request(),
        '--concurrency',
        '2',
        '--duration-seconds',
        '3',
        '--output',
        file,
      ],
      ...['--command', command],
    );

    expect(code).toBe(ExitCode.SUCCESS);
    // the server is a child of the shell that was started
    expect(read(file)).toMatchObject({ usageError: null, recommendedCpu: expect.any(Number) });
    expect(read(file).maxUtilizedMemoryInGB).toBeGreaterThan(0.25);
    expect(read(file).maxUtilizedCpu).toBeGreaterThan(0.01);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  test('is made past the proxy of this machine', async () => {
    const proxy = `http://127.0.0.1:${await freePort()}`;
    const url = await listening((call, response) => {
      call.resume();
      response.end();
    });
    const { status } = await profiled(
      {
        http: { url, contentType: 'text/plain', file: request() },
        batch: 1,
        concurrency: [1],
        durationSeconds: 1,
        warmUpSeconds: 0,
        timeoutSeconds: 5,
        ready: { url, timeoutSeconds: 5 },
        servers: [],
        facts: { service: url, scoringTimeoutMs: 5000 },
      },
      { ...process.env, http_proxy: proxy, HTTP_PROXY: proxy, no_proxy: '', NO_PROXY: '' },
    );

    expect(status).toBe(0);
  });

  test('counts errors by status, and recommends nothing where no level is without', async () => {
    let calls = 0;
    const url = await listening((call, response) => {
      call.resume();
      calls += 1;
      response.writeHead(calls % 3 === 0 ? 503 : 200).end();
    });
    const file = output();
    const { code, error } = await cli(
      ...['profile', url, request(), '--concurrency', '1', '--duration-seconds', '1', '--output', file],
    );

    expect(code).toBe(ExitCode.FAILURE);
    expect(error).toMatch(
      /error: nothing can be recommended: no level is without errors and below scoringTimeoutMs: concurrency 1: \{'503': \d+\}\n$/,
    );
    const { state, best, levels, recommendedCpu, usageError } = read(file);
    expect([state, best, recommendedCpu]).toEqual(['Failed', null, undefined]);
    expect(usageError).toBe('no process was named whose CPU and memory could be measured');
    expect(Object.keys(levels[0].errors)).toEqual(['503']);
    expect(levels[0].successes + levels[0].errors['503']).toBe(levels[0].requests);
    expect(ScoringOptions.fromProfile(file).problems).toEqual([
      expect.stringContaining('is a profile without a result'),
    ]);
  });

  test('counts calls that take too long, and connections that break', async () => {
    let calls = 0;
    const url = await listening((call, response) => {
      call.resume();
      calls += 1;
      // the first is asked for whether the server is there
      if (calls === 1) {
        response.end();
      } else if (calls % 2 === 0) {
        call.socket.destroy();
      }
    });
    const file = output();
    const times = ['--duration-seconds', '1', '--timeout-seconds', '0.2'];
    const { code } = await cli('profile', url, request(), '--concurrency', '1', ...times, '--output', file);

    expect(code).toBe(ExitCode.FAILURE);
    expect(Object.keys(read(file).levels[0].errors).sort()).toEqual(['RemoteDisconnected', 'timeout']);
    expect(read(file).levels[0].successes).toBe(0);
  });

  test('says that there is no server', async () => {
    const port = await freePort();
    const { code, error } = await cli(
      ...['profile', `http://127.0.0.1:${port}/`, request(), '--ready-seconds', '1', '--output', output()],
    );

    expect(code).toBe(ExitCode.FAILURE);
    expect(error).toMatch(/nothing can be recommended: the server is not ready after 1 seconds: .*refused/);
  });

  test('takes an address that is not of ASCII', async () => {
    const paths: (string | undefined)[] = [];
    const url = await listening((call, response) => {
      call.resume();
      paths.push(call.url);
      response.end();
    });
    const { code } = await cli(
      ...['profile', `${url}/zähle`, request(), '--concurrency', '1', '--duration-seconds', '1', '--output', output()],
    );

    expect(code).toBe(ExitCode.SUCCESS);
    expect(paths).toContain('/z%C3%A4hle');
  });

  test('refuses an address with a password, without repeating it', async () => {
    const { code, error } = await cli('profile', 'http://me:secret@127.0.0.1:9/', request(), '--output', output());

    expect(code).toBe(ExitCode.USAGE);
    expect(error).toContain('error: give an address without user and password');
    expect(error).not.toContain('secret');
  });

  test.each(['99999999', '9999999999'])('refuses a process that is not there: %s', async (pid) => {
    const { code, error } = await cli('profile', 'http://127.0.0.1:9/', request(), '--pid', pid, '--output', output());

    expect(code).toBe(ExitCode.USAGE);
    expect(error).toContain(`error: there is no process ${pid}; give '--pid' the number of one that runs`);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends what it started at %s', async (signal) => {
    const port = await freePort();
    const places = folderWith({});
    const left = () => readdirSync(places).filter((name) => name.startsWith('azure-inference-profile-'));
    const before = process.listeners(signal);
    const script = `require('http').createServer((call, answer) => { call.resume(); answer.end() }).listen(${port}, '127.0.0.1')`;
    const folder = folderWith({ 'server.cjs': script });
    vi.stubEnv('TMPDIR', places);
    try {
      const measured = cli(
        ...['profile', `http://127.0.0.1:${port}/`, request(), '--command', `exec node ${folder}/server.cjs`],
        ...['--duration-seconds', '60', '--output', output()],
      );
      await until('the server answers', () => fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false));
      expect(left()).toHaveLength(1);
      for (const listener of process.listeners(signal).filter((each) => !before.includes(each))) {
        (listener as (name: string) => void)(signal);
      }
      const { code, error } = await measured;

      expect(code).toBe(ExitCode.FAILURE);
      expect(error).toContain(`error: the measurement was ended by ${signal}\n`);
      expect(error).not.toContain('Traceback');
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
      expect(left()).toEqual([]);
      expect(process.listeners(signal)).toEqual(before);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('says that the command ended', async () => {
    const { code, error } = await cli(
      ...['profile', 'http://127.0.0.1:9/', request(), '--command', 'exit 3', '--output', output()],
    );

    expect(code).toBe(ExitCode.FAILURE);
    expect(error).toContain('nothing can be recommended: the command ended with status 3');
  });
});

describeWith([SCORING_SERVER, PYTHON], "the Job of an example's script", () => {
  /** Groups of a container that keeps 600 MiB. */
  const GROUPS = {
    'memory.current': `${700 * 2 ** 20}\n`,
    'memory.stat': `inactive_file ${100 * 2 ** 20}\n`,
    'cpu.stat': 'usage_usec 3000000\n',
  };

  /** The containers of the Job as this machine runs them, and what is written to the store. */
  async function started(
    change: (settings: ProfileSettings) => ProfileSettings = (settings) => settings,
    more: { readonly [variable: string]: string } = {},
  ) {
    const outdir = synthesizeExample('scoring-script');
    const [job] = manifestsOf(outdir, 'scripts-serving').filter(({ kind }) => kind === 'Job');
    const pod = podOf({ outdir, stack: 'scripts-serving', service: String(job?.metadata.name) });
    const uploads: { url?: string; text: string; headers: IncomingMessage['headers'] }[] = [];
    const tokens: string[] = [];
    const azure = await listening(async (call, response) => {
      const text = (await buffer(call)).toString();
      if (call.url?.endsWith('/oauth2/v2.0/token')) {
        tokens.push(`${call.url}?${text}`);
        response.end('{"access_token": "a-token", "expires_in": "3600"}');
        return;
      }
      uploads.push({ url: call.url, text, headers: call.headers });
      // a role that Azure does not know yet
      response.writeHead(uploads.length === 1 ? 403 : 201).end(uploads.length === 1 ? '<Code>no\n  role</Code>' : '');
    });
    const port = await freePort();
    const root = folderWith({
      'score.py': readFileSync(join(ROOT, 'examples/scoring-script/source/score.py')),
      'azureml-models/digits/1/model.onnx': readFileSync(join(ROOT, 'examples/gpu-triton/models/digits/1/model.onnx')),
      identity: 'signed-by-the-cluster',
    });
    const work = folderWith({});
    const places = [
      ['/etc/inference-profile', folderWith({})],
      ['/etc/scoring-server', folderWith({})],
      ['/var/run/inference-profile', work],
      ['/var/azureml-app', root],
      ['/sys/fs/cgroup', folderWith(GROUPS)],
      ['127.0.0.1:5001', `127.0.0.1:${port}`],
    ] as const;
    const here = (text: string) => places.reduce((found, [from, to]) => found.replaceAll(from, to), text);
    for (const [name, text] of Object.entries(pod.files)) {
      for (const [, folder] of places.slice(0, 2)) {
        writeFileSync(join(folder, name), here(text));
      }
    }
    const settingsFile = here('/etc/inference-profile/settings.json');
    const settings: ProfileSettings = JSON.parse(readFileSync(settingsFile, 'utf8'));
    const upload = String(settings.upload).replace(/^https:\/\/[^/]+/, azure);
    writeFileSync(
      settingsFile,
      JSON.stringify(change({ ...settings, upload, durationSeconds: 2, warmUpSeconds: 0.4 })),
    );
    const run = (container: string) => {
      const { command = [], env = [] } = pod.containers[container] ?? {};
      const variables = env.map(({ name, value = '' }) => [name, here(value)]);
      const program = new Program(command.map(here) as unknown as [string, ...string[]], {
        ...servingEnvironment(),
        ...Object.fromEntries(variables),
        AZURE_AUTHORITY_HOST: `${azure}/`,
        AZURE_TENANT_ID: 'tenant',
        AZURE_CLIENT_ID: 'client',
        AZURE_FEDERATED_TOKEN_FILE: join(root, 'identity'),
        ...more,
      });
      programs.push(program);
      return program;
    };
    return { scoring: run('scoring'), load: run('load'), uploads, tokens };
  }

  test('measures the real scoring server, ends with it, and leaves the report in the store', {
    timeout: 2 * MINUTE,
  }, async () => {
    const { scoring, load, uploads, tokens } = await started();

    expect([await load.ended, await scoring.ended]).toEqual([0, 0]);
    const report = JSON.parse(uploads.at(-1)?.text ?? '');
    expect(report).toMatchObject({
      state: 'Succeeded',
      error: null,
      service: 'digit-script',
      vmSize: 'Standard_D4s_v5',
      requestedCpu: 0.5,
      requestedMemoryInGB: 1,
      maxUtilizedMemoryInGB: 0.5859,
      recommendedMemoryInGB: 0.8,
      recommendedCpu: 0.1,
      usageError: null,
      successRate: 100,
      replicaMaxConcurrentRequests: 2,
    });
    expect(report.levels.map(({ concurrency }: { concurrency: number }) => concurrency)).toEqual([1, 2, 4]);
    // the first try came before Azure knew of the role
    expect(uploads).toHaveLength(2);
    expect(load.log).toContain('the report cannot be written yet: 403 Forbidden: <Code>no role</Code>');
    expect(uploads[1]).toMatchObject({
      url: expect.stringMatching(/^\/profiles-scripts-serving-digit-script\/digit-script-profile-[0-9a-f]{8}\.json$/),
      headers: { authorization: 'Bearer a-token', 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/json' },
    });
    // telemetry and collected data of the script come with tokens of their own
    const [token] = tokens.filter((each) => each.includes('scope=https%3A%2F%2Fstorage.azure.com%2F.default'));
    expect(token).toMatch(/^\/tenant\/oauth2\/v2\.0\/token\?grant_type=client_credentials&client_id=client&/);
    expect(token).toContain('client_assertion=signed-by-the-cluster');
    expect(token).toContain('scope=https%3A%2F%2Fstorage.azure.com%2F.default');
    expect(load.log).not.toContain('a-token');
  });

  test('leaves a report of why a server is of no use', { timeout: 2 * MINUTE }, async () => {
    const { scoring, load, uploads } = await started((settings) => {
      const { http } = settings;
      return { ...settings, http: http && { ...http, url: `${http.url}/nowhere` }, concurrency: [1] };
    });

    expect([await load.ended, await scoring.ended]).toEqual([1, 0]);
    expect(JSON.parse(uploads.at(-1)?.text ?? '')).toMatchObject({
      state: 'Failed',
      error: expect.stringMatching(/concurrency 1: \{'404': \d+\}$/),
      best: null,
      recommendedCpu: null,
    });
  });

  test('fails at once where the pod has no identity to write as', { timeout: 2 * MINUTE }, async () => {
    const { load, scoring } = await started((settings) => ({ ...settings, concurrency: [1] }), { AZURE_CLIENT_ID: '' });

    expect([await load.ended, await scoring.ended]).toEqual([1, 0]);
    expect(load.log).toContain('the pod has no workload identity: its label or the webhook of AKS is missing');
  });

  test('leaves a report of a server that ended', { timeout: 2 * MINUTE }, async () => {
    const { scoring, load, uploads } = await started((settings) => ({ ...settings, durationSeconds: 60 }));
    await load.until('the load has begun', () => load.log.includes('concurrency 1'));
    scoring.kill('SIGTERM');

    expect([await load.ended, await scoring.ended]).toEqual([1, 0]);
    expect(JSON.parse(uploads.at(-1)?.text ?? '')).toMatchObject({
      state: 'Failed',
      error: "the server 'scoring' ended with status 0; its log says why",
    });
  });
});

describeWith([TRITON, PERF_ANALYZER, PYTHON], 'the profile of a model of Triton', () => {
  async function measured(more: Partial<ProfileSettings['triton']> & { batch?: number } = {}) {
    const { batch = 1, ...triton } = more;
    const { program, httpPort, grpcPort } = await startTritonServer();
    programs.push(program);
    return profiled({
      triton: {
        command: PERF_ANALYZER_COMMAND,
        model: 'digits',
        grpc: `127.0.0.1:${grpcPort}`,
        http: `http://127.0.0.1:${httpPort}`,
        ...triton,
      },
      batch,
      concurrency: [1, 4],
      durationSeconds: 2,
      warmUpSeconds: 0.4,
      timeoutSeconds: 10,
      ready: { url: `http://127.0.0.1:${httpPort}/v2/health/ready`, timeoutSeconds: 60 },
      servers: [],
      facts: { service: 'digit-reader', scoringTimeoutMs: 10_000 },
    });
  }

  test('has the levels that perf_analyzer measures over gRPC', { timeout: MINUTE }, async () => {
    const { status, report } = await measured();

    expect(status).toBe(0);
    expect(report).toMatchObject({ state: 'Succeeded', error: null, latencyPercentile999InMs: null });
    for (const level of report.levels) {
      expect(level).toMatchObject({ batch: 1, errors: {} });
      expect(level.requests).toBeGreaterThan(10);
      expect(level.latencyPercentile99InMs).toBeGreaterThanOrEqual(level.latencyPercentile50InMs);
      expect(level.secondsPerRequest).toBeCloseTo(level.concurrency / level.requestsPerSecond, 4);
    }
  });

  test('sends a request of the user’s, several times in each call', { timeout: MINUTE }, async () => {
    const file = join(ROOT, 'examples/gpu-triton/request.json');
    const { report } = await measured({ file, batch: 4 });

    expect(report).toMatchObject({ state: 'Succeeded', levels: [{ batch: 4 }, { batch: 4 }] });
  });

  test('says what perf_analyzer says where it cannot call a model', { timeout: MINUTE }, async () => {
    const file = `${folderWith({ 'request.json': '{"data": [{"other": [1]}]}' })}/request.json`;
    const { status, report } = await measured({ file });

    expect(status).toBe(1);
    expect(report.error).toMatch(/^no level is without errors .*concurrency 1: .*missing tensor pixels/);
    expect(report.levels).toMatchObject([{ errors: { perf_analyzer: 1 } }, { errors: { perf_analyzer: 1 } }]);
  });

  test('says that there is no such model, or no perf_analyzer', { timeout: MINUTE }, async () => {
    expect((await measured({ model: 'nobody' })).report.error).toBe(
      "Triton does not tell of the model 'nobody': HTTP Error 404: Not Found",
    );
    expect((await measured({ command: '/nowhere/perf_analyzer' })).report.error).toContain(
      'perf_analyzer cannot be started',
    );
  });
});
