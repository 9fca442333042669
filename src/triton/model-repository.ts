import type { ModelContent } from '../models/model-source';
import { ENSEMBLE, neededFiles, type TritonBackend } from './backends';
import type { TritonModelConfig } from './model-config';
import { type ConfigFinding, placeOf } from './model-config-finding';
import { configFindings } from './model-config-rules';
import { TritonVersionPolicy } from './model-config-versions';
import {
  backendOfModel,
  CONFIG,
  configOf,
  missingConfigProblems,
  namesInVersion,
  type ReadModelConfig,
} from './model-repository-config';

/** What a model is judged by besides its files. */
export interface RepositoryContext {
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

  /**
   * Where the model lies among the registered files, such as `triton/bidaf-9/`.
   *
   * @default - it is all of them
   */
  readonly prefix?: string;
}

/** What is wrong with a repository, and what is doubtful. */
export interface RepositoryFindings {
  /** What keeps Triton from serving it. */
  readonly problems: readonly string[];

  /** What may not be meant so. */
  readonly warnings: readonly string[];
}

/** Folders of a model, besides its versions, that Triton reads. */
const OTHER_FOLDERS: readonly (string | undefined)[] = ['warmup', 'initial_state', 'configs'];

const VERSION = /^[1-9]\d*$/;

const VERSION_BELOW = /^[^/]+\/[1-9]\d*\//;

