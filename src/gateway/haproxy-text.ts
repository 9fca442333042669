/**
 * One word of a HAProxy configuration, whatever the text holds: nothing inside single quotes is special but the quote.
 *
 * Control characters would end the line and begin one of the text's own; what goes in has none, or loses them here.
 */
export function word(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  const line = text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ');
  return `'${line.replaceAll("'", "'\\''")}'`;
}

/** Text inside a log format: HAProxy reads what stands after a percent sign. */
export function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Text inside a JSON string inside a log format. */
export function jsonLiteral(text: string): string {
  return literal(JSON.stringify(text).slice(1, -1));
}

/** A section of a configuration: its first line, and the others below it. */
export function section(head: string, lines: readonly string[]): string {
  return [head, ...lines.map((line) => `  ${line}`)].join('\n');
}
