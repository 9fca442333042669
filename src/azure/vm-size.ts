import { nearestSpelling } from '../spelling';
import { CATALOGUE, type CatalogueRow, regionsOf } from './catalogue/catalogue';
import {
  AcceleratorKind,
  type AcceleratorSpec,
  type AcceleratorVendor,
  CpuArchitecture,
  type VmSizeSpec,
  VmSizeStatus,
} from './vm-size-spec';

/** What the catalogue knows of a size besides. */
interface CatalogueFacts {
  readonly status: VmSizeStatus;
  readonly retirementDate?: string;
  readonly successor?: string;
  readonly regions?: readonly string[];
  readonly documentedRegions?: boolean;
  readonly aksSupported?: boolean;
  readonly nodeOs?: readonly string[];
  readonly aksDriver?: string;
}

const ROWS = new Map(CATALOGUE.map((row) => [row.name.toLowerCase(), row]));

function rowNamed(name: string): CatalogueRow | undefined {
  return ROWS.get(name.toLowerCase()) ?? ROWS.get(`standard_${name.toLowerCase()}`);
}

/**
 * A size of Azure virtual machine, for the nodes of a pool.
 *
 * The constants are the sizes that AKS can run, with the figures of Azure's size pages and of its Resource SKUs API;
 * prices are those of its Retail Prices API. The catalogue in `src/azure/catalogue` names the day and each source.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/overview
 */
export class VmSize {
  // begin of the generated constants
  /** 2 vCPUs, 8 GiB. */
  public static readonly D2S_V5 = VmSize.named('Standard_D2s_v5');

  /** 4 vCPUs, 16 GiB. */
  public static readonly D4S_V5 = VmSize.named('Standard_D4s_v5');

  /** 8 vCPUs, 32 GiB. */
  public static readonly D8S_V5 = VmSize.named('Standard_D8s_v5');

  /** 16 vCPUs, 64 GiB. */
  public static readonly D16S_V5 = VmSize.named('Standard_D16s_v5');

  /** 32 vCPUs, 128 GiB. */
  public static readonly D32S_V5 = VmSize.named('Standard_D32s_v5');

  /** 2 vCPUs, 8 GiB. */
  public static readonly D2DS_V5 = VmSize.named('Standard_D2ds_v5');

  /** 4 vCPUs, 16 GiB. */
  public static readonly D4DS_V5 = VmSize.named('Standard_D4ds_v5');

  /** 8 vCPUs, 32 GiB. */
  public static readonly D8DS_V5 = VmSize.named('Standard_D8ds_v5');

  /** 16 vCPUs, 64 GiB. */
  public static readonly D16DS_V5 = VmSize.named('Standard_D16ds_v5');

  /** 32 vCPUs, 128 GiB. */
  public static readonly D32DS_V5 = VmSize.named('Standard_D32ds_v5');

  /** 2 vCPUs, 8 GiB. */
  public static readonly D2AS_V5 = VmSize.named('Standard_D2as_v5');

  /** 4 vCPUs, 16 GiB. */
  public static readonly D4AS_V5 = VmSize.named('Standard_D4as_v5');

  /** 8 vCPUs, 32 GiB. */
  public static readonly D8AS_V5 = VmSize.named('Standard_D8as_v5');

  /** 16 vCPUs, 64 GiB. */
  public static readonly D16AS_V5 = VmSize.named('Standard_D16as_v5');

  /** 32 vCPUs, 128 GiB. */
  public static readonly D32AS_V5 = VmSize.named('Standard_D32as_v5');

  /** 2 vCPUs, 16 GiB. */
  public static readonly E2S_V5 = VmSize.named('Standard_E2s_v5');

  /** 4 vCPUs, 32 GiB. */
  public static readonly E4S_V5 = VmSize.named('Standard_E4s_v5');

  /** 8 vCPUs, 64 GiB. */
  public static readonly E8S_V5 = VmSize.named('Standard_E8s_v5');

  /** 16 vCPUs, 128 GiB. */
  public static readonly E16S_V5 = VmSize.named('Standard_E16s_v5');

  /** 32 vCPUs, 256 GiB. */
  public static readonly E32S_V5 = VmSize.named('Standard_E32s_v5');

  /** One NVIDIA T4 (16 GiB each), 4 vCPUs, 28 GiB. */
  public static readonly NC4AS_T4_V3 = VmSize.named('Standard_NC4as_T4_v3');

  /** One NVIDIA T4 (16 GiB each), 8 vCPUs, 56 GiB. */
  public static readonly NC8AS_T4_V3 = VmSize.named('Standard_NC8as_T4_v3');

