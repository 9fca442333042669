import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectPath } from '../project-path';

/** One file of a model. */
export interface ModelFile {
  /** Path inside the model, with forward slashes, such as `1/model.onnx`. */
  readonly name: string;

  /** Where the file lies on this machine. */
  readonly path: string;

  /** MD5 of the contents, in hexadecimal: the checksum that blob storage keeps. */
  readonly md5: string;

  /** Size of the contents. */
  readonly sizeBytes: number;
}

/** The files of a model as they are while synthesizing. */
export interface ModelContent {
  /** Folder that the files are relative to; absolute. */
  readonly folder: string;

  /** The files, sorted by name. */
  readonly files: readonly ModelFile[];

  /** Hash of all names and contents, in hexadecimal: a renamed or changed file gives another one. */
  readonly hash: string;

  /** What is wrong with the source; without files then. */
  readonly problems: readonly string[];
}

/** Where the files of a model come from. */
export class ModelSource {
  /**
   * A folder on this machine, all files in it but hidden ones. They are copied into the synthesized output, so that it
   * can be deployed from another machine.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   */
  public static directory(path: string): ModelSource {
    return new ModelSource(path);
  }

  private constructor(
    /** The folder as the program names it. */
    public readonly path: string,
  ) {}

  /** Reads names and contents. A missing folder is a problem in the result, not an exception. */
  public read(): ModelContent {
    const folder = resolve(projectPath(), this.path);
    const refused = (problem: string) => ({ folder, files: [], hash: '', problems: [problem] });
    try {
      if (!existsSync(folder)) {
        return refused(`the model's folder '${this.path}' does not exist; it was looked for at '${folder}'`);
      }
      if (!statSync(folder).isDirectory()) {
        return refused(`'${this.path}' is a file; a model is a folder, such as the one that holds 'config.pbtxt'`);
      }
      const content = readContent(folder);
      return content.files.length > 0 ? content : refused(`the model's folder '${this.path}' holds no file`);
    } catch (error) {
      return refused(`the model's folder '${this.path}' cannot be read: ${(error as Error).message}`);
    }
  }
}

function readContent(folder: string): ModelContent {
  const hash = createHash('sha256');
  const files = filesBelow(folder, '').map((name) => {
    const contents = digest(join(folder, name));
    hash.update(`${name}\0${contents.sha256}\0`);
    return { name, path: join(folder, name), md5: contents.md5, sizeBytes: contents.sizeBytes };
  });
  return { folder, files, hash: hash.digest('hex').slice(0, 16), problems: [] };
}

function filesBelow(folder: string, prefix: string): string[] {
  const names = readdirSync(join(folder, prefix)).filter((name) => !name.startsWith('.'));
  return names
    .flatMap((name) => {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      return statSync(join(folder, path)).isDirectory() ? filesBelow(folder, path) : [path];
    })
    .sort();
}

/** Reads in pieces: models are larger than memory should be. */
function digest(path: string): { md5: string; sha256: string; sizeBytes: number } {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(1 << 20, Math.max(1, statSync(path).size)));
  const file = openSync(path, 'r');
  let sizeBytes = 0;
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      md5.update(piece.subarray(0, read));
      sha256.update(piece.subarray(0, read));
      sizeBytes += read;
    }
  } finally {
    closeSync(file);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex'), sizeBytes };
}
