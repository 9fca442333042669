/** What kind of device a virtual machine carries beside its CPUs. */
export enum AcceleratorKind {
  /** A graphics processor. */
  GPU = 'gpu',

  /** A field-programmable gate array. */
  FPGA = 'fpga',

  /** A chip for one purpose, such as encoding video. */
  ASIC = 'asic',
}

/** Who makes an accelerator; decides, for GPUs, which Kubernetes resource counts it. */
export enum AcceleratorVendor {
  /** GPUs counted as `nvidia.com/gpu`. */
  NVIDIA = 'NVIDIA',

  /** GPUs counted as `amd.com/gpu`. */
  AMD = 'AMD',

  /** FPGAs of the NP-series. */
  XILINX = 'Xilinx',

  /** FPGAs of the PBS-series. */
  INTEL = 'Intel',
}

/** What a container image must be built for. */
export enum CpuArchitecture {
  /** `linux/amd64`. */
  X64 = 'x64',

  /** `linux/arm64`: the hosts of GB200 and GB300. */
  ARM64 = 'arm64',
}

/** Whether Azure still lets one create machines of a size. */
export enum VmSizeStatus {
  /** It does, and has not announced an end. */
  AVAILABLE = 'available',

  /** It does until an announced day. */
  RETIRING = 'retiring',

  /** It does not. */
  RETIRED = 'retired',

  /** Nobody told the library what the size is. */
  UNKNOWN = 'unknown',
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
   * Generation as its vendor names it, such as `Ampere`.
   *
   * @default - unknown
   */
  readonly architecture?: string;

  /**
   * NVIDIA's compute capability, such as `8.6`.
   *
   * @default - unknown: no image is refused for it
   */
  readonly computeCapability?: number;

  /**
   * Whether AKS can partition the device (multi-instance GPU).
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
   * Family under which Azure counts quota, such as `NCasT4_v3`.
   *
   * @default - the name of the size
   */
  readonly family?: string;

  /**
   * What a container image must be built for.
   *
   * @default CpuArchitecture.X64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * Size of the local disk, which is lost with the machine.
   *
   * @default - unknown
   */
  readonly localDiskGiB?: number;

  /**
   * Price of one node per hour in East US, in US dollars, without discounts.
   *
   * @default - unknown: reports count nodes and name no sum
   */
  readonly usdPerHour?: number;
}
