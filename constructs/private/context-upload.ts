import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { type ISynthesisSession, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import type { BuildContext } from '../../src/scoring/build-context';
import type { IModelStore } from '../model-store';
import { fileBlob } from './file-blob';

/** Properties of `ContextUpload`. */
export interface ContextUploadProps {
  /** The files. */
  readonly context: BuildContext;

  /** Store that they are uploaded to. */
  readonly store: IModelStore;

  /** Folder in the store's container that holds these files and no others. */
  readonly folder: string;
}

/** A build context as one folder of the synthesized output, and each of its files as a blob. */
export class ContextUpload extends Construct {
  /** The blobs, to be there before what reads them. */
  public readonly blobs: readonly StorageBlob[];

  private readonly context: BuildContext;

  constructor(scope: Construct, id: string, { context, store, folder }: ContextUploadProps) {
    super(scope, id);
    this.context = context;
    const stack = TerraformStack.of(this);
    const { synthesizer } = stack;
    stack.synthesizer = {
      synthesize: (session) => {
        synthesizer.synthesize(session);
        this.write(session);
      },
    };
    // a build that is asked for again finds its files until the new one is done
    this.blobs = context.files.map((file) =>
      fileBlob(this, { store, folder, file, source: `${this.outputFolder}/${context.hash}/${file.name}` }),
    );
  }

  /** Where the contexts of this image lie, relative to the folder that Terraform runs in; like cdktf's assets. */
  private get outputFolder(): string {
    return `assets/${TerraformStack.of(this).getLogicalId(this.node)}`;
  }

  /** Writes the files of this context and deletes those of the last one. */
  private write({ manifest }: ISynthesisSession): void {
    const stack = manifest.forStack(TerraformStack.of(this));
    const output = join(manifest.outdir, stack.workingDirectory, this.outputFolder);
    if (existsSync(output)) {
      rmSync(output, { recursive: true });
    }
    for (const { name, path, content } of this.context.files) {
      const target = join(output, this.context.hash, name);
      mkdirSync(dirname(target), { recursive: true });
      if (path === undefined) {
        writeFileSync(target, content ?? '');
      } else {
        copyFileSync(path, target);
      }
      // as a build in the registry finds them, whoever may read them here
      chmodSync(target, 0o644);
    }
  }
}
