import { Construct } from 'constructs';
import type { IModelStore } from './model-store';
import type * as ProfileJobs from './private/profile-job';

// most programs profile nothing, and the bindings of a Job take long to load
const profileJobs = (): typeof ProfileJobs => require('./private/profile-job');

/** Options of `addProfile`. */
export interface ProfileOptions {
  /**
   * File with the body of the request that is sent again and again: absolute, or relative to the folder of `cdktf.json`.
   * Posted to `/score`, as JSON where the file is named so, else as bytes. It lies in a ConfigMap: what is larger than 512
   * KiB is refused, as is a file that is empty or missing. No secrets: whoever reads the cluster or the state reads it.
   *
   * Triton is called with the `inputs` of the file, which is JSON as its callers send it, or with its `data`, as
   * perf_analyzer reads them.
   *
   * @default - a script gets its warmupRequest, and without one it is refused; Triton gets random inputs of the sizes that
   *   the model has, and where a size is left open (-1) it is refused
   */
  readonly requestFile?: string;

  /**
   * Calls at once, level by level: 1 to 20 different ones, each from 1 to 1000.
   *
   * @default - 1, 2, 4 and so on, up to twice the service's replicaMaxConcurrentRequests
   */
  readonly concurrency?: readonly number[];

  /**
   * How long each level is measured, 1 to 3600 seconds, behind a fifth of that, at most five seconds, that warms the server
   * up.
   *
   * @default 30
   */
  readonly durationSeconds?: number;

  /**
   * Store that the report is left in, in a container of its own.
   *
   * @default - the store of the service's first model, else the stack's; refused where there is none
   */
  readonly store?: IModelStore;
}

/** Options of `addProfile` of a Triton service. */
export interface TritonProfileOptions extends ProfileOptions {
  /**
   * The model that is called. Refused with a scoring script before Triton, which is called in its place.
   *
   * @default - the only one that is no part of an ensemble; refused where there are several
   */
  readonly model?: string;

  /**
   * Items in each call, from 1 to the model's `max_batch_size`. Refused with a scoring script before Triton.
   *
   * @default 1
   */
  readonly batch?: number;

  /**
   * Image with NVIDIA's perf_analyzer and Python 3.8 or later.
   *
   * @default - NVIDIA's SDK image of the server's release; of 26.10 where that is unknown
   */
  readonly perfAnalyzerImage?: string;
}

/**
 * A measurement of a service: which load one replica bears, and what CPU and memory it needs for it.
 *
 * A Job runs one more copy of the service's server, on the same pool, and calls it inside its pod, past gateway and routers:
 * callers notice nothing, and it scales nothing. It runs once for all that it measures: a change of the service's
 * server, or of the profile, is measured anew with the deployment that makes it, which does not wait for it. To repeat a
 * measurement, delete the Job and deploy.
 *
 * The report is a file of JSON in the model store, in the words of Azure ML's `ModelProfile`; `Capacity.fromProfile` and
 * `ScoringOptions.fromProfile` read it.
 */
export class ServiceProfile extends Construct {
  /** Name of the Job. */
  public readonly jobName: string;

  /** Address of the report in the model store. */
  public readonly reportUrl: string;

  /** Command line that fetches the report, to `profile.json`, for those who may read the model store. */
  public readonly fetchCommand: string;

  /** Command line that shows how the measurement goes. */
  public readonly logCommand: string;

  /** @internal */
  public constructor(scope: Construct, id: string, props: ProfileJobs.ProfileJobProps) {
    super(scope, id);
    const job = profileJobs().deployProfile(this, props);
    this.jobName = job.jobName;
    this.reportUrl = job.reportUrl;
    this.fetchCommand = job.fetchCommand;
    this.logCommand = job.logCommand;
  }
}
