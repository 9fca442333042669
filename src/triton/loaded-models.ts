import type { ModelControl } from './model-control';
import { configOf } from './model-repository-config';
import type { TritonModel } from './model-repository-folders';

/**
 * The models that a server has once it is ready: all of them, unless some are named. With an ensemble that is named come
 * those that it is made of, ensembles among them included. Those that are named come first.
 *
 * @param models those of the service, each name once
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html#model-control-mode-explicit
 */
export function loadedModels(
  models: readonly TritonModel[],
  control: ModelControl | undefined,
): readonly TritonModel[] {
  if (control === undefined || control.load.length === 0) {
    return models;
  }
  const byName = new Map(models.map((model) => [model.name, model]));
  const names = new Set(control.load);
  // what is added while a set is walked is walked, too
  for (const name of names) {
    for (const part of partsOf(byName.get(name))) {
      names.add(part);
    }
  }
  return [...names].flatMap((name) => byName.get(name) ?? []);
}

/** Of how many steps each ensemble among models is made, by its name. */
export function ensembleSteps(models: readonly TritonModel[]): { readonly [ensemble: string]: number } {
  const steps = models.map((model) => [model.name, partsOf(model).length] as const);
  return Object.fromEntries(steps.filter(([, count]) => count > 0));
}

/** Names of the models that an ensemble is made of, one for each of its steps; none of another model. */
function partsOf(model: TritonModel | undefined): string[] {
  const { steps = [] } = (model && configOf(model.content)?.config?.ensembleScheduling) ?? {};
  return steps.map(({ modelName }) => modelName);
}
