import type { VmSize } from '../azure/vm-size';
import { VmSizeStatus } from '../azure/vm-size-spec';

/** Whether Azure still has a size, on a day. */
export interface SizeStatus {
  /** Whether one can create machines of it. */
  readonly status: VmSizeStatus;

  /** Whether Azure takes it away within a year of the day. */
  readonly endsWithinAYear: boolean;
}

/**
 * Whether Azure still has a size on a day; the catalogue itself only says so as of its own day.
 *
 * @param today such as `2026-11-21`
 */
export function statusOn({ status, retirementDate }: VmSize, today: string): SizeStatus {
  if (status !== VmSizeStatus.RETIRING || retirementDate === undefined) {
    return { status, endsWithinAYear: false };
  }
  // dates that are written this way compare as text does
  if (retirementDate <= today) {
    return { status: VmSizeStatus.RETIRED, endsWithinAYear: false };
  }
  const inAYear = `${String(Number(today.slice(0, 4)) + 1).padStart(4, '0')}${today.slice(4)}`;
  return { status, endsWithinAYear: retirementDate <= inAYear };
}

/** A day as the catalogue writes days, in Greenwich. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
