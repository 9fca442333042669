import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type GunicornSettings, gunicornConfig } from '../../../src/scoring/gunicorn-config';
import { LogLevel } from '../../../src/scoring/log-level';
import { type RequestLimits, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { scoringServerCommand, scoringServerEnvironment } from '../../../src/scoring/scoring-server';
import type { WarmupRequest } from '../../../src/scoring/warmup-request';
import { folderWith } from '../../fixtures';
import { CLOSE, Program, until } from './process';

const EXAMPLE = resolve(__dirname, '../../../examples/gpu-triton');

/** The Python that has the servers, first on the path. */
export function servingEnvironment(): NodeJS.ProcessEnv {
  const bin = join(process.env.SERVING_PYTHON_HOME ?? '', 'bin');
  return { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
}

/** What a test wants of a scoring server. */
export interface ScoringServerOptions {
  readonly port: number;
  readonly limits?: RequestLimits;

  /** @default LogLevel.INFO */
  readonly logLevel?: LogLevel;

  /**
   * The script: a file of `scripts`, or Python by itself.
   *
   * @default score.py
   */
  readonly script?: string;

  /**
   * Files of models by their paths, such as `digits/1/model.onnx`.
   *
   * @default - the digits model
   */
  readonly models?: { readonly [path: string]: string | Buffer };

  /** @default 1 */
  readonly workerCount?: number;

  /** @default - none */
  readonly warmupRequest?: WarmupRequest;

  /**
   * What is watched of calls.
   *
   * @default - nothing
   */
  readonly watch?: Pick<GunicornSettings, 'telemetry' | 'collectedData'>;

  /** Variables besides. */
  readonly environment?: { readonly [name: string]: string | undefined };

  /** Arguments of gunicorn besides, which win. */
  readonly args?: readonly string[];
}

/** What the script has counted. */
export interface CallCounts {
  /** Calls that are computed now. */
  readonly now: number;
  /** The most that were computed at once. */
  readonly most: number;
  readonly ended: number;
  /** Calls that the server itself ended, since they went on for too long. */
  readonly late: number;
}

/** Asks the script itself, past the gateway. */
export async function post<T = unknown>(port: number, body: string): Promise<T> {
  const url = `http://127.0.0.1:${port}/score`;
  const answer = await fetch(url, { method: 'POST', headers: CLOSE, body: Buffer.from(body) });
  return (await answer.json()) as T;
}

/** Asks the script what it has counted. */
export async function callCounts(port: number): Promise<CallCounts> {
  return post(port, '{"calls":true}');
}

/** Waits until the script computes nothing. */
export async function untilIdle(port: number): Promise<void> {
  await until('the script is idle', async () => (await callCounts(port).catch(() => undefined))?.now === 0);
}

/** Folder of the scripts that tests serve. */
const SCRIPTS = join(__dirname, 'scripts');

function digitsModel(): { [path: string]: Buffer } {
  return { 'digits/1/model.onnx': readFileSync(join(EXAMPLE, 'models/digits/1/model.onnx')) };
}

/** Runs Azure ML's scoring server, laid out as in a pod, and does not wait for it. */
export function runScoringServer({
  port,
  limits = {},
  logLevel = LogLevel.INFO,
  script = 'score.py',
  models = digitsModel(),
  workerCount = 1,
  warmupRequest,
  watch = {},
  environment = {},
  args = [],
}: ScoringServerOptions): Program {
  const files = Object.entries(models).map(([path, content]) => [join('azureml-models', path), content]);
  const root = folderWith({
    ...Object.fromEntries(files),
    'score.py': script.includes('\n') ? script : readFileSync(join(SCRIPTS, script)),
    'warmup-request': warmupRequest?.content ?? '',
  });
  const folders = new Set(Object.keys(models).map((path) => path.split('/').slice(0, 2).join('/')));
  const [folder = ''] = folders.size === 1 ? folders : [];
  const { replicaMaxConcurrentRequests, scoringTimeoutMs } = resolveRequestLimits(limits, SCORING_REQUEST_LIMITS);
  const warmUp = warmupRequest && { ...warmupRequest, file: join(root, 'warmup-request') };
  const configFile = join(root, 'gunicorn.conf.py');
  writeFileSync(configFile, gunicornConfig({ scoringTimeoutMs, warmUp, ...watch }));
  const [command = '', ...rest] = scoringServerCommand({
    replicaMaxConcurrentRequests,
    workerCount,
    scoringTimeoutMs,
    configFile,
    port,
  });
  const variables = scoringServerEnvironment('digits', logLevel).map(({ name, value }) => [name, value]);
  return new Program([command, ...rest, ...args], {
    ...servingEnvironment(),
    ...Object.fromEntries(variables),
    AML_APP_ROOT: root,
    AZUREML_ENTRY_SCRIPT: 'score.py',
    AZUREML_MODEL_DIR: join(root, 'azureml-models', folder),
    ...environment,
  });
}

/** Starts Azure ML's scoring server, on the digits model unless told otherwise. */
export async function startScoringServer(options: ScoringServerOptions): Promise<Program> {
  const server = runScoringServer(options);
  await server.until('the scoring server answers', () =>
    fetch(`http://127.0.0.1:${options.port}/`, { headers: CLOSE }).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return server;
}
