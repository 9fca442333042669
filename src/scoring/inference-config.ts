import { join, posix } from 'node:path';
import { imageReferenceProblem, imageReferenceWarning } from '../image-reference';
import { curatedEnvironment, curatedProblem } from './base-images';
import { type CondaListing, parseConda, readCondaFile } from './conda-file';
import { ConfigFields } from './config-fields';
import { EMPTY_DEFINITION } from './environment-definition';
import { INFERENCE_CONFIG, OLDER_FIELDS } from './inference-config-fields';
import { type JsonObject, kindOf, readJsonFile } from './json-file';
import { ScoringEnvironment } from './scoring-environment';
import { readTextFile } from './text-file';

/** What an `inferenceconfig.json` says. */
export interface InferenceConfig {
  /** The script with `init()` and `run()`, relative to `sourceDirectory`; without one, to the folder of `cdktf.json`. */
  readonly entryScript?: string;

  /** Folder of the script and what it imports, absolute or relative to the folder of `cdktf.json`. */
  readonly sourceDirectory?: string;

  /** What the script needs installed; nothing where nobody says it. */
  readonly environment?: ScoringEnvironment;

  /** What the image is. */
  readonly description?: string;

  /** What is wrong with the file. */
  readonly problems?: readonly string[];

  /** What is doubtful about the file. */
  readonly warnings?: readonly string[];
}

/**
 * Reads an inference configuration of Azure ML's command line v1 (`inferenceconfig.json`).
 *
 * Nothing is thrown: what is wrong with the file is in the result, and what is wrong with the environment in that.
 * `sourceDirectory` is relative to the folder of the file, which the command line was run in, and every other path to
 * `sourceDirectory`, as in Azure ML.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 * @param environment what the script needs installed, for a file that does not say it
 */
export function readInferenceConfig(path: string, environment?: ScoringEnvironment): InferenceConfig {
  const { content, problem } = readJsonFile('inference configuration', path);
  if (content === undefined) {
    return { environment, problems: problem === undefined ? [] : [problem], warnings: [] };
  }
  return new InferenceConfigFile(content, path, environment).result();
}

/** One file while it is read. */
class InferenceConfigFile {
  private readonly warnings: string[] = [];
  private readonly fields: ConfigFields;
  private readonly problems: string[];

  constructor(
    content: JsonObject,
    private readonly path: string,
    private readonly givenEnvironment?: ScoringEnvironment,
  ) {
    this.fields = new ConfigFields(content, INFERENCE_CONFIG);
    this.problems = this.fields.problems;
  }

  public result(): InferenceConfig {
    const script = this.fields.text('entryScript');
    if (script === undefined) {
      this.problems.push("entryScript must name the script with init() and run(), such as 'score.py'");
    }
    const sourceDirectory = this.fields.text('sourceDirectory');
    const environment = this.environment();
    const named = (message: string) => `${this.path}: ${message}`;
    return {
      ...(script === undefined ? {} : { entryScript: sourceDirectory === undefined ? this.inSources(script) : script }),
      ...(sourceDirectory === undefined ? {} : { sourceDirectory: this.sources() }),
      ...(environment === undefined ? {} : { environment }),
      ...(this.fields.text('description') === undefined ? {} : { description: this.fields.text('description') }),
      problems: this.problems.map(named),
      warnings: this.warnings.map(named),
    };
  }

  private environment(): ScoringEnvironment | undefined {
    const older = OLDER_FIELDS.filter((field) => this.fields.says(field));
    const hasSection = this.fields.says('environment');
    this.warnOfOlder();
    if (hasSection && older.length > 0) {
      this.problems.push(
        `${older.join(', ')} must not be given beside environment, which says the same in its own fields; keep one of them`,
      );
      return this.givenEnvironment;
    }
    if (this.givenEnvironment !== undefined) {
      if (hasSection || older.length > 0) {
        this.problems.push(
          `${hasSection ? 'environment' : older.join(', ')} describes an environment, and the program gives another one; ` +
            'keep one of the two',
        );
      }
      return this.givenEnvironment;
    }
    return hasSection ? this.ofSection() : older.length > 0 ? this.ofOlderFields() : undefined;
  }

