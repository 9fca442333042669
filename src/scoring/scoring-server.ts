import { SCORING_SERVER_PORT } from '../gateway/ports';
import type { LogLevel } from './log-level';

/** What the scoring server of one replica is told. */
export interface ScoringServerSettings {
  /** Number of calls that the replica works on at once. */
  readonly replicaMaxConcurrentRequests: number;

  /** How long a call may take before its caller is given 504. */
  readonly scoringTimeoutMs: number;

  /** File that `gunicornConfig` is written to. */
  readonly configFile: string;

  /** Port on the loopback address; tests run several servers on one machine. */
  readonly port?: number;
}

/** How long gunicorn waits for calls in flight when it is told to end; its own default. */
export const SCORING_EXIT_TIMEOUT_SECONDS = 30;

/** How much later than its caller a call gives up. */
const LATER_MS = 1000;

/**
 * The command that starts Azure ML's scoring server for the gateway of its pod alone: `azmlinfsrv` would listen on all
 * addresses.
 *
 * It has one thread more than calls, for the health check: with none left, a probe would kill a server that computes.
 */
export function scoringServerCommand(settings: ScoringServerSettings): string[] {
  const { replicaMaxConcurrentRequests, scoringTimeoutMs, configFile, port = SCORING_SERVER_PORT } = settings;
  return [
    'gunicorn',
    `--config=${configFile}`,
    `--bind=127.0.0.1:${port}`,
    '--workers=1',
    '--worker-class=gthread',
    `--threads=${replicaMaxConcurrentRequests + 1}`,
    `--timeout=${Math.ceil((scoringTimeoutMs + LATER_MS) / 1000) + SCORING_EXIT_TIMEOUT_SECONDS}`,
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

/**
 * Settings of gunicorn that make good what the server (1.5.1) leaves undone.
 *
 * It takes AZUREML_LOG_LEVEL and logs as at INFO: here its own log and that of the script obey, before `init()` runs. Its
 * SCORING_TIMEOUT_MS works in the main thread alone, where no call runs: here a call that goes on after its caller was
 * given 504 gets a TimeoutError where the script is; one that waits outside Python gets it when it comes back.
 */
export function gunicornConfig(scoringTimeoutMs: number): string {
  return `import ctypes
import logging
import os
import sys
import threading
import time

# a pod has no place for the socket, and nobody who would ask by it
control_socket_disable = True

LIMIT_SECONDS = ${(scoringTimeoutMs + LATER_MS) / 1000}
started = {}


def end_call(thread, error):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error and ctypes.py_object(error))


def end_late_calls():
    while True:
        time.sleep(0.5)
        latest = time.monotonic() - LIMIT_SECONDS
        for request, (thread, since) in list(started.items()):
            if since < latest and started.pop(request, None):
                end_call(thread, TimeoutError)


def post_fork(server, worker):
    # loading it sets up the server's log, which it would do later otherwise
    import azureml_inference_server_http.server.config  # noqa: F401

    level = os.environ.get("AZUREML_LOG_LEVEL", "INFO")
    logger = logging.getLogger("azmlinfsrv")
    for each in [logger, *logger.handlers]:
        each.setLevel(level)
    logging.basicConfig(level=level, stream=sys.stdout)


def post_worker_init(worker):
    threading.Thread(target=end_late_calls, daemon=True).start()


def pre_request(worker, request):
    started[request] = threading.get_ident(), time.monotonic()


def post_request(worker, request, environ, response):
    if not started.pop(request, None):
        # an error that is on its way arrives here: the next call of this thread must not get it
        time.sleep(0.1)
        end_call(threading.get_ident(), None)
`;
}
