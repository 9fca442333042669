import type { TritonDataType } from './model-config-tensors';

/** One model of an ensemble. */
export interface TritonEnsembleStep {
  /** Name of the model; it is served by the same service. */
  readonly modelName: string;

  /** Version of the model; -1 for the newest that is served. Triton takes none for version 0, which no model has. */
  readonly modelVersion: number;

  /**
   * The tensor of the ensemble for each input of the model.
   *
   * @default - none: refused
   */
  readonly inputMap?: { readonly [input: string]: string };

  /**
   * The tensor of the ensemble for each output of the model that is used.
   *
   * @default - none: refused
   */
  readonly outputMap?: { readonly [output: string]: string };

  /**
   * Namespace of the model, where the server has several.
   *
   * @default - that of the ensemble
   */
  readonly modelNamespace?: string;
}

/**
 * Models that run one after the other for each request, on the server.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/ensemble_models.html
 */
export interface TritonEnsembleScheduling {
  /**
   * The models.
   *
   * @default - none: refused
   */
  readonly steps?: readonly TritonEnsembleStep[];

  /**
   * How many answers of a step may wait for the next; 0 for any number.
   *
   * @default 0
   */
  readonly maxInflightRequests?: number;
}

/** An input of a request that warms a model up. */
export interface TritonWarmupInput {
  /**
   * What its elements are.
   *
   * @default - none: Triton fails to warm the model up
   */
  readonly dataType?: TritonDataType;

  /**
   * Size of each dimension, from 1 up, without that of the batch.
   *
   * @default - none
   */
  readonly dims?: readonly number[];

  /**
   * Whether it is all zeros.
   *
   * @default false
   */
  readonly zeroData?: boolean;

  /**
   * Whether it is random. Not together with `zeroData`.
   *
   * @default false
   */
  readonly randomData?: boolean;

  /**
   * File in the folder `warmup` of the model that holds it. Not together with the others.
   *
   * @default - none
   */
  readonly inputDataFile?: string;
}

/** A request that Triton sends to a model before it says that it is ready. */
export interface TritonModelWarmup {
  /**
   * Name of the request, for the log.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * Size of the batch, from 1 up where the model batches.
   *
   * @default 0
   */
  readonly batchSize?: number;

  /**
   * Its inputs by name.
   *
   * @default - none
   */
  readonly inputs?: { readonly [name: string]: TritonWarmupInput };

  /**
   * How often it is sent; 0 for once.
   *
   * @default 0
   */
  readonly count?: number;
}

/** Libraries of a model's own operations. */
export interface TritonModelOperations {
  /**
   * Files of libraries, in the model's folder or absolute.
   *
   * @default - none
   */
  readonly opLibraryFilenames?: readonly string[];
}

/** How requests and answers belong together. */
export interface TritonModelTransactionPolicy {
  /**
   * Whether a request may have no answer or several, which only gRPC's streams and `generate_stream` carry.
   *
   * @default false
   */
  readonly decoupled?: boolean;
}

/** Something that changes a model's files before they are loaded. */
export interface TritonRepositoryAgent {
  /** Name of the agent, such as `checksum`. */
  readonly name: string;

  /**
   * Its options by name.
   *
   * @default - its own
   */
  readonly parameters?: { readonly [name: string]: string };
}

/** What changes a model's files before they are loaded. */
export interface TritonModelRepositoryAgents {
  /**
   * The agents, in turn.
   *
   * @default - none
   */
  readonly agents?: readonly TritonRepositoryAgent[];
}

/** How a metric of the model is kept. */
export interface TritonMetricControl {
  /**
   * Name of the metric, such as `nv_inference_first_response_histogram_ms`.
   *
   * @default - none: refused
   */
  readonly family?: string;

  /**
   * Upper limits of the histogram's buckets.
   *
   * @default - none: refused
   */
  readonly histogramBuckets?: readonly number[];
}

/** How the metrics of the model are kept. */
export interface TritonModelMetrics {
  /**
   * Metrics that are kept in another way than by default.
   *
   * @default - none
   */
  readonly metricControls?: readonly TritonMetricControl[];
}
