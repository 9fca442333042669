import type { VmSize } from '../azure/vm-size';
import { existenceProblems } from '../azure/vm-size-rules';
import { AcceleratorVendor, CpuArchitecture } from '../azure/vm-size-spec';
import { cudaMajor, driverBranchFor, KEYLESS_SINCE, newestForDriver, newestForGpu, releaseOf } from './releases';
import { TRITON_IMAGE } from './server';

/** A size whose GPU and driver run every current release, for messages that advise another. */
const EVERY_RELEASE_RUNS_ON = 'VmSize.NC4AS_T4_V3';

/** Variants of NVIDIA's image that hold no server. */
const WITHOUT_SERVER: ReadonlyMap<string, string> = new Map([
  ['-py3-sdk', 'clients of Triton and no server'],
  ['-py3-min', 'what one builds a server on and no server'],
]);

/** An image of NVIDIA's Triton by its parts. */
export interface TritonImage {
  /** Release, such as `26.10`. */
  readonly tag: string;

  /** What follows the release, such as `-py3` or `-vllm-python-py3`. */
  readonly variant: string;
}

/** The nodes that a server runs on. */
export interface ServerNodes {
  /** Size of the nodes. */
  readonly size: VmSize;

  /**
   * Driver that AKS installs, such as `grid 570.211.01`.
   *
   * @default - unknown: no image is judged by it
   */
  readonly gpuDriverVersion?: string;
}

/** The parts of an image of NVIDIA's Triton; nothing for any other image, of which nothing is known. */
export function parseTritonImage(image: string): TritonImage | undefined {
  const [, tag, variant] = image.match(/^nvcr\.io\/nvidia\/tritonserver:(\d\d\.\d\d)(-[a-z0-9-]+)?(?:@.*)?$/) ?? [];
  return tag === undefined ? undefined : { tag, variant: variant ?? '' };
}

/** Why a server of that image cannot serve a store's models on such nodes. */
export function imageProblems(image: string, { size }: ServerNodes): string[] {
  const { accelerator } = size;
  const parsed = parseTritonImage(image);
  // a pool of a size that is gone is refused, and a second refusal for the same mistake would only confuse
  if (parsed === undefined || accelerator === undefined || existenceProblems(size).length > 0) {
    return [];
  }
  if (accelerator.vendor === AcceleratorVendor.AMD) {
    return [
      `NVIDIA's Triton runs on no GPU of AMD, such as the ${accelerator.model} of ${size.name}; got '${image}'; give the ` +
        'image of a server that was built for it',
    ];
  }
  const content = WITHOUT_SERVER.get(parsed.variant);
  if (content !== undefined) {
    return [`the image '${image}' holds ${content}; give one that does, such as '${TRITON_IMAGE}'`];
  }
  const capability = accelerator.computeCapability;
  const floor = releaseOf(KEYLESS_SINCE)?.minimumComputeCapability ?? 0;
  if (capability !== undefined && capability < floor) {
    const newest = newestForGpu(capability)?.tag;
    return [
      `the ${accelerator.model} of ${size.name} has compute capability ${capability.toFixed(1)}, and Triton from ` +
        `${KEYLESS_SINCE} on, the first release that reads models without a key, needs ${floor.toFixed(1)} or higher; got ` +
        `${parsed.tag}, and ${newest ?? 'none'} is the newest known to run on that GPU; take a size with a newer GPU, such ` +
        `as ${EVERY_RELEASE_RUNS_ON}, or give an image of your own`,
    ];
  }
  return parsed.tag < KEYLESS_SINCE
    ? [
        `Triton ${parsed.tag} reads models only with a key of the storage account, and the model store has none; got ` +
          `'${image}'; give ${KEYLESS_SINCE} or later, such as '${TRITON_IMAGE}'`,
      ]
    : [];
}

/** What may keep a server of that image from running on such nodes. */
export function imageWarnings(image: string, nodes: ServerNodes): string[] {
  const parsed = parseTritonImage(image);
  if (parsed === undefined || existenceProblems(nodes.size).length > 0 || imageProblems(image, nodes).length > 0) {
    return [];
  }
  return [...driverWarnings(parsed, nodes), ...architectureWarnings(image, parsed, nodes.size)];
}

/** CUDA runs on an older driver by forward compatibility only, which NVIDIA promises for some GPUs and drivers. */
function driverWarnings({ tag }: TritonImage, { size, gpuDriverVersion }: ServerNodes): string[] {
  const [version, major] = gpuDriverVersion?.match(/(\d+)\.[\d.]+/) ?? [];
  const release = releaseOf(tag);
  const needed = release && driverBranchFor(release);
  const branch = Number(major);
  if (release === undefined || needed === undefined || !(branch < needed)) {
    return [];
  }
  const newest = newestForDriver(branch);
  const way = newest === undefined ? '' : `; ${newest.tag} (CUDA ${newest.cuda}) is the newest that surely runs on it`;
  return [
    `AKS installs the driver ${version} on ${size.name}, and CUDA ${cudaMajor(release)} of Triton ${tag} asks for ${needed} ` +
      `or higher, so the server may not find its GPU${way}, but none before ${KEYLESS_SINCE} reads models without a key; ` +
      `try it first, or take a size with a newer driver, such as ${EVERY_RELEASE_RUNS_ON}`,
  ];
}

/**
 * The images `-py3` are built for both architectures; of the others, some are and some are not.
 *
 * @see https://github.com/triton-inference-server/server/issues/5717
 */
function architectureWarnings(image: string, { variant }: TritonImage, size: VmSize): string[] {
  return size.cpuArchitecture === CpuArchitecture.ARM64 && variant !== '-py3'
    ? [
        `the nodes of ${size.name} are Arm64, and of NVIDIA's images only those that end in '-py3' right after the release ` +
          `are known to be built for it; got '${image}'; look up its architectures, or give '${TRITON_IMAGE}'`,
      ]
    : [];
}
