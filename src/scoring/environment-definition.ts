import { baseImage, DEFAULT_PYTHON } from './base-images';
import type { EnvironmentRecipe } from './environment-recipe';
import { condaSpec, type PackageLine, pipName, pipSpec } from './package-spec';
import { basePythonProblem, judgePackages, missingServer } from './python-packages';

/** An environment as it was described, before it is known for which nodes. */
export interface EnvironmentDefinition {
  /** Image that the build starts from; nothing where Azure ML's is taken. */
  readonly baseImage?: string;

  /** Text of a Dockerfile whose image the build starts from. */
  readonly baseDockerfile?: string;

  /** Release line of the Python that Azure ML's image must have. */
  readonly basePython?: string;

  /** What conda installs; nothing where the Python of the base serves. */
  readonly conda?: CondaDefinition;

  /** What pip installs, into conda's environment where there is one. */
  readonly pip: readonly PackageLine[];

  /** Whether the base has the scoring server, so that nothing is added to it. */
  readonly hasServer: boolean;

  /** Name of Azure ML's environment that the base is; nothing where it is none. */
  readonly curated?: string;

  /** Whether the image is made for GPUs; nothing where that is open. */
  readonly enableGpu?: boolean;

  /** Variables of the image. */
  readonly environmentVariables: { readonly [name: string]: string };

  /** Lines of a Dockerfile that follow the packages. */
  readonly dockerfileSteps: readonly string[];

  /** What is wrong with the description. */
  readonly problems: readonly string[];

  /** What is doubtful about the description. */
  readonly warnings: readonly string[];
}

/** What conda installs. */
export interface CondaDefinition {
  /** Where conda looks for packages, the first first. */
  readonly channels: readonly string[];

  /** Packages in conda's words. */
  readonly packages: readonly PackageLine[];
}

/** A definition of nothing. */
export const EMPTY_DEFINITION: EnvironmentDefinition = {
  pip: [],
  hasServer: false,
  environmentVariables: {},
  dockerfileSteps: [],
  problems: [],
  warnings: [],
};

/** Whether the image that the build starts from depends on the nodes. */
export function followsNodes({ baseImage, baseDockerfile, enableGpu }: EnvironmentDefinition): boolean {
  return enableGpu === undefined && baseImage === undefined && baseDockerfile === undefined;
}

/**
 * What an image is made of, for nodes with or without GPUs.
 *
 * Packages are sorted, since their order means nothing to conda and pip, and another order would be another image.
 */
export function resolveDefinition(definition: EnvironmentDefinition, gpu: boolean): EnvironmentRecipe {
  const { conda, environmentVariables, dockerfileSteps } = definition;
  const { image, problem } = baseOf(definition, definition.enableGpu ?? gpu);
  const packages = { conda: conda?.packages, pip: definition.pip };
  const judgement = judgePackages(packages);
  const server = definition.hasServer ? undefined : missingServer(packages);
  const pip = sortedPip([...definition.pip.map(({ text }) => text), ...(server === undefined ? [] : [server])]);
  const names = Object.keys(environmentVariables).sort();
  return {
    ...(image === undefined ? {} : { baseImage: image }),
    ...(definition.baseDockerfile === undefined ? {} : { baseDockerfile: definition.baseDockerfile }),
    ...(conda === undefined ? {} : { conda: { ...completeConda(conda, pip.length > 0), pip } }),
    pip: conda === undefined ? pip : [],
    environmentVariables: Object.fromEntries(names.map((name) => [name, environmentVariables[name] ?? ''])),
    dockerfileSteps,
    problems: [
      ...definition.problems,
      ...(problem === undefined ? [] : [problem]),
      ...judgement.problems,
      ...hashProblems(definition.pip, server),
    ],
    warnings: [...definition.warnings, ...channelWarnings(conda?.channels ?? []), ...judgement.warnings],
  };
}

/** Packages with more behind them; one that is named again takes the place of what stood there by its name. */
export function replacePackages(
  earlier: readonly PackageLine[],
  later: readonly PackageLine[],
  keyOf: (text: string) => string,
): PackageLine[] {
  const replaced = new Set(later.map(({ text }) => keyOf(text)));
  return [...earlier.filter(({ text }) => !replaced.has(keyOf(text))), ...later];
}

/** By what two lines of pip are about the same package. */
export function pipKey(text: string): string {
  const [, named] = /#(?:.*&)?egg=([A-Za-z0-9._-]+)/.exec(text) ?? [];
  const name = text.startsWith('-') ? undefined : (named ?? pipSpec(text)?.name);
  return name === undefined ? text : pipName(name);
}

/** By what two packages of conda are the same. */
export function condaKey(text: string): string {
  return condaSpec(text)?.name ?? text;
}

function baseOf(definition: EnvironmentDefinition, gpu: boolean): { image?: string; problem?: string } {
  if (definition.baseImage !== undefined || definition.baseDockerfile !== undefined) {
    return { image: definition.baseImage };
  }
  const { basePython = DEFAULT_PYTHON } = definition;
  const found = baseImage(gpu, basePython);
  return found === undefined
    ? { image: baseImage(gpu)?.image, problem: basePythonProblem(gpu, basePython) }
    : { image: found.image };
}

function completeConda({ channels, packages }: CondaDefinition, hasPip: boolean): CondaDefinitionTexts {
  const names = new Set(packages.map(({ text }) => condaKey(text)));
  const added = [
    ...(names.has('python') ? [] : [`python=${DEFAULT_PYTHON}`]),
    ...(names.has('pip') || !hasPip ? [] : ['pip']),
  ];
  const named = channels.length > 0 ? [...new Set(channels)] : ['conda-forge'];
  return {
    channels: named.some((channel) => NO_MORE_CHANNELS.has(channel)) ? named : [...named, 'nodefaults'],
    packages: [...new Set([...packages.map(({ text }) => text), ...added])].sort(),
  };
}

/**
 * Channels beside which conda looks in no others. Beside any others it looks in Anaconda's too, unless `nodefaults` stands
 * there, and so falls under their terms.
 */
const NO_MORE_CHANNELS = new Set(['defaults', 'nodefaults']);

/**
 * What is doubtful about channels.
 *
 * @see https://www.anaconda.com/docs/tools/anaconda-org/channels/tos
 */
function channelWarnings(channels: readonly string[]): string[] {
  return channels
    .filter((channel) => channel === 'defaults' || channel === 'anaconda' || channel.includes('repo.anaconda.com'))
    .map(
      (channel) =>
        `the channel '${channel}' is Anaconda's: companies need a licence for it, and a conda that was not told of its terms ` +
        'ends the build; take conda-forge, which has the same packages',
    );
}

interface CondaDefinitionTexts {
  readonly channels: readonly string[];
  readonly packages: readonly string[];
}

/** The order of options is theirs: of two indexes, say, the first is asked first. */
function sortedPip(texts: readonly string[]): string[] {
  const unique = [...new Set(texts)];
  const isOption = (text: string) => text.startsWith('-');
  return [...unique.filter(isOption), ...unique.filter((text) => !isOption(text)).sort()];
}

/** With the hash of one package pip asks for the hashes of all. */
function hashProblems(pip: readonly PackageLine[], server: string | undefined): string[] {
  const hashed = pip.find(({ text }) => /(\s|^)--(hash|require-hashes)\b/.test(text));
  return hashed === undefined || server === undefined
    ? []
    : [
        `${hashed.origin}: with a hash for one package pip asks for the hashes of all, and the scoring server is not among ` +
          `them; add '${server}' and what it needs with their hashes, as 'pip-compile --generate-hashes' writes them`,
      ];
}