  /** One NVIDIA T4 (16 GiB each), 16 vCPUs, 110 GiB. */
  public static readonly NC16AS_T4_V3 = VmSize.named('Standard_NC16as_T4_v3');

  /** Four NVIDIA T4 (16 GiB each), 64 vCPUs, 440 GiB. */
  public static readonly NC64AS_T4_V3 = VmSize.named('Standard_NC64as_T4_v3');

  /** One NVIDIA A100 PCIe (80 GiB each), 24 vCPUs, 220 GiB. */
  public static readonly NC24ADS_A100_V4 = VmSize.named('Standard_NC24ads_A100_v4');

  /** Two NVIDIA A100 PCIe (80 GiB each), 48 vCPUs, 440 GiB. */
  public static readonly NC48ADS_A100_V4 = VmSize.named('Standard_NC48ads_A100_v4');

  /** Four NVIDIA A100 PCIe (80 GiB each), 96 vCPUs, 880 GiB. */
  public static readonly NC96ADS_A100_V4 = VmSize.named('Standard_NC96ads_A100_v4');

  /** One NVIDIA H100 NVL (94 GiB each), 40 vCPUs, 320 GiB. */
  public static readonly NC40ADS_H100_V5 = VmSize.named('Standard_NC40ads_H100_v5');

  /** Two NVIDIA H100 NVL (94 GiB each), 80 vCPUs, 640 GiB. */
  public static readonly NC80ADIS_H100_V5 = VmSize.named('Standard_NC80adis_H100_v5');

  /** A quarter of one NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 24 vCPUs, 72 GiB. */
  public static readonly NC24LDS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC24lds_xl_RTXPRO6000BSE_v6');

  /** A quarter of one NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 36 vCPUs, 132 GiB. */
  public static readonly NC36DS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC36ds_xl_RTXPRO6000BSE_v6');

  /** A quarter of one NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 36 vCPUs, 72 GiB. */
  public static readonly NC36LDS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC36lds_xl_RTXPRO6000BSE_v6');

  /** Half of one NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 72 vCPUs, 264 GiB. */
  public static readonly NC72DS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC72ds_xl_RTXPRO6000BSE_v6');

  /** Half of one NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 72 vCPUs, 132 GiB. */
  public static readonly NC72LDS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC72lds_xl_RTXPRO6000BSE_v6');

  /** One NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 144 vCPUs, 516 GiB. */
  public static readonly NC144DS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC144ds_xl_RTXPRO6000BSE_v6');

  /** One NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 144 vCPUs, 264 GiB. */
  public static readonly NC144LDS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC144lds_xl_RTXPRO6000BSE_v6');

  /** Two NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 288 vCPUs, 1032 GiB. */
  public static readonly NC288DS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC288ds_xl_RTXPRO6000BSE_v6');

  /** Two NVIDIA RTX PRO 6000 Blackwell Server Edition (96 GiB each), 288 vCPUs, 516 GiB. */
  public static readonly NC288LDS_XL_RTXPRO6000BSE_V6 = VmSize.named('Standard_NC288lds_xl_RTXPRO6000BSE_v6');

  /** One NVIDIA A10 (24 GiB each), 8 vCPUs, 100 GiB. */
  public static readonly NC8ADS_A10_V4 = VmSize.named('Standard_NC8ads_A10_v4');

  /** One NVIDIA A10 (24 GiB each), 16 vCPUs, 200 GiB. */
  public static readonly NC16ADS_A10_V4 = VmSize.named('Standard_NC16ads_A10_v4');

  /** Two NVIDIA A10 (24 GiB each), 32 vCPUs, 400 GiB. */
  public static readonly NC32ADS_A10_V4 = VmSize.named('Standard_NC32ads_A10_v4');

  /** Eight NVIDIA V100 NVLink (32 GiB each), 40 vCPUs, 672 GiB. */
  public static readonly ND40RS_V2 = VmSize.named('Standard_ND40rs_v2');

  /** Eight NVIDIA A100 SXM (40 GiB each), 96 vCPUs, 900 GiB. */
  public static readonly ND96ASR_V4 = VmSize.named('Standard_ND96asr_v4');

  /** Eight NVIDIA A100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96AMSR_A100_V4 = VmSize.named('Standard_ND96amsr_A100_v4');

  /** Eight NVIDIA A100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96AMS_A100_V4 = VmSize.named('Standard_ND96ams_A100_v4');

  /** Eight NVIDIA H100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96IS_H100_V5 = VmSize.named('Standard_ND96is_H100_v5');

  /** Eight NVIDIA H100 SXM (80 GiB each), 96 vCPUs, 1900 GiB. */
  public static readonly ND96ISR_H100_V5 = VmSize.named('Standard_ND96isr_H100_v5');

