import { type ConfigSchema, type FieldKind, fieldGuess, shownField } from './config-fields';

/** The fields of a registry, of which the password is a key. */
const REGISTRY: readonly (readonly [string, FieldKind])[] = [
  ['', 'section'],
  ['.address', 'text'],
  ['.username', 'text'],
  ['.password', 'key'],
  ['.registryIdentity', 'content'],
];

/** Fields beside `environment` that described an environment before there was that field. */
export const OLDER_FIELDS = [
  'runtime',
  'condaFile',
  'extraDockerfileSteps',
  'enableGpu',
  'cudaVersion',
  'baseImage',
  'baseImageRegistry',
] as const;

/**
 * All fields of the file, by path: those of the command line's reference and those that the SDK writes of an environment.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/v1/reference-azure-machine-learning-cli
 * @see https://pypi.org/project/azureml-core/1.61.0.post4/ (`Environment._field_to_info_dict`)
 */
const KINDS = new Map<string, FieldKind>([
  ['entryScript', 'text'],
  ['sourceDirectory', 'text'],
  ['description', 'text'],
  ['runtime', 'text'],
  ['condaFile', 'text'],
  ['extraDockerfileSteps', 'text'],
  ['enableGpu', 'boolean'],
  ['cudaVersion', 'text'],
  ['baseImage', 'text'],
  ...REGISTRY.map(([field, kind]) => [`baseImageRegistry${field}`, kind] as const),
  ['environment', 'section'],
  ['environment.name', 'text'],
  ['environment.version', 'text'],
  ['environment.assetId', 'text'],
  ['environment.inferencingStackVersion', 'text'],
  ['environment.environmentVariables', 'content'],
  ['environment.python', 'section'],
  ['environment.python.userManagedDependencies', 'boolean'],
  ['environment.python.interpreterPath', 'text'],
  ['environment.python.condaDependenciesFile', 'text'],
  ['environment.python.condaDependencies', 'content'],
  ['environment.python.baseCondaEnvironment', 'text'],
  ['environment.docker', 'section'],
  ['environment.docker.enabled', 'boolean'],
  ['environment.docker.gpuSupport', 'boolean'],
  ['environment.docker.baseImage', 'text'],
  ['environment.docker.baseDockerfile', 'text'],
  ['environment.docker.buildContext', 'content'],
  ['environment.docker.sharedVolumes', 'boolean'],
  ['environment.docker.shmSize', 'text'],
  ['environment.docker.arguments', 'list'],
  ...REGISTRY.map(([field, kind]) => [`environment.docker.baseImageRegistry${field}`, kind] as const),
  ['environment.docker.platform', 'section'],
  ['environment.docker.platform.os', 'text'],
  ['environment.docker.platform.architecture', 'text'],
  ['environment.spark', 'section'],
  ['environment.spark.repositories', 'list'],
  ['environment.spark.packages', 'list'],
  ['environment.spark.precachePackages', 'boolean'],
  ['environment.databricks', 'content'],
  ['environment.r', 'content'],
]);

/** Names that the SDK has for fields. */
const OTHER_NAMES: readonly (readonly [name: string, field: string])[] = [
  ['gpuEnabled', 'enableGpu'],
  ['executionScript', 'entryScript'],
  ['dockerFile', 'extraDockerfileSteps'],
];

/** What an inference configuration may have in it. */
export const INFERENCE_CONFIG: ConfigSchema = { kindOf: (field) => KINDS.get(field), unknownFieldProblem };

function unknownFieldProblem(field: string): string {
  return `${shownField(field)} is no field of an inference configuration${fieldGuess(field, KINDS.keys(), OTHER_NAMES)}`;
}
