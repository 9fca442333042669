import { nearestSpelling } from '../spelling';
import { BACKENDS, backendNamed, ENSEMBLE, PLATFORMS, type TritonBackend } from './backends';
import type { TritonModelConfig } from './model-config';
import type { ConfigFinding } from './model-config-finding';
import { batchingFindings } from './model-config-rules-batching';
import { ensembleFindings } from './model-config-rules-ensemble';
import { instanceFindings } from './model-config-rules-instances';
import { tensorFindings } from './model-config-rules-tensors';

/** What a configuration is judged by besides itself. */
export interface ConfigContext {
  /** Name under which the model is served. */
  readonly modelName: string;

  /** The backend that runs the model; nothing where none is known. */
  readonly backend?: TritonBackend;

  /** Files of the model, such as `labels.txt` and `1/model.onnx`. */
  readonly files: readonly string[];

  /**
   * Number of GPUs of one replica.
   *
   * @default - unknown: no instance is refused for it
   */
  readonly gpus?: number;

  /**
   * Names of the models that are served together.
   *
   * @default - unknown: no step of an ensemble is refused for it
   */
  readonly models?: readonly string[];
}

/**
 * What keeps Triton from loading a model with that configuration, and what is doubtful about it.
 *
 * @see https://github.com/triton-inference-server/core/blob/main/src/model_config_utils.cc
 */
export function configFindings(config: TritonModelConfig, context: ConfigContext): ConfigFinding[] {
  return [
    ...nameFindings(config, context),
    ...backendFindings(config, context),
    ...tensorFindings(config, context),
    ...batchingFindings(config, context),
    ...instanceFindings(config, context),
    ...ensembleFindings(config, context),
  ];
}

function nameFindings({ name }: TritonModelConfig, { modelName }: ConfigContext): ConfigFinding[] {
  return name === undefined || name === modelName
    ? []
    : [
        {
          path: ['name'],
          message:
            `it names the model '${name}', but its folder is '${modelName}', and Triton loads it only when both agree; ` +
            'change the name in the file, leave it out, or change the name that the model is served under',
        },
      ];
}

function backendFindings({ platform, backend }: TritonModelConfig, { files }: ConfigContext): ConfigFinding[] {
  if (platform === ENSEMBLE || (platform === undefined && backend === undefined)) {
    return []; // an ensemble has rules of its own, and without either the files tell
  }
  if (backend === undefined) {
    return PLATFORMS.includes(platform ?? '')
      ? []
      : [
          {
            path: ['platform'],
            message: `Triton knows no platform '${platform}'${platformHint(platform ?? '')}`,
          },
        ];
  }
  const known = backendNamed(backend);
  if (known === undefined) {
    // a backend of one's own lies in the image, or with the model
    return files.some((file) => file.endsWith(`libtriton_${backend}.so`))
      ? []
      : [
          {
            path: ['backend'],
            message:
              `the backend '${backend}' is none of NVIDIA's images${nearest(backend, backendNames())}; the image of the ` +
              'service must bring it, or the model fails to load',
            isDoubt: true,
          },
        ];
  }
  const isPair = platform === undefined || known.platforms.length === 0 || known.platforms.includes(platform);
  return isPair
    ? []
    : [
        {
          path: ['platform'],
          message:
            `the backend '${backend}' has the platform ${known.platforms.map((each) => `'${each}'`).join(' or ')}; got ` +
            `'${platform}'; leave one of the two out`,
        },
      ];
}

function platformHint(platform: string): string {
  return backendNamed(platform) === undefined
    ? `${nearest(platform, PLATFORMS)}; give one of ${PLATFORMS.join(', ')}, or the backend that runs the model`
    : `, which is the name of a backend; write 'backend: "${platform}"' instead`;
}

function backendNames(): string[] {
  return BACKENDS.map(({ name }) => name);
}

function nearest(word: string | undefined, words: readonly string[]): string {
  const near = nearestSpelling(word ?? '', words);
  return near === undefined ? '' : `, and '${near}' is the nearest`;
}