  /** Eight NVIDIA H200 SXM (141 GiB each), 96 vCPUs, 1850 GiB. */
  public static readonly ND96ISR_H200_V5 = VmSize.named('Standard_ND96isr_H200_v5');

  /** Eight AMD Instinct MI300X (192 GiB each), 96 vCPUs, 1850 GiB. */
  public static readonly ND96ISR_MI300X_V5 = VmSize.named('Standard_ND96isr_MI300X_v5');

  /** Eight AMD Instinct MI300X (192 GiB each), 96 vCPUs, 1850 GiB. */
  public static readonly ND96IS_MI300X_V5 = VmSize.named('Standard_ND96is_MI300X_v5');

  /** Four NVIDIA GB200 (192 GiB each), 128 vCPUs, 900 GiB, Arm64. */
  public static readonly ND128ISR_NDR_GB200_V6 = VmSize.named('Standard_ND128isr_NDR_GB200_v6');

  /** Four NVIDIA GB300 (288 GiB each), 128 vCPUs, 864 GiB, Arm64. */
  public static readonly ND128ISR_GB300_V6 = VmSize.named('Standard_ND128isr_GB300_v6');

  /** A sixth of one NVIDIA A10 (24 GiB each), 6 vCPUs, 55 GiB. */
  public static readonly NV6ADS_A10_V5 = VmSize.named('Standard_NV6ads_A10_v5');

  /** A third of one NVIDIA A10 (24 GiB each), 12 vCPUs, 110 GiB. */
  public static readonly NV12ADS_A10_V5 = VmSize.named('Standard_NV12ads_A10_v5');

  /** Half of one NVIDIA A10 (24 GiB each), 18 vCPUs, 220 GiB. */
  public static readonly NV18ADS_A10_V5 = VmSize.named('Standard_NV18ads_A10_v5');

  /** One NVIDIA A10 (24 GiB each), 36 vCPUs, 440 GiB. */
  public static readonly NV36ADS_A10_V5 = VmSize.named('Standard_NV36ads_A10_v5');

  /** One NVIDIA A10 (24 GiB each), 36 vCPUs, 880 GiB. */
  public static readonly NV36ADMS_A10_V5 = VmSize.named('Standard_NV36adms_A10_v5');

  /** Two NVIDIA A10 (24 GiB each), 72 vCPUs, 880 GiB. */
  public static readonly NV72ADS_A10_V5 = VmSize.named('Standard_NV72ads_A10_v5');

  /** A sixth of one AMD Radeon Pro V710 (24 GiB each), 4 vCPUs, 16 GiB. */
  public static readonly NV4ADS_V710_V5 = VmSize.named('Standard_NV4ads_V710_v5');

  /** A third of one AMD Radeon Pro V710 (24 GiB each), 8 vCPUs, 32 GiB. */
  public static readonly NV8ADS_V710_V5 = VmSize.named('Standard_NV8ads_V710_v5');

  /** Half of one AMD Radeon Pro V710 (24 GiB each), 12 vCPUs, 64 GiB. */
  public static readonly NV12ADS_V710_V5 = VmSize.named('Standard_NV12ads_V710_v5');

  /** One AMD Radeon Pro V710 (24 GiB each), 24 vCPUs, 128 GiB. */
  public static readonly NV24ADS_V710_V5 = VmSize.named('Standard_NV24ads_V710_v5');

  /** One AMD Radeon Pro V710 (24 GiB each), 28 vCPUs, 160 GiB. */
  public static readonly NV28ADMS_V710_V5 = VmSize.named('Standard_NV28adms_V710_v5');

  /** One Xilinx Alveo U250 (64 GiB each), 10 vCPUs, 168 GiB. Retired on 2027-05-31. */
  public static readonly NP10S = VmSize.named('Standard_NP10s');

  /** Two Xilinx Alveo U250 (64 GiB each), 20 vCPUs, 336 GiB. Retired on 2027-05-31. */
  public static readonly NP20S = VmSize.named('Standard_NP20s');

  /** Four Xilinx Alveo U250 (64 GiB each), 40 vCPUs, 672 GiB. Retired on 2027-05-31. */
  public static readonly NP40S = VmSize.named('Standard_NP40s');
  // end of the generated constants

  /**
   * The size of that name, with or without `Standard_` and in any case. The catalogue knows retired sizes too: a pool
   * of one is refused with its successor, and so is one of a name that nobody knows, with the nearest that is known.
   */
  public static named(name: string): VmSize {
    const row = rowNamed(name);
    return row === undefined ? VmSize.unknown(name) : VmSize.fromRow(row);
  }

  /** The size of that name, where the catalogue knows it. */
  public static tryNamed(name: string): VmSize | undefined {
    const row = rowNamed(name);
    return row && VmSize.fromRow(row);
  }

