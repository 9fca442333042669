import { jsonErrorPosition } from '../json-error';
import { readTextFile } from './text-file';

/** An object of JSON. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** A file of JSON, or why there is none. */
export interface JsonFile {
  /** What the file holds; nothing where something is wrong. */
  readonly content?: JsonObject;

  /** What is wrong with the file. It never quotes what the file holds, which may be a key. */
  readonly problem?: string;
}

/**
 * Reads a file that holds one object of JSON. A file that cannot be read is a problem in the result, not an exception.
 *
 * @param what such as `deployment configuration`, for messages
 * @param path absolute, or relative to the folder of `cdktf.json`
 */
export function readJsonFile(what: string, path: string): JsonFile {
  const { text, problem } = readTextFile(what, path);
  if (text === undefined) {
    return { problem };
  }
  const position = jsonErrorPosition(text);
  if (position !== undefined) {
    return {
      problem:
        `${path} is not JSON: line ${position.line}, column ${position.column} cannot be read; JSON has double quotation ` +
        'marks only, no comments, and no comma after the last value',
    };
  }
  const content: unknown = JSON.parse(text);
  return isJsonObject(content)
    ? { content }
    : { problem: `${path} must hold one object, { … }; got ${kindOf(content)}` };
}

/** Whether a value of JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value of JSON is, in words that do not show it where it is a text or holds one. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') {
    return 'a text';
  }
  return Array.isArray(value) ? 'a list' : isJsonObject(value) ? 'an object' : String(value);
}
