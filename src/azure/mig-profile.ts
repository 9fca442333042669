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
}
