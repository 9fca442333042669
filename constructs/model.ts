import { Construct } from 'constructs';
import { blobPathProblem } from '../src/blob-path';
import { type ModelDescription, tagProblems } from '../src/models/model-metadata';
import type { ModelContent, ModelSource } from '../src/models/model-source';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IGrantee } from './azure-resource';
import type { IModelStore } from './model-store';
import { freeId } from './private/free-id';
import { ModelUpload } from './private/model-upload';

/** Options of `addModel`. */
export interface ModelOptions {
  /** Where the files come from. */
  readonly source: ModelSource;

  /**
   * Version under which scoring scripts find the model, 1 to 2147483647, as the model registry of Azure ML counted:
   * its files lie in `azureml-models/<name>/<version>`. It says nothing of the files, so raise it with them where
   * scripts ask for a version. Triton services ignore it: their versions are folders inside the model.
   *
   * @default 1
   */
  readonly version?: number;

  /**
   * Release of Triton that the model is for, as its images are tagged, such as `26.10-py3`: the server of its Triton
   * services, unless they name an image. Models that name different ones cannot share a service. Scoring services ignore
   * it, whatever it is.
   *
   * @default - any: services run the newest release that this library knows
   */
  readonly frameworkVersion?: string;

  /**
   * What the model is, in a sentence. Lies as metadata on its blobs and as an annotation on its services.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Free values by name, such as `{ area: 'Natural language processing' }`. They lie where the description lies, and
   * are never labels, which could not hold such values.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };
}

/** Properties of `Model`. */
export interface ModelProps extends ModelOptions {
  /** Store that the model is uploaded to. */
  readonly store: IModelStore;
}

/**
 * A model under its name.
 *
 * It creates nothing by itself: the stack of a service that serves it uploads the files.
 */
export class Model extends Construct implements ModelDescription {
  /** Name as callers write it. */
  public readonly modelName: string;

  /** Version under which scoring scripts find the model. */
  public readonly version: number;

  /** Release of Triton that the model is for; any where none was given. */
  public readonly frameworkVersion?: string;

  /** What the model is. */
  public readonly description?: string;

  /** Free values by name. */
  public readonly tags: { readonly [name: string]: string };

  /** Store that the model is uploaded to. */
  public readonly store: IModelStore;

  /** The files, as they are while synthesizing. */
  public readonly content: ModelContent;

  constructor(scope: Construct, id: string, props: ModelProps) {
    const taken = scope.node.tryFindChild(id) !== undefined;
    super(scope, freeId(scope, id, 'again'));
    this.modelName = id;
    this.version = props.version ?? 1;
    this.frameworkVersion = props.frameworkVersion;
    this.description = props.description;
    this.tags = { ...props.tags };
    this.store = props.store;
    this.content = props.source.read();
    refuse(this, [
      /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(id)
        ? undefined
        : 'a model name is 1 to 255 letters, digits, underscores, hyphens and periods, the first a letter or digit; ' +
          `got '${id}'`,
      taken ? `the store has two models of the name '${id}'; give each a name of its own` : undefined,
      ...broken([wholeNumber('version', this.version, 1, 2_147_483_647)]),
      ...this.content.problems,
      ...this.content.files.map(({ name }) => blobPathProblem(name)),
      ...tagProblems(this.tags),
    ]);
  }

  /**
   * Makes the model readable for a service: its stack uploads the files, once, and its identity may read them.
   *
   * @returns the uploaded files, for `dependsOn` and for the address to load them from
   * @internal
   */
  public bind(consumer: Construct, grantee: IGrantee): ModelUpload {
    this.store.grantRead(grantee);
    return ModelUpload.of(consumer, this);
  }
}
