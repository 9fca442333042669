import { readFileSync } from 'node:fs';
import type { ModelContent } from '../models/model-source';
import { backendNamed, backendOf, backendsOfFiles, ENSEMBLE, type TritonBackend } from './backends';
import { TritonModelConfig } from './model-config';
import { type ReadModelConfigProps, readModelConfigProps } from './model-config-file';

/** File of a model's configuration, beside the folders of its versions. */
export const CONFIG = 'config.pbtxt';

/** A configuration that has been read, with the places of its fields. */
export interface ReadModelConfig extends Omit<ReadModelConfigProps, 'props'> {
  /** What could be read; nothing where the text is not in protobuf's text format. */
  readonly config?: TritonModelConfig;
}

/** Reads a `config.pbtxt`; what is wrong with it is in the result. */
export function readModelConfig(text: string): ReadModelConfig {
  const { props, ...read } = readModelConfigProps(text);
  return { ...read, config: props && new TritonModelConfig(props) };
}

/** What has been read: each rule of a service asks for it, and the files are those that were there when it was. */
const CONFIGS = new WeakMap<ModelContent, ReadModelConfig>();

/** The configuration of a model as its files have it; nothing where they have none. */
export function configOf(content: ModelContent): ReadModelConfig | undefined {
  const file = content.files.find(({ name }) => name === CONFIG);
  if (file === undefined) {
    return undefined;
  }
  const read = CONFIGS.get(content) ?? readModelConfig(readFileSync(file.path, 'utf8'));
  CONFIGS.set(content, read);
  return read;
}

/** Names of files and folders right inside of a version's folder. */
export function namesInVersion(content: ModelContent, version: number): string[] {
  const prefix = `${version}/`;
  const names = content.files.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.split('/')[1] ?? '');
  return [...new Set(names)];
}

/** The backend that runs a model; of several versions Triton looks at the one whose name sorts first. */
export function backendOfModel(
  config: TritonModelConfig | undefined,
  content: ModelContent,
  versions: readonly number[],
): TritonBackend | undefined {
  const [first] = [...versions].map(String).sort();
  return config?.platform === ENSEMBLE
    ? undefined
    : backendOf(config, first === undefined ? [] : namesInVersion(content, Number(first)));
}

/** Why Triton cannot serve a model without a configuration, and one to begin with. */
export function missingConfigProblems(modelName: string, content: ModelContent, versions: readonly number[]): string[] {
  const [first] = [...versions].map(String).sort();
  const names = first === undefined ? [] : namesInVersion(content, Number(first));
  const found = backendsOfFiles(names);
  const [backend] = found;
  if (versions.length === 0) {
    return []; // that there is none has been said
  }
  if (found.length > 1) {
    const files = found.flatMap(({ files: all }) => all.filter((file) => names.includes(file)));
    return [
      `the model '${modelName}' has no ${CONFIG} and several files that could be the model (${files.join(', ')}), of which ` +
        `Triton would load '${files[0]}'; take the others out of the versions, or say which with ${starter(backend)}`,
    ];
  }
  if (backend === undefined) {
    const [, extension] = /\.(.+)$/.exec(modelName) ?? [];
    return extension !== undefined && names.includes(`model.${extension}`)
      ? [] // the name of the model tells the backend
      : [
          `the model '${modelName}' has no ${CONFIG}, and its files (${names.join(', ')}) do not tell Triton which backend ` +
            `runs it; add ${starter(backendByFile(names))}`,
        ];
  }
  const reason = reasonToNeedConfig(backend, content, names, Number(first));
  return reason === undefined
    ? []
    : [`the model '${modelName}' has no ${CONFIG}, and ${reason}; add ${starter(backend)}`];
}

function reasonToNeedConfig(
  { name, completes }: TritonBackend,
  content: ModelContent,
  names: readonly string[],
  version: number,
): string | undefined {
  if (names.includes('model.graphdef')) {
    return 'a GraphDef cannot tell Triton what it takes and gives';
  }
  if (name === 'python') {
    const file = content.files.find((each) => each.name === `${version}/model.py`);
    return file !== undefined && /\bauto_complete_config\b/.test(readFileSync(file.path, 'utf8'))
      ? undefined
      : `its model.py has no 'auto_complete_config' that would say what it takes and gives`;
  }
  return completes ? undefined : 'a PyTorch model cannot tell Triton what it takes and gives';
}

/** A backend whose files Triton itself does not look for. */
function backendByFile(names: readonly string[]): TritonBackend | undefined {
  const name = names.includes('model.json')
    ? 'vllm'
    : names.some((file) => /^xgboost\.(model|json|ubj)$|^checkpoint\.tl$/.test(file))
      ? 'fil'
      : names.some((file) => /\.dali$|^dali\.py$/.test(file))
        ? 'dali'
        : undefined;
  return backendNamed(name);
}

/** A configuration to begin with. */
function starter(backend: TritonBackend | undefined): string {
  const [input, output] = backend?.name === 'pytorch' ? ['INPUT__0', 'OUTPUT__0'] : ['…', '…'];
  const tensor = (field: string, name: string | undefined) =>
    `${field} [ { name: "${name}" data_type: TYPE_FP32 dims: [ … ] } ]`;
  return (
    `'${CONFIG}' beside the versions, such as 'backend: "${backend?.name ?? '…'}" max_batch_size: 8 ` +
    `${tensor('input', input)} ${tensor('output', output)}'`
  );
}
