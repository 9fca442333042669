import type { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IAzureResource, IGrantee } from './azure-resource';
import { Model, type ModelOptions } from './model';
import { acrossStacks } from './private/across-stacks';
import { globalName } from './private/generated-name';
import { assignRole } from './private/role-assignment';
import { safeStorageAccount } from './private/safe-storage-account';
import { sharedChild } from './private/shared-child';
import type { IResourceGroup } from './resource-group';

/** A model store of this app or made elsewhere. Its id and name are those of the storage account. */
export interface IModelStore extends IAzureResource {
  /** Name of the storage account, as a literal. */
  readonly storageAccountName: string;

  /** Name of the blob container that holds the models. */
  readonly containerName: string;

  /**
   * Names a model that services of this store can serve.
   *
   * @param name as callers write it; the folder that the server loads the model from has the same name
   */
  addModel(name: string, options: ModelOptions): Model;

  /** Lets an identity read the models and nothing else of the account. */
  grantRead(grantee: IGrantee): void;

  /** Name of the blob container that inputs and outputs of scripts are written to. */
  readonly collectedDataContainerName: string;

  /**
   * Lets an identity write collected data, in its container and nowhere else of the account. A store of this app gets the
   * container when this is asked for first; one made elsewhere must have it.
   */
  grantCollectData(grantee: IGrantee): void;
}

/** Name of the container that Azure ML collected data in. */
const COLLECTED_DATA_CONTAINER = 'modeldata';

/** Properties of `ModelStore`. */
export interface ModelStoreProps {
  /** Group that holds the store. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the storage account, unique in all of Azure. Changing it replaces the account and loses its models.
   *
   * @default - made of the construct's path and a hash of path, subscription, group and region
   */
  readonly storageAccountName?: string;

  /**
   * Name of the blob container. Changing it replaces the container and loses its models.
   *
   * @default models
   */
  readonly containerName?: string;

  /**
   * How long a deleted or overwritten model can be brought back, 1 to 365 days.
   *
   * @default 30
   */
  readonly softDeleteDays?: number;

  /**
   * Whether Terraform refuses to destroy the store.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of a model store made elsewhere. */
export interface ModelStoreAttributes {
  /** Name of the storage account. */
  readonly storageAccountName: string;

  /**
   * Name of the blob container.
   *
   * @default models
   */
  readonly containerName?: string;

  /** Group that holds the account. */
  readonly resourceGroup: IResourceGroup;
}

/**
 * Where the models lie that services serve.
 *
 * Only Entra ID opens it: the account's keys are off. The models themselves are uploaded by the stack that serves
 * them, below `<stack>/<model>/<hash of the contents>`, so that a change never touches what running replicas read.
 */
export class ModelStore extends Construct implements IModelStore {
  /** Refers to a store made elsewhere. */
  public static fromModelStoreAttributes(scope: Construct, id: string, attributes: ModelStoreAttributes): IModelStore {
    return new ImportedModelStore(scope, id, attributes);
  }

  public readonly storageAccountName: string;
  public readonly containerName: string;
  public readonly collectedDataContainerName = COLLECTED_DATA_CONTAINER;

  private readonly resource: StorageAccount;
  private readonly container: BlobContainer;
  private readonly resourceGroup: IResourceGroup;
  private readonly protect: boolean;

  constructor(scope: Construct, id: string, props: ModelStoreProps) {
    super(scope, id);
    const protect = props.protect ?? true;
    this.protect = protect;
    const softDeleteDays = props.softDeleteDays ?? 30;
    this.resourceGroup = props.resourceGroup;
    this.storageAccountName =
      props.storageAccountName ?? globalName(this, AzureName.STORAGE_ACCOUNT, props.resourceGroup);
    this.containerName = props.containerName ?? 'models';
    refuse(this, [
      AzureName.STORAGE_ACCOUNT.problem(this.storageAccountName),
      AzureName.BLOB_CONTAINER.problem(this.containerName),
      ...broken([wholeNumber('softDeleteDays', softDeleteDays, 1, 365)]),
    ]);

    this.resource = safeStorageAccount(this, 'Resource', {
      name: this.storageAccountName,
      resourceGroup: props.resourceGroup,
      sharedKeys: false,
      softDeleteDays,
      protect,
    });
    this.container = new BlobContainer(this, 'container', this, this.containerName, this.makeContainer('Container'));
  }

  public addModel(name: string, options: ModelOptions): Model {
    return new Model(this, name, { ...options, store: this });
  }

  public grantRead(grantee: IGrantee): void {
    assignRole(grantee, BuiltInRole.STORAGE_BLOB_DATA_READER, this.container);
  }

  public grantCollectData(grantee: IGrantee): void {
    const id = 'collected-data';
    const name = this.collectedDataContainerName;
    const container = sharedChild(
      this,
      id,
      () => new BlobContainer(this, id, this, name, this.makeContainer('CollectedData', name)),
    );
    assignRole(grantee, BuiltInRole.STORAGE_BLOB_DATA_CONTRIBUTOR, container);
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, accountId(this.resourceGroup, this.storageAccountName));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.storageAccountName);
  }

  private makeContainer(id: string, name = this.containerName): StorageContainer {
    return new StorageContainer(this, id, {
      name,
      storageAccountId: this.resource.id,
      containerAccessType: 'private',
      lifecycle: { preventDestroy: this.protect },
    });
  }
}

class ImportedModelStore extends Construct implements IModelStore {
  public readonly storageAccountName: string;
  public readonly containerName: string;
  public readonly collectedDataContainerName = COLLECTED_DATA_CONTAINER;
  private readonly container: BlobContainer;
  private readonly collectedData: BlobContainer;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: ModelStoreAttributes) {
    super(scope, id);
    this.resourceGroup = attributes.resourceGroup;
    this.storageAccountName = attributes.storageAccountName;
    this.containerName = attributes.containerName ?? 'models';
    refuse(this, [
      AzureName.STORAGE_ACCOUNT.problem(this.storageAccountName),
      AzureName.BLOB_CONTAINER.problem(this.containerName),
    ]);
    this.container = new BlobContainer(this, 'container', this, this.containerName);
    this.collectedData = new BlobContainer(this, 'collected-data', this, this.collectedDataContainerName);
  }

  public addModel(name: string, options: ModelOptions): Model {
    return new Model(this, name, { ...options, store: this });
  }

  public grantRead(grantee: IGrantee): void {
    assignRole(grantee, BuiltInRole.STORAGE_BLOB_DATA_READER, this.container);
  }

  public grantCollectData(grantee: IGrantee): void {
    assignRole(grantee, BuiltInRole.STORAGE_BLOB_DATA_CONTRIBUTOR, this.collectedData);
  }

  public idFor(): string {
    return accountId(this.resourceGroup, this.storageAccountName);
  }

  public nameFor(): string {
    return this.storageAccountName;
  }
}

/** A container as something to grant roles on. */
class BlobContainer extends Construct implements IAzureResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly store: IModelStore,
    private readonly name: string,
    private readonly resource?: StorageContainer,
  ) {
    super(scope, id);
  }

  public idFor(scope: IConstruct): string {
    const literal = `${this.store.idFor(scope)}/blobServices/default/containers/${this.name}`;
    return this.resource === undefined ? literal : acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(): string {
    return this.name;
  }
}

function accountId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.Storage/storageAccounts', name);
}
