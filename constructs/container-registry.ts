import { ContainerRegistry as ContainerRegistryResource } from '@cdktf/provider-azurerm/lib/container-registry';
import { Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { globalName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

/** A container registry of this app or made elsewhere. */
export interface IContainerRegistry extends IAzureResource {
  /** Name of the registry, as a literal. */
  readonly registryName: string;

  /** Host that images are pulled from, as a literal, such as `contoso.azurecr.io`. */
  readonly loginServer: string;
}

/** What a registry costs and can do. */
export enum RegistrySku {
  /** For trying things out: 10 GiB. */
  BASIC = 'Basic',

  /** For production: 100 GiB and more throughput. */
  STANDARD = 'Standard',

  /** Private endpoints, zones, geo-replication and retention besides. */
  PREMIUM = 'Premium',
}

/** Properties of `ContainerRegistry`. */
export interface ContainerRegistryProps {
  /** Group that holds the registry. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the registry, unique in all of Azure. Changing it replaces the registry and loses its images.
   *
   * @default - made of the construct's path and a hash of path, subscription, group and region
   */
  readonly registryName?: string;

  /**
   * What the registry costs and can do.
   *
   * @default RegistrySku.STANDARD
   */
  readonly sku?: RegistrySku;

  /**
   * Whether Terraform refuses to destroy the registry.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of a registry made elsewhere. */
export interface ContainerRegistryAttributes {
  /** Name of the registry. */
  readonly registryName: string;

  /** Group that holds the registry. */
  readonly resourceGroup: IResourceGroup;
}

/** The registry that the cluster pulls images from. Its admin user is off: whoever pulls has a role. */
export class ContainerRegistry extends Construct implements IContainerRegistry {
  /** Refers to a registry made elsewhere. Whoever deploys must be allowed to assign roles on it. */
  public static fromRegistryAttributes(
    scope: Construct,
    id: string,
    attributes: ContainerRegistryAttributes,
  ): IContainerRegistry {
    return new ImportedContainerRegistry(scope, id, attributes);
  }

  public readonly registryName: string;
  public readonly loginServer: string;

  private readonly resource: ContainerRegistryResource;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: ContainerRegistryProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.registryName = props.registryName ?? globalName(this, AzureName.CONTAINER_REGISTRY, props.resourceGroup);
    this.loginServer = loginServer(this.registryName);
    refuse(this, [AzureName.CONTAINER_REGISTRY.problem(this.registryName)]);

    this.resource = new ContainerRegistryResource(this, 'Resource', {
      name: this.registryName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      sku: props.sku ?? RegistrySku.STANDARD,
      adminEnabled: false,
      anonymousPullEnabled: false,
      lifecycle: { preventDestroy: props.protect ?? true },
    });
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, registryId(this.resourceGroup, this.registryName));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.registryName);
  }
}

class ImportedContainerRegistry extends Construct implements IContainerRegistry {
  public readonly registryName: string;
  public readonly loginServer: string;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: ContainerRegistryAttributes) {
    super(scope, id);
    this.registryName = attributes.registryName;
    this.loginServer = loginServer(attributes.registryName);
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.CONTAINER_REGISTRY.problem(attributes.registryName)]);
  }

  public idFor(): string {
    return registryId(this.resourceGroup, this.registryName);
  }

  public nameFor(): string {
    return this.registryName;
  }
}

function registryId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.ContainerRegistry/registries', name);
}

function loginServer(name: string): string {
  return `${Token.isUnresolved(name) ? name : name.toLowerCase()}.azurecr.io`;
}
