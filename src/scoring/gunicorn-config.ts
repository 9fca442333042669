import { POD_IDENTITY } from '../azure/pod-identity';
import { PUT_BLOB } from '../azure/put-blob';
import { AZUREML } from './gunicorn/azureml';
import { BODIES } from './gunicorn/bodies';
import { CALLS } from './gunicorn/calls';
import { type CollectedData, collectedData } from './gunicorn/collected-data';
import { DEPENDENCIES } from './gunicorn/dependencies';
import { lateCalls } from './gunicorn/late-calls';
import { LOADING } from './gunicorn/loading';
import { LOG } from './gunicorn/log';
import { PATHS } from './gunicorn/paths';
import { type Telemetry, telemetry } from './gunicorn/telemetry';
import { type TritonOfPod, triton } from './gunicorn/triton';
import { type WarmUp, warmUp } from './gunicorn/warm-up';

/** What the configuration of gunicorn depends on. */
export interface GunicornSettings {
  /** How long a call may take before its caller is given 504. */
  readonly scoringTimeoutMs: number;

  /**
   * What each worker scores before it takes calls.
   *
   * @default - nothing
   */
  readonly warmUp?: WarmUp;

  /**
   * The Triton that the script calls.
   *
   * @default - none
   */
  readonly triton?: TritonOfPod;

  /**
   * Where telemetry of the script comes from.
   *
   * @default - none is sent
   */
  readonly telemetry?: Telemetry;

  /**
   * Where the script's inputs and outputs are written.
   *
   * @default - nowhere
   */
  readonly collectedData?: CollectedData;
}

/**
 * The configuration of gunicorn, a Python file that makes good what the server (azureml-inference-server-http 1.5.1)
 * leaves undone, in any image: nothing of it has to be built in.
 *
 * It runs on Python 3.9, the oldest that the server takes, and on gunicorn from 23 on. Of its names gunicorn reads those
 * that are settings of its own.
 *
 * @see https://docs.gunicorn.org/en/stable/settings.html#server-hooks
 */
export function gunicornConfig(settings: GunicornSettings): string {
  const warmsUp = settings.warmUp !== undefined;
  const callsTriton = settings.triton !== undefined;
  const sends = settings.telemetry !== undefined;
  const collects = settings.collectedData !== undefined;
  return [
    HEAD,
    LOG,
    PATHS,
    LOADING,
    AZUREML,
    BODIES,
    ...(warmsUp ? [warmUp(settings.warmUp)] : []),
    ...(callsTriton ? [triton(settings.triton)] : []),
    ...(sends || collects ? [CALLS, POD_IDENTITY] : []),
    ...(sends ? [telemetry(settings.telemetry), DEPENDENCIES] : []),
    ...(collects ? [PUT_BLOB, collectedData(settings.collectedData)] : []),
    lateCalls(settings.scoringTimeoutMs),
    hooks({ warmsUp, callsTriton, sends, collects }),
  ].join('\n');
}

const HEAD = `import ctypes
import importlib.abc
import importlib.machinery
import itertools
import logging
import mmap
import os
import sys
import threading
import time
import traceback

from gunicorn.errors import HaltServer

# a pod has no place for the socket, and nobody who would ask by it
control_socket_disable = True

# Azure ML set it for every script; an image that has models says itself where
os.environ.setdefault("AZUREML_MODEL_DIR", os.path.join(os.environ.get("AML_APP_ROOT", ""), "azureml-models"))
`;

/** What the hooks call of what is only there when it is asked for. */
interface HookedParts {
  readonly warmsUp: boolean;
  readonly callsTriton: boolean;
  readonly sends: boolean;
  readonly collects: boolean;
}

function hooks({ warmsUp, callsTriton, sends, collects }: HookedParts): string {
  // a warm-up is no call
  const watch = [...(sends ? ['watch_with_telemetry'] : []), ...(collects ? ['watch_with_collector'] : [])];
  return `
def on_starting(server):
    if LEVEL == "DEBUG":
        log_paths()
${callsTriton ? '    wait_for_triton(server.log)\n' : ''}

def pre_fork(server, worker):
    worker.load = Load()


def post_fork(server, worker):
    set_up_log()
    sys.meta_path.insert(0, azureml_finder)
${callsTriton ? '    share_triton_clients()\n' : ''}${sends ? '    start_telemetry()\n' : ''}

def post_worker_init(worker):
    read_bodies_whole(worker.wsgi)
${warmsUp ? '    warm_up(worker.wsgi)\n' : ''}${
  watch.length > 0 ? `    watch_calls(worker.wsgi, ${watch.map((each) => `${each}(worker.wsgi)`).join(', ')})\n` : ''
}    threading.Thread(target=end_late_calls, daemon=True).start()
    worker.load.finish()


def worker_exit(server, worker):
    if not worker.load.is_finished():
${sends ? '        report_failed_load(sys.exc_info()[1])\n' : ''}        end_worker(worker, sys.exc_info()[1])
${collects ? '    collector.end()\n' : ''}${sends ? '    flush_telemetry()\n' : ''}

def child_exit(server, worker):
    if not worker.load.is_finished():
        end_master(server, worker)


def on_exit(server):
    sys.stderr.write("".join(last_words))
    sys.stderr.flush()
`;
}
