import type { References } from './references';
import { kindOf } from './resource-purposes';
import type { SynthesizedOutput, SynthesizedResource } from './synthesized-output';

/** The types that keep something. */
const STORE_TYPES = [
  'azurerm_storage_account',
  'azurerm_container_registry',
  'azurerm_key_vault',
  'azurerm_machine_learning_workspace',
  'azurerm_application_insights',
  'azurerm_log_analytics_workspace',
  'azurerm_monitor_workspace',
] as const;

/** Something that keeps models, images, secrets, logs or names of them. */
export interface StoreSummary {
  /** Terraform's name of the type. */
  readonly type: string;

  /** What kind of store it is, such as `key vault`. */
  readonly kind: string;

  /** Name in Azure. */
  readonly name: string;

  /** Path of the construct. */
  readonly path: string;

  /** What the program calls it: the path without the stack. */
  readonly title: string;

  /** Name of the stack. */
  readonly stack: string;
}

/** The stores of a program, by type. */
export function storesOf(output: SynthesizedOutput, references: References): StoreSummary[] {
  const resources = output.stacks.flatMap((stack) => stack.resources);
  return STORE_TYPES.flatMap((type) => resources.filter((resource) => resource.type === type)).map((resource) => ({
    type: resource.type,
    kind: kindOf(resource.type),
    name: references.nameOf(resource),
    path: resource.path,
    title: titleOf(resource),
    stack: resource.stack,
  }));
}

function titleOf(resource: SynthesizedResource): string {
  const [stack, ...rest] = resource.path.split('/');
  return rest.join(' ') || stack || resource.logicalId;
}
