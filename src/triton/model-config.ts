import type { TritonDynamicBatching, TritonSequenceBatching } from './model-config-batching';
import { readModelConfigProps, writeModelConfigProps } from './model-config-file';
import type { TritonInstanceGroup } from './model-config-instances';
import type { TritonOptimization } from './model-config-optimization';
import type { TextProblem } from './model-config-reader';
import type {
  TritonEnsembleScheduling,
  TritonModelMetrics,
  TritonModelOperations,
  TritonModelRepositoryAgents,
  TritonModelTransactionPolicy,
  TritonModelWarmup,
} from './model-config-scheduling';
import type { TritonBatchInput, TritonBatchOutput, TritonModelInput, TritonModelOutput } from './model-config-tensors';
import { TritonVersionPolicy } from './model-config-versions';

export * from './model-config-batching';
export * from './model-config-instances';
export * from './model-config-optimization';
export * from './model-config-scheduling';
export * from './model-config-tensors';
export * from './model-config-versions';

/** What a `config.pbtxt` says of a model. */
export interface TritonModelConfigProps {
  /**
   * Name of the model. Triton loads the model only where its folder has the same.
   *
   * @default - that of the folder
   */
  readonly name?: string;

  /**
   * Kind of the model's files, such as `onnxruntime_onnx`, or `ensemble`.
   *
   * @default - that of the backend
   */
  readonly platform?: string;

  /**
   * What runs the model, such as `onnxruntime` or `python`.
   *
   * @default - by `platform`, or by the files
   */
  readonly backend?: string;

  /**
   * What runs the model inside of the backend, such as `model.py` of PyTorch's.
   *
   * @default - the backend's own
   */
  readonly runtime?: string;

  /**
   * File or folder of the model in each version's folder.
   *
   * @default - the backend's, such as `model.onnx`
   */
  readonly defaultModelFilename?: string;

  /**
   * Files for GPUs of a compute capability, such as `{ '8.0': 'model-a100.plan' }`.
   *
   * @default - none
   */
  readonly ccModelFilenames?: { readonly [computeCapability: string]: string };

  /**
   * Which versions are served.
   *
   * @default TritonVersionPolicy.latest(1)
   */
  readonly versionPolicy?: TritonVersionPolicy;

  /**
   * The largest batch that the model runs. Above 0 all inputs and outputs have the batch as their first dimension, and
   * their `dims` leave it out. At 0 Triton batches nothing.
   *
   * @default 0
   */
  readonly maxBatchSize?: number;

  /**
   * Tensors that requests bring.
   *
   * @default - those of the model, where the backend can tell
   */
  readonly inputs?: readonly TritonModelInput[];

  /**
   * Tensors that answers bring.
   *
   * @default - those of the model, where the backend can tell
   */
  readonly outputs?: readonly TritonModelOutput[];

  /**
   * Tensors that Triton makes of a batch.
   *
   * @default - none
   */
  readonly batchInputs?: readonly TritonBatchInput[];

  /**
   * How the outputs of a batch of several sizes are parted.
   *
   * @default - by requests
   */
  readonly batchOutputs?: readonly TritonBatchOutput[];

  /**
   * How many of the model run at once, and on what.
   *
   * @default - one on each GPU of the replica
   */
  readonly instanceGroups?: readonly TritonInstanceGroup[];

  /**
   * Requests that wait at the same time run as one. Not together with `sequenceBatching`.
   *
   * @default - each request runs alone, as it came
   */
  readonly dynamicBatching?: TritonDynamicBatching;

  /**
   * Requests of a sequence run on one instance.
   *
   * @default - requests do not belong together
   */
  readonly sequenceBatching?: TritonSequenceBatching;

  /**
   * Models that run one after the other for each request.
   *
   * @default - the model is none but itself
   */
  readonly ensembleScheduling?: TritonEnsembleScheduling;

  /**
   * How the model is made faster.
   *
   * @default - the backend's own way
   */
  readonly optimization?: TritonOptimization;

  /**
   * Options of the backend by name, such as `{ EXECUTION_ENV_PATH: '…' }` of Python's.
   *
   * @default - the backend's own
   */
  readonly parameters?: { readonly [name: string]: string };

  /**
   * Requests that Triton sends before it says that the model is ready.
   *
   * @default - none
   */
  readonly modelWarmup?: readonly TritonModelWarmup[];

  /**
   * Libraries of the model's own operations.
   *
   * @default - none
   */
  readonly modelOperations?: TritonModelOperations;

  /**
   * How requests and answers belong together.
   *
   * @default - one answer a request
   */
  readonly modelTransactionPolicy?: TritonModelTransactionPolicy;

  /**
   * What changes the model's files before they are loaded.
   *
   * @default - nothing
   */
  readonly modelRepositoryAgents?: TritonModelRepositoryAgents;

