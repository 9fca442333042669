import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { LogLevel } from '../../../src/scoring/log-level';
import { type RequestLimits, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { gunicornConfig, scoringServerCommand, scoringServerEnvironment } from '../../../src/scoring/scoring-server';
import { Program } from './process';

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

  /** Script below the folder `scripts`. */
  readonly script?: string;
}

/** Starts Azure ML's scoring server on the digits model, laid out as in a pod. */
export async function startScoringServer({
  port,
  limits = {},
  script = 'score.py',
}: ScoringServerOptions): Promise<Program> {
  const root = mkdtempSync(join(tmpdir(), 'azure-inference-app-'));
  const model = join(root, 'azureml-models/digits/1');
  mkdirSync(model, { recursive: true });
  copyFileSync(join(EXAMPLE, 'models/digits/1/model.onnx'), join(model, 'model.onnx'));
  copyFileSync(join(__dirname, 'scripts', script), join(root, script));
  const { replicaMaxConcurrentRequests, scoringTimeoutMs } = resolveRequestLimits(limits, SCORING_REQUEST_LIMITS);
  const configFile = join(root, 'gunicorn.conf.py');
  writeFileSync(configFile, gunicornConfig(scoringTimeoutMs));
  const [command = '', ...args] = scoringServerCommand({
    replicaMaxConcurrentRequests,
    scoringTimeoutMs,
    configFile,
    port,
  });
  const variables = scoringServerEnvironment('digits', LogLevel.INFO).map(({ name, value }) => [name, value]);
  const server = new Program([command, ...args], {
    ...servingEnvironment(),
    ...Object.fromEntries(variables),
    AML_APP_ROOT: root,
    AZUREML_ENTRY_SCRIPT: script,
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
