import { extname } from 'node:path';
import type { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { blobMetadata } from '../../src/models/model-metadata';
import { terraformTexts } from '../../src/terraform-text';
import type { Model } from '../model';
import { fileBlob, fileId } from './file-blob';
import { freeId } from './free-id';
import { sharedChild } from './shared-child';

/** The blobs of one model in one stack. */
export class ModelUpload extends Construct {
  /** The upload of a model in the stack of a consumer, made at the first call. */
  public static of(consumer: Construct, model: Model): ModelUpload {
    const stack = TerraformStack.of(consumer);
    const models = sharedChild(stack, 'models', () => new Construct(stack, 'models'));
    const uploads = models.node.children as ModelUpload[];
    const folder = `${stack.node.id}/${model.modelName}/${model.content.hash}`;
    const existing = uploads.find((upload) => upload.folder === folder && isOneContainer(upload.model, model));
    // models of two stores may have one name
    return existing ?? new ModelUpload(models, freeId(models, model.node.id, 'again'), model, folder);
  }

  /** The blobs, to be there before what reads them. */
  public readonly blobs: readonly StorageBlob[];

  private constructor(
    scope: Construct,
    id: string,
    private readonly model: Model,
    /**
     * Folder in the container that holds the model's own folder and nothing else.
     *
     * It names the stack, since two stacks that serve the same files must not own the same blobs.
     */
    public readonly folder: string,
  ) {
    super(scope, id);
    const assets = new Construct(this, 'files');
    const metadata = terraformTexts(blobMetadata(model));
    this.blobs = model.content.files.map((file) => {
      // one by one, since the asset of a folder would copy its hidden files too
      const asset = new TerraformAsset(assets, fileId(file.name), {
        path: file.path,
        type: AssetType.FILE,
        assetHash: model.content.hash,
      });
      // the files of a new version are there before the rollout, those of the old one until after it
      return fileBlob(this, {
        store: model.store,
        folder: `${this.folder}/${model.modelName}`,
        file,
        source: asset.path,
        contentType: extname(file.name) === '.json' ? 'application/json' : undefined,
        metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
      });
    });
  }
}

function isOneContainer({ store: one }: Model, { store: other }: Model): boolean {
  return one.storageAccountName === other.storageAccountName && one.containerName === other.containerName;
}
