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

  /** Highest compute capability of a GPU that it has code for, where newer GPUs are known that it has none for. */
  readonly maximumComputeCapability?: number;
}

/**
 * The releases whose command line is known, newest first; as of 2026-11-21.
 *
 * The floors are those of the release notes: 6.0 until 24.10, 7.5 from 25.01 on, and 24.11 and 24.12 are not known. CUDA
 * has code for Blackwell, 10.0 and above, from 12.8 on.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/release-notes/
 * @see https://docs.nvidia.com/cuda/archive/12.8.0/cuda-toolkit-release-notes/index.html
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
  { tag: '25.07', cuda: '12.9', minimumComputeCapability: 7.5 },
  { tag: '25.06', date: '2025-06-26', cuda: '12.9.1', minimumComputeCapability: 7.5 },
  { tag: '25.05', cuda: '12.9', minimumComputeCapability: 7.5 },
  { tag: '25.04', cuda: '12.9.0', minimumComputeCapability: 7.5 },
  { tag: '25.03', cuda: '12.8.1', minimumComputeCapability: 7.5 },
  { tag: '25.02', cuda: '12.8.0', minimumComputeCapability: 7.5 },
  { tag: '25.01', cuda: '12.8.0', minimumComputeCapability: 7.5 },
  { tag: '24.12', cuda: '12.6.3', maximumComputeCapability: 9 },
  { tag: '24.11', cuda: '12.6', maximumComputeCapability: 9 },
  { tag: '24.10', cuda: '12.6.2', minimumComputeCapability: 6, maximumComputeCapability: 9 },
];

/**
 * The oldest release that a service may have: the flags that every server of this library is started with are tried on it.
 */
export const OLDEST_RELEASE = '24.10';

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

/** What a release must run on. */
export interface ReleaseNodes {
  /** Compute capability of the GPUs. */
  readonly computeCapability?: number;

  /** Branch of the driver, such as 570. */
  readonly driverBranch?: number;
}

/** The floor of the newest release. No release has a lower one than those before it, so an unknown one is this or lower. */
const HIGHEST_FLOOR = TRITON_RELEASES[0]?.minimumComputeCapability;

/** The releases that are known to run there, newest first; what is not given does not count. */
export function releasesFor({ computeCapability, driverBranch }: ReleaseNodes): TritonRelease[] {
  return TRITON_RELEASES.filter((release) => {
    const { minimumComputeCapability = HIGHEST_FLOOR ?? Number.POSITIVE_INFINITY } = release;
    const { maximumComputeCapability = Number.POSITIVE_INFINITY } = release;
    const runsOnGpu =
      computeCapability === undefined ||
      (minimumComputeCapability <= computeCapability && computeCapability <= maximumComputeCapability);
    const runsOnDriver =
      driverBranch === undefined || (driverBranchFor(release) ?? Number.POSITIVE_INFINITY) <= driverBranch;
    return runsOnGpu && runsOnDriver;
  });
}
