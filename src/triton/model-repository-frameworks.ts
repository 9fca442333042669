import type { ModelContent } from '../models/model-source';
import { backendNamed } from './backends';
import { newestReleaseFor, type ServerNodes } from './image-rules';
import { configOf } from './model-repository-config';
import { tritonImage } from './server';

/**
 * The last release whose images run models of TensorFlow.
 *
 * @see https://github.com/triton-inference-server/server/pull/8068
 */
export const LAST_TENSORFLOW_RELEASE = '25.02';

/**
 * Why an image of NVIDIA's cannot run a model for its framework.
 *
 * @param imageTag release of the image, such as `26.10`; nothing where it is unknown, and nothing is refused then
 * @param nodes where the server runs, so that an older image is advised only where one is known to run there
 */
export function frameworkProblems(
  modelName: string,
  content: ModelContent,
  imageTag: string | undefined,
  nodes: ServerNodes,
): string[] {
  const format = tensorFlowFormat(content);
  if (format === undefined || imageTag === undefined || imageTag <= LAST_TENSORFLOW_RELEASE) {
    return [];
  }
  const { name, path, command } = format;
  const older = newestReleaseFor(nodes, LAST_TENSORFLOW_RELEASE);
  return [
    `the model '${modelName}' is a ${name} of TensorFlow${path === undefined ? '' : ` ('${path}')`}, and Triton ${imageTag} ` +
      `has no backend for it, which ${LAST_TENSORFLOW_RELEASE} was the last to have; convert it with '${command}' and take ` +
      "the backend 'onnxruntime'" +
      (older === undefined
        ? ''
        : `, or give the image '${tritonImage(`${older}-py3`)}' with loading: ModelLoading.DOWNLOAD or ModelLoading.MOUNT`),
  ];
}

interface TensorFlowFormat {
  readonly name: string;

  /** Where the model lies; nothing where only its configuration says what it is. */
  readonly path?: string;

  /** What makes ONNX of it. */
  readonly command: string;
}

function tensorFlowFormat(content: ModelContent): TensorFlowFormat | undefined {
  const config = configOf(content)?.config;
  const found = content.files
    .map(({ name }) => /^([1-9]\d*)\/model\.(savedmodel(?=\/)|graphdef$)/.exec(name))
    .find((match) => match !== null);
  const isTensorFlow =
    config?.backend === 'tensorflow' ||
    backendNamed('tensorflow')?.platforms.includes(config?.platform ?? '') === true ||
    (found !== undefined && config?.backend === undefined && config?.platform === undefined);
  if (!isTensorFlow) {
    return undefined;
  }
  const [path] = found ?? [];
  const isGraph = found?.[2] === 'graphdef' || config?.platform === 'tensorflow_graphdef';
  const version = found?.[1] ?? '1';
  const from = isGraph
    ? `--graphdef ${path ?? '1/model.graphdef'} --inputs NAME:0 --outputs NAME:0`
    : `--saved-model ${path ?? '1/model.savedmodel'}`;
  return {
    name: isGraph ? 'GraphDef' : 'SavedModel',
    path,
    command: `python -m tf2onnx.convert ${from} --output ${version}/model.onnx`,
  };
}
