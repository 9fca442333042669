import { posix } from 'node:path';
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node, YAMLMap } from 'yaml';
import { didYouMean } from '../spelling';
import { condaSpec, holdsSecret, type PackageLine, secretProblem, shown } from './package-spec';
import { pipListing } from './requirements-file';
import { readTextFile } from './text-file';

/** The reader of YAML, loaded with the first file of conda: a program that has none would wait for it. */
const yaml = (): typeof Yaml => require('yaml');

/** What a conda environment is made of. */
export interface CondaListing {
  /** Where conda looks for packages, the first first. */
  readonly channels: readonly string[];

  /** Packages in conda's words. */
  readonly packages: readonly PackageLine[];

  /** What pip installs after conda. */
  readonly pip: readonly PackageLine[];

  /** What is wrong, each with where it stands. */
  readonly problems: readonly string[];

  /** What is doubtful, each with where it stands. */
  readonly warnings: readonly string[];
}

/** Where a text of YAML is from. */
export interface CondaSource {
  /** How messages name the text: a file that lines are counted in, or a field. */
  readonly name: string;

  /** Whether messages name lines. */
  readonly hasLines: boolean;

  /** Folder that files of requirements are relative to; absolute, or relative to the folder of `cdktf.json`. */
  readonly folder: string;
}

/** What a reader of YAML stumbles over, in words that quote nothing of the file. */
const SYNTAX: { readonly [code: string]: string } = {
  TAB_AS_INDENT: 'a tab stands before the text of this line; YAML takes spaces alone',
  DUPLICATE_KEY: 'the same key stands above already; put the two together',
  MISSING_CHAR: 'a quotation mark, a bracket or a colon is missing',
  MULTIPLE_DOCS: "'---' starts a second document; a file describes one environment",
};

const OTHER_SYNTAX = 'this is not YAML; check the indentation, which lines of one list share, and colons and brackets';

/** Keys of an environment file, and those among them that say nothing about an image. */
const KEYS = ['name', 'prefix', 'channels', 'dependencies', 'variables', 'platforms'];

/**
 * Reads an environment file of conda. What is wrong is in the result, with file and line.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 * @see https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#create-env-file-manually
 */
export function readCondaFile(path: string): CondaListing {
  const { text, problem } = readTextFile('conda file', path);
  return text === undefined
    ? { channels: [], packages: [], pip: [], problems: problem === undefined ? [] : [problem], warnings: [] }
    : parseConda(text, { name: path, hasLines: true, folder: posix.dirname(path) });
}

/** What a text of YAML says of a conda environment; JSON is YAML. */
export function parseConda(text: string, source: CondaSource): CondaListing {
  return new CondaText(text, source);
}

/** One text while it is read. */
class CondaText implements CondaListing {
  public readonly channels: string[] = [];
  public readonly packages: PackageLine[] = [];
  public readonly pip: PackageLine[] = [];
  public readonly problems: string[] = [];
  public readonly warnings: string[] = [];

  private readonly lines: LineCounter = new (yaml().LineCounter)();
  private readonly document: Document;
  private hasPip = false;

  constructor(
    private readonly content: string,
    private readonly source: CondaSource,
  ) {
    const document = yaml().parseDocument(content, { lineCounter: this.lines, prettyErrors: false });
    this.document = document;
    const [error] = document.errors;
    if (error !== undefined) {
      // what follows the first mistake follows from it
      const { line, col } = this.lines.linePos(error.pos[0]);
      const place = source.hasLines ? `${source.name}:${line}:${col}` : source.name;
      this.problems.push(`${place}: ${SYNTAX[error.code] ?? OTHER_SYNTAX}`);
      return;
    }
    const sections = this.followed(document.contents);
    if (yaml().isMap(sections)) {
      this.readSections(sections);
    } else {
      this.problems.push(
        `${source.name} must hold the parts of a conda environment, 'channels:' and 'dependencies:'; got ${kindOf(sections)}`,
      );
    }
  }

  private readSections(content: YAMLMap): void {
    for (const { key } of content.items) {
      const name = yaml().isScalar(key) ? String(key.value) : '';
      if (!KEYS.includes(name)) {
        this.warnings.push(`${this.at(key)}: conda knows no ${shown(name)}${didYouMean(name, KEYS)}`);
      }
      if (name === 'variables') {
        this.warnings.push(
          `${this.at(key)}: 'variables' are set by conda where an environment is activated, which no service does; give ` +
            'the environment environmentVariables',
        );
      }
    }
    this.readChannels(content);
    const dependencies = this.part(content, 'dependencies');
    if (dependencies === undefined) {
      this.problems.push(`${this.source.name} has no 'dependencies:', the list of what to install`);
    } else if (yaml().isSeq(dependencies)) {
      for (const item of dependencies.items) {
        this.readDependency(item as Node | null);
      }
    } else {
      this.problems.push(
        `${this.at(dependencies)}: 'dependencies' must be a list, a line '- numpy' for each package; got ` +
          kindOf(dependencies),
      );
    }
  }

