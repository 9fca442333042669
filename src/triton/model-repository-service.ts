import type { ModelContent } from '../models/model-source';
import { type RepositoryFindings, repositoryFindings } from './model-repository';
import { type TritonModel, tritonModels } from './model-repository-folders';
import { memoryFindings } from './model-repository-memory';

/** A model under the name that it is registered with. */
export interface RegisteredModel {
  /** Name of the registration; that of the model where it holds one. */
  readonly modelName: string;

  /** Its files. */
  readonly content: ModelContent;
}

/** The GPUs of one replica, and what comes to lie in them. */
export interface ReplicaGpus {
  /** How many there are. */
  readonly gpus: number;

  /**
   * Memory of each.
   *
   * @default - unknown: no model is refused for it
   */
  readonly memoryGiB?: number;

  /**
   * Names of the models that are loaded: others take no memory.
   *
   * @default - all
   */
  readonly loadedNames?: readonly string[];
}

/** What is wrong with the models of one service and what is doubtful, each problem once. */
export function serviceFindings(registered: readonly RegisteredModel[], replica: ReplicaGpus): RepositoryFindings {
  const models = registered.flatMap(({ modelName, content }) =>
    tritonModels(modelName, content).map((model) => ({ ...model, registration: modelName })),
  );
  const names = models.map(({ name }) => name);
  const found = models.map(({ name, content, prefix }) =>
    repositoryFindings(name, content, { gpus: replica.gpus, models: names, prefix }),
  );
  const memory =
    replica.memoryGiB === undefined
      ? { problems: [], warnings: [] }
      : memoryFindings(
          models.filter(({ name }) => replica.loadedNames?.includes(name) ?? true),
          replica.gpus,
          replica.memoryGiB,
        );
  return {
    problems: [
      ...new Set([
        ...nameProblems(models),
        ...takenNames(models),
        ...found.flatMap(({ problems }) => problems),
        ...memory.problems,
      ]),
    ],
    warnings: [...new Set([...found.flatMap(({ warnings }) => warnings), ...memory.warnings])],
  };
}

/** The gateway lets no other names through, and command lines hold them as they are. */
function nameProblems(models: readonly (TritonModel & { readonly registration: string })[]): string[] {
  return models
    .filter(({ name, prefix }) => prefix !== '' && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
    .map(
      ({ name, registration }) =>
        'a model for Triton is named with letters, digits, underscores, hyphens and periods, the first a letter or digit; ' +
        `got '${name}', a folder of the model '${registration}'; rename the folder 'triton/${name}'`,
    );
}

/** A server has each name once, wherever the model comes from. */
function takenNames(models: readonly (TritonModel & { readonly registration: string })[]): string[] {
  return [...new Set(models.map(({ name }) => name))].flatMap((name) => {
    const holders = [...new Set(models.filter((model) => model.name === name).map(({ registration }) => registration))];
    return holders.length < 2
      ? []
      : [
          `the models '${holders.join("' and '")}' both hold a model '${name}' for Triton, which serves each name once; ` +
            'rename its folder in one of them, or place them in services of their own',
        ];
  });
}
