import type { VmSize } from '../azure/vm-size';
import { existenceProblems } from '../azure/vm-size-rules';
import { AcceleratorVendor, CpuArchitecture } from '../azure/vm-size-spec';
import { ModelLoading } from './model-loading';
import {
  cudaMajor,
  driverBranchFor,
  KEYLESS_SINCE,
  OLDEST_RELEASE,
  releaseOf,
  releasesFor,
  type TritonRelease,
} from './releases';
import { TRITON_IMAGE, tritonImage } from './server';

/** A size whose GPU and driver run every current release, for messages that advise another. */
const EVERY_RELEASE_RUNS_ON = 'VmSize.NC4AS_T4_V3';

/** The ways to load models that every release knows. */
const OLDER_LOADING = 'loading: ModelLoading.DOWNLOAD or ModelLoading.MOUNT';

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

/** Why a server of that image cannot serve a store's models on such nodes, where it comes by them in that way. */
export function imageProblems(
  image: string,
  nodes: ServerNodes,
  loading: ModelLoading = ModelLoading.DIRECT,
): string[] {
  const { size } = nodes;
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
  const problem =
    loading === ModelLoading.DIRECT ? directProblem(image, parsed, nodes) : releaseProblem(image, parsed, nodes);
  return problem === undefined ? [] : [problem];
}

/** Why a server of that image cannot read models by itself. */
function directProblem(image: string, { tag }: TritonImage, nodes: ServerNodes): string | undefined {
  const { name, accelerator } = nodes.size;
  const { computeCapability } = gpuAndDriver(nodes);
  const floor = releaseOf(KEYLESS_SINCE)?.minimumComputeCapability ?? 0;
  const way = otherWay(tag, nodes);
  if (computeCapability !== undefined && computeCapability < floor) {
    const newest = releasesFor({ computeCapability })[0]?.tag;
    return (
      `the ${accelerator?.model} of ${name} has compute capability ${computeCapability.toFixed(1)}, and Triton from ` +
      `${KEYLESS_SINCE} on, the first release that reads models without a key, needs ${floor.toFixed(1)} or higher; got ` +
      `${tag}, and ${newest ?? 'none'} is the newest known to run on that GPU; ${way === undefined ? '' : `${way}, `}take a ` +
      `size with a newer GPU, such as ${EVERY_RELEASE_RUNS_ON}, or give an image of your own`
    );
  }
  return tag < KEYLESS_SINCE
    ? `Triton ${tag} reads models only with a key of the storage account, and the model store has none; got '${image}'; ` +
        `give ${KEYLESS_SINCE} or later, such as '${TRITON_IMAGE}'${way === undefined ? '' : `, or ${way}`}`
    : undefined;
}

/** Why a server of that image cannot run on such nodes, wherever its models are. */
function releaseProblem(image: string, { tag }: TritonImage, nodes: ServerNodes): string | undefined {
  const { name, accelerator } = nodes.size;
  const { computeCapability } = gpuAndDriver(nodes);
  const fitting = releasesFor(gpuAndDriver(nodes));
  if (tag < OLDEST_RELEASE) {
    return (
      `Triton ${tag} is older than ${OLDEST_RELEASE}, the oldest release that a service knows how to start; got ` +
      `'${image}'; ${nearest(fitting)}`
    );
  }
  const { minimumComputeCapability: lowest = 0, maximumComputeCapability: highest = Number.POSITIVE_INFINITY } =
    releaseOf(tag) ?? {};
  if (computeCapability === undefined || (lowest <= computeCapability && computeCapability <= highest)) {
    return undefined;
  }
  const needs =
    computeCapability < lowest
      ? `needs ${lowest.toFixed(1)} or higher`
      : `has no code for more than ${highest.toFixed(1)}`;
  return (
    `the ${accelerator?.model} of ${name} has compute capability ${computeCapability.toFixed(1)}, and Triton ${tag} ` +
    `${needs}; ${nearest(fitting)}`
  );
}

