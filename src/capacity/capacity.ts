import type { MigProfile } from '../azure/mig-profile';
import { VmSize } from '../azure/vm-size';
import { AcceleratorKind } from '../azure/vm-size-spec';
import { ValidationError } from '../errors';
import { gpuDevices } from '../kubernetes/gpu-devices';
import { readProfile } from '../profile/profile-report';
import { capacityProblems } from './capacity-rules';
import { type FamilyQuota, quotaOf } from './quota';

/** What capacity is computed from. */
export interface CapacityProps {
  /** Requests per second at the busiest time, above 0. */
  readonly requestsPerSecond: number;

  /** Seconds that a replica works on one request, above 0; measure it, such as with `addProfile`. */
  readonly secondsPerRequest: number;

  /** Size of the nodes. */
  readonly size: VmSize;

  /**
   * Requests that a replica works on at once, a whole number from 1.
   *
   * @default 1, as in Azure ML's web services
   */
  readonly replicaMaxConcurrentRequests?: number;

  /**
   * How busy the replicas may be, from 1 to 100; what is left takes the peaks.
   *
   * @default 70, as in Azure ML's web services
   */
  readonly targetUtilizationPercent?: number;

  /**
   * GPUs of one replica, or GPU instances of a partitioned pool; 0 for a service that needs none.
   *
   * @default 1 on a size with GPUs, otherwise 0
   */
  readonly gpus?: number;

  /**
   * How every GPU of the pool is partitioned.
   *
   * @default - not at all
   */
  readonly migProfile?: MigProfile;

  /**
   * Replicas that a node holds, a whole number from 1; with GPUs no more than these allow.
   *
   * @default - as many as the node has GPUs for; one for each FPGA; one, where a replica needs neither
   */
  readonly replicasPerNode?: number;

  /**
   * Replicas that stay when nobody calls. Give the number of replicas for a service that is not scaled.
   *
   * @default 1, as in Azure ML's web services
   */
  readonly minReplicas?: number;
}

/** What capacity is computed from beside a profile, which says how long a replica works on how many requests at once. */
export interface ProfiledCapacityProps
  extends Omit<CapacityProps, 'secondsPerRequest' | 'replicaMaxConcurrentRequests' | 'size'> {
  /**
   * Size of the nodes. On another one than was profiled requests take longer, or not as long.
   *
   * @default - the size that was profiled; refused where the profile names none, as one of a local run
   */
  readonly size?: VmSize;
}

/**
 * What a service needs to answer a number of requests per second: replicas, accelerators, nodes and vCPU quota.
 *
 * ```text
 * busy         = requestsPerSecond × secondsPerRequest ÷ (targetUtilizationPercent ÷ 100)
 * replicas     = ceil(busy ÷ replicaMaxConcurrentRequests), and at least minReplicas
 * accelerators = ceil(replicas × gpus ÷ instances that the MIG profile cuts a GPU into)
 * nodes        = ceil(replicas ÷ replicasPerNode)
 * quota        = nodes × vCPUs of the size, and twice that while the pool is rotated
 * ```
 *
 * The first two lines are how Azure ML sizes the replicas of its web services, and how its front end scales them. Whatever its
 * share of a GPU, a machine hands out one, so shares count as whole ones.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe
 */
export class Capacity {
  /**
   * Computes capacity from a profile: by the requests at once of its best level, and the seconds that each took.
   *
   * @param path of the report of `addProfile` or of `azure-inference profile`: absolute, or relative to the folder of
   *   `cdktf.json`
   * @throws ValidationError when the file is no profile, or one of a run that failed, and with everything that is wrong with
   *   the input
   */
  public static fromProfile(path: string, props: ProfiledCapacityProps): Capacity {
    const { report, problem } = readProfile(path);
    if (report === undefined) {
      throw new ValidationError([{ path: 'capacity', message: String(problem) }]);
    }
    const size = props.size ?? (report.vmSize === undefined ? undefined : VmSize.named(report.vmSize));
    if (size === undefined) {
      const message = `${path} does not name the size of the node that was profiled; give size`;
      throw new ValidationError([{ path: 'capacity', message }]);
    }
    return new Capacity({
      ...props,
      size,
      gpus: props.gpus ?? report.gpus,
      secondsPerRequest: report.best.secondsPerRequest,
      replicaMaxConcurrentRequests: report.best.concurrency,
    });
  }

  /** Requests per second at the busiest time. */
  public readonly requestsPerSecond: number;

