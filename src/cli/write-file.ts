import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file whole or not at all, and the folders above it.
 *
 * @throws Error of one line when the place cannot be written to
 */
export function writeWholeFile(file: string, content: string | Uint8Array): void {
  // beside the file: a rename does not cross file systems
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(temporary, content);
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    throw new Error(`cannot write '${file}': ${(error as Error).message}`);
  }
}
