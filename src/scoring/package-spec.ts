/** A package of conda or pip as somebody wrote it down. */
export interface PackageLine {
  /** What conda or pip is told, such as `numpy>=1.26`; of pip, an option such as `--pre` too. */
  readonly text: string;

  /** Where it stands, such as `conda.yml:5`, or the option of the program that it was given by. */
  readonly origin: string;
}

/** The parts of a package that is named with or without versions. */
export interface PackageSpec {
  /** The name as it is written. */
  readonly name: string;

  /** The versions that may be installed, such as `>=1.26,<2`; empty where any may be. */
  readonly versions: string;

  /** When pip installs it at all, such as `python_version < '3.9'`. */
  readonly marker?: string;
}

/** One bound of versions, such as `>=` and `1.26`. */
const CLAUSE = /^(===|==|~=|!=|>=|<=|>|<|=)?v?(\d+(?:\.\d+)*)(\.?\*)?/;

/** The versions of pip: bounds with commas between, in parentheses or not. */
const PIP_VERSIONS =
  /^\(?\s*(?:===|==|~=|!=|>=|<=|>|<)\s*[^\s,;()=<>!~]+(?:\s*,\s*(?:===|==|~=|!=|>=|<=|>|<)\s*[^\s,;()=<>!~]+)*\s*\)?$/;

/**
 * The name by which two spellings are one package to pip.
 *
 * @see https://packaging.python.org/en/latest/specifications/name-normalization/
 */
export function pipName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/**
 * A package in conda's words; nothing where the text is none.
 *
 * @see https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications
 */
export function condaSpec(text: string): PackageSpec | undefined {
  const [, name, rest = ''] =
    /^(?:[^\s=<>![]+::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)(\s*[=<>!~[\d*].*)?$/.exec(text.trim()) ?? [];
  if (name === undefined) {
    return undefined;
  }
  const [, bracketed] = /\[.*\bversion\s*=\s*['"]?([^'"\]]+)/.exec(rest) ?? [];
  const [versions = ''] = (bracketed ?? rest.replace(/\[.*$/, ''))
    .trim()
    .replaceAll(/\s*([=<>!~]+|[,|])\s*/g, '$1')
    .split(/\s/);
  // what follows the version after another equals sign is the build
  return {
    name: name.toLowerCase(),
    versions: versions.replace(/^(={1,2}[^=]+)=[^=]*$/, '$1').replace(/^([\d.*]+)=.*$/, '$1'),
  };
}

/**
 * A package in pip's words; nothing where the text is none, as a path or an address.
 *
 * @see https://pip.pypa.io/en/stable/reference/requirement-specifiers/
 */
export function pipSpec(text: string): PackageSpec | undefined {
  const [requirement = ''] = text.split(/\s--/);
  const [, name, rest = ''] =
    /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(requirement.trim()) ?? [];
  if (name === undefined) {
    return undefined;
  }
  if (rest.startsWith('@')) {
    return { name, versions: '' };
  }
  const [versions = '', ...marker] = rest.split(';').map((part) => part.trim());
  return versions === '' || PIP_VERSIONS.test(versions)
    ? { name, versions: versions.replaceAll(/[\s()]/g, ''), marker: marker.join(';') || undefined }
    : undefined;
}

/** Whether some version of a release line, such as 3.12, is among the versions. */
export function permits(versions: string, major: number, minor: number): boolean {
  return versions.split('|').some((all) => all.split(',').every((clause) => clausePermits(clause, major, minor)));
}

function clausePermits(clause: string, major: number, minor: number): boolean {
  const [, operator = '=', version = '', any] = CLAUSE.exec(clause) ?? [];
  // what cannot be read is left to pip and conda
  if (version === '') {
    return true;
  }
  const [wantedMajor = 0, wantedMinor, ...patch] = version.split('.').map(Number);
  const order = major - wantedMajor || (wantedMinor === undefined ? 0 : minor - wantedMinor);
  switch (operator) {
    case '>=':
    case '>':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '<':
      // below 3.12 none of 3.12 is, and below 3.12.4 some are
      return order < 0 || (order === 0 && patch.some((part) => part > 0));
    case '!=':
      return any === undefined || order !== 0 || patch.length > 0;
    case '~=':
      return patch.length > 0 ? order === 0 : major === wantedMajor && order >= 0;
    default:
      return order === 0;
  }
}

/** What a package shows of itself in messages; an address may hold a password, and is not shown. */
export function shown(text: string): string {
  return text.includes('://') ? 'an address' : `'${text}'`;
}

/** Whether a text holds an address with a password or a token in it. */
export function holdsSecret(text: string): boolean {
  return (
    /:\/\/[^/\s]*:[^/\s]*@/.test(text) ||
    /https?:\/\/[^/\s]*@/i.test(text) ||
    /:\/\/[^/\s]+\/t\/[^/\s]+/.test(text) ||
    /[?&](sig|token|access_token|password|api_?key)=/i.test(text)
  );
}

/** What is wrong with a text that holds an address with a password or a token in it. */
export function secretProblem(origin: string): string {
  return (
    `${origin}: an address must not hold a password or a token, which everybody who reads the file or the image would ` +
    'have; take it out, and make what lies there readable without one'
  );
}
