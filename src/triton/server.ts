import { LogLevel } from '../scoring/log-level';
import { REQUEST_LIMIT_RANGES } from '../scoring/request-limits';
import { ModelControl } from './model-control';
import { RateLimiter } from './rate-limiter';
import { knowsFlag } from './release-flags';
import { TRITON_EXIT_TIMEOUT_SECONDS, type TritonServerOptions } from './server-options';
import { TritonTracing } from './tracing';
import { gpuNumbers } from './visible-devices';

/** NVIDIA's image of a release, such as `26.10-py3`. */
export function tritonImage(release: string): string {
  return `nvcr.io/nvidia/tritonserver:${release}`;
}

/**
 * The release that services run unless told otherwise.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/release-notes/
 */
export const TRITON_IMAGE = tritonImage('26.10-py3');

/** Triton's own ports. */
export const TRITON_PORTS = { http: 8000, grpc: 8001, metrics: 8002 } as const;

/** Where in blob storage one model repository lies. */
export interface BlobRepository {
  /** Name of the storage account. */
  readonly account: string;

  /** Name of the blob container. */
  readonly container: string;

  /** Folder that holds the folders of models. */
  readonly folder: string;
}

/** A model repository in blob storage, as Triton names it. */
export function blobRepository({ account, container, folder }: BlobRepository): string {
  return `as://${account}/${container}/${folder}`;
}

/** What the commands that start Triton differ in. */
export interface TritonCommand extends TritonServerOptions {
  /** Where the models lie: folders, or addresses of `blobRepository`. */
  readonly repositories: readonly string[];

  /**
   * Release of Triton, such as `26.10`.
   *
   * @default - unknown: it is taken to know every flag
   */
  readonly release?: string;

  /** Size of a call's body that the gateway lets through; what a script sends may be larger. */
  readonly maxRequestBodyMiB: number;

  /** Number of GPUs that the server sees. */
  readonly gpuCores: number;

  /** Which messages are logged. */
  readonly logLevel: LogLevel;

  /** Whether only a script of its own pod calls the server, so that it listens on the loopback address alone. */
  readonly isBehindScript?: boolean;
}

/**
 * The command that starts Triton.
 *
 * One repository a model, so that a server loads the models of its service and no others of the store. Models are
 * never loaded at a caller's word: loading a model is running code. Requests come from the gateway of the pod
 * alone; metrics are read from outside, unless a script stands before the server.
 */
export function tritonArguments(command: TritonCommand): string[] {
  const { repositories, isBehindScript = false, strictReadiness = true } = command;
  // what a script makes of a small body may be large, as the pixels of a picture
  const maxBodyMiB = isBehindScript ? REQUEST_LIMIT_RANGES.maxRequestBodyMiB.maximum : command.maxRequestBodyMiB;
  const { exitTimeoutSeconds = TRITON_EXIT_TIMEOUT_SECONDS } = command;
  return [
    'tritonserver',
    ...repositories.map((repository) => `--model-repository=${repository}`),
    ...modelControlArguments(command.modelControl ?? ModelControl.NONE),
    `--strict-readiness=${strictReadiness}`,
    '--http-address=127.0.0.1',
    `--http-port=${TRITON_PORTS.http}`,
    ...(knowsFlag('http-max-input-size', command.release) ? [`--http-max-input-size=${bytes(maxBodyMiB)}`] : []),
    '--grpc-address=127.0.0.1',
    `--grpc-port=${TRITON_PORTS.grpc}`,
    `--metrics-address=${isBehindScript ? '127.0.0.1' : '0.0.0.0'}`,
    `--metrics-port=${TRITON_PORTS.metrics}`,
    `--exit-timeout-secs=${exitTimeoutSeconds}`,
    ...flag('exit-on-error', command.exitOnError),
    ...flag('model-load-thread-count', command.modelLoadThreadCount),
    ...flag('http-thread-count', command.httpThreadCount),
    ...flag('grpc-infer-thread-count', command.grpcInferThreadCount),
    ...memoryArguments(command),
    ...rateLimiterArguments(command.rateLimiter ?? RateLimiter.OFF),
    ...flag('metrics-interval-ms', command.metricsIntervalMs),
    ...logArguments(command),
    ...tracingArguments(command.tracing ?? TritonTracing.OFF),
    ...Object.entries(command.backendConfig ?? {}).flatMap(([backend, settings]) =>
      Object.entries(settings).map(([setting, value]) => `--backend-config=${backend},${setting}=${value}`),
    ),
  ];
}

/** A flag with its value; nothing where it is left to Triton. */
function flag(name: string, value: number | boolean | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function bytes(mebibytes: number): number {
  return mebibytes * 1024 * 1024;
}

function modelControlArguments({ mode, load, intervalSeconds }: ModelControl): string[] {
  return [
    `--model-control-mode=${mode}`,
    ...flag('repository-poll-secs', intervalSeconds),
    ...load.map((name) => `--load-model=${name}`),
  ];
}

function memoryArguments({ pinnedMemoryMiB, cudaMemoryMiB, responseCacheMiB, gpuCores }: TritonCommand): string[] {
  return [
    ...(pinnedMemoryMiB === undefined ? [] : [`--pinned-memory-pool-byte-size=${bytes(pinnedMemoryMiB)}`]),
    ...(cudaMemoryMiB === undefined
      ? []
      : gpuNumbers(gpuCores).map((gpu) => `--cuda-memory-pool-byte-size=${gpu}:${bytes(cudaMemoryMiB)}`)),
    ...(responseCacheMiB === undefined ? [] : [`--cache-config=local,size=${bytes(responseCacheMiB)}`]),
  ];
}

function rateLimiterArguments({ mode, resources }: RateLimiter): string[] {
  if (mode === RateLimiter.OFF.mode) {
    return [];
  }
  return [
    `--rate-limit=${mode}`,
    ...resources.map(
      ({ name, count, gpu }) => `--rate-limit-resource=${name}:${count}${gpu === undefined ? '' : `:${gpu}`}`,
    ),
  ];
}

/** Triton has a switch for each kind of message, and none above errors. */
function logArguments({ logLevel, logVerbosity }: TritonCommand): string[] {
  const levels = [LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING, LogLevel.ERROR];
  const rank = logLevel === LogLevel.CRITICAL ? levels.indexOf(LogLevel.ERROR) : levels.indexOf(logLevel);
  return [
    ...flag('log-verbose', logVerbosity ?? (logLevel === LogLevel.DEBUG ? 1 : undefined)),
    ...flag('log-info', rank > levels.indexOf(LogLevel.INFO) ? false : undefined),
    ...flag('log-warning', rank > levels.indexOf(LogLevel.WARNING) ? false : undefined),
  ];
}

function tracingArguments(tracing: TritonTracing): string[] {
  const { mode, rate, count, level, tracesPerFile, url, resource } = tracing;
  if (mode === TritonTracing.OFF.mode) {
    return [];
  }
  const settings = Object.entries({ mode, level, rate, count }).filter(([, value]) => value !== undefined);
  const files = tracesPerFile === undefined ? [] : ['file=/tmp/trace.json', `log-frequency=${tracesPerFile}`];
  const target = url === undefined ? files : [`url=${url}`];
  const attributes = Object.entries(resource).map(([attribute, value]) => `resource=${attribute}=${value}`);
  return [
    ...settings.map(([setting, value]) => `--trace-config=${setting}=${value}`),
    ...[...target, ...attributes].map((setting) => `--trace-config=${mode},${setting}`),
  ];
}
