import type { ModelContent } from '../models/model-source';
import { instanceCount, instanceGroups, runsOnGpus } from './instance-groups';
import type { TritonInstanceGroup } from './model-config';
import { configOf } from './model-repository-config';

/**
 * The batch that Triton gives a model without a configuration where its backend can batch.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html
 */
const DEFAULT_MAX_BATCH_SIZE = 4;

/** The fewest calls that a replica takes at once: one is computed while the next one arrives. */
const FEWEST = 2;

/** The most: beyond that the calls that wait inside Triton only take memory. */
const MOST = 1000;

/**
 * Calls that a replica takes at once unless told otherwise: two batches for each instance of each model, one that is
 * computed and one that fills meanwhile. HTTP and gRPC calls are counted apart.
 */
export function concurrentRequests(models: readonly ModelContent[], gpus: number): number {
  // what is no number of GPUs is refused where it was given
  const whole = gpus >= 1 ? Math.ceil(gpus) : 1;
  const calls = models.map((model) => 2 * batchedAtOnce(model, whole)).reduce((sum, each) => sum + each, 0);
  return Math.min(MOST, Math.max(FEWEST, calls));
}

/** Calls that all instances of one model compute at once. */
function batchedAtOnce(model: ModelContent, gpus: number): number {
  const config = configOf(model)?.config;
  if (config === undefined) {
    return DEFAULT_MAX_BATCH_SIZE * gpus;
  }
  const { maxBatchSize, ensembleScheduling } = config;
  // an ensemble computes nothing itself: the models that it is made of do
  if (ensembleScheduling !== undefined) {
    return 0;
  }
  return Math.max(1, maxBatchSize) * instanceGroups(config).reduce((sum, group) => sum + instancesOf(group, gpus), 0);
}

/** A group has so many instances on each of its GPUs, which are all where it names none. */
function instancesOf(group: TritonInstanceGroup, gpus: number): number {
  const devices = runsOnGpus(group) ? group.gpus?.length || gpus : 1;
  return group.passive ? 0 : instanceCount(group) * devices;
}