  /**
   * A size that the catalogue does not know.
   *
   * @param name Azure's name of the size, such as `Standard_NC24ads_A100_v4`
   */
  public static of(name: string, spec: VmSizeSpec): VmSize {
    return new VmSize(name, spec, { status: VmSizeStatus.AVAILABLE, aksSupported: true });
  }

  /** Every size that the catalogue knows, CPU sizes first. */
  public static all(): VmSize[] {
    return CATALOGUE.map((row) => VmSize.fromRow(row));
  }

  private static unknown(name: string): VmSize {
    const names = CATALOGUE.filter(({ status }) => status !== VmSizeStatus.RETIRED).map((row) => row.name);
    const nearest = nearestSpelling(name.toLowerCase().startsWith('standard_') ? name : `Standard_${name}`, names);
    return new VmSize(name, { vcpus: 0, memoryGiB: 0 }, { status: VmSizeStatus.UNKNOWN, nearest });
  }

  private static fromRow(row: CatalogueRow): VmSize {
    const { accelerator, vcpus = 0, memoryGiB = 0 } = row;
    const spec: VmSizeSpec = {
      ...row,
      vcpus,
      memoryGiB,
      cpuArchitecture: row.cpuArchitecture as CpuArchitecture | undefined,
      accelerator: accelerator && {
        ...accelerator,
        kind: accelerator.kind as AcceleratorKind,
        vendor: accelerator.vendor as AcceleratorVendor,
        count: accelerator.count ?? 0,
        memoryGiBEach: accelerator.memoryGiBEach ?? 0,
      },
    };
    return new VmSize(row.name, spec, { ...row, status: row.status as VmSizeStatus, regions: regionsOf(row) });
  }

  /** Family under which Azure counts quota. */
  public readonly family: string;

  /** Number of virtual CPUs; 0 where nobody knows it any more. */
  public readonly vcpus: number;

  /** Main memory; 0 where nobody knows it any more. */
  public readonly memoryGiB: number;

  /** The accelerators, where the size has some. */
  public readonly accelerator?: AcceleratorSpec;

  /** What a container image must be built for. */
  public readonly cpuArchitecture: CpuArchitecture;

  /** Size of the local disk, where it is known. */
  public readonly localDiskGiB?: number;

  /** Price of one node per hour in East US, in US dollars, where it is known. */
  public readonly usdPerHour?: number;

  /** Whether Azure still lets one create machines of the size, as of the catalogue's day. */
  public readonly status: VmSizeStatus;

  /** Day of the retirement, where Azure named one, such as `2027-05-31`. */
  public readonly retirementDate?: string;

  /** Name of the size that succeeds it, where it is retired or retiring. */
  public readonly successor?: string;

  /** Regions in which the size has a price, where they are known. */
  public readonly regions?: readonly string[];

  /** Whether Azure documents these regions, so that in any other the size does not exist. */
  public readonly documentedRegions: boolean;

  /** Whether AKS supports the size; nothing where Azure's documentation does not say. */
  public readonly aksSupported?: boolean;

  /** Node operating systems that AKS runs on the size, where they are known. */
  public readonly nodeOs?: readonly string[];

  /** GPU driver that AKS installs on the size, where it installs one. */
  public readonly aksDriver?: string;

  /** The known size with the most similar name, where this one is not known. */
  public readonly nearest?: string;

  private constructor(
    /** Azure's name of the size. */
    public readonly name: string,
    spec: VmSizeSpec,
    facts: CatalogueFacts & { readonly nearest?: string },
  ) {
    this.family = spec.family ?? name;
    this.vcpus = spec.vcpus;
    this.memoryGiB = spec.memoryGiB;
    this.accelerator = spec.accelerator;
    this.cpuArchitecture = spec.cpuArchitecture ?? CpuArchitecture.X64;
    this.localDiskGiB = spec.localDiskGiB;
    this.usdPerHour = spec.usdPerHour;
    this.status = facts.status;
    this.retirementDate = facts.retirementDate;
    this.successor = facts.successor;
    this.regions = facts.regions;
    this.documentedRegions = facts.documentedRegions ?? false;
    this.aksSupported = facts.aksSupported;
    this.nodeOs = facts.nodeOs;
    this.aksDriver = facts.aksDriver;
    this.nearest = facts.nearest;
  }

  /** Number of GPUs that Kubernetes can hand out on one node; a share of a GPU counts as one. */
  public get gpusPerNode(): number {
    if (this.accelerator?.kind !== AcceleratorKind.GPU) {
      return 0;
    }
    return Math.max(1, Math.floor(this.accelerator.count));
  }
}