/** What to do where a release does not run: take one that does, or another GPU. */
function nearest(fitting: readonly TritonRelease[]): string {
  const [newest] = fitting;
  const oldest = fitting.at(-1);
  if (newest === undefined || oldest === undefined) {
    return `take a size with a newer GPU, such as ${EVERY_RELEASE_RUNS_ON}, or give an image of your own`;
  }
  const image = tritonImage(`${newest.tag}-py3`);
  const rest = `take a size with a newer GPU, such as ${EVERY_RELEASE_RUNS_ON}, or give an image of your own`;
  if (image === TRITON_IMAGE) {
    return `give ${oldest.tag} or later, such as '${image}'`;
  }
  return newest === oldest
    ? `give '${image}', the one release known to run on that GPU and its driver, ${rest}`
    : `give ${oldest.tag} to ${newest.tag}, such as '${image}', ${rest}`;
}

/** How models reach an older server, where one runs on such nodes: that of the given release or the newest that does. */
function otherWay(tag: string, nodes: ServerNodes): string | undefined {
  const fitting = releasesFor(gpuAndDriver(nodes)).map((release) => release.tag);
  const [newest] = fitting;
  if (fitting.includes(tag)) {
    return `take ${OLDER_LOADING}`;
  }
  return newest === undefined || newest >= KEYLESS_SINCE
    ? undefined
    : `give the image '${tritonImage(`${newest}-py3`)}' with ${OLDER_LOADING}`;
}

/** The newest release that is known to run on such nodes, up to the given one. */
export function newestReleaseFor(nodes: ServerNodes, last: string): string | undefined {
  return releasesFor(gpuAndDriver(nodes)).find(({ tag }) => tag <= last)?.tag;
}

function gpuAndDriver({ size, gpuDriverVersion }: ServerNodes): { computeCapability?: number; driverBranch?: number } {
  const [, major] = gpuDriverVersion?.match(/(\d+)\.[\d.]+/) ?? [];
  return {
    computeCapability: size.accelerator?.computeCapability,
    driverBranch: major === undefined ? undefined : Number(major),
  };
}

/** What may keep a server of that image from running on such nodes. */
export function imageWarnings(
  image: string,
  nodes: ServerNodes,
  loading: ModelLoading = ModelLoading.DIRECT,
): string[] {
  const parsed = parseTritonImage(image);
  const isRefused = existenceProblems(nodes.size).length > 0 || imageProblems(image, nodes, loading).length > 0;
  return parsed === undefined || isRefused
    ? []
    : [
        ...gpuWarnings(parsed, nodes),
        ...driverWarnings(parsed, nodes, loading),
        ...architectureWarnings(image, parsed, nodes.size),
      ];
}

/** Of some releases it is not known whether they run on the older GPUs that one before them still ran on. */
function gpuWarnings({ tag }: TritonImage, { size }: ServerNodes): string[] {
  const { computeCapability } = gpuAndDriver({ size });
  const release = releaseOf(tag);
  const fitting = releasesFor({ computeCapability });
  if (computeCapability === undefined || release === undefined || fitting.includes(release)) {
    return [];
  }
  const [newest] = fitting;
  return [
    `whether Triton ${tag} runs on the ${size.accelerator?.model} of ${size.name}, which has compute capability ` +
      `${computeCapability.toFixed(1)}, is not known; ${newest === undefined ? '' : `${newest.tag} is the newest that surely does; `}` +
      'try it first',
  ];
}

/** CUDA runs on an older driver by forward compatibility only, which NVIDIA promises for some GPUs and drivers. */
function driverWarnings({ tag }: TritonImage, nodes: ServerNodes, loading: ModelLoading): string[] {
  const release = releaseOf(tag);
  const needed = release && driverBranchFor(release);
  const { computeCapability, driverBranch } = gpuAndDriver(nodes);
  if (release === undefined || needed === undefined || driverBranch === undefined || driverBranch >= needed) {
    return [];
  }
  const [newest] = releasesFor({ computeCapability, driverBranch });
  const surely = `${newest?.tag} (CUDA ${newest?.cuda}) is the newest that surely runs on it`;
  const way =
    newest === undefined
      ? ''
      : loading === ModelLoading.DIRECT
        ? `${surely}, with ${OLDER_LOADING}, since none before ${KEYLESS_SINCE} reads models without a key; `
        : `${surely}; `;
  const [version] = nodes.gpuDriverVersion?.match(/\d+\.[\d.]+/) ?? [];
  return [
    `AKS installs the driver ${version} on ${nodes.size.name}, and CUDA ${cudaMajor(release)} of Triton ${tag} asks for ` +
      `${needed} or higher, so the server may not find its GPU; ${way}try it first, or take a size with a newer driver, ` +
      `such as ${EVERY_RELEASE_RUNS_ON}`,
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
