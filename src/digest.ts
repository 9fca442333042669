import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What contents are known by. */
export interface Digests {
  /** MD5, in hexadecimal: the checksum that blob storage keeps. */
  readonly md5: string;

  /** SHA-256, in hexadecimal. */
  readonly sha256: string;

  /** Size of the contents. */
  readonly sizeBytes: number;
}

/** Lower-case letters and digits that depend on every part and on nothing else. */
export function shortHash(parts: readonly string[], length = 8): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);
}

/** Digests of a file. */
export function fileDigests(path: string): Digests {
  return digests(piecesOf(path));
}

/** Digests of a text, as UTF-8. */
export function textDigests(text: string): Digests {
  return digests([Buffer.from(text)]);
}

function digests(pieces: Iterable<Buffer>): Digests {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  for (const piece of pieces) {
    md5.update(piece);
    sha256.update(piece);
    sizeBytes += piece.length;
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex'), sizeBytes };
}

/** Reads in pieces, each gone with the next: models are larger than memory should be. */
function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(Math.min(1 << 20, Math.max(1, fstatSync(file).size)));
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}
