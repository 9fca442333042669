import { Annotations, type IResolvable, type ITerraformDependable, Lazy, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import { modelDirectory } from '../src/scoring/app-root';
import type * as BuildContext from '../src/scoring/build-context';
import { imageLabels, labelProblems } from '../src/scoring/image-labels';
import type * as InferenceConfig from '../src/scoring/inference-config';
import { ScoringEnvironment } from '../src/scoring/scoring-environment';
import { broken, refuse, refuseAtSynth, wholeNumber } from '../src/validation';
import type { IImageBuilder } from './image-builder';
import type { Model } from './model';
import type { INodePool } from './node-pool';
import type * as ImageBuilds from './private/image-build';
import { RegistryImage } from './private/registry-image';
import { scoringModelProblems } from './private/scoring-models';

// most programs build no image, and what builds one would take them a tenth of their time to load
const buildContexts = (): typeof BuildContext => require('../src/scoring/build-context');
const inferenceConfigs = (): typeof InferenceConfig => require('../src/scoring/inference-config');
const imageBuilds = (): typeof ImageBuilds => require('./private/image-build');

/** What Azure ML allowed a source folder to hold. */
const DEFAULT_MAX_SOURCE_MIB = 300;
const DEFAULT_MAX_SOURCE_FILES = 2000;
const DEFAULT_BUILD_TIMEOUT_MINUTES = 60;

/** An image with a scoring script, built by this app or there already. */
export interface IScoringImage {
  /** Reference of the image, with registry and tag or digest. */
  readonly reference: string;

  /** The script with `init()` and `run()`, below `/var/azureml-app`; nothing where only the image knows it. */
  readonly entryScript?: string;

  /** Models that are part of the image. */
  readonly models: readonly Model[];

  /**
   * Why the script cannot send telemetry; nothing where it can, or where nobody knows.
   *
   * @internal
   */
  readonly telemetryProblem?: string;

  /**
   * Makes the image ready for the pods of a service.
   *
   * @param pool that gives the script its GPUs; nothing where it gets none, whatever the nodes have
   * @returns what must be there before they start
   * @internal
   */
  bind(service: Construct, pool?: INodePool): ITerraformDependable[];
}

/** Options of `addScoringImage`. */
export interface ScoringImageOptions {
  /**
   * The script with `init()` and `run()`, relative to `sourceDirectory`; without one, relative to the folder of
   * `cdktf.json`. Refused when it is not there or lacks one of the two functions.
   */
  readonly entryScript: string;

  /**
   * Folder whose files become part of the image, in `/var/azureml-app`. Its `.dockerignore` is obeyed, and what
   * `ALWAYS_IGNORED` names stays outside without one.
   *
   * @default - the script alone
   */
  readonly sourceDirectory?: string;

  /** What the script needs installed. */
  readonly environment: ScoringEnvironment;

  /**
   * Models that become part of the image, in the places where they would be downloaded to. For small models: the image
   * is built again with each change of them, and every node pulls it.
   *
   * @default - none
   */
  readonly models?: readonly Model[];

  /**
   * How long the build may take before it fails, 5 to 480 minutes, as Azure Container Registry allows.
   *
   * @default 60
   * @see https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
   */
  readonly buildTimeoutMinutes?: number;

  /**
   * Size that the files of the source folder may have together, 1 to 10240 MiB; refused above, since a folder of data
   * is often taken for one of sources. The default is what Azure ML allowed.
   *
   * @default 300
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-save-write-experiment-files
   */
  readonly maxSourceMiB?: number;

  /**
   * Number of files that the source folder may have, 1 to 10000; refused above. The default is what Azure ML allowed.
   *
   * @default 2000
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-save-write-experiment-files
   */
  readonly maxSourceFiles?: number;

  /**
   * Free values by name: labels of the image.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };

  /**
   * What the image is, in a sentence: its label `org.opencontainers.image.description`.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * What is wrong with the file that the options were read from; the image is refused for it.
   *
   * @default - nothing
   */
  readonly problems?: readonly string[];

  /**
   * What is doubtful about the file that the options were read from; the image warns of it.
   *
   * @default - nothing
   */
  readonly warnings?: readonly string[];
}

/** Properties of `ScoringImage`. */
export interface ScoringImageProps extends ScoringImageOptions {
  /**
   * What builds the image: registry, store and identity.
   *
   * @default - none: refused
   */
  readonly builder?: IImageBuilder;

  /** Name of the image, 1 to 63 lowercase letters, digits and hyphens. Changing it builds another image. */
  readonly imageName: string;
}

/** Properties with their numbers, given or the defaults. */
type ResolvedProps = ScoringImageProps &
  Required<Pick<ScoringImageProps, 'buildTimeoutMinutes' | 'maxSourceMiB' | 'maxSourceFiles'>>;

/** An image that exists, and what it does not say of itself. */
export interface RegistryImageOptions {
  /**
   * The script with `init()` and `run()`, as a path below `/var/azureml-app` in the image.
   *
   * @default - what the image names in its AZUREML_ENTRY_SCRIPT
   */
  readonly entryScript?: string;
}

/**
 * An image with a scoring script and what it needs, built inside the registry, without Docker and without a key.
 *
 * Its tag is a hash of everything that goes into it: it is built while Terraform applies, before the services that run
 * it, and again only when something of it changed. A build that fails ends the apply before a pod changes.
 *
 * Where the environment leaves it open, the base image follows the pool of the first service that runs the image: Azure
 * ML's inference image with CUDA on NVIDIA GPUs, else the one without.
 */
export class ScoringImage extends Construct implements IScoringImage {
  /**
   * An image that exists: it has Python, gunicorn, `azureml-inference-server-http`, the script and what that imports.
   *
   * @param reference with registry, such as `prod.azurecr.io/digits:3` or `prod.azurecr.io/digits@sha256:…`; the cluster
   *   pulls from the platform's registry without a password
   */
  public static fromRegistry(reference: string, options: RegistryImageOptions = {}): IScoringImage {
    return new RegistryImage(reference, options.entryScript);
  }

  /**
   * Reads the options of an image from an `inferenceconfig.json` of Azure ML's CLI v1, to be spread into those of
   * `addScoringImage` or `withScoringScript`. What is wrong with the file is reported with what is wrong with the image.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   * @param environment what the script needs installed, for a file that does not say it, as `az ml model deploy` took it
   *   with `-e`: nothing but the scoring server by default, before Triton too
   */
  public static fromInferenceConfig(path: string, environment?: ScoringEnvironment): ScoringImageOptions {
    const config = inferenceConfigs().readInferenceConfig(path, environment);
    return {
      ...config,
      entryScript: config.entryScript ?? '',
      environment: config.environment ?? ScoringEnvironment.pip({}),
    };
  }

  public readonly models: readonly Model[];

  private readonly options: ResolvedProps;
  private readonly lazyReference = Lazy.stringValue({ produce: () => this.build?.reference ?? '' });
  private build?: ImageBuilds.ImageBuild;
  private entryScriptInImage?: string;

  /** Whether the image is made for NVIDIA GPUs; nothing where nobody knows. */
  private enableGpu?: boolean;

  constructor(scope: Construct, id: string, props: ScoringImageProps) {
    super(scope, id);
    const { environment } = props;
    const { buildTimeoutMinutes = DEFAULT_BUILD_TIMEOUT_MINUTES } = props;
    const { maxSourceMiB = DEFAULT_MAX_SOURCE_MIB, maxSourceFiles = DEFAULT_MAX_SOURCE_FILES } = props;
    this.options = { ...props, buildTimeoutMinutes, maxSourceMiB, maxSourceFiles };
    this.models = [...(props.models ?? [])];
    this.enableGpu = environment.enableGpu;
    refuse(this, [
      dnsLabelProblem('scoring image', props.imageName),
      props.builder === undefined
        ? 'nothing is there to build the image; give the stack an imageBuilder, such as that of a FoundationStack'
        : undefined,
      ...(props.problems ?? []),
      ...labelProblems(props.tags ?? {}),
      ...scoringModelProblems('an image', this.models),
      ...broken([
        wholeNumber('buildTimeoutMinutes', buildTimeoutMinutes, 5, 480),
        wholeNumber('maxSourceMiB', maxSourceMiB, 1, 10_240),
        wholeNumber('maxSourceFiles', maxSourceFiles, 1, 10_000),
      ]),
    ]);
    for (const warning of props.warnings ?? []) {
      Annotations.of(this).addWarning(warning);
    }
    if (!environment.followsPool) {
      this.buildFor(this.enableGpu ?? false);
    }
    refuseAtSynth(this, () =>
      this.isDecided
        ? []
        : [
            'no service runs this image, and its base image follows the pool of the first that does; add it to a service, ' +
              'or give its environment enableGpu: true or false',
          ],
    );
  }

  /** @internal */
  public get telemetryProblem(): string | undefined {
    return this.options.environment.telemetryProblem;
  }

  /** Reference of the image; a token until a service runs it where the base image follows the pool. */
  public get reference(): string {
    return this.build?.reference ?? this.lazyReference;
  }

  public get entryScript(): string {
    return this.entryScriptInImage ?? this.options.entryScript;
  }

  /**
   * What the image says of itself after a deployment.
   *
   * @internal
   */
  public get summary(): ImageBuilds.ImageBuild['summary'] | IResolvable {
    return this.build?.summary ?? Lazy.anyValue({ produce: () => this.build?.summary });
  }

  /** @internal */
  public bind(service: Construct, pool?: INodePool): ITerraformDependable[] {
    const poolHasCuda = pool?.gpuResourceName?.startsWith('nvidia.com/') ?? false;
    if (!this.isDecided) {
      this.enableGpu = poolHasCuda;
      this.buildFor(poolHasCuda);
    }
    refuse(service, [
      this.enableGpu === true && pool !== undefined && !poolHasCuda
        ? `the image '${this.options.imageName}' is made for NVIDIA GPUs, and the pool '${pool.poolName}' of ` +
          `${pool.size.name} has none; place the service on a pool of NVIDIA GPUs, or give it an image whose environment ` +
          'has enableGpu: false'
        : undefined,
    ]);
    if (this.enableGpu === false && pool !== undefined && poolHasCuda) {
      Annotations.of(service).addWarning(
        `the image '${this.options.imageName}' is made without CUDA, and the pool '${pool.poolName}' has GPUs, which the ` +
          'script cannot use; give the service an image whose environment has enableGpu: true',
      );
    }
    if (this.build === undefined) {
      return [];
    }
    const owning = TerraformStack.of(this);
    const reading = TerraformStack.of(service);
    if (owning !== reading) {
      reading.addDependency(owning);
      return [];
    }
    return [this.build.run];
  }

  /** Whether it is known what the image is built from. */
  private get isDecided(): boolean {
    return this.enableGpu !== undefined || !this.options.environment.followsPool;
  }

  private buildFor(gpu: boolean): void {
    const { options } = this;
    const { builder } = options;
    // a file that could not be read names no script, and is refused for that
    const isUnread = options.entryScript === '' && (options.problems ?? []).length > 0;
    if (builder === undefined || isUnread) {
      return;
    }
    const context = buildContexts().buildContext({
      entryScript: options.entryScript,
      sourceDirectory: options.sourceDirectory,
      recipe: options.environment.resolve(gpu),
      models: this.models,
      modelDirectory: modelDirectory(this.models),
      labels: imageLabels(options.imageName, options),
      maxSourceMiB: options.maxSourceMiB,
      maxSourceFiles: options.maxSourceFiles,
    });
    this.entryScriptInImage = context.entryScript;
    refuse(this, context.problems);
    for (const warning of context.warnings) {
      Annotations.of(this).addWarning(warning);
    }
    this.build = new (imageBuilds().ImageBuild)(this, 'build', {
      builder,
      imageName: options.imageName,
      context,
      timeoutMinutes: options.buildTimeoutMinutes,
    });
  }
}
