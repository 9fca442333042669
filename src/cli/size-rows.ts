import { CATALOGUE_PRICES } from '../azure/catalogue/catalogue';
import { VmSize } from '../azure/vm-size';
import { AcceleratorKind, VmSizeStatus } from '../azure/vm-size-spec';
import { compare } from '../report/synthesized-output';
import { isGpu, matchesModel } from './gpu-model';
import { statusOn } from './size-status';

/** What somebody looks for. */
export interface SizeFilter {
  /** Region as Azure's API writes it. */
  readonly region?: string;

  /** Words of the model of the GPU. */
  readonly gpu?: string;

  /** The least memory of a GPU, or of the share of one that the machine has. */
  readonly minGpuMemory?: number;

  /** Whether to show retired sizes. */
  readonly all?: boolean;
}

/** A size as scripts get it; `null` where it is not known or does not apply. */
export interface SizeRow {
  /** Azure's name of the size. */
  readonly name: string;

  /** Family under which quota is counted. */
  readonly family: string;

  /** Number of virtual CPUs. */
  readonly vcpus: number | null;

  /** Main memory. */
  readonly memoryGiB: number | null;

  /** What a container image must be built for. */
  readonly cpuArchitecture: string;

  /** Its GPUs, FPGAs or other devices. */
  readonly accelerator: SizeDevice | null;

  /** Whether AKS supports it. */
  readonly aksSupported: boolean | null;

  /** Whether Azure has it today. */
  readonly status: VmSizeStatus;

  /** Day on which Azure takes it away. */
  readonly retirementDate: string | null;

  /** Whether that is within a year. */
  readonly endsWithinAYear: boolean;

  /** Size that succeeds it. */
  readonly successor: string | null;

  /** Regions with a price. */
  readonly regions: readonly string[] | null;

  /** Whether the region that was asked for is one of them. */
  readonly inRegion: boolean | null;

  /** Price of one node. */
  readonly price: { readonly usdPerHour: number; readonly region: string; readonly asOf: string } | null;
}

/** The devices of one machine. */
export interface SizeDevice {
  /** GPU, FPGA or ASIC. */
  readonly kind: string;

  /** Who makes it. */
  readonly vendor: string;

  /** Model as its maker names it. */
  readonly model: string;

  /** Number of devices; below one for a share of one. */
  readonly count: number | null;

  /** Memory that the machine has of each device. */
  readonly memoryGiBEach: number | null;

  /** Whether AKS can partition it. */
  readonly mig: boolean;
}

/**
 * The sizes that somebody can choose from, by family and vCPUs.
 *
 * @param today such as `2026-11-21`
 */
export function sizeRows(filter: SizeFilter, today: string): SizeRow[] {
  return VmSize.all()
    .filter((size) => filter.gpu === undefined || (isGpu(size) && matchesModel(size, filter.gpu)))
    .map((size) => rowOf(size, filter, today))
    .filter(({ status }) => filter.all === true || status !== VmSizeStatus.RETIRED)
    .filter(({ accelerator }) => hasMemory(accelerator, filter.minGpuMemory))
    .sort(
      (a, b) =>
        compare(a.family, b.family) ||
        (a.vcpus ?? 0) - (b.vcpus ?? 0) ||
        (a.memoryGiB ?? 0) - (b.memoryGiB ?? 0) ||
        compare(a.name, b.name),
    );
}

function rowOf(size: VmSize, { region }: SizeFilter, today: string): SizeRow {
  const { regions, usdPerHour } = size;
  return {
    name: size.name,
    family: size.family,
    vcpus: size.vcpus || null,
    memoryGiB: size.memoryGiB || null,
    cpuArchitecture: size.cpuArchitecture,
    accelerator: deviceOf(size),
    aksSupported: size.aksSupported ?? null,
    ...statusOn(size, today),
    retirementDate: size.retirementDate ?? null,
    successor: size.successor ?? null,
    regions: regions ?? null,
    inRegion: region === undefined || regions === undefined ? null : regions.includes(region),
    price: usdPerHour === undefined ? null : { usdPerHour, ...CATALOGUE_PRICES },
  };
}

function deviceOf({ accelerator }: VmSize): SizeDevice | null {
  if (accelerator === undefined) {
    return null;
  }
  const { kind, vendor, model, count, memoryGiBEach } = accelerator;
  // the catalogue writes a third as 0.3333, and a third of 24 GiB is 8 GiB
  const memory = Math.round(memoryGiBEach * Math.min(1, count) * 10) / 10;
  return { kind, vendor, model, count: count || null, memoryGiBEach: memory || null, mig: accelerator.mig ?? false };
}

function hasMemory(device: SizeDevice | null, least: number | undefined): boolean {
  return least === undefined || (device?.kind === AcceleratorKind.GPU && (device.memoryGiBEach ?? 0) >= least);
}
