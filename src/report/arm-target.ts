import type { References } from './references';
import { kindOf } from './resource-purposes';
import type { SynthesizedOutput, SynthesizedResource } from './synthesized-output';

/** A thing in Azure that a role holds for. */
export interface Target {
  /** What kind of thing it is, such as `storage account`. */
  readonly kind: string;

  /** Its name in Azure. */
  readonly name: string;

  /** The resource of this program that it is, where it is one. */
  readonly resource?: SynthesizedResource;

  /** What holds it, such as the storage account of a container. */
  readonly parent?: Target;
}

/** Azure's type, without the names between, by Terraform's. */
const AZURE_TYPES: { readonly [terraformType: string]: string } = {
  azurerm_application_insights: 'microsoft.insights/components',
  azurerm_container_registry: 'microsoft.containerregistry/registries',
  azurerm_key_vault: 'microsoft.keyvault/vaults',
  azurerm_key_vault_secret: 'microsoft.keyvault/vaults/secrets',
  azurerm_kubernetes_cluster: 'microsoft.containerservice/managedclusters',
  azurerm_log_analytics_workspace: 'microsoft.operationalinsights/workspaces',
  azurerm_machine_learning_workspace: 'microsoft.machinelearningservices/workspaces',
  azurerm_monitor_workspace: 'microsoft.monitor/accounts',
  azurerm_private_dns_zone: 'microsoft.network/privatednszones',
  azurerm_storage_account: 'microsoft.storage/storageaccounts',
  azurerm_storage_container: 'microsoft.storage/storageaccounts/blobservices/containers',
  azurerm_subnet: 'microsoft.network/virtualnetworks/subnets',
  azurerm_user_assigned_identity: 'microsoft.managedidentity/userassignedidentities',
  azurerm_virtual_network: 'microsoft.network/virtualnetworks',
};

const TERRAFORM_TYPES = new Map(Object.entries(AZURE_TYPES).map(([terraform, azure]) => [azure, terraform]));

/** Finds what ids point at, in whichever stack of the program it is. */
export class Targets {
  private readonly resources: readonly SynthesizedResource[];

  constructor(
    output: SynthesizedOutput,
    private readonly references: References,
  ) {
    this.resources = output.stacks.flatMap((stack) => stack.resources);
  }

  /**
   * What an id points at.
   *
   * @param stack name of the stack where the id stands
   * @param id a reference to a resource's `id`, or a literal id of Azure
   */
  public find(stack: string, id: unknown): Target {
    const reference = this.references.target(stack, id);
    if (reference !== undefined) {
      return reference.isDataSource ? this.ofDataSource(reference.resource) : this.ofResource(reference.resource);
    }
    const literal = this.references.literal(stack, id);
    return literal === undefined ? { kind: 'something known when deployed', name: String(id) } : this.ofId(literal);
  }

  /** A resource of this program as a target. */
  public ofResource(resource: SynthesizedResource): Target {
    const parentId = resource.type === 'azurerm_storage_container' ? resource.arguments.storage_account_id : undefined;
    return {
      kind: kindOf(resource.type),
      name: this.references.nameOf(resource),
      resource,
      parent: parentId === undefined ? undefined : this.find(resource.stack, parentId),
    };
  }

  /** A data source often reads what another stack of the program creates. */
  private ofDataSource(source: SynthesizedResource): Target {
    const name = this.references.nameOf(source);
    const resource = this.named(source.type, name, this.references.groupOf(source));
    return resource === undefined ? { kind: kindOf(source.type), name } : this.ofResource(resource);
  }

  private ofId(id: string): Target {
    const match = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?(?:\/providers\/(.+))?$/i.exec(id);
    if (match === null) {
      return { kind: 'id', name: id };
    }
    const [, subscription = '', group, rest] = match;
    if (group === undefined) {
      return { kind: 'subscription', name: subscription };
    }
    if (rest === undefined) {
      const resource = this.named('azurerm_resource_group', group);
      return { kind: 'resource group', name: group, resource };
    }
    return this.ofResourceId(rest.split('/'), group, id);
  }

  /** @param parts provider, then type and name in turn */
  private ofResourceId(parts: readonly string[], group: string, id: string): Target {
    const [provider = '', ...pairs] = parts;
    const types = pairs.filter((_, index) => index % 2 === 0);
    const name = pairs.at(-1) ?? '';
    const terraformType = TERRAFORM_TYPES.get([provider, ...types].join('/').toLowerCase());
    const resource = terraformType === undefined ? undefined : this.named(terraformType, name, group);
    if (resource !== undefined) {
      return this.ofResource(resource);
    }
    // the parent of a container is two pairs up: blobServices/default is no thing of its own
    const parentPairs = types.includes('blobServices') ? pairs.slice(0, -4) : pairs.slice(0, -2);
    return {
      kind: terraformType === undefined ? (types.at(-1) ?? 'id') : kindOf(terraformType),
      name: pairs.length < 2 ? id : name,
      parent: parentPairs.length < 2 ? undefined : this.ofResourceId([provider, ...parentPairs], group, id),
    };
  }

  private named(type: string, name: string, group?: string): SynthesizedResource | undefined {
    return this.resources.find((resource) => {
      const itsGroup = this.references.groupOf(resource);
      return (
        resource.type === type &&
        this.references.nameOf(resource).toLowerCase() === name.toLowerCase() &&
        (group === undefined || itsGroup === undefined || itsGroup === group.toLowerCase())
      );
    });
  }
}
