import type { SourceFile, SourceFolder } from './source-folder';

/** The most that a source folder may hold. */
export interface SourceLimits {
  /** The most that the files may take. */
  readonly maxSourceMiB: number;

  /** The most files. */
  readonly maxSourceFiles: number;
}

/** What is wrong with the size of a folder, with what is largest in it. */
export function sourceLimitProblem(title: string, folder: SourceFolder, limits: SourceLimits): string | undefined {
  const { maxSourceMiB, maxSourceFiles } = limits;
  const { files, isCut } = folder;
  const isTooMany = isCut || files.length > maxSourceFiles;
  if (!isTooMany && bytesOf(files) <= maxSourceMiB * 2 ** 20) {
    return undefined;
  }
  const weight = isTooMany ? (group: readonly SourceFile[]) => group.length : bytesOf;
  const largest = [...atTheTop(files)]
    .sort(([, one], [, other]) => weight(other) - weight(one))
    .slice(0, 3)
    .map(([name, group]) => `'${name}' (${name.endsWith('/') ? `${group.length} files, ` : ''}${sizeText(group)})`);
  return (
    `the sourceDirectory '${title}' has ${isCut ? 'more than ' : ''}${files.length} files of ${sizeText(files)}, and ` +
    `${maxSourceFiles} files (maxSourceFiles) of ${maxSourceMiB} MiB (maxSourceMiB) are allowed; the largest are ` +
    `${largest.join(', ')}; name in .dockerignore what the script does not need, or allow more`
  );
}

/** The files by what stands at the top of their folder; the names of folders end with a slash. */
function atTheTop(files: readonly SourceFile[]): Map<string, SourceFile[]> {
  const groups = new Map<string, SourceFile[]>();
  for (const file of files) {
    const name = file.name.replace(/(?<=\/).*/s, '');
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(file);
  }
  return groups;
}

function bytesOf(files: readonly SourceFile[]): number {
  return files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}

function sizeText(files: readonly SourceFile[]): string {
  const bytes = bytesOf(files);
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
