import Table from 'cli-table3';

/** One column of a table for a terminal. */
export interface PlainColumn {
  /** What stands above it. */
  readonly head: string;

  /** Whether it holds numbers, which line up on the right. */
  readonly number?: boolean;

  /** Widest that the column may be before it wraps; nothing where it is as wide as its text. */
  readonly widest?: number;
}

/** Blanks between two columns. */
const GAP = 2;

/** A table without lines: it stays a table when it is copied into a message. */
const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((corner) => [`${side}${corner}`, '']),
  ),
);

/** Width of a column as wide as its text. */
export function widthOf(head: string, rows: readonly (readonly string[])[], column: number): number {
  return Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length));
}

/** A table for a terminal, without lines and colours. */
export function plainTable(columns: readonly PlainColumn[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colWidths: columns.map(({ head, widest }, index) => {
      const width = widthOf(head, rows, index);
      return (widest === undefined ? width : Math.min(width, widest)) + GAP;
    }),
    colAligns: columns.map(({ number }) => (number === true ? 'right' : 'left')),
    wordWrap: true,
    // a log keeps colours as noise
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    chars: { ...NO_LINES, middle: '' },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
