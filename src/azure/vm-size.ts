/** What kind of device a virtual machine carries beside its CPUs. */
export enum AcceleratorKind {
  /** A graphics processor. */
  GPU = 'gpu',

  /** A field-programmable gate array. */
  FPGA = 'fpga',
}

/** Who makes the accelerator; decides which Kubernetes resource counts it. */
export enum AcceleratorVendor {
  /** `nvidia.com/gpu`. */
  NVIDIA = 'NVIDIA',

  /** `amd.com/gpu`. */
  AMD = 'AMD',
}

/** The accelerators of one virtual machine. */
export interface AcceleratorSpec {
  /** What kind of device it is. */
  readonly kind: AcceleratorKind;

  /** Who makes it. */
  readonly vendor: AcceleratorVendor;

  /** Model as its vendor names it, such as `A100 PCIe`. */
  readonly model: string;

  /** Number of devices; below one where the machine has a share of a device. */
  readonly count: number;

  /** Memory of a whole device. */
  readonly memoryGiBEach: number;

  /**
   * Whether the device can be partitioned (multi-instance GPU).
   *
   * @default false
   */
  readonly mig?: boolean;
}

/** What a virtual machine size consists of. */
export interface VmSizeSpec {
  /** Number of virtual CPUs. */
  readonly vcpus: number;

  /** Main memory. */
  readonly memoryGiB: number;

  /**
   * Its accelerators.
   *
   * @default - none: the size serves CPU pools only
   */
  readonly accelerator?: AcceleratorSpec;

  /**
   * Price of one node per hour in East US, in US dollars, without discounts.
   *
   * @default - unknown: reports count nodes and name no sum
   */
  readonly usdPerHour?: number;
}

/**
 * A size of Azure virtual machine, for the nodes of a pool.
 *
 * The constants are sizes that AKS supports. Figures are those of Azure's size pages and of its Resource SKUs API;
 * prices are those of its Retail Prices API on 2026-06-18.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/overview
 */
export class VmSize {
  /** 4 vCPUs, 16 GiB. */
  public static readonly D4S_V5 = VmSize.of('Standard_D4s_v5', { vcpus: 4, memoryGiB: 16, usdPerHour: 0.192 });

  /** 8 vCPUs, 32 GiB. */
  public static readonly D8S_V5 = VmSize.of('Standard_D8s_v5', { vcpus: 8, memoryGiB: 32, usdPerHour: 0.384 });

  /** 16 vCPUs, 64 GiB. */
  public static readonly D16S_V5 = VmSize.of('Standard_D16s_v5', { vcpus: 16, memoryGiB: 64, usdPerHour: 0.768 });

  /** One T4 (16 GiB each), 4 vCPUs, 28 GiB. */
  public static readonly NC4AS_T4_V3 = VmSize.nvidia('Standard_NC4as_T4_v3', 4, 28, 'T4', 1, 16, false, 0.526);

  /** One T4 (16 GiB each), 8 vCPUs, 56 GiB. */
  public static readonly NC8AS_T4_V3 = VmSize.nvidia('Standard_NC8as_T4_v3', 8, 56, 'T4', 1, 16, false, 0.752);

  /** One T4 (16 GiB each), 16 vCPUs, 110 GiB. */
  public static readonly NC16AS_T4_V3 = VmSize.nvidia('Standard_NC16as_T4_v3', 16, 110, 'T4', 1, 16, false, 1.204);

  /** Four T4 (16 GiB each), 64 vCPUs, 440 GiB. */
  public static readonly NC64AS_T4_V3 = VmSize.nvidia('Standard_NC64as_T4_v3', 64, 440, 'T4', 4, 16, false, 4.352);

  /** One A100 PCIe (80 GiB each), 24 vCPUs, 220 GiB. */
  public static readonly NC24ADS_A100_V4 = VmSize.nvidia(
    'Standard_NC24ads_A100_v4',
    24,
    220,
    'A100 PCIe',
    1,
    80,
    true,
    3.673,
  );

  /** Two A100 PCIe (80 GiB each), 48 vCPUs, 440 GiB. */
  public static readonly NC48ADS_A100_V4 = VmSize.nvidia(
    'Standard_NC48ads_A100_v4',
    48,
    440,
    'A100 PCIe',
    2,
    80,
    true,
    7.346,
  );

  /** Four A100 PCIe (80 GiB each), 96 vCPUs, 880 GiB. */
  public static readonly NC96ADS_A100_V4 = VmSize.nvidia(
    'Standard_NC96ads_A100_v4',
    96,
    880,
    'A100 PCIe',
    4,
    80,
    true,
    14.692,
  );

  /** One H100 NVL (94 GiB each), 40 vCPUs, 320 GiB. */
  public static readonly NC40ADS_H100_V5 = VmSize.nvidia(
    'Standard_NC40ads_H100_v5',
    40,
    320,
    'H100 NVL',
    1,
    94,
    true,
    6.98,
  );

