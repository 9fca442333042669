import type { Construct } from 'constructs';
import type { AzureName } from '../../src/azure/azure-name';
import type { IResourceGroup } from '../resource-group';

/**
 * A readable name for a resource whose name must be unique in its group.
 *
 * @param prefix Azure's recommended abbreviation of the kind of resource, such as `aks`
 * @see https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations
 */
export function localName(construct: Construct, rule: AzureName, prefix: string): string {
  return rule.generate([prefix, ...readableParts(construct)]);
}

/**
 * A name for a resource whose name must be unique in all of Azure: readable, and ended by a hash of where it lives,
 * since everybody runs the same examples.
 */
export function globalName(construct: Construct, rule: AzureName, resourceGroup: IResourceGroup): string {
  const { subscriptionId, resourceGroupName, location } = resourceGroup;
  return rule.generate(readableParts(construct), [construct.node.path, subscriptionId, resourceGroupName, location]);
}

/** The path without the stack's role, which says nothing in a name that has little room: `prod-foundation` is `prod`. */
function readableParts(construct: Construct): string[] {
  const [stack = '', ...rest] = construct.node.path.split('/');
  return [stack.replace(/-(foundation|cluster|addons|serving)$/, ''), ...rest];
}
