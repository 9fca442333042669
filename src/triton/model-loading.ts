import type { ModelContent } from '../models/model-source';

/**
 * How the servers of a Triton service come by their models. Each way takes the identity of the service and no key of the
 * storage account, which has none.
 */
export enum ModelLoading {
  /**
   * Triton reads the model store itself, and copies its models to the disk of the node. Needs Triton 26.05 or later.
   *
   * @see https://github.com/triton-inference-server/server/releases/tag/v2.69.0
   */
  DIRECT = 'Direct',

  /**
   * A container that runs before Triton downloads the files to the disk of the node, which has to hold all of them as
   * long as the pod is there. For Triton before 26.05, which a GPU or a driver may ask for.
   */
  DOWNLOAD = 'Download',

  /**
   * AKS mounts the model store into the pod, read-only. A file is fetched to the disk of the node once it is opened, and
   * leaves it some time after it is closed. For Triton before 26.05 where a disk should not hold the files of every pod as
   * long as it is there. Needs the blob driver on the cluster (`blobDriver`) and Kubernetes 1.34 or later, whose driver
   * mounts without a key: a preview in its first releases.
   *
   * @see https://github.com/kubernetes-sigs/blob-csi-driver/blob/master/docs/workload-identity-static-pv-mount.md
   */
  MOUNT = 'Mount',
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/**
 * What AKS keeps free of the disk of a node, as a share: it evicts pods where they leave less.
 *
 * @see https://learn.microsoft.com/dotnet/api/azure.resourcemanager.containerservice.models.kubelethardevictionthreshold.nodefsavailable
 */
const FREE_DISK_SHARE = 0.1;

/** The bytes of models that a server has the time for which it has anyway. */
const COVERED_BYTES = 16 * 1024 * MIB;

/**
 * What a second brings of a file, from the store to a disk or from there to a GPU: an assumption, and a careful one, since
 * no size of node says how fast it is in this.
 */
const BYTES_PER_SECOND = 64 * MIB;

/**
 * How much longer than others a server may need to get its models, in seconds: nothing up to 16 GiB of files, and one
 * second for each started 64 MiB beyond.
 */
export function extraLoadSeconds(models: readonly ModelContent[]): number {
  return Math.max(0, Math.ceil((totalBytes(models) - COVERED_BYTES) / BYTES_PER_SECOND));
}

/** What the files of models take of a disk of a node. */
export interface DiskUse {
  readonly loading: ModelLoading;

  /** What one server copies to the disk of its node. */
  readonly models: readonly ModelContent[];

  /** The nodes; nothing is judged where the size of their disk is not known. */
  readonly pool: { readonly poolName: string; readonly osDiskGiB?: number };
}

/**
 * Why a node cannot hold the files that one server copies to its disk. What else lies there is not counted: the node's own
 * image and those of containers.
 */
export function diskProblem({ loading, models, pool }: DiskUse): string | undefined {
  const { poolName, osDiskGiB = Number.POSITIVE_INFINITY } = pool;
  const sizeGiB = copiedGiB(loading, models);
  return sizeGiB > osDiskGiB * (1 - FREE_DISK_SHARE)
    ? `the models of a replica take ${Math.ceil(sizeGiB)} GiB of the disk of its node, and a node of the pool '${poolName}' has ` +
        `${osDiskGiB} GiB, of which AKS keeps a tenth free; ${diskAdvice(sizeGiB)}`
    : undefined;
}

/**
 * What may happen where a node has GPUs for several replicas, each of which copies its files: Kubernetes does not know how
 * large they are, and evicts pods once the disk is full.
 *
 * @param replicasPerNode the most replicas that a node may get
 */
export function diskWarnings({ loading, models, pool }: DiskUse, replicasPerNode: number): string[] {
  const { poolName, osDiskGiB = Number.POSITIVE_INFINITY } = pool;
  const sizeGiB = copiedGiB(loading, models) * replicasPerNode;
  const isRefused = diskProblem({ loading, models, pool }) !== undefined;
  return isRefused || !(sizeGiB > osDiskGiB * (1 - FREE_DISK_SHARE))
    ? []
    : [
        `a node of the pool '${poolName}' may get ${replicasPerNode} replicas, whose models take ${Math.ceil(sizeGiB)} GiB of ` +
          `its disk of ${osDiskGiB} GiB, of which AKS keeps a tenth free; ${diskAdvice(sizeGiB)}`,
      ];
}

/** What to do where a disk is too small for that much. */
function diskAdvice(sizeGiB: number): string {
  return (
    `give the pool an osDiskGiB of more than ${Math.ceil(sizeGiB / (1 - FREE_DISK_SHARE))}, since images of containers lie ` +
    'there, too, or take ModelLoading.MOUNT, which keeps a file only while it is read'
  );
}

/** What a server copies to the disk of its node, for as long as it runs. */
function copiedGiB(loading: ModelLoading, models: readonly ModelContent[]): number {
  return loading === ModelLoading.MOUNT ? 0 : totalBytes(models) / GIB;
}

function totalBytes(models: readonly ModelContent[]): number {
  return models.flatMap(({ files }) => files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