  /** An environment by the field that is for it. */
  private ofSection(): ScoringEnvironment | undefined {
    const said = [...this.fields.values.keys()].filter((field) => field.startsWith('environment.'));
    const name = this.fields.text('environment.name');
    if (name !== undefined && said.every((field) => /\.(name|version)$/.test(field))) {
      return this.ofName(name);
    }
    this.readWhatHasNoPlace();
    const docker = 'environment.docker';
    const python = 'environment.python';
    const isReady = this.fields.values.get(`${python}.userManagedDependencies`) === true;
    const file = this.fields.text(`${python}.condaDependenciesFile`);
    const inline = this.fields.values.get(`${python}.condaDependencies`);
    if (!isReady && file !== undefined && inline !== undefined) {
      this.problems.push(
        `${python}.condaDependencies and condaDependenciesFile are two environments; keep one of them`,
      );
    }
    const inlineName = `${this.path}: ${python}.condaDependencies`;
    const source = { name: inlineName, hasLines: false, folder: this.sources() };
    const conda =
      inline !== undefined
        ? parseConda(JSON.stringify(inline), source)
        : file !== undefined
          ? readCondaFile(this.inSources(file))
          : undefined;
    const image = this.image(docker);
    const dockerfile = this.dockerfile(`${docker}.baseDockerfile`);
    if (image !== undefined && dockerfile !== undefined) {
      this.problems.push(`${docker}.baseImage and baseDockerfile are two bases; keep one of them`);
    }
    return this.made(isReady ? undefined : conda, {
      baseImage: image,
      baseDockerfile: dockerfile,
      hasServer: isReady,
      enableGpu: this.fields.values.get(`${docker}.gpuSupport`) === true ? true : undefined,
      environmentVariables: this.variables(),
    });
  }

  /** An environment that Azure ML has by that name. */
  private ofName(name: string): ScoringEnvironment | undefined {
    if (curatedEnvironment(name) === undefined) {
      this.problems.push(
        `environment.name: ${curatedProblem(name)}; what a workspace keeps by a name is not read: write the environment ` +
          'into the file',
      );
      return undefined;
    }
    if (this.fields.values.has('environment.version')) {
      this.warnings.push('environment.version is left aside: the library names one image of each environment');
    }
    return ScoringEnvironment.curated(name);
  }

  /** An environment by the fields of older files. */
  private ofOlderFields(): ScoringEnvironment {
    const runtime = this.fields.text('runtime');
    if (runtime !== undefined && !/^python(-slim)?$/i.test(runtime)) {
      this.problems.push(
        /^spark-py$/i.test(runtime)
          ? "runtime 'spark-py' had Spark beside the script, and no service has it here; take 'python'"
          : `runtime must be 'python'; got '${runtime}'`,
      );
    }
    const condaFile = this.fields.text('condaFile');
    const isForGpu = this.fields.values.get('enableGpu') === true || this.fields.text('cudaVersion') !== undefined;
    return this.made(condaFile === undefined ? undefined : readCondaFile(this.inSources(condaFile)), {
      baseImage: this.image(''),
      enableGpu: isForGpu ? true : (this.fields.values.get('enableGpu') as boolean | undefined),
      dockerfileSteps: this.dockerfileSteps(),
    });
  }

  private made(conda: CondaListing | undefined, more: Partial<typeof EMPTY_DEFINITION>): ScoringEnvironment {
    const { baseImage } = more;
    const checked = baseImage === undefined ? undefined : imageReferenceProblem('baseImage', baseImage);
    const moving = baseImage === undefined ? undefined : imageReferenceWarning('baseImage', baseImage);
    this.problems.push(...(checked === undefined ? [] : [checked]));
    this.warnings.push(...(moving === undefined ? [] : [moving]));
    return ScoringEnvironment.of({
      ...EMPTY_DEFINITION,
      ...more,
      ...(conda === undefined
        ? {}
        : {
            conda: { channels: conda.channels, packages: conda.packages },
            pip: conda.pip,
            problems: conda.problems,
            warnings: conda.warnings,
          }),
    });
  }

