import type { TritonModelConfig } from './model-config';

/** What is known of one of Triton's backends. */
export interface TritonBackend {
  /** Name as `backend` has it. */
  readonly name: string;

  /** What `platform` may be with it; none where Triton compares nothing. */
  readonly platforms: readonly string[];

  /**
   * What a version's folder holds, where the configuration names nothing else: one of these. None where the backend
   * finds its files by options of its own.
   */
  readonly files: readonly string[];

  /**
   * Whether Triton serves such a model without a configuration: it finds the backend by the file, and the backend asks
   * the model for its inputs and outputs.
   *
   * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#auto-generated-model-configuration
   */
  readonly completes: boolean;

  /** How often the weights of a model lie in the memory of one GPU: nowhere, once, or once an instance. */
  readonly weights: 'elsewhere' | 'once' | 'each';

  /** Option of the model with which its instances share the weights. */
  readonly sharedBy?: string;
}

/**
 * The backends of NVIDIA's images, in the order in which Triton looks for their files. TensorRT's instances share one
 * engine on each GPU.
 *
 * @see https://github.com/triton-inference-server/core/blob/main/src/constants.h
 * @see https://github.com/triton-inference-server/backend/blob/main/README.md#backends
 */
export const BACKENDS: readonly TritonBackend[] = [
  {
    name: 'tensorflow',
    platforms: ['tensorflow_savedmodel', 'tensorflow_graphdef'],
    files: ['model.savedmodel', 'model.graphdef'],
    completes: true,
    weights: 'each',
  },
  { name: 'tensorrt', platforms: ['tensorrt_plan'], files: ['model.plan'], completes: true, weights: 'once' },
  {
    name: 'onnxruntime',
    platforms: ['onnxruntime_onnx'],
    files: ['model.onnx'],
    completes: true,
    weights: 'each',
    sharedBy: 'share_session_between_instances',
  },
  { name: 'openvino', platforms: [], files: ['model.xml'], completes: true, weights: 'elsewhere' },
  {
    name: 'pytorch',
    platforms: ['pytorch_libtorch', 'torch_aoti'],
    files: ['model.pt'],
    completes: false,
    weights: 'each',
    sharedBy: 'ENABLE_WEIGHT_SHARING',
  },
  { name: 'python', platforms: [], files: ['model.py'], completes: true, weights: 'elsewhere' },
  { name: 'dali', platforms: [], files: ['model.dali', 'dali.py'], completes: false, weights: 'elsewhere' },
  { name: 'fil', platforms: [], files: [], completes: false, weights: 'elsewhere' },
  { name: 'vllm', platforms: [], files: ['model.json'], completes: false, weights: 'elsewhere' },
  { name: 'tensorrtllm', platforms: [], files: [], completes: false, weights: 'elsewhere' },
  { name: 'identity', platforms: [], files: [], completes: false, weights: 'elsewhere' },
  { name: 'square', platforms: [], files: [], completes: false, weights: 'elsewhere' },
  { name: 'repeat', platforms: [], files: [], completes: false, weights: 'elsewhere' },
];

/** The platform of models that are made of others; it has no backend. */
export const ENSEMBLE = 'ensemble';

/** Every platform that Triton knows. */
export const PLATFORMS: readonly string[] = [ENSEMBLE, ...BACKENDS.flatMap(({ platforms }) => platforms)];

/**
 * The file of a model of trees, by the option `model_type` of its backend.
 *
 * @see https://github.com/triton-inference-server/fil_backend/blob/main/docs/model_support.md
 */
const TREE_FILES: ReadonlyMap<string, string> = new Map([
  ['xgboost', 'xgboost.model'],
  ['xgboost_json', 'xgboost.json'],
  ['xgboost_ubj', 'xgboost.ubj'],
  ['lightgbm', 'model.txt'],
  ['treelite_checkpoint', 'checkpoint.tl'],
]);

/** The backend of that name. */
export function backendNamed(name: string | undefined): TritonBackend | undefined {
  return BACKENDS.find((backend) => backend.name === name);
}

/** The backends that Triton finds by the files of a version, in the order in which it looks. */
export function backendsOfFiles(names: readonly string[]): TritonBackend[] {
  const found = BACKENDS.filter(({ files }) => files.some((file) => names.includes(file)));
  // no other file tells Triton of a backend
  return found.filter(({ name }) => !['dali', 'vllm'].includes(name));
}

/** The backend of a model: the one that is named, or that Triton finds by platform, file name or files. */
export function backendOf(config: TritonModelConfig | undefined, names: readonly string[]): TritonBackend | undefined {
  if (config?.backend !== undefined) {
    return backendNamed(config.backend);
  }
  if (config?.platform !== undefined) {
    return BACKENDS.find(({ platforms }) => platforms.includes(config.platform ?? ''));
  }
  return backendsOfFiles(config?.defaultModelFilename === undefined ? names : [config.defaultModelFilename])[0];
}

/** What each served version must hold: one of these; none where that is not known. */
export function neededFiles(config: TritonModelConfig | undefined, backend: TritonBackend | undefined): string[] {
  if (config?.defaultModelFilename !== undefined) {
    return [config.defaultModelFilename];
  }
  if (backend?.name === 'fil') {
    const file = TREE_FILES.get(config?.parameters.model_type ?? 'xgboost');
    return file === undefined ? [] : [file];
  }
  if (backend?.name === 'pytorch') {
    return config?.runtime === 'model.py'
      ? ['model.py']
      : config?.platform === 'torch_aoti'
        ? ['model.pt2']
        : ['model.pt'];
  }
  if (config?.platform === 'tensorflow_savedmodel') {
    return ['model.savedmodel'];
  }
  if (config?.platform === 'tensorflow_graphdef') {
    return ['model.graphdef'];
  }
  return [...(backend?.files ?? [])];
}
