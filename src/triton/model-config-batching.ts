import type { TritonDataType } from './model-config-tensors';

/**
 * A whole number of 64 bits. JavaScript's numbers hold those below 2^53; what is larger in a file is read as a bigint, so
 * that no digit is lost.
 */
export type TritonUint64 = number | bigint;

/** What becomes of a request that waited too long. */
export enum TritonTimeoutAction {
  /** It fails. */
  REJECT = 'REJECT',

  /** It goes behind those that did not. */
  DELAY = 'DELAY',
}

/** How requests wait. */
export interface TritonQueuePolicy {
  /**
   * What becomes of a request that waited too long.
   *
   * @default TritonTimeoutAction.REJECT
   */
  readonly timeoutAction?: TritonTimeoutAction;

  /**
   * How long a request may wait, in microseconds; 0 for as long as it takes.
   *
   * @default 0
   */
  readonly defaultTimeoutMicroseconds?: TritonUint64;

  /**
   * Whether a request may shorten its own wait.
   *
   * @default false
   */
  readonly allowTimeoutOverride?: boolean;

  /**
   * How many requests may wait; 0 for any number. The gateway of a service has a limit of its own.
   *
   * @default 0
   */
  readonly maxQueueSize?: number;
}

/**
 * Requests that wait at the same time run as one.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/batcher.html
 */
export interface TritonDynamicBatching {
  /**
   * Sizes of batches that Triton prefers, from 1 to `maxBatchSize`. Only TensorRT models gain by them.
   *
   * @default - `maxBatchSize`
   */
  readonly preferredBatchSizes?: readonly number[];

  /**
   * How long Triton waits for more requests, in microseconds.
   *
   * @default 0
   */
  readonly maxQueueDelayMicroseconds?: TritonUint64;

  /**
   * Whether answers leave in the order in which requests came. Takes one priority level and no `DELAY`.
   *
   * @default false
   */
  readonly preserveOrdering?: boolean;

  /**
   * Number of priority levels; 1 is the highest. With 0 all requests are alike.
   *
   * @default 0
   */
  readonly priorityLevels?: TritonUint64;

  /**
   * Level of requests that name none, from 1 to `priorityLevels`.
   *
   * @default - none: refused where there are levels
   */
  readonly defaultPriorityLevel?: TritonUint64;

  /**
   * How requests wait.
   *
   * @default - in order, for as long as it takes
   */
  readonly defaultQueuePolicy?: TritonQueuePolicy;

  /**
   * How requests of a priority level wait, by level.
   *
   * @default - all like `defaultQueuePolicy`
   */
  readonly priorityQueuePolicies?: { readonly [level: string]: TritonQueuePolicy };
}

/** What a control tensor of a sequence tells the model. */
export enum TritonSequenceControlKind {
  /** Whether a sequence starts. */
  CONTROL_SEQUENCE_START = 'CONTROL_SEQUENCE_START',

  /** Whether the slot of a batch holds a request. */
  CONTROL_SEQUENCE_READY = 'CONTROL_SEQUENCE_READY',

  /** Whether a sequence ends. */
  CONTROL_SEQUENCE_END = 'CONTROL_SEQUENCE_END',

  /** Which sequence it is. */
  CONTROL_SEQUENCE_CORRID = 'CONTROL_SEQUENCE_CORRID',
}

/** One thing that a control tensor tells. */
export interface TritonSequenceControl {
  /**
   * What it tells.
   *
   * @default TritonSequenceControlKind.CONTROL_SEQUENCE_START
   */
  readonly kind?: TritonSequenceControlKind;

  /**
   * The values for no and yes, in a tensor of `TYPE_INT32`.
   *
   * @default - of another type
   */
  readonly int32FalseTrue?: readonly number[];

  /**
   * The values for no and yes, in a tensor of `TYPE_FP32`.
   *
   * @default - of another type
   */
  readonly fp32FalseTrue?: readonly number[];

  /**
   * The values for no and yes, in a tensor of `TYPE_BOOL`.
   *
   * @default - of another type
   */
  readonly boolFalseTrue?: readonly boolean[];

