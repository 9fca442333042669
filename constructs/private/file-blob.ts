import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import type { Construct } from 'constructs';
import { shortHash } from '../../src/digest';
import type { ModelFile } from '../../src/models/model-source';
import type { IModelStore } from '../model-store';

/** A file that is uploaded to a store. */
export interface FileBlobProps {
  /** The store. */
  readonly store: IModelStore;

  /** Folder in the store's container. */
  readonly folder: string;

  /** Name below the folder, and what the blob's contents are checked by. */
  readonly file: Pick<ModelFile, 'name' | 'md5' | 'sizeBytes'>;

  /** Where Terraform finds the file. */
  readonly source: string;

  /**
   * Media type of the contents.
   *
   * @default application/octet-stream
   */
  readonly contentType?: string;

  /**
   * Texts that the blob carries, by name.
   *
   * @default - none
   */
  readonly metadata?: { readonly [name: string]: string };
}

/** Id of a file among others: the tree writes a slash as two hyphens, and the hash keeps such names apart. */
export function fileId(name: string): string {
  return `${name}-${shortHash([name], 4)}`;
}

/** A file as a blob, which is there until what replaces it is in use. */
export function fileBlob(scope: Construct, props: FileBlobProps): StorageBlob {
  const { store, folder, file, source, contentType = 'application/octet-stream', metadata } = props;
  return new StorageBlob(scope, fileId(file.name), {
    storageAccountName: store.nameFor(scope),
    storageContainerName: store.containerName,
    name: `${folder}/${file.name}`,
    type: 'Block',
    // azurerm reads no file that is empty, and makes an empty blob where it is told of none
    ...(file.sizeBytes === 0 ? {} : { source, contentMd5: file.md5 }),
    contentType,
    metadata,
    lifecycle: { createBeforeDestroy: true },
  });
}
