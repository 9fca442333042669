import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readWarmupRequest } from '../../../src/scoring/warmup-request';

const folder = mkdtempSync(join(tmpdir(), 'azure-inference-warmup-'));
const KIB = 1024;

function fileWith(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a request that warms up', () => {
  test.each([
    ['a.json', '{"data": [[1]]}', 'application/json'],
    ['b.JSON', '[1]', 'application/json'],
    ['c.jpg', Buffer.from([0xff, 0xd8, 0, 1]), 'application/octet-stream'],
    ['d.txt', 'text', 'application/octet-stream'],
    ['json', '{', 'application/octet-stream'],
  ])('is the file as it is, of the type that its name says: %s', (name, content, contentType) => {
    expect(readWarmupRequest(fileWith(name, content))).toEqual({
      request: { content: Buffer.from(content as string), contentType },
    });
  });

  test('lies where the project has it', () => {
    expect(readWarmupRequest('examples/gpu-triton/request.json').request?.contentType).toBe('application/json');
  });

  test('is 512 KiB at most', () => {
    expect(readWarmupRequest(fileWith('most', Buffer.alloc(512 * KIB))).problem).toBeUndefined();
    const path = fileWith('more', Buffer.alloc(512 * KIB + 1));
    expect(readWarmupRequest(path)).toEqual({
      problem: `the warmupRequest '${path}' must not be larger than 512 KiB; got 513 KiB; a smaller request does as well`,
    });
  });

  test.each([
    ['empty', '', 'is empty; it must hold the body of a request that the script scores'],
    [
      'latin.json',
      Buffer.from([0x22, 0xe9, 0x22]),
      'is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark',
    ],
    ['mark.json', '\ufeff{}', 'is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark'],
    [
      'broken.json',
      '{\n  "secret": 1,\n}',
      'is not JSON: line 3, column 1 cannot be read; mend it, or name the file otherwise to send it as bytes',
    ],
  ])('is refused: %s', (name, content, problem) => {
    const path = fileWith(name, content);

    expect(readWarmupRequest(path)).toEqual({ problem: `the warmupRequest '${path}' ${problem}` });
  });

  test('is refused when it is not there, or a folder', () => {
    mkdirSync(join(folder, 'folder.json'));

    expect(readWarmupRequest('no/such.json').problem).toBe(
      `the warmupRequest 'no/such.json' does not exist; it was looked for at '${join(process.cwd(), 'no/such.json')}'`,
    );
    expect(readWarmupRequest(join(folder, 'folder.json')).problem).toBe(
      `the warmupRequest '${join(folder, 'folder.json')}' is not a file; name the file that holds the body of a request`,
    );
  });

  test('is refused when it cannot be read', () => {
    expect(readWarmupRequest(join(fileWith('plain', 'x'), 'below')).problem).toMatch(
      /^the warmupRequest '.*below' cannot be read: ENOTDIR/,
    );
  });
});
