import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, posix, resolve, win32 } from 'node:path';
import { blobPathProblem } from '../blob-path';
import { projectPath } from '../project-path';
import { nearestSpelling } from '../spelling';
import { ALWAYS_IGNORED, DockerIgnore } from './docker-ignore';
import { looksSecret } from './secret-files';
import { leadsOut, listSourceFolder, type SourceFile } from './source-folder';
import { type SourceLimits, sourceLimitProblem } from './source-limits';

/** Which files of the user go into an image. */
export interface SourceFilesOptions extends SourceLimits {
  /** The script, relative to `sourceDirectory`; without one, absolute or relative to the folder of `cdktf.json`. */
  readonly entryScript: string;

  /**
   * Folder that goes into the image, absolute or relative to the folder of `cdktf.json`.
   *
   * @default - the script alone
   */
  readonly sourceDirectory?: string;
}

/** The files of the user as they are while synthesizing; their contents are not read yet. */
export interface SourceFiles {
  /** The files, sorted by name; none where something is wrong. */
  readonly files: readonly SourceFile[];

  /** Name of the entry script among the files. */
  readonly entryScript: string;

  /** The entry script as the program names it. */
  readonly title: string;

  /** What is wrong with the files. */
  readonly problems: readonly string[];

  /** What is doubtful about them. */
  readonly warnings: readonly string[];
}

/** How many times the allowed number of files is counted before counting ends. */
const COUNTED_TIMES = 20;

/** How many names or problems of one kind a person reads. */
const SHOWN = 5;

/** Lists what goes into an image. Nothing is thrown: what is wrong is in the result. */
export function sourceFiles(options: SourceFilesOptions): SourceFiles {
  const { entryScript, sourceDirectory } = options;
  const problems = [
    ...backslashProblems('entryScript', entryScript),
    ...backslashProblems('sourceDirectory', sourceDirectory ?? ''),
    ...(entryScript.endsWith('.py')
      ? []
      : [`entryScript names a file of Python, which ends with .py; got '${entryScript}'`]),
  ];
  if (problems.length > 0) {
    return { files: [], entryScript, title: entryScript, problems, warnings: [] };
  }
  return sourceDirectory === undefined ? oneScript(entryScript) : wholeFolder(options, sourceDirectory);
}

function backslashProblems(option: string, path: string): string[] {
  return path.includes('\\')
    ? [`${option} has forward slashes on every machine; got '${path}'; write '${path.replaceAll('\\', '/')}'`]
    : [];
}

function oneScript(entryScript: string): SourceFiles {
  const path = resolve(projectPath(), entryScript);
  const name = basename(path);
  const result = { entryScript: name, title: entryScript, warnings: [] };
  try {
    // by the names of the folder: some disks take upper and lower case for the same, and the image does not
    const names = existsSync(dirname(path)) ? readdirSync(dirname(path)) : [];
    const problem = names.includes(name) ? blobPathProblem(name) : missingScript(entryScript, path, name, names);
    if (problem !== undefined) {
      return { ...result, files: [], problems: [problem] };
    }
    const found = statSync(path);
    return found.isFile()
      ? { ...result, files: [{ name, path, sizeBytes: found.size }], problems: [] }
      : { ...result, files: [], problems: [`the entry script '${entryScript}' is not a file`] };
  } catch (error) {
    return {
      ...result,
      files: [],
      problems: [`the entry script '${entryScript}' cannot be read: ${(error as Error).message}`],
    };
  }
}

