import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import type { IContainerRegistry } from './container-registry';
import type { IModelStore } from './model-store';
import { assignRole } from './private/role-assignment';
import { sharedChild } from './private/shared-child';
import type { IResourceGroup } from './resource-group';
import { UserAssignedIdentity } from './user-assigned-identity';

/** What builds images inside a registry, of this app or made elsewhere. Its id and name are those of its identity. */
export interface IImageBuilder extends IAzureResource {
  /** Registry that builds and keeps the images. */
  readonly registry: IContainerRegistry;

  /** Store that build contexts are uploaded to and read from. */
  readonly store: IModelStore;

  /** Client id of the identity that builds, as `scope` has to write it. */
  clientIdFor(scope: IConstruct): string;
}

/** Properties of `ImageBuilder`. */
export interface ImageBuilderProps {
  /** Group that holds the identity. */
  readonly resourceGroup: IResourceGroup;

  /** Registry that builds and keeps the images. */
  readonly registry: IContainerRegistry;

  /** Store that build contexts are uploaded to and read from. */
  readonly store: IModelStore;

  /**
   * Name of the identity. Changing it replaces the identity, and every image is built again.
   *
   * @default - made of the construct's path
   */
  readonly identityName?: string;
}

/** What is known of an image builder made elsewhere. */
export interface ImageBuilderAttributes {
  /** Name of the identity that builds: it may push to the registry and read the store. */
  readonly identityName: string;

  /** Group that holds the identity. */
  readonly resourceGroup: IResourceGroup;

  /** Registry that builds and keeps the images. */
  readonly registry: IContainerRegistry;

  /** Store that build contexts are uploaded to and read from. */
  readonly store: IModelStore;
}

/**
 * What builds images inside a registry: an identity that may push to it and read build contexts, and no key.
 *
 * It stands in a stack that is deployed before the images are, so that Azure knows of its roles by then.
 */
export class ImageBuilder extends Construct implements IImageBuilder {
  /** Refers to a builder made elsewhere. */
  public static fromImageBuilderAttributes(
    scope: Construct,
    id: string,
    attributes: ImageBuilderAttributes,
  ): IImageBuilder {
    return new ImportedImageBuilder(scope, id, attributes);
  }

  public readonly registry: IContainerRegistry;
  public readonly store: IModelStore;

  private readonly identity: UserAssignedIdentity;

  constructor(scope: Construct, id: string, props: ImageBuilderProps) {
    super(scope, id);
    this.registry = props.registry;
    this.store = props.store;
    this.identity = new UserAssignedIdentity(this, 'identity', {
      resourceGroup: props.resourceGroup,
      identityName: props.identityName,
    });
    assignRole(this.identity, BuiltInRole.ACR_PUSH, props.registry);
    props.store.grantRead(this.identity);
  }

  public idFor(scope: IConstruct): string {
    return this.identity.idFor(scope);
  }

  public nameFor(scope: IConstruct): string {
    return this.identity.nameFor(scope);
  }

  public clientIdFor(scope: IConstruct): string {
    return TerraformStack.of(scope) === TerraformStack.of(this)
      ? this.identity.clientId
      : readClientId(this, scope, this.identity.resourceGroup);
  }
}

class ImportedImageBuilder extends Construct implements IImageBuilder {
  public readonly registry: IContainerRegistry;
  public readonly store: IModelStore;
  private readonly identityName: string;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: ImageBuilderAttributes) {
    super(scope, id);
    this.registry = attributes.registry;
    this.store = attributes.store;
    this.identityName = attributes.identityName;
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.IDENTITY.problem(attributes.identityName)]);
  }

  public idFor(): string {
    return resourceId(this.resourceGroup, 'Microsoft.ManagedIdentity/userAssignedIdentities', this.identityName);
  }

  public nameFor(): string {
    return this.identityName;
  }

  public clientIdFor(scope: IConstruct): string {
    return readClientId(this, scope, this.resourceGroup);
  }
}

/** Reads the client id in the stack that asks, since nothing else knows it: one data source, however many ask. */
function readClientId(builder: IImageBuilder, scope: IConstruct, resourceGroup: IResourceGroup): string {
  const stack = TerraformStack.of(scope);
  const id = `identity-of-${builder.node.path.replaceAll('/', '-')}`;
  const place = () => ({ name: builder.nameFor(stack), resourceGroupName: resourceGroup.nameFor(stack) });
  return sharedChild(stack, id, () => new DataAzurermUserAssignedIdentity(stack, id, place())).clientId;
}
