import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import type { AzureName } from '../../src/azure/azure-name';
import { refuse } from '../../src/validation';
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
  const identity = [construct.node.path, subscriptionId, resourceGroupName, location];
  // the text of a token changes with every token before it, and the name would change with it
  if ([resourceGroupName, location].some((part) => Token.isUnresolved(part))) {
    refuse(construct, [
      'its name is made from group and region, and one of them is a token; give both as literals, or give it a name',
    ]);
  }
  return rule.generate(readableParts(construct), identity);
}

/**
 * A name for what belongs to something with a name of its own: the parts as they are, tokens among them, where they
 * fit into the name.
 */
export function joinedName(rule: AzureName, parts: readonly string[]): string {
  const joined = parts.join('-');
  return rule.problem(joined) === undefined ? joined : rule.generate(parts);
}

/** The path without the stack's role, which says nothing in a name that has little room: `prod-foundation` is `prod`. */
function readableParts(construct: Construct): string[] {
  const [stack = '', ...rest] = construct.node.path.split('/');
  return [stack.replace(/-(foundation|cluster|addons|serving)$/, ''), ...rest];
}
