import type { MigProfile } from '../azure/mig-profile';
import { MigStrategy } from '../azure/mig-strategy';
import type { VmSize } from '../azure/vm-size';
import type { ModelContent } from '../models/model-source';
import { neededFiles, type TritonBackend } from './backends';
import { instanceCount, instanceGroups, runsOnGpus } from './instance-groups';
import type { TritonModelConfig } from './model-config';
import { modelVersions, type RepositoryFindings, servedVersions } from './model-repository';
import { backendOfModel, configOf } from './model-repository-config';
import type { TritonModel } from './model-repository-folders';

/** The share of a GPU's memory that weights may take before there is little left to compute in. */
const CROWDED = 0.8;

/** More GPUs than any node has; what is above is refused where it was given. */
const MOST_GPUS = 16;

const GIB = 1024 ** 3;

/** Memory of one GPU of a replica, or of its instance where the pool partitions them; nothing where it is unknown. */
export function gpuMemoryGiB({ accelerator }: VmSize, migProfile?: MigProfile): number | undefined {
  if (accelerator === undefined) {
    return undefined;
  }
  if (migProfile === undefined) {
    return accelerator.memoryGiBEach * Math.min(1, accelerator.count);
  }
  // an instance's name has its memory, such as nvidia.com/mig-1g.5gb
  const [, memory] = /\.(\d+)gb$/.exec(migProfile.resourceName(MigStrategy.MIXED, accelerator) ?? '') ?? [];
  return memory === undefined ? undefined : Number(memory);
}

/**
 * Whether the models of a service fit into the memory of each GPU of a replica.
 *
 * An estimate from below: the files of the weights, once for each instance that loads them; what a model computes with,
 * and what CUDA takes, comes on top of it.
 *
 * @param gpus number of GPUs of one replica
 * @param memoryGiB memory of each
 */
export function memoryFindings(models: readonly TritonModel[], gpus: number, memoryGiB: number): RepositoryFindings {
  const count = Math.min(gpus, MOST_GPUS);
  const loads = models.map(({ name, content }) => ({ name, bytes: bytesByGpu(content, count) }));
  const fullest = Array.from({ length: count }, (_, gpu) => ({
    gpu,
    bytes: loads.reduce((sum, load) => sum + (load.bytes[gpu] ?? 0), 0),
  })).sort((a, b) => b.bytes - a.bytes || a.gpu - b.gpu)[0];
  if (fullest === undefined || fullest.bytes <= memoryGiB * GIB * CROWDED) {
    return { problems: [], warnings: [] };
  }
  const parts = loads
    .map(({ name, bytes }) => ({ name, bytes: bytes[fullest.gpu] ?? 0 }))
    .filter(({ bytes }) => bytes > 0)
    .map(({ name, bytes }) => `${name} ${gib(bytes)}`);
  const weights = `weights of ${gib(fullest.bytes)} GiB (${parts.join(', ')}) on a GPU that has ${Number(memoryGiB.toFixed(1))} GiB`;
  const remedy = 'take a size with a larger GPU, fewer instances, or part the models among services';
  return fullest.bytes > memoryGiB * GIB
    ? { problems: [`the models bring ${weights}; ${remedy}`], warnings: [] }
    : {
        problems: [],
        warnings: [
          `the models bring ${weights}, by the sizes of their files, which is an estimate; what they compute with comes on ` +
            `top and may not fit; ${remedy}`,
        ],
      };
}

/** Bytes of a model's weights on each GPU of a replica. */
function bytesByGpu(content: ModelContent, gpus: number): number[] {
  const config = configOf(content)?.config;
  const backend = backendOfModel(config, content, modelVersions(content));
  const all = Array.from({ length: gpus }, (_, gpu) => gpu);
  if (backend === undefined || backend.weights === 'elsewhere') {
    return all.map(() => 0);
  }
  const bytes = servedVersions(content, config).reduce(
    (sum, version) => sum + weightBytes(content, config, backend, version),
    0,
  );
  const isShared = config?.parameters[backend.sharedBy ?? ''] === 'true';
  const groups = instanceGroups(config).filter(runsOnGpus);
  return all.map((gpu) => {
    const counts = groups.filter(({ gpus = [] }) => gpus.length === 0 || gpus.includes(gpu)).map(instanceCount);
    const loaded = isShared ? counts.length : counts.reduce((sum, count) => sum + count, 0);
    return bytes * (backend.weights === 'once' ? Math.min(1, loaded) : loaded);
  });
}

/** Bytes of the model's file or folder in a version, with the parts of it that lie beside, such as `model.onnx.data`. */
function weightBytes(
  content: ModelContent,
  config: TritonModelConfig | undefined,
  backend: TritonBackend,
  version: number,
): number {
  const paths = neededFiles(config, backend).map((file) => `${version}/${file}`);
  return content.files
    .filter(({ name }) => paths.some((path) => name.startsWith(path)))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
