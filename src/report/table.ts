import { plainTable, widthOf } from './plain-table';
import type { PlatformSummary } from './platform-summary';

/** The narrowest column that text still reads well in. */
const NARROWEST = 20;

/**
 * The platform as a short table for a terminal: one row a stack, in deployment order.
 *
 * @param columns width of the terminal
 */
export function renderTable(summary: PlatformSummary, columns = 100): string {
  const rows = summary.stacks.map(({ name, resources, purpose }) => [name, String(resources.length), purpose]);
  const [nameWidth, countWidth] = [widthOf('stack', rows, 0), widthOf('resources', rows, 1)];
  const widest = Math.max(NARROWEST, columns - nameWidth - countWidth - 5) - 2;
  return plainTable([{ head: 'stack' }, { head: 'resources', number: true }, { head: 'what it is for', widest }], rows);
}
