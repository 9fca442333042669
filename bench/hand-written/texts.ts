import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

/** What lies in bench/texts, word for word. */
export function text(file: string): string {
  return readFileSync(join(ROOT, 'bench', 'texts', file), 'utf8');
}

/** A chart of one's own beside the program. */
export function chartFolder(name: string): string {
  return join(ROOT, 'constructs', 'charts', name);
}
