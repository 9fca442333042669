/**
 * What the elements of a tensor are.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#datatypes
 */
export enum TritonDataType {
  /** One byte, 0 or 1. */
  TYPE_BOOL = 'TYPE_BOOL',

  /** Whole numbers from 0 up, 8 bits. */
  TYPE_UINT8 = 'TYPE_UINT8',

  /** Whole numbers from 0 up, 16 bits. */
  TYPE_UINT16 = 'TYPE_UINT16',

  /** Whole numbers from 0 up, 32 bits. */
  TYPE_UINT32 = 'TYPE_UINT32',

  /** Whole numbers from 0 up, 64 bits. */
  TYPE_UINT64 = 'TYPE_UINT64',

  /** Whole numbers, 8 bits. */
  TYPE_INT8 = 'TYPE_INT8',

  /** Whole numbers, 16 bits. */
  TYPE_INT16 = 'TYPE_INT16',

  /** Whole numbers, 32 bits. */
  TYPE_INT32 = 'TYPE_INT32',

  /** Whole numbers, 64 bits. */
  TYPE_INT64 = 'TYPE_INT64',

  /** Floating point, 16 bits. */
  TYPE_FP16 = 'TYPE_FP16',

  /** Floating point, 32 bits. */
  TYPE_FP32 = 'TYPE_FP32',

  /** Floating point, 64 bits. */
  TYPE_FP64 = 'TYPE_FP64',

  /** Texts or bytes, each of its own length; `BYTES` in requests. */
  TYPE_STRING = 'TYPE_STRING',

  /** Floating point, 16 bits with the range of 32. */
  TYPE_BF16 = 'TYPE_BF16',
}

/** In which order the dimensions of an image lie. */
export enum TritonTensorFormat {
  /** Not said. */
  FORMAT_NONE = 'FORMAT_NONE',

  /** Height, width, channels. */
  FORMAT_NHWC = 'FORMAT_NHWC',

  /** Channels, height, width. */
  FORMAT_NCHW = 'FORMAT_NCHW',
}

/** What inputs and outputs have in common. */
export interface TritonTensor {
  /** Name of the tensor, as the model has it. */
  readonly name: string;

  /** What its elements are. */
  readonly dataType: TritonDataType;

  /**
   * Size of each dimension, from 1 up, and -1 where it varies. With `maxBatchSize` above 0 these are the dimensions of
   * one item, since Triton adds that of the batch before them.
   */
  readonly dims: readonly number[];

  /**
   * Dimensions as the model has them, where requests have others of as many elements. `[]` drops the dimensions of
   * one element.
   *
   * @default - those of requests
   */
  readonly reshape?: readonly number[];

  /**
   * Whether the tensor is a shape tensor, which only TensorRT has.
   *
   * @default false
   */
  readonly isShapeTensor?: boolean;

  /**
   * Whether the tensor lies in memory in a format that is not linear, which only TensorRT has.
   *
   * @default false
   */
  readonly isNonLinearFormatIo?: boolean;
}

/** A tensor that requests bring. */
export interface TritonModelInput extends TritonTensor {
  /**
   * In which order the dimensions of an image lie; both but `FORMAT_NONE` ask for three.
   *
   * @default TritonTensorFormat.FORMAT_NONE
   */
  readonly format?: TritonTensorFormat;

  /**
   * Whether one batch may hold items of several sizes.
   *
   * @default false
   */
  readonly allowRaggedBatch?: boolean;

  /**
   * Whether requests may leave it out.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** A tensor that answers bring. */
export interface TritonModelOutput extends TritonTensor {
  /**
   * File of the names of classes, one a line, beside `config.pbtxt`. Answers have names then where requests ask for
   * classes.
   *
   * @default - none
   */
  readonly labelFilename?: string;
}

/** What Triton tells a model of a batch. */
export enum TritonBatchInputKind {
  /** Number of elements of each request. */
  BATCH_ELEMENT_COUNT = 'BATCH_ELEMENT_COUNT',

  /** The same, summed up to each request. */
  BATCH_ACCUMULATED_ELEMENT_COUNT = 'BATCH_ACCUMULATED_ELEMENT_COUNT',

  /** The same, summed up from 0. */
  BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO = 'BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO',

  /** The largest number of elements of a request, as the shape of the tensor. */
  BATCH_MAX_ELEMENT_COUNT_AS_SHAPE = 'BATCH_MAX_ELEMENT_COUNT_AS_SHAPE',

  /** The shape of each item. */
  BATCH_ITEM_SHAPE = 'BATCH_ITEM_SHAPE',

  /** The shapes of all items, one after the other. */
  BATCH_ITEM_SHAPE_FLATTEN = 'BATCH_ITEM_SHAPE_FLATTEN',
}

/**
 * A tensor that Triton makes of a batch, for models that take items of several sizes.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/ragged_batching.html
 */
export interface TritonBatchInput {
  /**
   * What it tells.
   *
   * @default TritonBatchInputKind.BATCH_ELEMENT_COUNT
   */
  readonly kind?: TritonBatchInputKind;

  /**
   * Names of the model's tensors that receive it.
   *
   * @default - none
   */
  readonly targetNames?: readonly string[];

  /**
   * What its elements are: `TYPE_INT32` or `TYPE_FP32`.
   *
   * @default - none: refused
   */
  readonly dataType?: TritonDataType;

  /**
   * Names of the inputs that it is made of; exactly one.
   *
   * @default - none: refused
   */
  readonly sourceInputs?: readonly string[];
}

/** How Triton parts an output of a batch. */
export enum TritonBatchOutputKind {
  /** By the shape that an input of the request had. */
  BATCH_SCATTER_WITH_INPUT_SHAPE = 'BATCH_SCATTER_WITH_INPUT_SHAPE',
}

/** How the outputs of a batch of items of several sizes become those of its requests. */
export interface TritonBatchOutput {
  /**
   * Names of the outputs; each in one entry only.
   *
   * @default - none
   */
  readonly targetNames?: readonly string[];

  /**
   * How they are parted.
   *
   * @default TritonBatchOutputKind.BATCH_SCATTER_WITH_INPUT_SHAPE
   */
  readonly kind?: TritonBatchOutputKind;

  /**
   * Names of the inputs whose shape says how; exactly one.
   *
   * @default - none: refused
   */
  readonly sourceInputs?: readonly string[];
}
