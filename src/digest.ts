import { createHash } from 'node:crypto';

/** Lower-case letters and digits that depend on every part and on nothing else. */
export function shortHash(parts: readonly string[], length = 8): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);
}
