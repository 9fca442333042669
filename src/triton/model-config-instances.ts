/** On what instances of a model run. */
export enum TritonInstanceKind {
  /** On GPUs where there are any and the backend uses them, else on the CPU. */
  KIND_AUTO = 'KIND_AUTO',

  /** On GPUs. */
  KIND_GPU = 'KIND_GPU',

  /** On the CPU. */
  KIND_CPU = 'KIND_CPU',

  /** Wherever the model itself says. */
  KIND_MODEL = 'KIND_MODEL',
}

/** A resource that an instance holds while it runs. */
export interface TritonRateLimiterResource {
  /**
   * Name of the resource.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * Whether all devices share it.
   *
   * @default false
   */
  readonly global?: boolean;

  /**
   * How much of it an instance holds.
   *
   * @default 0
   */
  readonly count?: number;
}

/** When an instance may run, where the server has a rate limiter. */
export interface TritonRateLimiter {
  /**
   * What it must get hold of first.
   *
   * @default - nothing
   */
  readonly resources?: readonly TritonRateLimiterResource[];

  /**
   * Its weight: an instance of priority 2 gets half the turns of one of priority 1.
   *
   * @default 1
   */
  readonly priority?: number;
}

/** Kinds of devices beside a GPU. */
export enum TritonSecondaryDeviceKind {
  /** A core for deep learning of NVIDIA's boards; no machine of Azure has one. */
  KIND_NVDLA = 'KIND_NVDLA',
}

/** A device beside a GPU. */
export interface TritonSecondaryDevice {
  /**
   * What it is.
   *
   * @default TritonSecondaryDeviceKind.KIND_NVDLA
   */
  readonly kind?: TritonSecondaryDeviceKind;

  /**
   * Which one.
   *
   * @default 0
   */
  readonly deviceId?: number;
}

/**
 * Instances of a model, which run requests at the same time.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#instance-groups
 */
export interface TritonInstanceGroup {
  /**
   * Name of the group.
   *
   * @default - made of the model's
   */
  readonly name?: string;

  /**
   * On what its instances run.
   *
   * @default TritonInstanceKind.KIND_AUTO
   */
  readonly kind?: TritonInstanceKind;

  /**
   * Number of instances, for each GPU of the group where it runs on GPUs.
   *
   * @default 1, or 2 for ONNX and TensorFlow models on the CPU
   */
  readonly count?: number;

  /**
   * GPUs of the replica, counted from 0, whatever their numbers on the node.
   *
   * @default - all of the replica
   */
  readonly gpus?: readonly number[];

  /**
   * When its instances may run, where the server has a rate limiter.
   *
   * @default - whenever a request waits
   */
  readonly rateLimiter?: TritonRateLimiter;

  /**
   * Devices beside the GPU.
   *
   * @default - none
   */
  readonly secondaryDevices?: readonly TritonSecondaryDevice[];

  /**
   * Numbers of optimization profiles, which only TensorRT models have.
   *
   * @default - the first
   */
  readonly profiles?: readonly string[];

  /**
   * Whether its instances are loaded but given no request.
   *
   * @default false
   */
  readonly passive?: boolean;

  /**
   * Name of a policy of the server, such as for NUMA.
   *
   * @default - by the GPU
   */
  readonly hostPolicy?: string;
}
