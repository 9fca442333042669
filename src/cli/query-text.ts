/** How much of what others say fits on a line. */
const MAX_LENGTH = 300;

/**
 * What someone else said, as a part of a line: without breaks, without what a terminal would obey, not too long.
 *
 * @param secret what must not appear, whoever said it
 */
export function onOneLine(text: string, secret?: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const open = secret === undefined ? line : line.replaceAll(secret, '(key)');
  return open.length > MAX_LENGTH ? `${open.slice(0, MAX_LENGTH)}…` : open;
}