  private readChannels(content: YAMLMap): void {
    const channels = this.part(content, 'channels');
    if (channels === undefined) {
      return;
    }
    if (!yaml().isSeq(channels)) {
      this.problems.push(
        `${this.at(channels)}: 'channels' must be a list, a line '- conda-forge' for each; got ${kindOf(channels)}`,
      );
      return;
    }
    for (const item of channels.items) {
      const channel = this.text(item as Node | null, "a channel is a text, such as '- conda-forge'");
      if (channel !== undefined) {
        this.channels.push(channel.text);
      }
    }
  }

  private readDependency(item: Node | null): void {
    const node = this.followed(item);
    if (!yaml().isMap(node)) {
      const line = this.text(node, "a package is a text, such as '- numpy=2.2'");
      if (line === undefined) {
        return;
      }
      if (condaSpec(line.text) === undefined) {
        this.problems.push(
          `${line.origin}: ${shown(line.text)} is no package of conda; write its name and version, such as 'numpy=2.2', ` +
            "and what pip installs below '- pip:'",
        );
      } else {
        this.packages.push(line);
      }
      return;
    }
    for (const { key, value } of node.items) {
      const name = yaml().isScalar(key) ? String(key.value) : '';
      if (name === 'pip') {
        this.readPip(key as Node, value as Node | null);
      } else {
        const version = yaml().isScalar(value) ? (value.source ?? String(value.value)) : 'VERSION';
        this.problems.push(
          `${this.at(key)}: a package and its version are one text, with an equals sign and no colon; write ` +
            `'- ${name}=${holdsSecret(version) ? 'VERSION' : version}'`,
        );
      }
    }
  }

  private readPip(key: Node, value: Node | null): void {
    const list = this.followed(value);
    if (this.hasPip) {
      this.problems.push(`${this.at(key)}: a second 'pip:', of which conda takes one alone; put the two together`);
    }
    this.hasPip = true;
    if (!yaml().isSeq(list)) {
      this.problems.push(
        `${this.at(key)}: 'pip:' must be followed by a list, a line '- onnxruntime==1.23.2' for each package, indented ` +
          `further; got ${kindOf(list)}`,
      );
      return;
    }
    const given = list.items.flatMap((item) => {
      const line = this.text(item as Node | null, "a package is a text, such as '- onnxruntime==1.23.2'");
      return line === undefined ? [] : [line];
    });
    const { lines, problems } = pipListing(given, this.source.folder);
    this.pip.push(...lines);
    this.problems.push(...problems);
  }

  /** A text of a list; reports one that is none. */
  private text(item: Node | null, wanted: string): PackageLine | undefined {
    const node = this.followed(item);
    const origin = this.at(item);
    if (!yaml().isScalar(node) || typeof node.value !== 'string' || node.value.trim() === '') {
      this.problems.push(`${origin}: ${wanted}; got ${kindOf(node)}`);
      return undefined;
    }
    if (holdsSecret(node.value)) {
      this.problems.push(secretProblem(origin));
      return undefined;
    }
    if (/[\r\n]/.test(this.content.slice(node.range?.[0], node.range?.[1]))) {
      this.problems.push(`${origin}: one text goes over several lines; indent each '-' of a list alike`);
      return undefined;
    }
    return { text: node.value.trim(), origin };
  }

  private part(content: YAMLMap, key: string): Node | undefined {
    const node = this.followed(content.get(key, true) as Node | undefined);
    return node === null || (yaml().isScalar(node) && node.value === null) ? undefined : node;
  }

  /** The node that an alias stands for. */
  private followed(node: Node | null | undefined): Node | null {
    return yaml().isAlias(node) ? (node.resolve(this.document) ?? null) : (node ?? null);
  }

  private at(node: unknown): string {
    const start = (node as Node | null)?.range?.[0];
    return this.source.hasLines && start !== undefined
      ? `${this.source.name}:${this.lines.linePos(start).line}`
      : this.source.name;
  }
}

function kindOf(node: Node | null): string {
  if (yaml().isSeq(node)) {
    return 'a list';
  }
  if (yaml().isMap(node)) {
    return "'key: value'";
  }
  const value = yaml().isScalar(node) ? node.value : null;
  if (value === null || value === '') {
    return 'nothing';
  }
  // YAML takes 3.10 for the number 3.1
  return typeof value === 'string'
    ? 'a text'
    : `${(node as { source?: string }).source ?? String(value)} without quotation marks`;
}
