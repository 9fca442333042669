import { extname } from 'node:path';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { shortHash } from '../../src/digest';
import { blobMetadata } from '../../src/models/model-metadata';
import type { Model } from '../model';

/** The blobs of one model in one stack. */
export class ModelUpload extends Construct {
  /** The upload of a model in the stack of a consumer, made at the first call. */
  public static of(consumer: Construct, model: Model): ModelUpload {
    const stack = TerraformStack.of(consumer);
    const models = (stack.node.tryFindChild('models') as Construct | undefined) ?? new Construct(stack, 'models');
    const existing = models.node.tryFindChild(model.node.id) as ModelUpload | undefined;
    return existing ?? new ModelUpload(models, model.node.id, model);
  }

  /** The blobs, to be there before what reads them. */
  public readonly blobs: readonly StorageBlob[];

  /**
   * Folder in the container that holds the model's own folder and nothing else.
   *
   * It names the stack, since two stacks that serve the same files must not own the same blobs.
   */
  public readonly folder: string;

  private constructor(scope: Construct, id: string, model: Model) {
    super(scope, id);
    const { files, hash } = model.content;
    this.folder = `${TerraformStack.of(this).node.id}/${model.modelName}/${hash}`;
    const assets = new Construct(this, 'files');
    const metadata = blobMetadata(model);
    this.blobs = files.map((file) => {
      const id = `${file.name}-${shortHash([file.name], 4)}`;
      // one by one, since the asset of a folder would copy its hidden files too
      const asset = new TerraformAsset(assets, id, { path: file.path, type: AssetType.FILE, assetHash: hash });
      return new StorageBlob(this, id, {
        storageAccountName: model.store.nameFor(this),
        storageContainerName: model.store.containerName,
        name: `${this.folder}/${model.modelName}/${file.name}`,
        type: 'Block',
        source: asset.path,
        contentMd5: file.md5,
        contentType: extname(file.name) === '.json' ? 'application/json' : 'application/octet-stream',
        metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
        // the files of a new version are there before the rollout, those of the old one until after it
        lifecycle: { createBeforeDestroy: true },
      });
    });
  }
}
