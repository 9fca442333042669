/** Where an Azure resource lives: what its id is computed from. */
export interface ResourceScope {
  /** Id of the subscription: a literal, since ids that cross stacks are computed from it. */
  readonly subscriptionId: string;

  /** Name of the resource group. */
  readonly resourceGroupName: string;
}

/** Id of a resource group. */
export function resourceGroupId(scope: ResourceScope): string {
  return `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroupName}`;
}

/**
 * Id of a resource in a resource group.
 *
 * @param type provider and type, such as `Microsoft.Storage/storageAccounts`
 */
export function resourceId(scope: ResourceScope, type: string, name: string): string {
  return `${resourceGroupId(scope)}/providers/${type}/${name}`;
}
