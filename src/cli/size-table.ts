import { CATALOGUE_DATE, CATALOGUE_PRICES } from '../azure/catalogue/catalogue';
import { AcceleratorKind, CpuArchitecture, VmSizeStatus } from '../azure/vm-size-spec';
import { type PlainColumn, plainTable, widthOf } from '../report/plain-table';
import { deviceCount } from '../report/words';
import type { SizeDevice, SizeRow } from './size-rows';

/** The narrowest column of devices that reads well. */
const NARROWEST = 16;

/** What stands where nobody says. */
const UNKNOWN = '?';

/** Marks what ends within a year. */
const SOON = '!';

/**
 * Sizes as a table for people, with what they must know to read it.
 *
 * @param region the region that was asked for
 * @param width of the terminal; nothing where a line may be as long as it wants
 */
export function renderSizes(rows: readonly SizeRow[], region?: string, width?: number): string {
  if (rows.length === 0) {
    return 'No size is like that; ask for less, or see the retired ones too with --all.\n';
  }
  const heads = ['size', 'GPUs', 'GPU memory', 'vCPUs', 'memory', 'MIG', 'AKS', 'status', region ?? 'regions', 'USD/h'];
  const cells = rows.map((row) => cellsOf(row, region));
  const widths = heads.map((head, column) => widthOf(head, cells, column) + 2);
  const others = widths.reduce((total, each) => total + each, 0) - (widths[1] ?? 0);
  const columns: PlainColumn[] = heads.map((head, column) => ({
    head,
    number: ['GPU memory', 'vCPUs', 'memory', 'regions', 'USD/h'].includes(head),
    widest: column === 1 && width !== undefined ? Math.max(NARROWEST, width - others - 2) : undefined,
  }));
  return `${plainTable(columns, cells)}\n${notes(rows, region).join('\n')}\n`;
}

function cellsOf(row: SizeRow, region: string | undefined): string[] {
  return [
    row.name,
    devices(row.accelerator),
    row.accelerator === null ? '' : amount(row.accelerator.memoryGiBEach, ' GiB'),
    amount(row.vcpus),
    amount(row.memoryGiB, ' GiB'),
    row.accelerator?.mig === true ? 'yes' : '',
    yesOrNo(row.aksSupported),
    statusText(row),
    region === undefined ? amount(row.regions?.length ?? null) : yesOrNo(row.inRegion),
    row.price === null ? UNKNOWN : row.price.usdPerHour.toFixed(3),
  ];
}

/** `4 T4`, `1/6 A10`, `1 Alveo U250 (FPGA)`. */
function devices(device: SizeDevice | null): string {
  if (device === null) {
    return '';
  }
  const { kind, model, count } = device;
  const number = count === null ? UNKNOWN : deviceCount(count);
  return `${number} ${model}${kind === AcceleratorKind.GPU ? '' : ` (${kind.toUpperCase()})`}`;
}

function statusText({ status, retirementDate, endsWithinAYear }: SizeRow): string {
  const verb = status === VmSizeStatus.RETIRING ? 'retires' : status;
  const day = status === VmSizeStatus.AVAILABLE || retirementDate === null ? '' : ` ${retirementDate}`;
  return `${verb}${day}${endsWithinAYear ? ` ${SOON}` : ''}`;
}

function notes(rows: readonly SizeRow[], region: string | undefined): string[] {
  const { region: priced, asOf } = CATALOGUE_PRICES;
  const arm = rows.filter(({ cpuArchitecture }) => cpuArchitecture === CpuArchitecture.ARM64).map(({ name }) => name);
  return [
    ...(rows.some(({ endsWithinAYear }) => endsWithinAYear) ? [`${SOON} ends within a year.`] : []),
    ...(arm.length === 0 ? [] : [`Arm64, which runs only images built for it: ${arm.join(', ')}.`]),
    ...(rows.some(({ price }) => price !== null)
      ? [`Prices: list prices of ${priced} on ${asOf}, US dollars an hour for one node.`]
      : []),
    `Sizes as of ${CATALOGUE_DATE}; ${region === undefined ? 'regions are those' : 'a region has a size'} with a price on ` +
      `${asOf}, which is no promise of capacity or quota. '${UNKNOWN}': not known.`,
  ];
}

function amount(value: number | null, unit = ''): string {
  return value === null ? UNKNOWN : `${value}${unit}`;
}

function yesOrNo(value: boolean | null): string {
  return value === null ? UNKNOWN : value ? 'yes' : 'no';
}
