import { expect, test } from 'vitest';
import { LogLevel } from '../../src/scoring/log-level';
import { folderWith } from '../fixtures';
import { post, runScoringServer, type ScoringServerOptions, startScoringServer } from './servers/scoring-server';
import { describeWith, SCORING_SERVER } from './tools';

const PORT = 15171;

/** Runs a server that is to end by itself, and returns what the state of its pod would show. */
async function ended(options: Omit<ScoringServerOptions, 'port'>) {
  const server = runScoringServer({ port: PORT, ...options });
  const status = await server.ended;
  const lastLines = Buffer.from(server.log).subarray(-2048).toString().split('\n').slice(-80).join('\n');
  return { status, lastLines, log: server.log };
}

const FAILING_INIT = `
import threading, time

def load():
    raise OSError("no weights")

def init():
    threading.Thread(target=time.sleep, args=[600]).start()
    try:
        load()
    except OSError as error:
        raise RuntimeError("no model") from error

def run(data):
    return data
`;
const RUN = '\ndef run(data):\n    return data\n';
const WITHOUT_EXCEPTION =
  /could not be loaded: a worker ended without an exception in Python\.\n.*memoryGbLimit[\s\S]*$/;

describeWith([SCORING_SERVER], 'a script that cannot be loaded', () => {
  test.each([1, 3])(
    'ends the container with its own traceback as the last lines, once: %d processes',
    async (count) => {
      const { status, lastLines, log } = await ended({ script: FAILING_INIT, workerCount: count });

      expect(status).toBe(3);
      expect(lastLines.slice(lastLines.lastIndexOf('The scoring script'))).toMatch(
        /^The scoring script could not be loaded:\nTraceback .*\n {2}File ".*score.py", line 10, in init\n[\s\S]*OSError: no weights\n[\s\S]*\nRuntimeError: no model\n$/,
      );
      expect(log.match(/could not be loaded:/g)).toHaveLength(1);
      expect(log).not.toContain('HaltServer');
    },
  );

  test.each([
    [
      'fails to import',
      `import no_such_module\n${RUN}`,
      /score.py", line 1, in <module>\n.*\nModuleNotFoundError: .*\n$/,
    ],
    ['is no Python', 'def init(:\n', /loaded:\n {2}File ".*score.py", line 1\n[\s\S]*SyntaxError: .*\n$/],
    ['has no init()', RUN, /UserScriptError: .* does not have a init\(\) function defined\.\n$/],
    ['ends itself', `def init():\n    raise SystemExit(0)\n${RUN}`, /score.py", line 2, in init\n.*\nSystemExit: 0\n$/],
    ['ends its process', `import os\ndef init():\n    os._exit(0)\n${RUN}`, WITHOUT_EXCEPTION],
    ['breaks', `import ctypes\ndef init():\n    ctypes.string_at(0)\n${RUN}`, WITHOUT_EXCEPTION],
    ['is killed', `import os\ndef init():\n    os.kill(os.getpid(), 9)\n${RUN}`, WITHOUT_EXCEPTION],
  ])('says why when it %s', async (_, script, end) => {
    const { status, lastLines } = await ended({ script });

    expect(lastLines).toMatch(end);
    expect(status).toBe(3);
  });

  test('says why when it is not there', async () => {
    const { status, lastLines } = await ended({ environment: { AZUREML_ENTRY_SCRIPT: 'missing.py' } });

    expect(lastLines).toMatch(/loaded:\nFileNotFoundError: .*missing\.py'\n$/);
    expect(status).toBe(3);
  });

  test('says that the server is missing', async () => {
    const { status, lastLines } = await ended({
      environment: { PYTHONPATH: folderWith({ 'azureml_inference_server_http/__init__.py': '' }) },
    });

    expect(lastLines).toMatch(/ModuleNotFoundError: No module named 'azureml_inference_server_http.server'\n$/);
    expect(status).toBe(3);
  });

  test('is not what a container that is told to end says', async () => {
    const script = `import os, time\ndef init():\n    print("begun")\n    time.sleep(2)\n    os._exit(0)\n${RUN}`;
    const server = runScoringServer({ port: PORT, script });
    await server.until('init() has begun', () => server.log.includes('begun'));
    server.kill('SIGTERM');

    expect(await server.ended).toBe(0);
    expect(server.log).not.toContain('could not be loaded');
  });
});

describeWith([SCORING_SERVER], 'a script', () => {
  test('may take longer to load than gunicorn waits for a worker', async () => {
    const script = `import time\ndef init():\n    time.sleep(6)\n${RUN}`;
    const server = await startScoringServer({ port: PORT, script, args: ['--timeout=2'] });
    await server.stop('SIGTERM');

    const [loading = ''] = server.log.split('ready for serving');
    expect(loading).not.toContain('WORKER TIMEOUT');
    expect(loading.match(/Booting worker/g)).toHaveLength(1);
  });

  test('is loaded by each worker', async () => {
    const server = await startScoringServer({
      port: PORT,
      script: 'rows.py',
      models: { 'factor/1/x': '2' },
      workerCount: 3,
    });
    await server.until('all are ready', () => (server.log.match(/ready for serving/g) ?? []).length === 3);
    await server.stop('SIGTERM');

    expect(new Set(server.log.match(/Worker with pid \d+ ready/g)).size).toBe(3);
  });

  test.each(Object.values(LogLevel))('has all that it prints in the log at once, at %s', async (logLevel) => {
    const models = { 'factor/1/factor.json': '2' };
    const server = await startScoringServer({ port: PORT, script: 'rows.py', models, logLevel });
    for (const line of ['looking for the model\n', 'found factor.json\n', 'written\n']) {
      await server.until(`the log has '${line}'`, () => server.log.includes(line));
    }
    expect(await post(PORT, '[[1]]')).toBe('[2]');
    await server.until('the print of a call is there', () => server.log.includes('a call of process'));
    await server.stop('SIGTERM');

    const quiet = logLevel !== LogLevel.INFO && logLevel !== LogLevel.DEBUG;
    expect(server.log.includes("Invoking user's init")).toBe(!quiet);
    expect(server.log.includes('What the scoring script finds')).toBe(logLevel === LogLevel.DEBUG);
  });

  test('is said to find its models, at DEBUG, before it is loaded', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`many/1/${1000 + index}`, '']));
    const server = await startScoringServer({
      port: PORT,
      script: 'statements.py',
      models: { 'factor/2/factor.json': '2.5', ...many },
      logLevel: LogLevel.DEBUG,
    });
    await server.stop('SIGTERM');

    const [block = ''] = /^What the scoring script finds:\n(?: .*\n)+/m.exec(server.log) ?? [];
    expect(
      block
        .replaceAll(/\/.*\/azure-inference-files-\w+/g, 'ROOT')
        .split('\n')
        .slice(0, 10),
    ).toEqual([
      'What the scoring script finds:',
      '  AZUREML_ENTRY_SCRIPT=score.py',
      '  AZUREML_MODEL_DIR=ROOT/azureml-models',
      '  the script ROOT/score.py, which is there',
      '  ROOT/azureml-models/',
      '    factor/',
      '      2/',
      '        factor.json  3 bytes',
      '    many/',
      '      1/',
    ]);
    expect(block.split('\n').slice(-3)).toEqual([
      '        1194  0 bytes',
      '    (and more: these are the first 200)',
      '',
    ]);
    expect(server.log.indexOf(block)).toBeLessThan(server.log.indexOf('Booting worker'));
  });
});

