import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { blobPathProblem } from '../blob-path';
import type { DockerIgnore } from './docker-ignore';

/** A file of the user. */
export interface SourceFile {
  /** Path below the folder, with forward slashes. */
  readonly name: string;

  /** Where the file lies on this machine. */
  readonly path: string;

  /** Size of the contents. */
  readonly sizeBytes: number;
}

/** Which folder is listed. */
export interface SourceFolderOptions {
  /** The folder; absolute. */
  readonly folder: string;

  /** The folder as the program names it. */
  readonly title: string;

  /** What is left out. */
  readonly ignore: DockerIgnore;

  /** How many files are counted at most: the folder may be a whole disk. */
  readonly maxFiles: number;
}

/** What a folder holds. */
export interface SourceFolder {
  /** The files that are not left out, sorted by name. */
  readonly files: readonly SourceFile[];

  /** Whether there are more. */
  readonly isCut: boolean;

  /** Files that cannot be carried into an image, each by name. */
  readonly problems: readonly string[];
}

/** What to do about a file. */
const REMEDY = 'remove it, or name it in .dockerignore';

/**
 * Lists the files of a folder without reading them. Links are followed inside of the folder.
 *
 * @throws Error where the folder or one in it cannot be read
 */
export function listSourceFolder(options: SourceFolderOptions): SourceFolder {
  const walk = new Walk(options, realpathSync(options.folder));
  walk.enter('', []);
  walk.files.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { files: walk.files, isCut: walk.isCut, problems: walk.problems };
}

class Walk {
  public readonly files: SourceFile[] = [];
  public readonly problems: string[] = [];
  public isCut = false;

  constructor(
    private readonly options: SourceFolderOptions,
    private readonly realRoot: string,
  ) {}

  /** @param above the folders that are being read, by their real paths */
  public enter(name: string, above: readonly string[], real = this.realRoot): void {
    const open = [...above, real];
    for (const entry of readdirSync(join(this.options.folder, name), { withFileTypes: true }).sort(byName)) {
      this.visit(posix.join(name, entry.name), entry, open);
      if (this.isCut) {
        return;
      }
    }
  }

  private visit(name: string, entry: Dirent, open: readonly string[]): void {
    const { ignore, maxFiles } = this.options;
    const isIgnored = ignore.ignores(name);
    if (isIgnored && !ignore.mayBringBackBelow(name)) {
      return;
    }
    const found = this.follow(name, entry, open);
    if ('stats' in found && found.stats.isDirectory()) {
      this.enter(name, open, found.real);
    } else if (!isIgnored && 'stats' in found) {
      this.isCut = this.files.length === maxFiles;
      this.add(name, found.stats);
    } else if (!isIgnored && 'problem' in found) {
      this.problems.push(found.problem);
    }
  }

  /** What a name leads to, or why that does not belong into an image. */
  private follow(
    name: string,
    entry: Dirent,
    open: readonly string[],
  ): { readonly real: string; readonly stats: Stats } | { readonly problem: string } {
    const path = join(this.options.folder, name);
    const title = this.title(name);
    try {
      const stats = statSync(path);
      const real = entry.isSymbolicLink() ? realpathSync(path) : join(open.at(-1) ?? '', entry.name);
      if (leadsOut(relative(this.realRoot, real))) {
        return {
          problem: `${title} is a link that leads out of the folder; put what it leads to into the folder, or ${REMEDY}`,
        };
      }
      return stats.isDirectory() && open.includes(real)
        ? { problem: `${title} is a link to a folder that holds it, without end; ${REMEDY}` }
        : { real, stats };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const end = { ENOENT: 'nowhere', ELOOP: 'to itself' }[code ?? ''];
      return entry.isSymbolicLink() && end !== undefined
        ? { problem: `${title} is a link that leads ${end}; ${REMEDY}` }
        : { problem: blobPathProblem(name) ?? `${title} cannot be read: ${message}` };
    }
  }

  private add(name: string, stats: Stats): void {
    if (!stats.isFile()) {
      this.problems.push(`${this.title(name)} is neither a file nor a folder; ${REMEDY}`);
    } else if (!this.isCut) {
      const problem = blobPathProblem(name);
      this.problems.push(...(problem === undefined ? [] : [problem]));
      this.files.push({ name, path: join(this.options.folder, name), sizeBytes: stats.size });
    }
  }

  private title(name: string): string {
    return `'${posix.join(this.options.title, name)}'`;
  }
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1;
}

/** Whether a path leads out of the folder that it is relative to. */
export function leadsOut(path: string): boolean {
  const slashed = path.replaceAll(sep, '/');
  return isAbsolute(path) || slashed === '..' || slashed.startsWith('../');
}
