/** How urgent the work of a model is among that of others on a GPU. */
export enum TritonModelPriority {
  /** Neither before others nor after them. */
  PRIORITY_DEFAULT = 'PRIORITY_DEFAULT',

  /** Before others. */
  PRIORITY_MAX = 'PRIORITY_MAX',

  /** After others. */
  PRIORITY_MIN = 'PRIORITY_MIN',
}

/** Something that runs part of a model faster, such as TensorRT inside of ONNX Runtime. */
export interface TritonExecutionAccelerator {
  /** Its name, such as `tensorrt`. */
  readonly name: string;

  /**
   * Its options by name, such as `{ precision_mode: 'FP16' }`.
   *
   * @default - its own
   */
  readonly parameters?: { readonly [name: string]: string };
}

/** What runs parts of a model faster. */
export interface TritonExecutionAccelerators {
  /**
   * On GPUs, the first that can before the others.
   *
   * @default - none
   */
  readonly gpuExecutionAccelerators?: readonly TritonExecutionAccelerator[];

  /**
   * On the CPU, the first that can before the others.
   *
   * @default - none
   */
  readonly cpuExecutionAccelerators?: readonly TritonExecutionAccelerator[];
}

/** The smallest requests that a graph of CUDA serves. */
export interface TritonGraphLowerBound {
  /**
   * Size of the batch.
   *
   * @default 0
   */
  readonly batchSize?: number;

  /**
   * Dimensions of each input, without that of the batch.
   *
   * @default - those of the model
   */
  readonly inputs?: { readonly [name: string]: readonly number[] };
}

/** Requests that a graph of CUDA is recorded for. */
export interface TritonGraphSpec extends TritonGraphLowerBound {
  /**
   * The smallest requests that the graph serves, too.
   *
   * @default - none but of its own size
   */
  readonly graphLowerBound?: TritonGraphLowerBound;
}

/** How CUDA runs a model of TensorRT. */
export interface TritonCudaOptimization {
  /**
   * Whether the work for a size of request is recorded once and played again.
   *
   * @default false
   */
  readonly graphs?: boolean;

  /**
   * Whether the CPU waits for events by asking again and again.
   *
   * @default false
   */
  readonly busyWaitEvents?: boolean;

  /**
   * Requests that graphs are recorded for.
   *
   * @default - batches of 1, 2, 3, 4 and `maxBatchSize` at most
   */
  readonly graphSpecs?: readonly TritonGraphSpec[];

  /**
   * Whether outputs are copied in a stream of their own.
   *
   * @default false
   */
  readonly outputCopyStream?: boolean;
}

/**
 * How a model is made faster.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/optimization.html
 */
export interface TritonOptimization {
  /**
   * Level of the backend's optimization of graphs; what a number means is the backend's.
   *
   * @default 0
   */
  readonly graphLevel?: number;

  /**
   * How urgent the model's work is.
   *
   * @default TritonModelPriority.PRIORITY_DEFAULT
   */
  readonly priority?: TritonModelPriority;

  /**
   * How CUDA runs it.
   *
   * @default - the backend's own way
   */
  readonly cuda?: TritonCudaOptimization;

  /**
   * What runs parts of it faster.
   *
   * @default - nothing
   */
  readonly executionAccelerators?: TritonExecutionAccelerators;

  /**
   * Whether inputs are copied to the GPU through pinned memory.
   *
   * @default true
   */
  readonly inputPinnedMemory?: boolean;

  /**
   * Whether outputs are copied from the GPU through pinned memory.
   *
   * @default true
   */
  readonly outputPinnedMemory?: boolean;

  /**
   * Number of buffers from which on a batch is gathered by a kernel of CUDA; 0 for never.
   *
   * @default 0
   */
  readonly gatherKernelBufferThreshold?: number;

  /**
   * Whether the next batch is put together while one runs.
   *
   * @default false
   */
  readonly eagerBatching?: boolean;
}
