import { UserAssignedIdentity as IdentityResource } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { refuse } from '../src/validation';
import type { IAzureResource, IGrantee } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

/** A user-assigned identity of this app or made elsewhere. */
export interface IUserAssignedIdentity extends IAzureResource {
  /** Name of the identity, as a literal. */
  readonly identityName: string;

  /** Group that holds the identity. */
  readonly resourceGroup: IResourceGroup;
}

/** Properties of `UserAssignedIdentity`. */
export interface UserAssignedIdentityProps {
  /** Group that holds the identity. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the identity. Changing it replaces the identity, and with it every role it has.
   *
   * @default - made of the construct's path
   */
  readonly identityName?: string;
}

/** What is known of a user-assigned identity made elsewhere. */
export interface UserAssignedIdentityAttributes {
  /** Name of the identity. */
  readonly identityName: string;

  /** Group that holds the identity. Whoever deploys reads its client id there. */
  readonly resourceGroup: IResourceGroup;
}

/** A managed identity that is made before what runs as it, so that its roles can be there first. */
export class UserAssignedIdentity extends Construct implements IUserAssignedIdentity, IGrantee {
  /** Refers to an identity made elsewhere, with the roles that it has there. */
  public static fromUserAssignedIdentityAttributes(
    scope: Construct,
    id: string,
    attributes: UserAssignedIdentityAttributes,
  ): IUserAssignedIdentity {
    return new ImportedUserAssignedIdentity(scope, id, attributes);
  }

  public readonly identityName: string;
  public readonly resourceGroup: IResourceGroup;
  public readonly principalId: string;

  /** Client id of the identity, a reference. */
  public readonly clientId: string;

  private readonly resource: IdentityResource;

  constructor(scope: Construct, id: string, props: UserAssignedIdentityProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.identityName = props.identityName ?? localName(this, AzureName.IDENTITY, 'id');
    refuse(this, [AzureName.IDENTITY.problem(this.identityName)]);

    this.resource = new IdentityResource(this, 'Resource', {
      name: this.identityName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
    });
    this.principalId = this.resource.principalId;
    this.clientId = this.resource.clientId;
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, identityId(this));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.identityName);
  }
}

class ImportedUserAssignedIdentity extends Construct implements IUserAssignedIdentity {
  public readonly identityName: string;
  public readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: UserAssignedIdentityAttributes) {
    super(scope, id);
    this.identityName = attributes.identityName;
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.IDENTITY.problem(attributes.identityName)]);
  }

  public idFor(): string {
    return identityId(this);
  }

  public nameFor(): string {
    return this.identityName;
  }
}

function identityId({ resourceGroup, identityName }: IUserAssignedIdentity): string {
  return resourceId(resourceGroup, 'Microsoft.ManagedIdentity/userAssignedIdentities', identityName);
}
