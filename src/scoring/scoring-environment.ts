import { imageReferenceProblem, imageReferenceWarning } from '../image-reference';
import { curatedEnvironment, curatedProblem } from './base-images';
import { readCondaFile } from './conda-file';
import {
  condaKey,
  EMPTY_DEFINITION,
  type EnvironmentDefinition,
  followsNodes,
  pipKey,
  replacePackages,
  resolveDefinition,
} from './environment-definition';
import type {
  CondaOptions,
  EnvironmentAdditions,
  EnvironmentImageOptions,
  EnvironmentOptions,
  PipOptions,
} from './environment-options';
import type { EnvironmentRecipe } from './environment-recipe';
import { condaSpec, holdsSecret, type PackageLine, secretProblem, shown } from './package-spec';
import { pythonProblem, telemetryProblem } from './python-packages';
import { pipListing, readRequirements } from './requirements-file';

/**
 * Where a scoring script runs: an image with Python, the script's packages and Azure ML's scoring server.
 *
 * Files are read when an environment is made. What is wrong with it is reported by the image that it is given to.
 */
export class ScoringEnvironment {
  /** A conda environment, of an environment file, of lists, or of both. */
  public static conda(options: CondaOptions): ScoringEnvironment {
    const { file, python, channels = [], packages = [], pip = [] } = options;
    const read = file === undefined ? undefined : readCondaFile(file);
    const wrongPython =
      python === undefined ? undefined : (pythonProblem(python) ?? pythonTwiceProblem(python, packages));
    const given = python === undefined || wrongPython !== undefined ? packages : [`python=${python}`, ...packages];
    const more = condaLines(given);
    const pipMore = pipLines('pip', pip);
    const isEmpty =
      file === undefined && python === undefined && [packages, channels, pip].every((list) => list.length === 0);
    return ScoringEnvironment.of({
      ...commonDefinition(options),
      conda: {
        channels: [...channels.filter((channel) => !holdsSecret(channel)), ...(read?.channels ?? [])],
        packages: replacePackages(read?.packages ?? [], more.lines, condaKey),
      },
      pip: replacePackages(read?.pip ?? [], pipMore.lines, pipKey),
      problems: [
        ...(isEmpty
          ? [
              "ScoringEnvironment.conda needs a file of conda, or packages or pip; got none; give it file: 'conda.yml', say",
            ]
          : []),
        ...commonProblems(options),
        ...definedOf([wrongPython]),
        ...channels.filter(holdsSecret).map(() => secretProblem('channels')),
        ...(read?.problems ?? []),
        ...more.problems,
        ...pipMore.problems,
      ],
      warnings: [...commonWarnings(options), ...(read?.warnings ?? [])],
    });
  }

  /** Packages that pip installs into the Python of the base image, of a requirements file, a list, or both. */
  public static pip(options: PipOptions): ScoringEnvironment {
    const { file, python, packages = [], baseImage } = options;
    const read = file === undefined ? { lines: [], problems: [] } : readRequirements(file);
    const more = pipLines('packages', packages);
    return ScoringEnvironment.of({
      ...commonDefinition(options),
      ...(python === undefined || baseImage !== undefined ? {} : { basePython: python }),
      pip: replacePackages(read.lines, more.lines, pipKey),
      problems: [
        ...commonProblems(options),
        ...(python !== undefined && baseImage !== undefined
          ? [`python '${python}' picks a base image, and baseImage '${baseImage}' is one; leave one of them out`]
          : []),
        ...read.problems,
        ...more.problems,
      ],
      warnings: commonWarnings(options),
    });
  }

  /**
   * One of Azure ML's curated environments, as Azure ML made it: Python and the scoring server, with no more packages than
   * `with` adds; `AzureML-Triton` has numpy and the clients of Triton besides.
   *
   * @param name `minimal-py312-inference`, `minimal-py312-cuda12.4-inference`, `minimal-py311-inference` or
   *   `AzureML-Triton`; names of retired environments are refused with their successor
   * @see https://learn.microsoft.com/azure/machine-learning/concept-prebuilt-docker-images-inference
   */
  public static curated(name: string): ScoringEnvironment {
    const found = curatedEnvironment(name);
    return ScoringEnvironment.of({
      ...EMPTY_DEFINITION,
      ...(found === undefined ? {} : { baseImage: found.base.image, curated: name, enableGpu: found.base.gpu }),
      pip: (found?.pip ?? []).map((text) => ({ text, origin: name })),
      hasServer: true,
      problems: found === undefined ? [curatedProblem(name)] : [],
    });
  }

