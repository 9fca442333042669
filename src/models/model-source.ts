import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileDigests } from '../digest';
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

  /** Whether the source names one file and not a folder. */
  readonly isOneFile: boolean;

  /** What is wrong with the source; without files then. */
  readonly problems: readonly string[];
}

/** Where the files of a model come from. */
export class ModelSource {
  /**
   * A folder on this machine, all files in it but hidden ones. They are copied into the synthesized output, so that it
   * can be deployed from another machine.
   *
   * Triton services ask for a folder that Triton can load: `1/model.onnx`, and `config.pbtxt` beside the versions.
   * Scoring services take any files, and their scripts find in `AZUREML_MODEL_DIR` what this folder holds. Azure ML's
   * `Model.get_model_path` wants one file or folder there: name the folder around it.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   */
  public static directory(path: string): ModelSource {
    return new ModelSource(path, false);
  }

  /**
   * One file on this machine, of any kind, such as `model.pkl`; it keeps its name, and is copied into the synthesized
   * output. For scoring services: a Triton service refuses it.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   */
  public static file(path: string): ModelSource {
    return new ModelSource(path, true);
  }

  private constructor(
    /** The folder or file as the program names it. */
    public readonly path: string,
    private readonly isOneFile: boolean,
  ) {}

  /** Reads names and contents. A missing folder or file is a problem in the result, not an exception. */
  public read(): ModelContent {
    const path = resolve(projectPath(), this.path);
    const what = `the model's ${this.isOneFile ? 'file' : 'folder'} '${this.path}'`;
    const folder = this.isOneFile ? dirname(path) : path;
    const content = { folder, files: [], hash: '', isOneFile: this.isOneFile };
    try {
      if (!existsSync(path)) {
        return { ...content, problems: [`${what} does not exist; it was looked for at '${path}'`] };
      }
      const mismatch = this.mismatch(path);
      if (mismatch !== undefined) {
        return { ...content, problems: [mismatch] };
      }
      const names = this.isOneFile ? [basename(path)] : filesBelow(folder, '');
      return names.length > 0
        ? { ...content, ...readFiles(folder, names), problems: [] }
        : { ...content, problems: [`${what} holds no file`] };
    } catch (error) {
      return { ...content, problems: [`${what} cannot be read: ${(error as Error).message}`] };
    }
  }

  /** What is wrong where a folder is named as a file, or the other way about. */
  private mismatch(path: string): string | undefined {
    const found = statSync(path);
    if (this.isOneFile) {
      return found.isFile()
        ? undefined
        : `'${this.path}' is not a file; name the one file of the model, or use ModelSource.directory for a folder`;
    }
    return found.isDirectory()
      ? undefined
      : `'${this.path}' is not a folder; name the folder that holds it, or use ModelSource.file for a model of one file`;
  }
}

function readFiles(folder: string, names: readonly string[]): Pick<ModelContent, 'files' | 'hash'> {
  const hash = createHash('sha256');
  const files = names.map((name) => {
    const path = join(folder, name);
    const { md5, sha256, sizeBytes } = fileDigests(path);
    hash.update(`${name}\0${sha256}\0`);
    return { name, path, md5, sizeBytes };
  });
  return { files, hash: hash.digest('hex').slice(0, 16) };
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
