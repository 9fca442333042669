import Table from 'cli-table3';
import type { PlatformSummary } from './platform-summary';

/** The narrowest column that text still reads well in. */
const NARROWEST = 20;

/** A table without lines: it stays a table when it is copied into a message. */
const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((corner) => [`${side}${corner}`, '']),
  ),
);

/**
 * The platform as a short table for a terminal: one row a stack, in deployment order.
 *
 * @param columns width of the terminal
 */
export function renderTable(summary: PlatformSummary, columns = 100): string {
  const rows = summary.stacks.map(({ name, resources, purpose }) => [name, String(resources.length), purpose]);
  const [nameWidth = 0, countWidth = 0] = [0, 1].map((column) =>
    Math.max(...[['stack', 'resources'], ...rows].map((row) => (row[column] ?? '').length)),
  );
  const table = new Table({
    head: ['stack', 'resources', 'what it is for'],
    colWidths: [nameWidth + 2, countWidth + 2, Math.max(NARROWEST, columns - nameWidth - countWidth - 5)],
    colAligns: ['left', 'right', 'left'],
    wordWrap: true,
    // a log keeps colours as noise
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
    chars: { ...NO_LINES, middle: '' },
  });
  table.push(...rows);
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
