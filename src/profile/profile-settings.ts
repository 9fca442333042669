import { type ProfileLoad, warmUpSeconds } from './profile-load';

/** What the program that profiles is told, in a file of JSON. */
export interface ProfileSettings extends ProfileLoad {
  /** What it calls over HTTP; nothing where it lets perf_analyzer call a model of Triton. */
  readonly http?: { readonly url: string; readonly contentType: string; readonly file: string };

  /** The model of Triton that perf_analyzer calls. */
  readonly triton?: {
    /** The command that starts perf_analyzer. */
    readonly command: string;
    readonly model: string;

    /** Host and port. */
    readonly grpc: string;
    readonly http: string;

    /**
     * The request, as JSON.
     *
     * @default - random inputs
     */
    readonly file?: string;
  };

  /** Items in each call. */
  readonly batch: number;

  /** How long a server is called before a level counts. */
  readonly warmUpSeconds: number;

  /** How long a call may take. */
  readonly timeoutSeconds: number;

  /** What answers once the server takes calls. */
  readonly ready: { readonly url: string; readonly timeoutSeconds: number; readonly anyAnswer?: boolean };

  /** The servers whose CPU and memory are measured; the numbers of the first stand for the service. */
  readonly servers: readonly ProfiledServer[];

  /** What the report says besides. */
  readonly facts: ProfileFacts;

  /**
   * The file that tells the servers of the pod that the load is over.
   *
   * @default - none waits for it
   */
  readonly end?: string;

  /**
   * Address of the blob that the report is written to.
   *
   * @default - it goes to the output alone
   */
  readonly upload?: string;
}

/** A server whose CPU and memory are measured: in a container, or as a process that runs or is started. */
export interface ProfiledServer {
  readonly name: string;
  readonly requestedCpu?: number;
  readonly requestedMemoryInGB?: number;

  /** File that says what its container uses. */
  readonly written?: string;

  /** File that is there once it has ended too early. */
  readonly ended?: string;
  readonly pid?: number;
  readonly command?: string;
}

/** What a report says of what was profiled. */
export interface ProfileFacts {
  readonly service: string;
  readonly image?: string;
  readonly model?: string;
  readonly vmSize?: string;
  readonly gpus?: number;
  readonly replicaMaxConcurrentRequests?: number;

  /** A level whose slowest calls take longer is no good. */
  readonly scoringTimeoutMs: number;
}

/** How long starting a node and pulling images may take. */
const NODE_SECONDS = 30 * 60;

/** How long the report may take until it is a blob, and the servers until they have ended. */
const END_SECONDS = 15 * 60;

/** What a level takes besides, such as the start of perf_analyzer. */
const LEVEL_SECONDS = 15;

/** How long a profile may take, from the moment that its pod waits for a node. */
export function deadlineSeconds(settings: ProfileSettings): number {
  const { concurrency, durationSeconds, timeoutSeconds, ready } = settings;
  const level = warmUpSeconds(durationSeconds) + durationSeconds + 2 * timeoutSeconds + LEVEL_SECONDS;
  return Math.ceil(NODE_SECONDS + ready.timeoutSeconds + concurrency.length * level + END_SECONDS);
}