  /** Two H100 NVL (94 GiB each), 80 vCPUs, 640 GiB. */
  public static readonly NC80ADIS_H100_V5 = VmSize.nvidia(
    'Standard_NC80adis_H100_v5',
    80,
    640,
    'H100 NVL',
    2,
    94,
    true,
    13.96,
  );

  /** Eight A100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96AMSR_A100_V4 = VmSize.nvidia(
    'Standard_ND96amsr_A100_v4',
    96,
    1900,
    'A100 SXM',
    8,
    80,
    true,
    32.77,
  );

  /** Eight A100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96AMS_A100_V4 = VmSize.nvidia(
    'Standard_ND96ams_A100_v4',
    96,
    1900,
    'A100 SXM',
    8,
    80,
    true,
    32.77,
  );

  /** Eight H100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96IS_H100_V5 = VmSize.nvidia(
    'Standard_ND96is_H100_v5',
    96,
    1900,
    'H100 SXM',
    8,
    80,
    true,
    88.488,
  );

  /** Eight H100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96ISR_H100_V5 = VmSize.nvidia(
    'Standard_ND96isr_H100_v5',
    96,
    1900,
    'H100 SXM',
    8,
    80,
    true,
    98.32,
  );

  /** Eight H200 SXM (141 GiB each), 96 vCPUs, 1850 GiB. */
  public static readonly ND96ISR_H200_V5 = VmSize.nvidia(
    'Standard_ND96isr_H200_v5',
    96,
    1850,
    'H200 SXM',
    8,
    141,
    true,
  );

  /** A sixth of one A10 (24 GiB each), 6 vCPUs, 55 GiB. */
  public static readonly NV6ADS_A10_V5 = VmSize.nvidia('Standard_NV6ads_A10_v5', 6, 55, 'A10', 1 / 6, 24, false, 0.454);

  /** A third of one A10 (24 GiB each), 12 vCPUs, 110 GiB. */
  public static readonly NV12ADS_A10_V5 = VmSize.nvidia(
    'Standard_NV12ads_A10_v5',
    12,
    110,
    'A10',
    1 / 3,
    24,
    false,
    0.908,
  );

  /** Half of one A10 (24 GiB each), 18 vCPUs, 220 GiB. */
  public static readonly NV18ADS_A10_V5 = VmSize.nvidia(
    'Standard_NV18ads_A10_v5',
    18,
    220,
    'A10',
    1 / 2,
    24,
    false,
    1.6,
  );

  /** One A10 (24 GiB each), 36 vCPUs, 440 GiB. */
  public static readonly NV36ADS_A10_V5 = VmSize.nvidia('Standard_NV36ads_A10_v5', 36, 440, 'A10', 1, 24, false, 3.2);

  /** One A10 (24 GiB each), 36 vCPUs, 880 GiB. */
  public static readonly NV36ADMS_A10_V5 = VmSize.nvidia(
    'Standard_NV36adms_A10_v5',
    36,
    880,
    'A10',
    1,
    24,
    false,
    4.52,
  );

  /** Two A10 (24 GiB each), 72 vCPUs, 880 GiB. */
  public static readonly NV72ADS_A10_V5 = VmSize.nvidia('Standard_NV72ads_A10_v5', 72, 880, 'A10', 2, 24, false, 6.52);

  /**
   * A size that the constants do not cover.
   *
   * @param name Azure's name of the size, such as `Standard_NC24ads_A100_v4`
   */
  public static of(name: string, spec: VmSizeSpec): VmSize {
    return new VmSize(name, spec);
  }

  /** The constant for a size of that name; nothing when there is none. */
  public static tryNamed(name: string): VmSize | undefined {
    return Object.values(VmSize).find((size) => size instanceof VmSize && size.name === name);
  }

  private static nvidia(
    name: string,
    vcpus: number,
    memoryGiB: number,
    model: string,
    count: number,
    memoryGiBEach: number,
    mig: boolean,
    usdPerHour?: number,
  ): VmSize {
    const accelerator = {
      kind: AcceleratorKind.GPU,
      vendor: AcceleratorVendor.NVIDIA,
      model,
      count,
      memoryGiBEach,
      mig,
    };
    return VmSize.of(name, { vcpus, memoryGiB, accelerator, usdPerHour });
  }

  /** Number of virtual CPUs. */
  public readonly vcpus: number;

  /** Main memory. */
  public readonly memoryGiB: number;

  /** The accelerators, where the size has some. */
  public readonly accelerator?: AcceleratorSpec;

  /** Price of one node per hour in East US, in US dollars, where it is known. */
  public readonly usdPerHour?: number;

  private constructor(
    /** Azure's name of the size. */
    public readonly name: string,
    spec: VmSizeSpec,
  ) {
    this.vcpus = spec.vcpus;
    this.memoryGiB = spec.memoryGiB;
    this.accelerator = spec.accelerator;
    this.usdPerHour = spec.usdPerHour;
  }

  /** Number of GPUs that Kubernetes can hand out on one node; a share of a GPU counts as one. */
  public get gpusPerNode(): number {
    if (this.accelerator?.kind !== AcceleratorKind.GPU) {
      return 0;
    }
    return Math.max(1, Math.floor(this.accelerator.count));
  }
}