describeWith([SCORING_SERVER], 'AZUREML_MODEL_DIR', () => {
  const script = `import os\n\ndef init():\n    pass\n\ndef run(data):\n    return os.environ["AZUREML_MODEL_DIR"]\n`;
  const seen = async (directory: string | undefined) => {
    const server = await startScoringServer({ port: PORT, script, environment: { AZUREML_MODEL_DIR: directory } });
    const found = await post<string>(PORT, '{}');
    await server.stop('SIGTERM');
    return found;
  };

  test('is what the pod or the image says', async () => {
    expect(await seen('/models')).toBe('/models');
  });

  test('is the folder of all models where neither says it', async () => {
    expect(await seen(undefined)).toMatch(/\/azure-inference-files-\w+\/azureml-models$/);
  });
});

describeWith([SCORING_SERVER], 'a request that warms up', () => {
  const warm = (content: string, contentType = 'application/json') => ({ content: Buffer.from(content), contentType });

  test.each([
    ['application/json', '{"secret-of-the-request": 1}'],
    ['application/octet-stream', '\xff\xfe'],
  ])('is scored by each worker before it takes calls: %s', async (contentType, content) => {
    const warmupRequest = { content: Buffer.from(content, 'latin1'), contentType };
    const server = await startScoringServer({ port: PORT, script: 'seen.py', warmupRequest, logLevel: LogLevel.DEBUG });

    expect((await post<unknown[]>(PORT, 'call'))[0]).toEqual([
      'POST',
      '/score',
      contentType,
      content.length,
      content.slice(0, 20),
    ]);
    expect(server.log).not.toContain('secret');
    await server.stop('SIGTERM');
  });

  test('ends the container when it is answered with an error, with status and answer last', async () => {
    const { status, lastLines } = await ended({ script: 'seen.py', warmupRequest: warm('teapot'), workerCount: 2 });

    expect(status).toBe(3);
    expect(lastLines).toMatch(
      /loaded:\nRuntimeError: the warm-up request was answered with 418: (?=.{500}\n)(short and stout )+shor\n$/,
    );
  });

  test('ends the container when the script fails, with its traceback too', async () => {
    const { status, lastLines } = await ended({ script: 'seen.py', warmupRequest: warm('fail') });

    expect(status).toBe(3);
    expect(lastLines).toMatch(
      /loaded:\nTraceback .*\n {2}File ".*score.py", line \d+, in run\n[\s\S]*\nValueError: too cold\n[\s\S]*\nRuntimeError: the warm-up request was answered with 500: \{"message": .*\}\n$/,
    );
  });

  test('may take longer than calls may', async () => {
    const limits = { scoringTimeoutMs: 100 };
    const server = await startScoringServer({ port: PORT, script: 'seen.py', warmupRequest: warm('slow'), limits });

    expect((await post<unknown[]>(PORT, 'call')).length).toBe(2);
    await server.stop('SIGTERM');
  });
});
