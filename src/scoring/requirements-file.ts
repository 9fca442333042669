import { posix, resolve } from 'node:path';
import { projectPath } from '../project-path';
import { holdsSecret, type PackageLine, pipSpec, secretProblem, shown } from './package-spec';
import { readTextFile } from './text-file';

/** What pip is asked to install. */
export interface PipListing {
  /** Packages and options, to the letter. */
  readonly lines: readonly PackageLine[];

  /** What is wrong, each with where it stands. */
  readonly problems: readonly string[];
}

/** Options that name a file or a folder, which the build of an image does not have. */
const LOCAL_OPTIONS = /^(-e|--editable|-c|--constraint)(?=[\s=]|$)|^-[ec](?=\S)/;

/** Options that name another file of requirements. */
const OTHER_FILE = /^(?:-r|--requirement)(?:\s*=\s*|\s+|(?<=-r)(?=\S))(.*)$/;

/** Where the packages lie may be a folder. */
const FIND_LINKS = /^(?:-f|--find-links)(?:\s*=\s*|\s+|(?<=-f)(?=\S))(.*)$/;

/**
 * Reads a file of requirements, and those that it names with `-r`.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 * @param readers the files that led here, which it must not name again
 */
export function readRequirements(path: string, readers: readonly string[] = []): PipListing {
  const file = resolve(projectPath(), path);
  const { text, problem } = readTextFile('requirements file', path);
  return text === undefined
    ? { lines: [], problems: problem === undefined ? [] : [problem] }
    : pipListing(logicalLines(text, path), posix.dirname(path), [...readers, file]);
}

/**
 * What pip is asked for by some lines.
 *
 * @param folder that other files of requirements are relative to; absolute, or relative to the folder of `cdktf.json`
 */
export function pipListing(given: readonly PackageLine[], folder: string, readers: readonly string[] = []): PipListing {
  const read = given.map((line) => readLine(line, folder, readers));
  return { lines: read.flatMap(({ lines }) => lines), problems: read.flatMap(({ problems }) => problems) };
}

function readLine({ text, origin }: PackageLine, folder: string, readers: readonly string[]): PipListing {
  const line = text.trim();
  const refused = (problem: string) => ({ lines: [], problems: [`${origin}: ${problem}`] });
  if (line === '' || /[\r\n]/.test(line)) {
    return refused(`one package is one line; got ${line === '' ? 'an empty text' : 'several lines in one text'}`);
  }
  if (holdsSecret(line)) {
    return { lines: [], problems: [secretProblem(origin)] };
  }
  const [, other] = OTHER_FILE.exec(line) ?? [];
  if (other !== undefined) {
    return readOther(other.trim(), origin, folder, readers);
  }
  const [, links] = FIND_LINKS.exec(line) ?? [];
  if (LOCAL_OPTIONS.test(line) || (links !== undefined && !/^https?:\/\//i.test(links)) || isLocal(line)) {
    return refused(
      `the build of an image has no files of this machine but the script's; got ${shown(line)}; name a package with its ` +
        'version, or put the code into the folder of the script',
    );
  }
  if (line.startsWith('-') || /^[a-z][a-z0-9+.-]*:\/\//i.test(line) || pipSpec(line) !== undefined) {
    return { lines: [{ text: line, origin }], problems: [] };
  }
  const [, name, version] = /^([A-Za-z0-9._[\],-]+)\s*=\s*([^=\s]+)$/.exec(line) ?? [];
  return refused(
    name === undefined
      ? `${shown(line)} is nothing that pip installs; write a package with its version, such as 'numpy==2.2.0'`
      : `'${line}' is how conda writes it; pip takes '${name}==${version}'`,
  );
}

function readOther(path: string, origin: string, folder: string, readers: readonly string[]): PipListing {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    return {
      lines: [],
      problems: [
        `${origin}: requirements are read from files, and an address may say another thing tomorrow; copy them`,
      ],
    };
  }
  const other = posix.isAbsolute(path) ? path : posix.join(folder, path);
  return readers.includes(resolve(projectPath(), other))
    ? { lines: [], problems: [`${origin}: '${other}' names itself again, by '-r'; take one of the two out`] }
    : readRequirements(other, readers);
}

/** A path or an address of this machine, where a package stands. */
function isLocal(line: string): boolean {
  const [requirement = ''] = line.split(/\s(?:--|;)/);
  const source = /^[A-Za-z0-9._[\],-]+\s*@\s*(.*)$/.exec(requirement)?.[1] ?? requirement;
  return (
    /^file:/i.test(source) ||
    (!source.startsWith('-') &&
      !/^[a-z][a-z0-9+.-]*:\/\//i.test(source) &&
      (/^[.~]|[\\/]/.test(source) || /\.(whl|zip|tar\.gz|tgz)$/i.test(source)))
  );
}

/** Lines as pip counts them: without comments, and those that a backslash ends joined to the next. */
function logicalLines(text: string, path: string): PackageLine[] {
  const lines: PackageLine[] = [];
  let joined = '';
  let first = 0;
  const physical = text.split(/\r?\n/);
  physical.forEach((line, index) => {
    first = joined === '' ? index + 1 : first;
    const isComment = /^\s*#/.test(line);
    if (line.endsWith('\\') && !isComment && index < physical.length - 1) {
      joined += `${line.slice(0, -1)} `;
      return;
    }
    const whole = `${joined}${line}`.replace(/(^|\s)#.*$/, '').trim();
    joined = '';
    if (whole !== '') {
      lines.push({ text: whole.replaceAll(/\s+/g, ' '), origin: `${path}:${first}` });
    }
  });
  return lines;
}
