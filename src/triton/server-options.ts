import type { NumberRange } from '../scoring/number-range';
import type { ModelControl } from './model-control';
import type { RateLimiter } from './rate-limiter';
import type { TritonTracing } from './tracing';

/**
 * How Triton itself is started, under its own names and with its own defaults, but for `sharedMemoryMiB`. What is left out
 * is left to Triton. An image of one's own must know the flags of what is given.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/src/command_line_parser.cc
 */
export interface TritonServerOptions {
  /**
   * Which of the models are loaded, and when.
   *
   * @default ModelControl.NONE
   */
  readonly modelControl?: ModelControl;

  /**
   * Whether a server is ready only when all its models are. Without it a replica takes calls before they are loaded, and
   * when some fail to load.
   *
   * @default true
   */
  readonly strictReadiness?: boolean;

  /**
   * Whether a server ends at once when something fails while it starts, such as a model that does not load. Without it the
   * server stays, which helps to look at it; with strictReadiness it is started anew when its time to start is over.
   *
   * @default true
   */
  readonly exitOnError?: boolean;

  /**
   * How long a server that is told to end waits for calls that it still works on, 1 to 3600 seconds, after the time that
   * its gateway gives them. It is part of the grace period of the pod.
   *
   * @default 30
   */
  readonly exitTimeoutSeconds?: number;

  /**
   * Number of models that are loaded at once, 1 to 128.
   *
   * @default 4
   */
  readonly modelLoadThreadCount?: number;

  /**
   * Whether models wait for each other. It takes effect with models that name resources or priorities in their
   * `config.pbtxt`.
   *
   * @default RateLimiter.OFF
   */
  readonly rateLimiter?: RateLimiter;

  /**
   * Main memory for answers that are given again to the same inputs, 1 to 1048576 MiB, taken at the start of a server.
   * Only models with `response_cache { enable: true }` use it. Callers get what others computed, so leave it off where the
   * time of an answer must not tell whether somebody asked before.
   *
   * @default - none: every call is computed
   */
  readonly responseCacheMiB?: number;

  /**
   * Main memory that the GPUs read straight from, 0 to 1048576 MiB, for inputs and outputs on their way; part of the memory
   * of a replica.
   *
   * @default 256
   */
  readonly pinnedMemoryMiB?: number;

  /**
   * Memory of each GPU for inputs and outputs, 0 to 1048576 MiB; models take theirs besides.
   *
   * @default 64
   */
  readonly cudaMemoryMiB?: number;

  /**
   * Memory that processes share at `/dev/shm`, 1 to 1048576 MiB: models in Python pass tensors through it. What lies there
   * counts as memory of the replica, so more than that is refused.
   *
   * @default 1024
   */
  readonly sharedMemoryMiB?: number;

  /**
   * Number of threads that take HTTP calls, 1 to 1024.
   *
   * @default 8
   */
  readonly httpThreadCount?: number;

  /**
   * Number of threads that take gRPC calls, 2 to 128. Refused for Triton before 25.04, which does not know it.
   *
   * @default 2
   */
  readonly grpcInferThreadCount?: number;

  /**
   * Whether calls are traced, and where to.
   *
   * @default TritonTracing.OFF
   */
  readonly tracing?: TritonTracing;

  /**
   * How much Triton says of each step besides what `logLevel` lets through, 0 to 9. From 1 on it writes down calls.
   *
   * @default - 1 with LogLevel.DEBUG, else 0
   */
  readonly logVerbosity?: number;

  /**
   * How often the metrics of GPU and CPU are measured, 1 to 3600000 milliseconds.
   *
   * @default 2000
   */
  readonly metricsIntervalMs?: number;

  /**
   * Settings of backends, by the name of the backend, such as `{ onnxruntime: { 'default-max-batch-size': '8' } }`. No
   * secrets: they can be read in the program, the state and the cluster.
   *
   * @default - none
   * @see https://github.com/triton-inference-server/backend#backends
   */
  readonly backendConfig?: { readonly [backend: string]: { readonly [setting: string]: string } };
}

/** How long Triton waits for requests in flight before it ends; its own default. */
export const TRITON_EXIT_TIMEOUT_SECONDS = 30;

/** Main memory that Triton takes for its GPUs to read from; its own default. */
export const DEFAULT_PINNED_MEMORY_MIB = 256;

/** Shared memory of a server. Docker's 64 MiB are those of two pictures. */
export const DEFAULT_SHARED_MEMORY_MIB = 1024;

/** More MiB than a node has: what is above is a slip of the keys. */
const MOST_MIB = 1_048_576;

/** The largest number that Triton reads. */
const MOST_WHOLE = 2_147_483_647;

/** Which numbers the options take: Triton's limits where it has some; the others catch a wrong unit. */
export const TRITON_SERVER_RANGES = {
  exitTimeoutSeconds: { minimum: 1, maximum: 3600 },
  modelLoadThreadCount: { minimum: 1, maximum: 128 },
  responseCacheMiB: { minimum: 1, maximum: MOST_MIB },
  pinnedMemoryMiB: { minimum: 0, maximum: MOST_MIB },
  cudaMemoryMiB: { minimum: 0, maximum: MOST_MIB },
  sharedMemoryMiB: { minimum: 1, maximum: MOST_MIB },
  httpThreadCount: { minimum: 1, maximum: 1024 },
  grpcInferThreadCount: { minimum: 2, maximum: 128 },
  logVerbosity: { minimum: 0, maximum: 9 },
  metricsIntervalMs: { minimum: 1, maximum: 3_600_000 },
} satisfies { readonly [option in keyof TritonServerOptions]: NumberRange };

/** Which numbers tracing takes. */
export const TRACING_RANGES = {
  rate: { minimum: 1, maximum: MOST_WHOLE },
  count: { minimum: 1, maximum: MOST_WHOLE },
  tracesPerFile: { minimum: 1, maximum: MOST_WHOLE },
} satisfies { readonly [setting in keyof TritonTracing]?: NumberRange };
