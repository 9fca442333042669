import { ResourceGroup as ResourceGroupResource } from '@cdktf/provider-azurerm/lib/resource-group';
import { Annotations } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { resourceGroupId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { normalizeLocation } from '../src/azure/location';
import { regionWarning } from '../src/azure/region';
import { subscriptionIdProblem } from '../src/azure/subscription-id';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';

/** A resource group of this app or made elsewhere. */
export interface IResourceGroup extends IAzureResource {
  /** Name of the group, as a literal. */
  readonly resourceGroupName: string;

  /** Region that the resources of the group take unless told otherwise, such as `westeurope`. */
  readonly location: string;

  /** Id of the subscription that holds the group. */
  readonly subscriptionId: string;
}

/** Properties of `ResourceGroup`. */
export interface ResourceGroupProps {
  /**
   * Id of the subscription. A literal: ids that other stacks use are computed from it, so a token is refused.
   */
  readonly subscriptionId: string;

  /** Region, as Azure or as people write it: `westeurope` and `West Europe` are the same. */
  readonly location: string;

  /**
   * Name of the group. Changing it replaces everything in it.
   *
   * @default - made of the path of the construct around it
   */
  readonly resourceGroupName?: string;

  /**
   * Whether Terraform refuses to destroy the group.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of a resource group made elsewhere. */
export interface ResourceGroupAttributes {
  /** Id of the subscription that holds the group, as a literal. */
  readonly subscriptionId: string;

  /** Name of the group. */
  readonly resourceGroupName: string;

  /** Region for what is added to the group. */
  readonly location: string;
}

/** The group that everything of a platform lives in. */
export class ResourceGroup extends Construct implements IResourceGroup {
  /** Refers to a group made elsewhere. */
  public static fromResourceGroupAttributes(
    scope: Construct,
    id: string,
    attributes: ResourceGroupAttributes,
  ): IResourceGroup {
    return new ImportedResourceGroup(scope, id, attributes);
  }

  public readonly resourceGroupName: string;
  public readonly location: string;
  public readonly subscriptionId: string;

  private readonly resource: ResourceGroupResource;

  constructor(scope: Construct, id: string, props: ResourceGroupProps) {
    super(scope, id);
    this.resourceGroupName = props.resourceGroupName ?? localName(scope, AzureName.RESOURCE_GROUP, 'rg');
    this.location = normalizeLocation(props.location);
    this.subscriptionId = props.subscriptionId;
    refuse(this, [
      subscriptionIdProblem(props.subscriptionId),
      AzureName.RESOURCE_GROUP.problem(this.resourceGroupName),
    ]);
    const warning = regionWarning(props.location);
    if (warning !== undefined) {
      Annotations.of(this).addWarning(warning);
    }

    this.resource = new ResourceGroupResource(this, 'Resource', {
      name: this.resourceGroupName,
      location: this.location,
      lifecycle: { preventDestroy: props.protect ?? true },
    });
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, resourceGroupId(this));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.resourceGroupName);
  }
}

class ImportedResourceGroup extends Construct implements IResourceGroup {
  public readonly resourceGroupName: string;
  public readonly location: string;
  public readonly subscriptionId: string;

  constructor(scope: Construct, id: string, attributes: ResourceGroupAttributes) {
    super(scope, id);
    this.resourceGroupName = attributes.resourceGroupName;
    this.location = normalizeLocation(attributes.location);
    this.subscriptionId = attributes.subscriptionId;
    refuse(this, [
      subscriptionIdProblem(attributes.subscriptionId),
      AzureName.RESOURCE_GROUP.problem(attributes.resourceGroupName),
    ]);
  }

  public idFor(): string {
    return resourceGroupId(this);
  }

  public nameFor(): string {
    return this.resourceGroupName;
  }
}
