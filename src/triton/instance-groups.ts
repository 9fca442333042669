import type { TritonModelConfig } from './model-config';
import { type TritonInstanceGroup, TritonInstanceKind } from './model-config-instances';

/** The groups of a model's instances: where none is given, Triton makes one of a model that is no ensemble. */
export function instanceGroups(config: TritonModelConfig | undefined): readonly TritonInstanceGroup[] {
  return config?.instanceGroups.length ? config.instanceGroups : [{}];
}

/** Instances of a group on each of its devices; Triton takes a count below 1 as if none were given. */
export function instanceCount({ count = 1 }: TritonInstanceGroup): number {
  return Math.max(1, count);
}

/** Whether the instances of a group run on GPUs, on a replica that has some. */
export function runsOnGpus({ kind = TritonInstanceKind.KIND_AUTO }: TritonInstanceGroup): boolean {
  return kind === TritonInstanceKind.KIND_GPU || kind === TritonInstanceKind.KIND_AUTO;
}