  /** Seconds that a replica works on one request. */
  public readonly secondsPerRequest: number;

  /** Requests that a replica works on at once. */
  public readonly replicaMaxConcurrentRequests: number;

  /** How busy the replicas may be. */
  public readonly targetUtilizationPercent: number;

  /** Size of the nodes. */
  public readonly size: VmSize;

  /** GPUs of one replica, or GPU instances of a partitioned pool. */
  public readonly gpus: number;

  /** How every GPU of the pool is partitioned, where it is. */
  public readonly migProfile?: MigProfile;

  /** Replicas that a node holds. */
  public readonly replicasPerNode: number;

  /** Replicas that stay when nobody calls. */
  public readonly minReplicas: number;

  /** Replicas at the busiest time. */
  public readonly replicas: number;

  /** GPUs or FPGAs that these replicas hold; 0 where they need none. */
  public readonly accelerators: number;

  /** Nodes when nobody calls. */
  public readonly minNodes: number;

  /** Nodes at the busiest time, for `maxNodes` of the pool. */
  public readonly maxNodes: number;

  /** vCPU quota that the pool needs: of one family, since a pool has one size. */
  public readonly quota: readonly FamilyQuota[];

  /** Price of the nodes per hour when nobody calls, in US dollars at list price, where it is known. */
  public readonly minUsdPerHour?: number;

  /** Price of the nodes per hour at the busiest time, in US dollars at list price, where it is known. */
  public readonly maxUsdPerHour?: number;

  /** @throws ValidationError with everything that is wrong with the input */
  public constructor(props: CapacityProps) {
    const { size, migProfile } = props;
    const hasGpus = size.accelerator?.kind === AcceleratorKind.GPU;
    this.requestsPerSecond = props.requestsPerSecond;
    this.secondsPerRequest = props.secondsPerRequest;
    this.replicaMaxConcurrentRequests = props.replicaMaxConcurrentRequests ?? 1;
    this.targetUtilizationPercent = props.targetUtilizationPercent ?? 70;
    this.size = size;
    this.gpus = props.gpus ?? (hasGpus ? 1 : 0);
    this.migProfile = migProfile;
    this.minReplicas = props.minReplicas ?? 1;
    this.replicasPerNode = props.replicasPerNode ?? mostReplicasPerNode(size, this.gpus, migProfile);
    this.replicas = Math.max(this.minReplicas, ceil(this.busyReplicas()));
    this.minNodes = Math.ceil(this.minReplicas / this.replicasPerNode);
    this.maxNodes = Math.ceil(this.replicas / this.replicasPerNode);
    this.accelerators = this.acceleratorsHeld();
    const problems = capacityProblems(this, mostReplicasPerNode(size, this.gpus, migProfile));
    if (problems.length > 0) {
      throw new ValidationError(problems.map((message) => ({ path: 'capacity', message })));
    }
    this.quota = quotaOf([{ size, minNodes: this.minNodes, maxNodes: this.maxNodes }]);
    if (size.usdPerHour !== undefined) {
      this.minUsdPerHour = this.minNodes * size.usdPerHour;
      this.maxUsdPerHour = this.maxNodes * size.usdPerHour;
    }
  }

  private busyReplicas(): number {
    const atOnce = this.requestsPerSecond * this.secondsPerRequest;
    return (atOnce * 100) / this.targetUtilizationPercent / this.replicaMaxConcurrentRequests;
  }

  private acceleratorsHeld(): number {
    const { accelerator } = this.size;
    if (accelerator?.kind === AcceleratorKind.FPGA) {
      return Math.min(this.replicas, this.maxNodes * accelerator.count);
    }
    return Math.ceil((this.replicas * this.gpus) / (this.migProfile?.instancesPerGpu ?? 1));
  }
}

/** Replicas that the devices of a node suffice for; 0 where they do not suffice for one. */
function mostReplicasPerNode(size: VmSize, gpus: number, migProfile: MigProfile | undefined): number {
  if (gpus > 0) {
    return Math.floor(gpuDevices(size, migProfile).perNode / gpus);
  }
  return size.accelerator?.kind === AcceleratorKind.FPGA ? Math.max(1, Math.floor(size.accelerator.count)) : 1;
}

/** Rounds up, and takes for a whole number what only arithmetic on binary fractions keeps from being one. */
function ceil(value: number): number {
  return Math.ceil(Number(value.toPrecision(12)));
}
