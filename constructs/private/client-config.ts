import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Who runs Terraform, in which tenant and subscription: one data source a stack, however many ask. */
export function clientConfig(scope: IConstruct): DataAzurermClientConfig {
  const stack = TerraformStack.of(scope);
  const existing = stack.node.tryFindChild('azurerm-client') as DataAzurermClientConfig | undefined;
  return existing ?? new DataAzurermClientConfig(stack, 'azurerm-client', {});
}
