import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import type { IAzureResource } from '../azure-resource';
import type { IModelStore } from '../model-store';
import { joinedName } from './generated-name';

/** Properties of `ProfileContainer`. */
export interface ProfileContainerProps {
  readonly store: IModelStore;
  readonly serviceName: string;
}

/** A container of blobs for the reports of one service, so that the right to write them is a right to nothing else. */
export class ProfileContainer extends Construct implements IAzureResource {
  /** Name of the container, a literal. */
  public readonly containerName: string;

  private readonly resource: StorageContainer;

  constructor(scope: Construct, id: string, { store, serviceName }: ProfileContainerProps) {
    super(scope, id);
    // a name is unique in its stack alone, and the store is for all of them
    this.containerName = joinedName(AzureName.BLOB_CONTAINER, [
      'profiles',
      TerraformStack.of(this).node.id.toLowerCase(),
      serviceName,
    ]);
    this.resource = new StorageContainer(this, 'Resource', {
      name: this.containerName,
      storageAccountId: store.idFor(this),
      containerAccessType: 'private',
    });
  }

  public idFor(): string {
    return this.resource.id;
  }

  public nameFor(): string {
    return this.resource.name;
  }
}
