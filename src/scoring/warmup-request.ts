import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { jsonErrorPosition } from '../json-error';
import { projectPath } from '../project-path';

/** A request that replicas score before they take calls. */
export interface WarmupRequest {
  /** The body, as the file holds it. */
  readonly content: Buffer;

  /** Type of the body. */
  readonly contentType: string;
}

/** The request in a file, or why there is none. */
export interface WarmupRequestFile {
  /** The request; nothing where something is wrong. */
  readonly request?: WarmupRequest;

  /** What is wrong with the file. It never quotes what the file holds. */
  readonly problem?: string;
}

/** The largest request, so that it leaves half of a ConfigMap to the server's configuration and what Kubernetes adds. */
const MOST_KIB = 512;

/**
 * Reads the file of `warmupRequest`. One that cannot be read is a problem in the result, not an exception.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 * @param option that names the file, where another does
 */
export function readWarmupRequest(path: string, option = 'warmupRequest'): WarmupRequestFile {
  const file = resolve(projectPath(), path);
  const what = `the ${option} '${path}'`;
  try {
    const found = statSync(file);
    if (!found.isFile()) {
      return { problem: `${what} is not a file; name the file that holds the body of a request` };
    }
    if (found.size === 0) {
      return { problem: `${what} is empty; it must hold the body of a request that the script scores` };
    }
    if (found.size > MOST_KIB * 1024) {
      const kib = Math.ceil(found.size / 1024);
      return {
        problem: `${what} must not be larger than ${MOST_KIB} KiB; got ${kib} KiB; a smaller request does as well`,
      };
    }
    const content = readFileSync(file);
    if (!/\.json$/i.test(path)) {
      return { request: { content, contentType: 'application/octet-stream' } };
    }
    const problem = jsonProblem(what, content);
    return problem === undefined ? { request: { content, contentType: 'application/json' } } : { problem };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      problem:
        code === 'ENOENT'
          ? `${what} does not exist; it was looked for at '${file}'`
          : `${what} cannot be read: ${message}`,
    };
  }
}

function jsonProblem(what: string, content: Buffer): string | undefined {
  const text = content.toString('utf8');
  if (!isUtf8(content) || text.startsWith('\ufeff')) {
    return `${what} is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark`;
  }
  const position = jsonErrorPosition(text);
  return position === undefined
    ? undefined
    : `${what} is not JSON: line ${position.line}, column ${position.column} cannot be read; mend it, or name the file ` +
        'otherwise to send it as bytes';
}
