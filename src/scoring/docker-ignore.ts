import { posix } from 'node:path';

/**
 * Patterns of `.dockerignore` that stand before those of the user, so that `!` in a `.dockerignore` brings back what they
 * leave out: the history of a repository, what Python, Node and Terraform make anew, the settings of editors, and files
 * that hold secrets by their nature.
 */
export const ALWAYS_IGNORED: readonly string[] = [
  '**/.git',
  '**/.hg',
  '**/.svn',
  '**/__pycache__',
  '**/*.pyc',
  '**/.ipynb_checkpoints',
  '**/.mypy_cache',
  '**/.pytest_cache',
  '**/.ruff_cache',
  '**/.venv',
  'venv',
  '**/node_modules',
  'cdktf.out',
  '**/.terraform',
  '**/*.tfstate',
  '**/*.tfstate.backup',
  '**/.env',
  '**/.idea',
  '**/.vscode',
  '**/.DS_Store',
  '.amlignore',
  '.dockerignore',
];

interface Pattern {
  readonly bringsBack: boolean;
  readonly expression: RegExp;

  /** The same for the folders above: one expression for each depth; nothing where any folder may be above. */
  readonly above?: readonly RegExp[];
}

/**
 * The rules of a `.dockerignore`, read as Docker reads them: a pattern of a folder takes all that is below it, the last
 * pattern that matches decides, and `!` brings back.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export class DockerIgnore {
  /** Patterns that Docker refuses, each with its line. */
  public readonly problems: readonly string[];

  private readonly lastFirst: readonly Pattern[];

  /**
   * @param text contents of the file
   * @param name how messages call the file
   * @param before patterns that stand before those of the file
   */
  constructor(text: string, name: string, before: readonly string[] = []) {
    const problems: string[] = [];
    const patterns = before.map((pattern) => readPattern(pattern) as Pattern);
    for (const [index, line] of text
      .replace(/^\uFEFF/, '')
      .split('\n')
      .entries()) {
      const pattern = line.trim();
      // Docker looks for comments before it trims
      if (line.startsWith('#') || pattern === '') {
        continue;
      }
      const read = readPattern(pattern);
      if (read === undefined) {
        problems.push(
          `${name}:${index + 1}: '${pattern}' is no pattern of Docker: a bracket '[' needs characters and a ']', '\\' a ` +
            "character after it, and '!' a pattern",
        );
      } else {
        patterns.push(read);
      }
    }
    this.problems = problems;
    this.lastFirst = patterns.reverse();
  }

  /** Whether a file or folder is left out; its path is relative to the folder of the `.dockerignore`. */
  public ignores(path: string): boolean {
    const paths = withFoldersAbove(path);
    const decides = this.lastFirst.find(({ expression }) => paths.some((each) => expression.test(each)));
    return decides !== undefined && !decides.bringsBack;
  }

  /** Whether a folder that is left out may hold what `!` brings back. */
  public mayBringBackBelow(folder: string): boolean {
    const depth = folder.split('/').length;
    return this.lastFirst.some(
      ({ bringsBack, above }) => bringsBack && (above === undefined || above[depth - 1]?.test(folder) === true),
    );
  }
}

function withFoldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Nothing for what is no pattern. */
function readPattern(line: string): Pattern | undefined {
  const bringsBack = line.startsWith('!');
  const cleaned = clean(bringsBack ? line.slice(1).trim() : line);
  const expression = cleaned === '' || (bringsBack && cleaned === '/') ? undefined : toExpression(cleaned);
  if (expression === undefined) {
    return undefined;
  }
  // a slash may stand in brackets or be escaped: such patterns are not taken apart
  if (/\*\*|[[\\]/.test(cleaned)) {
    return { bringsBack, expression };
  }
  const above = withFoldersAbove(cleaned)
    .slice(0, -1)
    .map((folder) => toExpression(folder) as RegExp);
  return { bringsBack, expression, above };
}

/** The shortest spelling of a pattern, relative to the folder. */
function clean(pattern: string): string {
  return pattern === ''
    ? ''
    : posix
        .normalize(pattern)
        .replace(/(?<=.)\/$/, '')
        .replace(/^\/(?=.)/, '')
        .trim();
}

/** One piece of a pattern: stars, a character or none but a slash, a set of characters, or a character. */
const PIECE =
  /(?<stars>\*\*\/?)|(?<star>\*)|(?<any>\?)|\[(?<not>\^?)(?<set>[\s\S]*)|\\(?<escaped>[\s\S])|(?<character>[^\\])/uy;

/** One character of a set, or a range of them. */
const RANGE = /(?<from>\\[\s\S]|[^\\\]-])(?:-(?<to>\\[\s\S]|[^\\\]-]))?/uy;

function toExpression(pattern: string): RegExp | undefined {
  let source = '';
  let at = 0;
  while (at < pattern.length) {
    PIECE.lastIndex = at;
    const groups = PIECE.exec(pattern)?.groups;
    if (groups === undefined) {
      return undefined;
    }
    const { stars, star, any, not, set, escaped, character } = groups;
    at = PIECE.lastIndex;
    if (stars !== undefined) {
      source += starsSource(source === '', stars, pattern.slice(at));
    } else if (star !== undefined) {
      source += '[^/]*';
    } else if (any !== undefined) {
      source += '[^/]';
    } else if (set !== undefined) {
      const ranges = readSet(set);
      if (ranges === undefined) {
        return undefined;
      }
      source += `[${not}${ranges.source}]`;
      at = pattern.length - set.length + ranges.length;
    } else {
      source += literal(escaped ?? character ?? '');
    }
  }
  return new RegExp(`^${source}$`, 'su');
}

/** Two stars match any number of folders; at the start and before plain text, any beginning as well, as in Docker. */
function starsSource(isFirst: boolean, stars: string, rest: string): string {
  if (rest === '') {
    return '.*';
  }
  return isFirst && stars === '**' && !/[*?[\]\\]/.test(rest) ? '.*' : '(?:.*/)?';
}

/** A set up to its bracket, and its length with it; nothing where Docker refuses it. */
function readSet(text: string): { source: string; length: number } | undefined {
  let source = '';
  RANGE.lastIndex = 0;
  for (let at = 0; ; at = RANGE.lastIndex) {
    if (text[at] === ']' && at > 0) {
      return { source, length: at + 1 };
    }
    RANGE.lastIndex = at;
    const groups = RANGE.exec(text)?.groups;
    if (groups === undefined) {
      return undefined;
    }
    const [from, to] = [groups.from, groups.to ?? groups.from].map((each) => (each ?? '').replace(/^\\/, ''));
    // a range that runs backwards matches nothing
    if ((from?.codePointAt(0) ?? 0) <= (to?.codePointAt(0) ?? 0)) {
      source += `${setLiteral(from ?? '')}-${setLiteral(to ?? '')}`;
    }
  }
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function setLiteral(character: string): string {
  return character === '-' ? '\\-' : literal(character);
}
