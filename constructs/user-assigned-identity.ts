import { UserAssignedIdentity as IdentityResource } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { refuse } from '../src/validation';
import type { IAzureResource, IGrantee } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

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

/** A managed identity that is made before what runs as it, so that its roles can be there first. */
export class UserAssignedIdentity extends Construct implements IAzureResource, IGrantee {
  /** Name of the identity, as a literal. */
  public readonly identityName: string;

  public readonly principalId: string;

  /** Client id of the identity, a reference. */
  public readonly clientId: string;

  private readonly resource: IdentityResource;
  private readonly resourceGroup: IResourceGroup;

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
    const literal = resourceId(
      this.resourceGroup,
      'Microsoft.ManagedIdentity/userAssignedIdentities',
      this.identityName,
    );
    return acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.identityName);
  }
}
