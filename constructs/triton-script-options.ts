import type { ScoringEnvironment } from '../src/scoring/scoring-environment';
import type { CollectModelDataOptions } from '../src/scoring/scoring-options';
import type { ScoringImageOptions } from './scoring-image';

/** Options of `withScoringScript`: those of `addScoringImage`, and what the script is given of a replica. */
export interface TritonScriptOptions extends Omit<ScoringImageOptions, 'environment'> {
  /**
   * What the script needs installed. One that calls Triton needs a client of it: `ScoringImage.fromInferenceConfig` of a file
   * that says nothing of an environment is given it as second argument. Refused with `enableGpu: true`, since the GPUs are
   * Triton's.
   *
   * @default - ScoringEnvironment.curated('AzureML-Triton'): numpy and Triton's clients over HTTP and gRPC
   */
  readonly environment?: ScoringEnvironment;

  /**
   * Number of processes of one replica that run the script, 1 to 64. Each forwards calls concurrently, as many as the
   * replica takes; what the script computes in Python itself takes turns in each.
   *
   * @default 1
   */
  readonly workerCount?: number;

  /**
   * CPU that the script of one replica is promised, in cores, from 0.001 up, besides what Triton is promised.
   *
   * @default 0.5
   */
  readonly cpuCores?: number;

  /**
   * CPU that the script may use at most, in cores; refused below `cpuCores`.
   *
   * @default - what its node has to spare
   */
  readonly cpuCoresLimit?: number;

  /**
   * Main memory that the script of one replica is promised, from 0.001 up, besides what Triton is promised. Kubernetes is
   * told as many GiB. Each worker takes its part.
   *
   * @default 1
   */
  readonly memoryGb?: number;

  /**
   * Main memory that the script may use at most, in GiB; refused below `memoryGb`. A script that needs more is killed and
   * started anew.
   *
   * @default - the same as memoryGb
   */
  readonly memoryGbLimit?: number;

  /**
   * How long `init()` may take, 1 to 86400 seconds, before failed probes count. It is not called before Triton is ready,
   * so the time that Triton may take to start comes before it.
   *
   * @default 310
   */
  readonly initialDelaySeconds?: number;

  /**
   * File with the body of a request that each process scores, through Triton, before it takes calls; see the option of
   * scoring services.
   *
   * @default - none: a replica is ready once `init()` is done
   */
  readonly warmupRequest?: string;

  /**
   * Whether calls, what the script calls itself, Triton included, and its exceptions are sent to the Application Insights of
   * the stack; see the option of scoring services.
   *
   * @default false
   */
  readonly enableAppInsights?: boolean;

  /**
   * Collects inputs and outputs of the script, not those of Triton, in the model store; see the option of scoring services.
   *
   * @default - nothing is collected
   */
  readonly collectModelData?: CollectModelDataOptions;

  /**
   * Variables of the script's environment, by name; they win over those of the image. No secrets: they can be read in the
   * program, the state and the cluster. Names that the library or the scoring server uses itself are refused.
   *
   * @default - none
   */
  readonly environmentVariables?: { readonly [name: string]: string };
}