  /**
   * What the number of a sequence is: a whole number of 32 or 64 bits, or `TYPE_STRING`.
   *
   * @default - it is not the number of a sequence
   */
  readonly dataType?: TritonDataType;
}

/** A tensor that Triton adds to the requests of a sequence. */
export interface TritonSequenceControlInput {
  /** Name of the model's tensor. */
  readonly name: string;

  /**
   * What it tells.
   *
   * @default - nothing
   */
  readonly controls?: readonly TritonSequenceControl[];
}

/** What a state holds when a sequence starts. */
export interface TritonInitialState {
  /**
   * Name of the initial state.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * What its elements are.
   *
   * @default - none
   */
  readonly dataType?: TritonDataType;

  /**
   * Size of each dimension, without that of the batch.
   *
   * @default - none
   */
  readonly dims?: readonly number[];

  /**
   * Whether it is all zeros. Not together with `dataFile`.
   *
   * @default false
   */
  readonly zeroData?: boolean;

  /**
   * File in the folder `initial_state` of the model that holds it.
   *
   * @default - none
   */
  readonly dataFile?: string;
}

/** A tensor that Triton keeps from one request of a sequence to the next. */
export interface TritonSequenceState {
  /** Name of the model's input that receives it. */
  readonly inputName: string;

  /** Name of the model's output that gives the next. */
  readonly outputName: string;

  /** What its elements are. */
  readonly dataType: TritonDataType;

  /** Size of each dimension, from 1 up, and -1 where it varies. */
  readonly dims: readonly number[];

  /**
   * What it holds when a sequence starts.
   *
   * @default - whatever lies in memory
   */
  readonly initialStates?: readonly TritonInitialState[];

  /**
   * Whether input and output share their memory.
   *
   * @default false
   */
  readonly useSameBufferForInputOutput?: boolean;

  /**
   * Whether the memory may grow with the state.
   *
   * @default false
   */
  readonly useGrowableMemory?: boolean;
}

/** Each sequence has a slot of a batch to itself. */
export interface TritonDirectStrategy {
  /**
   * How long Triton waits for more requests, in microseconds.
   *
   * @default 0
   */
  readonly maxQueueDelayMicroseconds?: TritonUint64;

  /**
   * The share of slots, 0 to 1, that must be ready before it waits no longer.
   *
   * @default 0
   */
  readonly minimumSlotUtilization?: number;
}

/** Requests of all sequences are batched, the oldest first. */
export interface TritonOldestStrategy {
  /**
   * Number of sequences that are worked on at once.
   *
   * @default - Triton's own
   */
  readonly maxCandidateSequences?: number;

  /**
   * Sizes of batches that Triton prefers, from 1 to `maxBatchSize`.
   *
   * @default - `maxBatchSize`
   */
  readonly preferredBatchSizes?: readonly number[];

  /**
   * How long Triton waits for more requests, in microseconds.
   *
   * @default 0
   */
  readonly maxQueueDelayMicroseconds?: TritonUint64;

  /**
   * Whether answers leave in the order in which requests came.
   *
   * @default false
   */
  readonly preserveOrdering?: boolean;
}

/**
 * All requests of a sequence run on the same instance, for models with a memory.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#sequence-batcher
 */
export interface TritonSequenceBatching {
  /**
   * Each sequence has a slot of a batch to itself. Not together with `oldest`.
   *
   * @default - this one, where `oldest` is not given either
   */
  readonly direct?: TritonDirectStrategy;

  /**
   * Requests of all sequences are batched. Not together with `direct`.
   *
   * @default - `direct`
   */
  readonly oldest?: TritonOldestStrategy;

  /**
   * How long a sequence may be without a request before it ends, in microseconds; 0 for the default.
   *
   * @default 1000000
   */
  readonly maxSequenceIdleMicroseconds?: TritonUint64;

  /**
   * Tensors that tell the model where in a sequence it is.
   *
   * @default - none
   */
  readonly controlInputs?: readonly TritonSequenceControlInput[];

  /**
   * Tensors that Triton keeps between requests.
   *
   * @default - none: the model keeps its own
   */
  readonly states?: readonly TritonSequenceState[];

  /**
   * Whether the model may send a request on to itself.
   *
   * @default false
   */
  readonly iterativeSequence?: boolean;
}
