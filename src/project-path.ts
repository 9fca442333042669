import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder that relative paths in a program are relative to: the nearest with a `cdktf.json`, as for cdktf's assets. */
export function projectPath(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cdktf.json'))) {
      return folder;
    }
    if (dirname(folder) === folder) {
      return process.cwd();
    }
  }
}
