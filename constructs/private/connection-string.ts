import { DataAzurermApplicationInsights } from '@cdktf/provider-azurerm/lib/data-azurerm-application-insights';
import { Fn, TerraformStack, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { shortHash } from '../../src/digest';
import type { IAzureResource } from '../azure-resource';
import type { IResourceGroup } from '../resource-group';
import { sharedChild } from './shared-child';

/**
 * The connection string of an Application Insights component that another stack made: one data source a stack, however
 * many ask. Azure chooses what is in it, so no literal of it can be computed.
 *
 * azurerm marks it sensitive, for the sake of components whose key opens something.
 */
export function existingConnectionString(component: IAzureResource, group: IResourceGroup, scope: IConstruct): string {
  const stack = TerraformStack.of(scope);
  const id = `insights-${shortHash([component.node.path])}`;
  const place = () => ({ name: component.nameFor(stack), resourceGroupName: group.nameFor(stack) });
  const data = sharedChild(stack, id, () => new DataAzurermApplicationInsights(stack, id, place()));
  return Token.asString(Fn.nonsensitive(data.connectionString));
}
