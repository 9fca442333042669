import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { sharedChild } from './shared-child';

/** Who runs Terraform, in which tenant and subscription: one data source a stack, however many ask. */
export function clientConfig(scope: IConstruct): DataAzurermClientConfig {
  const stack = TerraformStack.of(scope);
  const id = 'azurerm-client';
  return sharedChild(stack, id, () => new DataAzurermClientConfig(stack, id, {}));
}