  /**
   * Whether equal requests are answered from memory, where the server has a response cache. Not together with
   * `sequenceBatching` or `decoupled`.
   *
   * @default false
   */
  readonly responseCache?: boolean;

  /**
   * Labels of the model's metrics.
   *
   * @default - none
   */
  readonly metricTags?: { readonly [name: string]: string };

  /**
   * How the model's metrics are kept.
   *
   * @default - Triton's own way
   */
  readonly modelMetrics?: TritonModelMetrics;
}

/**
 * A model's configuration for Triton, as its `config.pbtxt` has it.
 *
 * It has what was given; what is left out Triton completes when it loads the model.
 *
 * @see https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 */
export class TritonModelConfig implements TritonModelConfigProps {
  /**
   * Reads a `config.pbtxt`.
   *
   * @throws TritonModelConfigError that names every mistake with its line
   */
  public static parse(text: string): TritonModelConfig {
    const { props, problems } = readModelConfigProps(text);
    if (props === undefined || problems.length > 0) {
      throw new TritonModelConfigError(problems);
    }
    return new TritonModelConfig(props);
  }

  public readonly name?: string;
  public readonly platform?: string;
  public readonly backend?: string;
  public readonly runtime?: string;
  public readonly defaultModelFilename?: string;
  public readonly ccModelFilenames?: { readonly [computeCapability: string]: string };
  public readonly versionPolicy: TritonVersionPolicy;
  public readonly maxBatchSize: number;
  public readonly inputs: readonly TritonModelInput[];
  public readonly outputs: readonly TritonModelOutput[];
  public readonly batchInputs: readonly TritonBatchInput[];
  public readonly batchOutputs: readonly TritonBatchOutput[];
  public readonly instanceGroups: readonly TritonInstanceGroup[];
  public readonly dynamicBatching?: TritonDynamicBatching;
  public readonly sequenceBatching?: TritonSequenceBatching;
  public readonly ensembleScheduling?: TritonEnsembleScheduling;
  public readonly optimization?: TritonOptimization;
  public readonly parameters: { readonly [name: string]: string };
  public readonly modelWarmup: readonly TritonModelWarmup[];
  public readonly modelOperations?: TritonModelOperations;
  public readonly modelTransactionPolicy?: TritonModelTransactionPolicy;
  public readonly modelRepositoryAgents?: TritonModelRepositoryAgents;
  public readonly responseCache: boolean;
  public readonly metricTags: { readonly [name: string]: string };
  public readonly modelMetrics?: TritonModelMetrics;

  constructor(props: TritonModelConfigProps) {
    this.name = props.name;
    this.platform = props.platform;
    this.backend = props.backend;
    this.runtime = props.runtime;
    this.defaultModelFilename = props.defaultModelFilename;
    this.ccModelFilenames = props.ccModelFilenames;
    this.versionPolicy = props.versionPolicy ?? TritonVersionPolicy.latest(1);
    this.maxBatchSize = props.maxBatchSize ?? 0;
    this.inputs = props.inputs ?? [];
    this.outputs = props.outputs ?? [];
    this.batchInputs = props.batchInputs ?? [];
    this.batchOutputs = props.batchOutputs ?? [];
    this.instanceGroups = props.instanceGroups ?? [];
    this.dynamicBatching = props.dynamicBatching;
    this.sequenceBatching = props.sequenceBatching;
    this.ensembleScheduling = props.ensembleScheduling;
    this.optimization = props.optimization;
    this.parameters = props.parameters ?? {};
    this.modelWarmup = props.modelWarmup ?? [];
    this.modelOperations = props.modelOperations;
    this.modelTransactionPolicy = props.modelTransactionPolicy;
    this.modelRepositoryAgents = props.modelRepositoryAgents;
    this.responseCache = props.responseCache ?? false;
    this.metricTags = props.metricTags ?? {};
    this.modelMetrics = props.modelMetrics;
  }

  /** The configuration as a `config.pbtxt`; what is as it is by default is left out. */
  public toPbtxt(): string {
    return writeModelConfigProps({
      ...this,
      maxBatchSize: this.maxBatchSize === 0 ? undefined : this.maxBatchSize,
      responseCache: this.responseCache ? true : undefined,
    });
  }
}

/** Everything that is wrong with a `config.pbtxt`. */
export class TritonModelConfigError extends Error {
  /** What is wrong, in the order of the text, each as `line:column: message`. */
  public readonly problems: readonly string[];

  /** @internal */
  constructor(problems: readonly TextProblem[]) {
    const messages = problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    super(`the model configuration cannot be read:\n${messages.map((message) => `  - ${message}`).join('\n')}`);
    this.name = 'TritonModelConfigError';
    this.problems = messages;
  }
}
