import { MigStrategy } from './mig-strategy';
import { type AcceleratorSpec, AcceleratorVendor } from './vm-size-spec';

/**
 * What NVIDIA calls the instances, by the memory of the whole GPU in GiB: 40 and 80 are A100 and H100, 94 is H100 NVL,
 * 141 is H200.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 * @see https://github.com/NVIDIA/mig-parted/blob/main/deployments/systemd/config-default.yaml
 */
const INSTANCES: ReadonlyMap<number, readonly string[]> = new Map([
  [40, ['1g.5gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb']],
  [80, ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']],
  [94, ['1g.12gb', '2g.24gb', '3g.47gb', '4g.47gb', '7g.94gb']],
  [141, ['1g.18gb', '2g.35gb', '3g.71gb', '4g.71gb', '7g.141gb']],
]);

/**
 * How every GPU of a pool is partitioned (multi-instance GPU).
 *
 * AKS applies one profile to all GPUs of a pool and cannot change it afterwards: another profile is another pool.
 *
 * @see https://learn.microsoft.com/azure/aks/gpu-multi-instance
 */
export class MigProfile {
  /** Seven instances a GPU. */
  public static readonly MIG1G = new MigProfile('MIG1g', 7);

  /** Three instances a GPU. */
  public static readonly MIG2G = new MigProfile('MIG2g', 3);

  /** Two instances a GPU. */
  public static readonly MIG3G = new MigProfile('MIG3g', 2);

  /** One instance a GPU. */
  public static readonly MIG4G = new MigProfile('MIG4g', 1);

  /** The whole GPU as one instance. */
  public static readonly MIG7G = new MigProfile('MIG7g', 1);

  /** The profile of that name, such as `MIG1g`; nothing when there is none. */
  public static tryNamed(name: string): MigProfile | undefined {
    return Object.values(MigProfile).find((profile) => profile instanceof MigProfile && profile.name === name);
  }

  private constructor(
    /** Azure's name of the profile. */
    public readonly name: string,
    /** Number of instances that one GPU is cut into. */
    public readonly instancesPerGpu: number,
  ) {}

  /**
   * The name under which Kubernetes counts the instances, such as `nvidia.com/gpu` or `nvidia.com/mig-1g.5gb`.
   *
   * @param strategy how NVIDIA's device plugin counts them
   * @param gpu the whole GPU, whose memory is part of the name
   * @returns nothing where the GPU's own instances have no known name
   */
  public resourceName(strategy: MigStrategy, gpu: AcceleratorSpec): string | undefined {
    if (strategy === MigStrategy.SINGLE) {
      return 'nvidia.com/gpu';
    }
    const slices = this.name.replace('MIG', '');
    const names = gpu.vendor === AcceleratorVendor.NVIDIA && gpu.mig ? INSTANCES.get(gpu.memoryGiBEach) : undefined;
    const instance = names?.find((name) => name.startsWith(`${slices}.`));
    return instance === undefined ? undefined : `nvidia.com/mig-${instance}`;
  }
}
