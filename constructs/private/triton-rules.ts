import type { ModelContent } from '../../src/models/model-source';
import type { ResolvedScoringOptions } from '../../src/scoring/scoring-options';
import { imageWarnings, parseTritonImage } from '../../src/triton/image-rules';
import { loadedModels } from '../../src/triton/loaded-models';
import { diskProblem, diskWarnings, extraLoadSeconds, ModelLoading } from '../../src/triton/model-loading';
import { modelsForTriton, type TritonModel } from '../../src/triton/model-repository-folders';
import { frameworkProblems } from '../../src/triton/model-repository-frameworks';
import { gpuMemoryGiB } from '../../src/triton/model-repository-memory';
import { serviceFindings } from '../../src/triton/model-repository-service';
import { serverImage } from '../../src/triton/server-image';
import { tritonServerProblems, tritonServerWarnings } from '../../src/triton/server-rules';
import type { Model } from '../model';
import type { TritonServiceProps } from '../triton-service';
import type { Probes } from './server-containers';
import { loadingProblem } from './triton-models';

/** A Triton server as it is asked for, with what is decided about it and what is wrong. */
export interface JudgedTriton {
  /** Image of the server. */
  readonly image: string;

  /** Release of Triton in it; nothing where it is unknown. */
  readonly release?: string;

  /** How the server comes by its models. */
  readonly loading: ModelLoading;

  /** The models of Triton that callers may ask for. */
  readonly loaded: readonly TritonModel[];

  readonly problems: readonly (string | undefined)[];
  readonly warnings: readonly string[];
}

/**
 * Judges image, models and server of a Triton service together: what runs on the GPUs of the pool depends on each of them.
 *
 * @param replicasPerNode the most replicas that a node may get
 */
export function judgeTriton(
  props: TritonServiceProps,
  { gpuCores, memoryGbLimit }: ResolvedScoringOptions,
  replicasPerNode: number,
): JudgedTriton {
  const { pool, loading = ModelLoading.DIRECT } = props;
  const { image, problems } = serverImage(props.image, props.models, pool, loading);
  const models = modelsForTriton(props.models);
  const loaded = loadedModels(models, props.modelControl);
  const release = parseTritonImage(image)?.tag;
  const server = { modelNames: namesOf(models), loadedNames: namesOf(loaded), gpuCores, memoryGbLimit, release };
  const disk = { loading, models: contentsOf(loading === ModelLoading.DIRECT ? loaded : props.models), pool };
  const findings = serviceFindings(props.models, {
    gpus: gpuCores,
    memoryGiB: gpuMemoryGiB(pool.size, pool.migProfile),
    loadedNames: server.loadedNames,
  });
  return {
    image,
    release,
    loading,
    loaded,
    problems: [
      ...problems,
      loadingProblem(loading, props.connection.cluster),
      diskProblem(disk),
      ...modelProblems(props.models),
      ...findings.problems,
      ...models.flatMap(({ name, content }) => frameworkProblems(name, content, release, pool)),
      ...tritonServerProblems(props, server),
    ],
    warnings: [
      ...imageWarnings(image, pool, loading),
      ...findings.warnings,
      ...diskWarnings(disk, replicasPerNode),
      ...tritonServerWarnings(props, server),
    ],
  };
}

/** How long a Triton server may take to start. */
export function tritonStartup(
  { loading, models }: TritonServiceProps,
  { startupBudgetSeconds }: ResolvedScoringOptions,
): Probes['startup'] {
  return {
    seconds: startupBudgetSeconds,
    option: 'initialDelaySeconds + periodSeconds × failureThreshold',
    secondsBefore: loading === ModelLoading.DOWNLOAD ? extraLoadSeconds(contentsOf(models)) : 0,
  };
}

function contentsOf(models: readonly { readonly content: ModelContent }[]): ModelContent[] {
  return models.map(({ content }) => content);
}

function namesOf(models: readonly TritonModel[]): string[] {
  return models.map(({ name }) => name);
}

function modelProblems(models: readonly Model[]): string[] {
  if (models.length === 0) {
    return ['a Triton service serves one model or more; got none'];
  }
  const all = models.map((model) => model.modelName);
  const twice = [...new Set(all.filter((name, index) => all.indexOf(name) !== index))];
  return twice.map((name) => `a service serves each model once; got '${name}' more than once`);
}
