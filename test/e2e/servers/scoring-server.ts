import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { LogLevel } from '../../../src/scoring/log-level';
import { type RequestLimits, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { gunicornConfig, scoringServerCommand, scoringServerEnvironment } from '../../../src/scoring/scoring-server';
import { Program, until } from './process';

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

/** Asks the script itself, past the gateway, what it has counted. */
export async function callCounts(port: number): Promise<CallCounts> {
  const answer = await fetch(`http://127.0.0.1:${port}/score`, { method: 'POST', body: '{"calls":true}' });
  return (await answer.json()) as CallCounts;
}

/** Waits until the script computes nothing. */
export async function untilIdle(port: number): Promise<void> {
  await until('the script is idle', async () => (await callCounts(port).catch(() => undefined))?.now === 0);
}

/** Starts Azure ML's scoring server on the digits model, laid out as in a pod. */
export async function startScoringServer({
  port,
  limits = {},
  logLevel = LogLevel.INFO,
}: ScoringServerOptions): Promise<Program> {
  const root = mkdtempSync(join(tmpdir(), 'azure-inference-app-'));
  const model = join(root, 'azureml-models/digits/1');
  mkdirSync(model, { recursive: true });
  copyFileSync(join(EXAMPLE, 'models/digits/1/model.onnx'), join(model, 'model.onnx'));
  copyFileSync(join(__dirname, 'scripts/score.py'), join(root, 'score.py'));
  const { replicaMaxConcurrentRequests, scoringTimeoutMs } = resolveRequestLimits(limits, SCORING_REQUEST_LIMITS);
  const configFile = join(root, 'gunicorn.conf.py');
  writeFileSync(configFile, gunicornConfig(scoringTimeoutMs));
  const [command = '', ...args] = scoringServerCommand({
    replicaMaxConcurrentRequests,
    scoringTimeoutMs,
    configFile,
    port,
  });
  const variables = scoringServerEnvironment('digits', logLevel).map(({ name, value }) => [name, value]);
  const server = new Program([command, ...args], {
    ...servingEnvironment(),
    ...Object.fromEntries(variables),
    AML_APP_ROOT: root,
    AZUREML_ENTRY_SCRIPT: 'score.py',
    AZUREML_MODEL_DIR: model,
  });
  await server.until('the scoring server answers', () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return server;
}
