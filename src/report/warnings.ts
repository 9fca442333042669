import { escapeHtml } from './html-text';
import type { SynthesizedOutput } from './synthesized-output';
import { count } from './words';

/** What may not be meant so, said once for all that it is said of. */
export interface Warning {
  /** What is doubtful, and what to do. */
  readonly message: string;

  /** Paths of the constructs. */
  readonly paths: readonly string[];
}

/** The warnings of all stacks, each message once, in the order of the stacks. */
export function warningsOf({ stacks }: SynthesizedOutput): Warning[] {
  const paths = new Map<string, string[]>();
  for (const { message, path } of stacks.flatMap(({ warnings }) => warnings)) {
    paths.set(message, [...(paths.get(message) ?? []), path]);
  }
  return [...paths].map(([message, all]) => ({ message, paths: all }));
}

/** The warnings for a terminal; nothing where there are none. */
export function renderWarnings(warnings: readonly Warning[]): string {
  const lines = warnings.map(({ message, paths }) => `  ${paths.join(', ')}: ${message}\n`);
  return warnings.length === 0 ? '' : `${count(warnings.length, 'warning')}:\n${lines.join('')}`;
}

/** The warnings as a list for a page. */
export function warningList(warnings: readonly Warning[]): string {
  const items = warnings.map(
    ({ message, paths }) => `<li><b>${escapeHtml(paths.join(', '))}</b>: ${escapeHtml(message)}</li>`,
  );
  return `<ul>\n${items.join('\n')}\n</ul>`;
}