  /** The base image, with the address of its registry before it. */
  private image(section: string): string | undefined {
    const field = (name: string) => (section === '' ? name : `${section}.${name}`);
    if (
      this.fields.values.has(field('baseImageRegistry.password')) &&
      this.fields.values.get(field('baseImageRegistry.password')) !== ''
    ) {
      this.problems.push(
        `${field('baseImageRegistry.password')} must not be in a file, where everybody can read it; take it out, and let ` +
          "the identity that builds pull the image: 'az acr import' brings it into the platform's registry",
      );
    }
    const image = this.fields.text(field('baseImage'));
    const address = this.fields.text(field('baseImageRegistry.address'))?.replace(/^https?:\/\/|\/+$/g, '');
    return image === undefined || address === undefined || image.startsWith(`${address}/`)
      ? image
      : `${address}/${image}`;
  }

  /** A Dockerfile, by its text or by its path. */
  private dockerfile(field: string): string | undefined {
    const value = this.fields.text(field);
    return value === undefined || /\n|^\s*(FROM|ARG|#)/i.test(value) ? value : this.file('Dockerfile', value);
  }

  private dockerfileSteps(): string[] {
    const name = this.fields.text('extraDockerfileSteps');
    const text = name === undefined ? undefined : this.file('file of Docker steps', name);
    return text === undefined ? [] : text.trimEnd().split(/\r?\n/);
  }

  private variables(): { readonly [name: string]: string } {
    const field = 'environment.environmentVariables';
    const given = Object.entries((this.fields.values.get(field) ?? {}) as JsonObject);
    for (const [name, value] of given.filter(([, value]) => typeof value !== 'string')) {
      this.problems.push(`${field}.${name} must be a text; got ${kindOf(value)}`);
    }
    return Object.fromEntries(given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  }

  private warnOfOlder(): void {
    if (this.fields.text('cudaVersion') !== undefined) {
      this.warnings.push("cudaVersion is left aside: the base image brings its CUDA, 12.4 where Azure ML's is taken");
    }
  }

  private readWhatHasNoPlace(): void {
    const refused: readonly (readonly [string, string])[] = [
      [
        'environment.docker.buildContext',
        'write its Dockerfile into docker.baseDockerfile, and files into sourceDirectory',
      ],
      ['environment.r', 'scripts are of Python here'],
    ];
    for (const [field, advice] of refused.filter(([field]) => this.fields.says(field))) {
      this.problems.push(`${field} cannot be followed; ${advice}`);
    }
    for (const [field, only] of [
      ['environment.docker.platform.os', 'linux'],
      ['environment.docker.platform.architecture', 'amd64'],
    ] as const) {
      const value = this.fields.text(field);
      if (value !== undefined && value.toLowerCase() !== only) {
        this.problems.push(
          `${field} must be '${only}', which Azure ML's images and the registry's builds are; got '${value}'`,
        );
      }
    }
    const leftAside: readonly (readonly [string, string])[] = [
      ['environment.docker.arguments', 'Kubernetes starts the container, and no Docker'],
      ['environment.spark.packages', 'no service has Spark'],
      ['environment.spark.repositories', 'no service has Spark'],
      ['environment.python.baseCondaEnvironment', 'conda makes an environment of its own'],
    ];
    for (const [field, reason] of leftAside.filter(([field]) => this.fields.says(field))) {
      this.warnings.push(`${field} is left aside: ${reason}`);
    }
    const interpreter = this.fields.text('environment.python.interpreterPath');
    if (interpreter !== undefined && interpreter !== 'python') {
      this.warnings.push(
        "environment.python.interpreterPath is left aside: the 'python' on the PATH of the image runs the script",
      );
    }
  }

  /** The text of a file in the source folder; reports one that is not there. */
  private file(what: string, name: string): string | undefined {
    const { text, problem } = readTextFile(what, this.inSources(name));
    this.problems.push(...(problem === undefined ? [] : [problem]));
    return text;
  }

  private sources(): string {
    return joined(posix.dirname(this.path.replaceAll('\\', '/')), this.fields.text('sourceDirectory') ?? '.');
  }

  private inSources(name: string): string {
    return joined(this.sources(), name);
  }
}

/** A path that may be absolute, with the slashes of a program's other paths. */
function joined(folder: string, path: string): string {
  return posix.isAbsolute(path) || /^[A-Za-z]:/.test(path) ? path : join(folder, path).replaceAll('\\', '/');
}
