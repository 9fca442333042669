import { SCORING_SERVER_PORT } from '../gateway/ports';
import { callLimitMs } from './gunicorn/late-calls';
import type { LogLevel } from './log-level';

/** What the scoring server of one replica is told. */
export interface ScoringServerSettings {
  /** Number of calls that the replica works on at once. */
  readonly replicaMaxConcurrentRequests: number;

  /** Number of processes that answer them. */
  readonly workerCount: number;

  /** How long a call may take before its caller is given 504. */
  readonly scoringTimeoutMs: number;

  /** File that `gunicornConfig` is written to. */
  readonly configFile: string;

  /** Port on the loopback address; tests run several servers on one machine. */
  readonly port?: number;
}

/** How long gunicorn waits for calls in flight when it is told to end; its own default. */
export const SCORING_EXIT_TIMEOUT_SECONDS = 30;

/**
 * The command that starts Azure ML's scoring server for the gateway of its pod alone: `azmlinfsrv` would listen on all
 * addresses.
 *
 * Each worker has threads for all calls, since the kernel gives connections to workers as it likes, maybe all to one; and
 * one more for the health check: with none left, a probe would kill a server that computes. While a worker loads the
 * script no time limit of gunicorn holds: the startup probe is what ends an `init()` that hangs.
 */
export function scoringServerCommand(settings: ScoringServerSettings): string[] {
  const {
    replicaMaxConcurrentRequests,
    workerCount,
    scoringTimeoutMs,
    configFile,
    port = SCORING_SERVER_PORT,
  } = settings;
  return [
    'gunicorn',
    `--config=${configFile}`,
    `--bind=127.0.0.1:${port}`,
    `--workers=${workerCount}`,
    '--worker-class=gthread',
    `--threads=${replicaMaxConcurrentRequests + 1}`,
    `--timeout=${Math.ceil(callLimitMs(scoringTimeoutMs) / 1000) + SCORING_EXIT_TIMEOUT_SECONDS}`,
    `--graceful-timeout=${SCORING_EXIT_TIMEOUT_SECONDS}`,
    'azureml_inference_server_http.server.entry:app',
  ];
}

/** Environment of the server, besides where its script and its models lie. */
export function scoringServerEnvironment(serviceName: string, logLevel: LogLevel): { name: string; value: string }[] {
  return [
    { name: 'SERVICE_NAME', value: serviceName },
    { name: 'AZUREML_LOG_LEVEL', value: logLevel },
    { name: 'PYTHONUNBUFFERED', value: '1' },
  ];
}
