import { escapeHtml } from './html-text';

/** A column of a table: its head, and whether it holds numbers. */
export interface Column {
  /** What stands above it. */
  readonly head: string;

  /** Whether it holds numbers. */
  readonly number?: boolean;
}

/**
 * A table.
 *
 * @param rows cells of markup, already escaped
 * @param total such cells, for a last row
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  total?: readonly string[],
): string {
  const cells = (name: 'th' | 'td', row: readonly string[]) =>
    row
      .map((cell, index) => `<${name}${columns[index]?.number === true ? ' class="number"' : ''}>${cell}</${name}>`)
      .join('');
  const head = cells(
    'th',
    columns.map(({ head }) => escapeHtml(head)),
  );
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  const foot = total === undefined ? '' : `\n<tfoot><tr>${cells('td', total)}</tr></tfoot>`;
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>${foot}\n</table></div>`;
}

/** A word or two in a frame. */
export function tag(text: string, kind = ''): string {
  return `<span class="${`tag ${kind}`.trim()}">${escapeHtml(text)}</span>`;
}

/** Names and paths may break after their punctuation, and not inside their words. */
export function code(text: string): string {
  return `<code>${escapeHtml(text).replaceAll(/[/=:]/g, '$&<wbr>')}</code>`;
}