function wholeFolder(options: SourceFilesOptions, sourceDirectory: string): SourceFiles {
  const folder = resolve(projectPath(), sourceDirectory);
  const entryScript = posix.normalize(options.entryScript);
  const result = { files: [], entryScript, title: posix.join(sourceDirectory, entryScript), warnings: [] };
  const outside =
    isAbsolute(entryScript) || win32.isAbsolute(entryScript) || leadsOut(entryScript)
      ? [
          `entryScript is relative to sourceDirectory and lies in it; got '${options.entryScript}' and the ` +
            `sourceDirectory '${sourceDirectory}'; name the folder of all that the script needs, and the script in it`,
        ]
      : [];
  const what = `the sourceDirectory '${sourceDirectory}'`;
  try {
    if (!existsSync(folder)) {
      return { ...result, problems: [...outside, `${what} does not exist; it was looked for at '${folder}'`] };
    }
    if (!statSync(folder).isDirectory()) {
      return { ...result, problems: [...outside, `${what} is not a folder; name the folder of the entry script`] };
    }
    const { ignore, warnings } = readDockerIgnore(folder, sourceDirectory);
    const maxFiles = COUNTED_TIMES * Math.max(1, options.maxSourceFiles);
    const listed = listSourceFolder({ folder, title: sourceDirectory, ignore, maxFiles });
    const script =
      outside.length > 0 || listed.isCut
        ? undefined
        : scriptProblem(result.title, entryScript, folder, listed.files, ignore);
    const problems = [
      ...outside,
      ...ignore.problems,
      ...firstFew(listed.problems),
      sourceLimitProblem(sourceDirectory, listed, options),
      script,
    ].filter((problem) => problem !== undefined);
    return problems.length > 0
      ? { ...result, problems }
      : {
          ...result,
          files: listed.files,
          problems,
          warnings: [...warnings, ...secretWarnings(sourceDirectory, listed.files)],
        };
  } catch (error) {
    return { ...result, problems: [...outside, `${what} cannot be read: ${(error as Error).message}`] };
  }
}

function readDockerIgnore(folder: string, title: string): { ignore: DockerIgnore; warnings: string[] } {
  const path = join(folder, '.dockerignore');
  const isThere = existsSync(path);
  const text = isThere ? readFileSync(path, 'utf8') : '';
  const warnings =
    !isThere && existsSync(join(folder, '.amlignore'))
      ? [
          `'${posix.join(title, '.amlignore')}' is not read, so that what it names goes into the image; rename it to ` +
            ".dockerignore, where '*.csv' means the files of the first folder alone and '**/*.csv' those of all folders",
        ]
      : [];
  return { ignore: new DockerIgnore(text, posix.join(title, '.dockerignore'), ALWAYS_IGNORED), warnings };
}

function scriptProblem(
  title: string,
  script: string,
  folder: string,
  files: readonly SourceFile[],
  ignore: DockerIgnore,
): string | undefined {
  const names = files.map(({ name }) => name);
  const path = join(folder, script);
  if (names.includes(script)) {
    return undefined;
  }
  if (!existsSync(path)) {
    return missingScript(title, path, script, names);
  }
  if (statSync(path).isDirectory()) {
    return `the entry script '${title}' is not a file`;
  }
  return ignore.ignores(script)
    ? `the entry script '${title}' is left out by .dockerignore or by what is always left out; add the line '!${script}' ` +
        'to the end of .dockerignore'
    : missingScript(title, path, script, names);
}

function missingScript(title: string, path: string, name: string, names: readonly string[]): string {
  const scripts = names.filter((each) => each.endsWith('.py'));
  const near = scripts.find((each) => basename(each) === basename(name)) ?? nearestSpelling(name, scripts);
  const hint = near === undefined ? '' : `; there is '${near}'`;
  return `the entry script '${title}' does not exist; it was looked for at '${path}'${hint}`;
}

function secretWarnings(title: string, files: readonly SourceFile[]): string[] {
  const names = files.filter(({ name }) => looksSecret(name)).map(({ name }) => `'${posix.join(title, name)}'`);
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.length === 0
    ? []
    : [
        `files that hold secrets by their names go into the image, where all who can pull it read them: ` +
          `${names.slice(0, SHOWN).join(', ')}${more}; leave them out by .dockerignore, and let the script read secrets ` +
          'from a key vault',
      ];
}

function firstFew(problems: readonly string[]): string[] {
  const more = problems.length - SHOWN;
  return more > 0 ? [...problems.slice(0, SHOWN), `${more} more files cannot go into the image`] : [...problems];
}
