import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectPath } from '../project-path';

/** A file of text, or why there is none. */
export interface TextFile {
  /** What the file holds; nothing where something is wrong. */
  readonly text?: string;

  /** What is wrong with the file. It never quotes what the file holds, which may be a key. */
  readonly problem?: string;
}

/**
 * Reads a file of text. A file that cannot be read is a problem in the result, not an exception.
 *
 * @param what such as `conda file`, for messages
 * @param path absolute, or relative to the folder of `cdktf.json`
 */
export function readTextFile(what: string, path: string): TextFile {
  const file = resolve(projectPath(), path);
  try {
    // editors on Windows start a text with a byte order mark
    return { text: readFileSync(file, 'utf8').replace(/^\uFEFF/, '') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      problem:
        code === 'ENOENT'
          ? `the ${what} '${path}' does not exist; it was looked for at '${file}'`
          : `the ${what} '${path}' cannot be read: ${message}`,
    };
  }
}
