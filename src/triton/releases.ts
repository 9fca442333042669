/** One monthly release of NVIDIA's Triton container. */
export interface TritonRelease {
  /** Year and month, as image tags begin with, such as `26.10`. */
  readonly tag: string;

  /** Day of the release, where it is known. */
  readonly date?: string;

  /** CUDA inside the image. */
  readonly cuda: string;

  /** Lowest compute capability of a GPU that it runs on, where NVIDIA says so. */
  readonly minimumComputeCapability?: number;
}

/**
 * The releases that matter for which GPU can run what, newest first; as of 2026-11-21.
 *
 * From CUDA 13.0 on, NVIDIA's libraries have no code for Volta and older: the floor of 25.08 to 25.12 follows from that,
 * those of 26.01 on and of 24.07 are in their release notes, and those between are not known.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/release-notes/
 * @see https://docs.nvidia.com/cuda/archive/13.0.0/cuda-toolkit-release-notes/index.html
 */
export const TRITON_RELEASES: readonly TritonRelease[] = [
  { tag: '26.10', date: '2026-11-02', cuda: '13.4.3', minimumComputeCapability: 7.5 },
  { tag: '26.09', cuda: '13.4.1', minimumComputeCapability: 7.5 },
  { tag: '26.08', cuda: '13.4.1', minimumComputeCapability: 7.5 },
  { tag: '26.07', date: '2026-07-24', cuda: '13.3.1', minimumComputeCapability: 7.5 },
  { tag: '26.06', date: '2026-06-25', cuda: '13.3.0', minimumComputeCapability: 7.5 },
  { tag: '26.05', date: '2026-05-27', cuda: '13.2.1', minimumComputeCapability: 7.5 },
  { tag: '26.04', date: '2026-04-27', cuda: '13.2.1', minimumComputeCapability: 7.5 },
  { tag: '26.03', date: '2026-03-24', cuda: '13.2.0', minimumComputeCapability: 7.5 },
  { tag: '26.02', cuda: '13.1.1', minimumComputeCapability: 7.5 },
  { tag: '26.01', cuda: '13.1.1', minimumComputeCapability: 7.5 },
  { tag: '25.12', cuda: '13.1.0', minimumComputeCapability: 7.5 },
  { tag: '25.11', cuda: '13.0.2', minimumComputeCapability: 7.5 },
  { tag: '25.10', cuda: '13.0.2', minimumComputeCapability: 7.5 },
  { tag: '25.09', cuda: '13.0.1', minimumComputeCapability: 7.5 },
  { tag: '25.08', cuda: '13.0.1', minimumComputeCapability: 7.5 },
  { tag: '25.07', cuda: '12.9' },
  { tag: '25.03', cuda: '12.8.1' },
  { tag: '24.07', cuda: '12.5.1', minimumComputeCapability: 6 },
];

/**
 * The first release that reads models from Azure storage as an identity; those before it need a key of the account.
 *
 * @see https://github.com/triton-inference-server/server/releases/tag/v2.69.0
 */
export const KEYLESS_SINCE = '26.05';

/**
 * The lowest driver branch that runs each major version of CUDA, whatever its minor version.
 *
 * @see https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
 */
const DRIVER_OF_CUDA: ReadonlyMap<number, number> = new Map([
  [13, 580],
  [12, 525],
]);

/** What is known of the release with that tag; of one that is newer than all of these, what the newest says. */
export function releaseOf(tag: string): TritonRelease | undefined {
  const [newest] = TRITON_RELEASES;
  return TRITON_RELEASES.find((release) => release.tag === tag) ?? (newest && tag > newest.tag ? newest : undefined);
}

/** Major version of the CUDA inside a release. */
export function cudaMajor(release: TritonRelease): number {
  return Number.parseInt(release.cuda, 10);
}

/** The lowest driver branch that a release runs on, where it is known. */
export function driverBranchFor(release: TritonRelease): number | undefined {
  return DRIVER_OF_CUDA.get(cudaMajor(release));
}

/** The newest release that is known to run on a GPU of that compute capability. */
export function newestForGpu(computeCapability: number): TritonRelease | undefined {
  return TRITON_RELEASES.find(({ minimumComputeCapability = Number.POSITIVE_INFINITY }) => {
    return minimumComputeCapability <= computeCapability;
  });
}

/** The newest release that surely runs on a driver of that branch. */
export function newestForDriver(branch: number): TritonRelease | undefined {
  return TRITON_RELEASES.find((release) => (driverBranchFor(release) ?? Number.POSITIVE_INFINITY) <= branch);
}