/** The versions of a model, lowest first. */
export function modelVersions(content: ModelContent): number[] {
  const folders = content.files.map((file) => /^([1-9]\d*)\//.exec(file.name)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined).map(Number))].sort((a, b) => a - b);
}

/** The versions of a model that are served, lowest first. */
export function servedVersions(content: ModelContent, config: TritonModelConfig | undefined): number[] {
  return (config?.versionPolicy ?? TritonVersionPolicy.latest()).served(modelVersions(content));
}

/**
 * What keeps Triton from serving files as the model of that name, all of it, and what may not be meant so.
 *
 * Triton itself passes over a folder that is not a version and answers, once asked, that the model does not exist.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html
 */
export function repositoryFindings(
  modelName: string,
  content: ModelContent,
  context: RepositoryContext = {},
): RepositoryFindings {
  if (content.files.length === 0) {
    return { problems: [], warnings: [] };
  }
  if (content.isOneFile) {
    const name = content.files[0]?.name;
    return {
      problems: [
        `the model '${modelName}' is the one file '${name}', and a model of Triton is a folder, with '${CONFIG}' beside a ` +
          `folder for each version; put the file at '1/${name}' of a folder and give that to ModelSource.directory`,
      ],
      warnings: [],
    };
  }
  const read = configOf(content);
  const { config } = read ?? {};
  const backend = backendOfModel(config, content, modelVersions(content));
  const findings = config === undefined ? [] : findingsOf(modelName, content, config, backend, context);
  const place = (finding: ConfigFinding) => placed(modelName, read, finding, context);
  return {
    problems: [
      ...folderProblems(modelName, content, config),
      ...misplacedConfigs(modelName, content, context),
      ...(read?.problems ?? []).map(
        ({ line, message }) => `${context.prefix ?? ''}${CONFIG}:${line} of the model '${modelName}': ${message}`,
      ),
      ...findings.filter(({ isDoubt }) => !isDoubt).map(place),
      ...(read === undefined ? missingConfigProblems(modelName, content, modelVersions(content)) : []),
      ...missingFiles(modelName, content, read, backend),
    ],
    warnings: findings.filter(({ isDoubt }) => isDoubt).map(place),
  };
}

function placed(
  modelName: string,
  read: ReadModelConfig | undefined,
  { path, message }: ConfigFinding,
  { prefix = '' }: RepositoryContext,
): string {
  const line = read?.message === undefined ? 1 : placeOf(read.message, path).line;
  return `${prefix}${CONFIG}:${line} of the model '${modelName}': ${message}`;
}

function findingsOf(
  modelName: string,
  content: ModelContent,
  config: TritonModelConfig,
  backend: TritonBackend | undefined,
  { gpus, models }: RepositoryContext,
): ConfigFinding[] {
  const files = content.files.map(({ name }) => name);
  const isNamed =
    config.platform !== undefined || config.backend !== undefined || config.ensembleScheduling !== undefined;
  return [
    ...configFindings(config, { modelName, backend, files, gpus, models }),
    ...(isNamed || backend !== undefined || modelVersions(content).length === 0
      ? []
      : [
          {
            path: [],
            message:
              'it names neither platform nor backend, and the files of the model do not tell Triton which runs it; add ' +
              '\'backend: "…"\'',
          },
        ]),
    ...versionFindings(content, config),
  ];
}

function versionFindings(content: ModelContent, { versionPolicy }: TritonModelConfig): ConfigFinding[] {
  const versions = modelVersions(content);
  const missing = versionPolicy.versions?.filter((version) => !versions.includes(version)) ?? [];
  const path = ['version_policy'];
  if (versions.length === 0) {
    return []; // that there is none has been said
  }
  if (missing.length > 0) {
    return [
      {
        path,
        message:
          `version_policy names ${missing.length === 1 ? 'the version' : 'the versions'} ${missing.join(', ')}, and the ` +
          `model has ${versions.join(', ')}; add the folder, or name one that is there`,
      },
    ];
  }
  return versionPolicy.served(versions).length === 0
    ? [{ path, message: "version_policy serves no version; name one, such as with 'latest { num_versions: 1 }'" }]
    : [];
}

function folderProblems(modelName: string, content: ModelContent, config: TritonModelConfig | undefined): string[] {
  const folders = [...new Set(content.files.flatMap(({ name }) => (name.includes('/') ? [name.split('/')[0]] : [])))];
  const versions = folders.filter((folder) => VERSION.test(folder ?? ''));
  const strays = folders.filter((folder) => !VERSION.test(folder ?? '') && !OTHER_FOLDERS.includes(folder));
  const models = versions.length === 0 ? strays.filter((folder) => isModelFolder(folder ?? '', content)) : [];
  const isEnsemble = config?.platform === ENSEMBLE || config?.ensembleScheduling !== undefined;
  const remedy = isEnsemble
    ? "an ensemble needs one, too, and blob storage has no empty folders: put any file, such as '1/README.md', beside " +
      `'${CONFIG}'`
    : `put its files into a folder '1' beside '${CONFIG}'`;
  if (models.length > 0) {
    const named = models.map((folder) => `'${folder}'`).join(', ');
    return [
      `the model '${modelName}' has no version, and holds what ${models.length === 1 ? 'is a model itself' : 'are models themselves'}: ` +
        `${named}; give the folder of one model, or put all of them into a folder 'triton' and give the folder that it is in`,
    ];
  }
  return [
    ...strays.map(
      (folder) =>
        `the model '${modelName}' has a folder '${folder}', and Triton reads versions only from folders that are a ` +
        "whole number from 1 up; rename it, such as to '1', or move it out of the model",
    ),
    ...(versions.length === 0 && strays.length === 0 ? [`the model '${modelName}' has no version; ${remedy}`] : []),
  ];
}

/** Whether a folder has what a model of Triton has, as those of a whole model repository do. */
function isModelFolder(folder: string, { files }: ModelContent): boolean {
  return files.some(
    ({ name }) => name === `${folder}/${CONFIG}` || (name.startsWith(`${folder}/`) && VERSION_BELOW.test(name)),
  );
}

/** Triton looks for a configuration beside the versions and nowhere else. */
function misplacedConfigs(modelName: string, content: ModelContent, { prefix = '' }: RepositoryContext): string[] {
  const hasOne = content.files.some(({ name }) => name === CONFIG);
  return modelVersions(content)
    .map((version) => `${version}/${CONFIG}`)
    .filter((path) => content.files.some(({ name }) => name === path))
    .map(
      (path) =>
        `the model '${modelName}' has '${prefix}${path}', where Triton never looks; ` +
        (hasOne ? `remove it, since '${prefix}${CONFIG}' is what holds` : `move it to '${prefix}${CONFIG}'`),
    );
}

/** A file that a version needs and does not have. */
function missingFiles(
  modelName: string,
  content: ModelContent,
  read: ReadModelConfig | undefined,
  backend: TritonBackend | undefined,
): string[] {
  const { config } = read ?? {};
  if (read !== undefined && config === undefined) {
    return []; // nobody knows what it would need
  }
  const byCapability = Object.values(config?.ccModelFilenames ?? {});
  const groups = byCapability.length > 0 ? byCapability.map((file) => [file]) : [neededFiles(config, backend)];
  return servedVersions(content, config).flatMap((version) => {
    const names = namesInVersion(content, version);
    return groups
      .filter((files) => files.length > 0 && !files.some((file) => names.includes(file)))
      .map((files) => {
        const needed = files.map((file) => `'${file}'`).join(' or ');
        return (
          `version ${version} of the model '${modelName}' has no ${needed}` +
          `${backend === undefined ? '' : `, which the backend '${backend.name}' loads`}; it has ${names.join(', ')}; ` +
          `rename the model's file, or name it with default_model_filename in '${CONFIG}'`
        );
      });
  });
}
