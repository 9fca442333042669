import { nearestSpelling } from '../spelling';
import { ENSEMBLE } from './backends';
import type { TritonModelConfig } from './model-config';
import type { ConfigFinding } from './model-config-finding';
import type { ConfigContext } from './model-config-rules';
import type { TritonEnsembleStep } from './model-config-scheduling';

const STEPS = ['ensemble_scheduling', 'step'];

/** What is wrong with a model that is made of others. */
export function ensembleFindings(config: TritonModelConfig, context: ConfigContext): ConfigFinding[] {
  const { ensembleScheduling, platform } = config;
  if (ensembleScheduling === undefined) {
    return platform === ENSEMBLE
      ? [{ path: ['platform'], message: `a model of the platform '${ENSEMBLE}' has ensemble_scheduling; got none` }]
      : [];
  }
  const { steps = [] } = ensembleScheduling;
  return [
    ...kindProblems(config),
    ...(steps.length === 0
      ? [{ path: ['ensemble_scheduling'], message: 'ensemble_scheduling has one step or more; got none' }]
      : [...steps.flatMap((step, index) => stepProblems(step, index, context)), ...flowProblems(config, steps)]),
  ];
}

function kindProblems({
  platform,
  backend,
  instanceGroups,
  optimization,
  modelWarmup,
}: TritonModelConfig): ConfigFinding[] {
  const foreign = [
    { field: 'instance_group', isGiven: instanceGroups.length > 0 },
    { field: 'optimization', isGiven: optimization !== undefined },
    { field: 'model_warmup', isGiven: modelWarmup.length > 0 },
  ];
  return [
    ...(platform === ENSEMBLE
      ? []
      : [
          {
            path: platform === undefined ? ['ensemble_scheduling'] : ['platform'],
            message: `a model with ensemble_scheduling has the platform '${ENSEMBLE}'; got ${platform ? `'${platform}'` : 'none'}`,
          },
        ]),
    ...(backend === undefined
      ? []
      : [{ path: ['backend'], message: `an ensemble has no backend of its own; got '${backend}'; leave it out` }]),
    ...foreign
      .filter(({ isGiven }) => isGiven)
      .map(({ field }) => ({
        path: [field],
        message: `an ensemble has no ${field} of its own; give it to the models that it is made of`,
      })),
  ];
}

function stepProblems(
  { modelName, inputMap = {}, outputMap = {} }: TritonEnsembleStep,
  index: number,
  context: ConfigContext,
): ConfigFinding[] {
  const path = [...STEPS, index];
  const known = context.models;
  const maps = [
    { field: 'input_map', entries: inputMap },
    { field: 'output_map', entries: outputMap },
  ];
  return [
    ...(modelName === context.modelName
      ? [{ path: [...path, 'model_name'], message: `the ensemble '${modelName}' has itself as a step` }]
      : known !== undefined && modelName !== '' && !known.includes(modelName)
        ? [{ path: [...path, 'model_name'], message: missingModel(modelName, known) }]
        : []),
    ...maps
      .filter(({ entries }) => Object.keys(entries).length === 0)
      .map(({ field }) => ({
        path,
        message:
          `the step '${modelName}' has no ${field}; add '${field} { key: "…" value: "…" }' for each ` +
          `${field === 'input_map' ? 'input' : 'output'}, the model's name of it first, the ensemble's second`,
      })),
  ];
}

function missingModel(name: string, known: readonly string[]): string {
  const near = nearestSpelling(name, known);
  return (
    `the step '${name}' is none of the models that the service serves (${known.join(', ')}); ` +
    `${near === undefined ? 'add it to the models of the service' : `'${near}' is the nearest`}`
  );
}

/** Every tensor comes from somewhere, is written once, and goes somewhere. */
function flowProblems({ inputs, outputs }: TritonModelConfig, steps: readonly TritonEnsembleStep[]): ConfigFinding[] {
  const takes = steps.map(({ inputMap = {} }) => Object.values(inputMap));
  const gives = steps.map(({ outputMap = {} }) => Object.values(outputMap));
  const written = gives.flat();
  const taken = takes.flat();
  const sources = new Set([...inputs.map(({ name }) => name), ...written]);
  const outputNames = outputs.map(({ name }) => name);
  const ready = readyTensors(
    inputs.map(({ name }) => name),
    takes,
    gives,
  );
  return [
    ...inputs.flatMap(({ name }, index) =>
      taken.includes(name)
        ? []
        : [{ path: ['input', index], message: `no step takes the input '${name}'; map it in a step, or leave it out` }],
    ),
    ...outputs.flatMap(({ name }, index) =>
      written.includes(name)
        ? []
        : [{ path: ['output', index], message: `no step writes the output '${name}'; map it in a step's output_map` }],
    ),
    ...steps.flatMap(({ modelName }, index) => [
      ...(takes[index] ?? [])
        .filter((tensor) => !ready.has(tensor))
        .map((tensor) => ({
          path: [...STEPS, index, 'input_map'],
          message: sources.has(tensor)
            ? `the step '${modelName}' waits for '${tensor}', which waits for what never comes, such as itself`
            : `the step '${modelName}' takes '${tensor}', which is no input of the ensemble, and no step writes it`,
        })),
      ...(gives[index] ?? []).flatMap((tensor, at) => {
        const earlier = [...gives.slice(0, index).flat(), ...(gives[index] ?? []).slice(0, at)];
        const path = [...STEPS, index, 'output_map'];
        if (earlier.includes(tensor)) {
          return [{ path, message: `one step writes a tensor; got '${tensor}' in more than one output_map` }];
        }
        return taken.includes(tensor) || outputNames.includes(tensor)
          ? []
          : [
              {
                path,
                message:
                  `the step '${modelName}' writes '${tensor}', which no step takes and is no output of the ensemble; leave ` +
                  'it out of output_map',
              },
            ];
      }),
    ]),
  ];
}

/** The tensors that are there in the end, when each step has run that has all that it takes. */
function readyTensors(
  inputs: readonly string[],
  takes: readonly (readonly string[])[],
  gives: readonly (readonly string[])[],
): Set<string> {
  const ready = new Set(inputs);
  for (let before = -1; before < ready.size; ) {
    before = ready.size;
    takes.forEach((needed, index) => {
      if (needed.every((tensor) => ready.has(tensor))) {
        for (const tensor of gives[index] ?? []) {
          ready.add(tensor);
        }
      }
    });
  }
  return ready;
}