  /**
   * An image that has all of it: Python, gunicorn, `azureml-inference-server-http` and what the script imports. Nothing is
   * installed but what `with` adds.
   *
   * @param reference with registry and tag or digest, such as `prod.azurecr.io/digits:3` or
   *   `prod.azurecr.io/digits@sha256:…`
   */
  public static image(reference: string, options: EnvironmentImageOptions = {}): ScoringEnvironment {
    return ScoringEnvironment.of({
      ...EMPTY_DEFINITION,
      baseImage: reference,
      hasServer: true,
      enableGpu: options.enableGpu,
      environmentVariables: { ...options.environmentVariables },
      problems: definedOf([imageReferenceProblem("the environment's image", reference)]),
      warnings: definedOf([imageReferenceWarning("the environment's image", reference)]),
    });
  }

  /**
   * An environment that was described otherwise.
   *
   * @internal
   */
  public static of(definition: EnvironmentDefinition): ScoringEnvironment {
    return new ScoringEnvironment(definition);
  }

  /** Whether the image is made for NVIDIA GPUs; nothing where its pool decides or nobody knows. */
  public readonly enableGpu?: boolean;

  /** Whether the base image depends on the pool of the service that runs the image. */
  public readonly followsPool: boolean;

  private constructor(private readonly definition: EnvironmentDefinition) {
    this.enableGpu = definition.enableGpu;
    this.followsPool = followsNodes(definition);
  }

  /** An environment like this one, with more in it. This one stays as it is. */
  public with(more: EnvironmentAdditions): ScoringEnvironment {
    const { definition } = this;
    const { conda, curated } = definition;
    const { packages = [], enableGpu = definition.enableGpu } = more;
    const pip = pipLines('pip', more.pip ?? []);
    const added = condaLines(packages);
    return ScoringEnvironment.of({
      ...definition,
      ...(conda === undefined
        ? {}
        : { conda: { ...conda, packages: replacePackages(conda.packages, added.lines, condaKey) } }),
      pip: replacePackages(definition.pip, pip.lines, pipKey),
      enableGpu: curated === undefined ? enableGpu : definition.enableGpu,
      environmentVariables: { ...definition.environmentVariables, ...more.environmentVariables },
      problems: [
        ...definition.problems,
        ...(conda === undefined && packages.length > 0
          ? [
              `packages are what conda installs, and this environment has no conda; got ${packages.map(shown).join(', ')}; ` +
                'give them as pip, or make the environment with ScoringEnvironment.conda',
            ]
          : added.problems),
        ...(curated !== undefined && enableGpu !== definition.enableGpu
          ? [
              `enableGpu must be ${definition.enableGpu} with '${curated}', which is made ` +
                `${definition.enableGpu ? 'for' : 'without'} GPUs; got ${enableGpu}; leave it out, or take another environment`,
            ]
          : []),
        ...pip.problems,
      ],
    });
  }

  /**
   * Why a script cannot send telemetry there; nothing where it can, or where nobody knows.
   *
   * @internal
   */
  public get telemetryProblem(): string | undefined {
    return telemetryProblem({ conda: this.definition.conda?.packages, pip: this.definition.pip });
  }

  /**
   * What an image is made of, for nodes with or without GPUs of NVIDIA.
   *
   * @internal
   */
  public resolve(gpu: boolean): EnvironmentRecipe {
    return resolveDefinition(this.definition, gpu);
  }
}

function commonDefinition({ baseImage, enableGpu, environmentVariables }: EnvironmentOptions): EnvironmentDefinition {
  return { ...EMPTY_DEFINITION, baseImage, enableGpu, environmentVariables: { ...environmentVariables } };
}

function commonProblems({ baseImage }: EnvironmentOptions): string[] {
  return baseImage === undefined ? [] : definedOf([imageReferenceProblem('baseImage', baseImage)]);
}

function commonWarnings({ baseImage }: EnvironmentOptions): string[] {
  return baseImage === undefined ? [] : definedOf([imageReferenceWarning('baseImage', baseImage)]);
}

function pythonTwiceProblem(python: string, packages: readonly string[]): string | undefined {
  const other = packages.find((text) => condaKey(text) === 'python');
  return other === undefined
    ? undefined
    : `python '${python}' and '${other}' among packages are two; leave one of them out`;
}

/** What pip is asked for by a list of the program. */
function pipLines(option: string, texts: readonly string[]): ReturnType<typeof pipListing> {
  return pipListing(
    texts.map((text) => ({ text, origin: option })),
    '',
  );
}

/** What conda is asked for by a list of the program. */
function condaLines(texts: readonly string[]): { lines: PackageLine[]; problems: string[] } {
  const isRight = (text: string) => !holdsSecret(text) && !/[\r\n]/.test(text) && condaSpec(text) !== undefined;
  return {
    lines: texts.filter(isRight).map((text) => ({ text: text.trim(), origin: 'packages' })),
    problems: texts
      .filter((text) => !isRight(text))
      .map((text) =>
        holdsSecret(text)
          ? secretProblem('packages')
          : `packages: ${shown(text)} is no package of conda; write its name and version, such as 'numpy=2.2'`,
      ),
  };
}

function definedOf(problems: readonly (string | undefined)[]): string[] {
  return problems.filter((problem): problem is string => problem !== undefined);
}
