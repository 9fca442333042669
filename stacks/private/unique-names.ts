import { DefaultTokenResolver, StringConcat, TerraformResource, TerraformStack, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';
import { ClusterConnection } from '../../constructs/cluster-connection';
import type { PlatformStack } from '../platform-stack';

/** What no two names of a kind may be the same within. */
enum Within {
  AZURE = 'all of Azure',
  SUBSCRIPTION = 'its subscription',
  GROUP = 'its resource group',
  CLUSTER = 'its cluster',
  VAULT = 'its Key Vault',
  REGISTRY = 'its registry',
  LOGS = 'its Log Analytics workspace',
  NAMESPACE = 'its namespace',
}

/** A kind of resource of which one program makes several. */
interface Kind {
  readonly what: string;
  readonly within: Within;

  /** Where the name comes from, if not from whoever made the resource. */
  readonly hint?: string;
}

/** A name that a resource takes: no two of one key may be. */
interface Claim {
  readonly kind: Kind;
  readonly name: string;
  readonly key: string;
}

/** Types of resources by Terraform's name; imports of the same are data sources or nothing at all. */
const KINDS: { readonly [type: string]: Kind | undefined } = {
  azurerm_resource_group: { what: 'a resource group name', within: Within.SUBSCRIPTION },
  azurerm_storage_account: { what: 'a storage account name', within: Within.AZURE },
  azurerm_container_registry: { what: 'a registry name', within: Within.AZURE },
  azurerm_key_vault: { what: 'a Key Vault name', within: Within.AZURE },
  azurerm_kubernetes_cluster: { what: 'a cluster name', within: Within.GROUP },
  azurerm_machine_learning_workspace: { what: 'a workspace name', within: Within.GROUP },
  azurerm_log_analytics_workspace: { what: 'a Log Analytics workspace name', within: Within.GROUP },
  azurerm_monitor_workspace: { what: 'an Azure Monitor workspace name', within: Within.GROUP },
  azurerm_application_insights: { what: 'an Application Insights name', within: Within.GROUP },
  azurerm_monitor_alert_prometheus_rule_group: {
    what: 'a Prometheus rule group name',
    within: Within.GROUP,
    hint: ', which it has from its cluster, namespace and service',
  },
  azurerm_resource_group_template_deployment: {
    what: 'a template deployment name',
    within: Within.GROUP,
    hint: ', which a dashboard has from its cluster, namespace and service',
  },
  azurerm_log_analytics_saved_search: {
    what: 'a saved search name',
    within: Within.LOGS,
    hint: ', which it has from its cluster, namespace and service',
  },
  azurerm_user_assigned_identity: { what: 'an identity name', within: Within.GROUP },
  azurerm_container_group: { what: 'a container group name', within: Within.GROUP },
  azurerm_private_endpoint: { what: 'a private endpoint name', within: Within.GROUP },
  azurerm_key_vault_secret: {
    what: 'a Key Vault secret name',
    within: Within.VAULT,
    hint: ', which a key has from its service and the namespace',
  },
  azurerm_container_registry_task: {
    what: 'a registry task name',
    within: Within.REGISTRY,
    hint: ', which it has from its image and the stack',
  },
  kubernetes_namespace_v1: { what: 'a namespace name', within: Within.CLUSTER },
  kubernetes_service_v1: {
    what: 'a Kubernetes service name',
    within: Within.NAMESPACE,
    hint: ', which routers and their replicas have from their service',
  },
};

/** What the bindings say of the arguments that a resource was given. */
interface Arguments {
  readonly nameInput?: string;
  readonly resourceGroupNameInput?: string;
  readonly keyVaultIdInput?: string;
  readonly containerRegistryIdInput?: string;
  readonly logAnalyticsWorkspaceIdInput?: string;
  readonly metadataInput?: { readonly name?: string; readonly namespace?: string };
}

/**
 * What is wrong with names that must differ from each other, by the construct that has the later of two.
 *
 * Azure would refuse it in the middle of an apply, or hand the resource of one stack to another. What is made
 * elsewhere has no resource in the program and does not count, nor does a name that only Terraform knows.
 */
export function nameClashes(root: IConstruct): ReadonlyMap<IConstruct, readonly string[]> {
  const owners = new Map<string, IConstruct>();
  const clashes = new Map<IConstruct, string[]>();
  for (const resource of root.node.findAll().filter(TerraformResource.isTerraformResource)) {
    const claim = claimOf(resource);
    if (claim === undefined) {
      continue;
    }
    const construct = namedConstruct(resource);
    const owner = owners.get(claim.key);
    if (owner === undefined) {
      owners.set(claim.key, construct);
    } else {
      clashes.set(construct, [...(clashes.get(construct) ?? []), clash(claim, owner)]);
    }
  }
  return clashes;
}

function clash({ kind, name }: Claim, owner: IConstruct): string {
  return (
    `${kind.what} is unique in ${kind.within}; got '${name}', which '${owner.node.path}' has, too; ` +
    `give one of them another name${kind.hint ?? ''}`
  );
}

/** The name that a resource takes from all others of its kind; nothing where it takes none, or none that is known. */
function claimOf(resource: TerraformResource): Claim | undefined {
  const kind = KINDS[resource.terraformResourceType];
  const name = kind && literalName(resource);
  const place = kind && placeOf(resource, kind.within);
  if (kind === undefined || name === undefined || place === undefined) {
    return undefined;
  }
  // Azure tells no names apart by their case
  return { kind, name, key: [resource.terraformResourceType, place, name].join('\0').toLowerCase() };
}

/** The construct that a reader of the program knows: the one around its main resource. */
function namedConstruct(resource: TerraformResource): IConstruct {
  return resource.node.id === 'Resource' ? (resource.node.scope ?? resource) : resource;
}

/** The name that a resource is given; nothing where only Terraform knows it. */
function literalName(resource: TerraformResource): string | undefined {
  const { nameInput, metadataInput } = resource as Arguments;
  const name = written(resource, nameInput ?? metadataInput?.name);
  return name !== '' && isLiteral(name) ? name : undefined;
}

/** Something that is the same for what lies in the same place; nothing where the place is not known. */
function placeOf(resource: TerraformResource, within: Within): string | undefined {
  const stack = TerraformStack.of(resource);
  const { subscriptionId } = stack as Partial<PlatformStack>;
  if (within === Within.AZURE) {
    return '';
  }
  const { keyVaultIdInput, containerRegistryIdInput, logAnalyticsWorkspaceIdInput } = resource as Arguments;
  if (within === Within.VAULT) {
    return ownerOf(resource, keyVaultIdInput, 'azurerm_key_vault');
  }
  if (within === Within.REGISTRY) {
    return ownerOf(resource, containerRegistryIdInput, 'azurerm_container_registry');
  }
  if (within === Within.LOGS) {
    // its name is not unique by itself, and other stacks than the one that makes it write its whole id
    return pointedAt(resource, logAnalyticsWorkspaceIdInput, 'azurerm_log_analytics_workspace');
  }
  // what has a provider of its own may go to another subscription or cluster
  if (subscriptionId === undefined || resource.provider !== undefined) {
    return undefined;
  }
  if (within === Within.NAMESPACE) {
    // another stack has namespaces of its own
    return `${stack.node.path}/${written(resource, (resource as Arguments).metadataInput?.namespace)}`;
  }
  if (within === Within.CLUSTER) {
    return clusterOf(stack);
  }
  return within === Within.GROUP ? `${subscriptionId}/${groupOf(resource)}` : subscriptionId;
}

/** The cluster that a stack deploys to. */
function clusterOf(stack: TerraformStack): string | undefined {
  const connections = stack.node.findAll().filter((node) => node instanceof ClusterConnection);
  const [cluster, other] = [...new Set(connections.map((connection) => connection.cluster))];
  if (cluster === undefined || other !== undefined) {
    return undefined;
  }
  const { resourceGroup, clusterName } = cluster;
  return [resourceGroup.subscriptionId, resourceGroup.resourceGroupName, clusterName].join('/');
}

/** The name of a resource's group. */
function groupOf(resource: TerraformResource): string {
  return pointedAt(resource, (resource as Arguments).resourceGroupNameInput, 'azurerm_resource_group');
}

/** The name of the vault or registry that holds a resource, which is unique by itself. */
function ownerOf(resource: TerraformResource, argument: string | undefined, type: string): string {
  const owner = pointedAt(resource, argument, type);
  return isLiteral(owner) ? owner.slice(owner.lastIndexOf('/') + 1) : owner;
}

/** What an argument says of the resource that it points at; in the stack that makes that one, it is a reference. */
function pointedAt(resource: TerraformResource, argument: string | undefined, type: string): string {
  const stack = TerraformStack.of(resource);
  const text = written(resource, argument);
  if (isLiteral(text)) {
    return text;
  }
  const [, id] = new RegExp(`^\\$\\{${type}\\.(.+)\\.\\w+\\}$`).exec(text) ?? [];
  const owner = stack.node
    .findAll()
    .filter(TerraformResource.isTerraformResource)
    .find((other) => other.terraformResourceType === type && other.friendlyUniqueId === id);
  // an expression means the same in one stack only
  return (owner && literalName(owner)) ?? `${stack.node.path}/${text}`;
}

/** A text as Terraform reads it. */
function written(scope: IConstruct, text = ''): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return String(Tokenization.resolve(text, { scope, resolver }));
}

function isLiteral(text: string): boolean {
  return !text.includes('${');
}
