import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { type ITerraformDependable, Lazy, type TerraformResourceLifecycle } from 'cdktf';
import type { Construct } from 'constructs';
import type { IResourceGroup } from '../resource-group';

/** What is made by a template of Azure Resource Manager, since azurerm has no resource for it. */
export interface ArmTemplateProps {
  /** Name of what is made; its deployment goes by the same. */
  readonly name: string;

  /** Group that holds it, and whose region it is in. */
  readonly resourceGroup: IResourceGroup;

  /**
   * What is made, in the template's own language. It may ask for the parameters `name`, `location` and `tags` besides those
   * of `values`.
   */
  readonly resources: readonly object[];

  /** Values of more parameters, all of them texts: no value of a parameter is taken for an expression. */
  readonly values: { readonly [parameter: string]: string };

  /**
   * Tags besides those of the stack.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };

  readonly lifecycle?: TerraformResourceLifecycle;
  readonly dependsOn?: ITerraformDependable[];
}

/** Makes something by a template. Destroying the deployment of the template deletes it. */
export function armTemplate(scope: Construct, id: string, props: ArmTemplateProps): ResourceGroupTemplateDeployment {
  const { name, resourceGroup, values } = props;
  const text = { type: 'string' };
  const parameters = Object.fromEntries(Object.keys(values).map((parameter) => [parameter, text]));
  const valued = Object.fromEntries(Object.entries(values).map(([parameter, value]) => [parameter, { value }]));
  const deployment: ResourceGroupTemplateDeployment = new ResourceGroupTemplateDeployment(scope, id, {
    name,
    resourceGroupName: resourceGroup.nameFor(scope),
    deploymentMode: 'Incremental',
    templateContent: JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters: { name: text, location: text, tags: { type: 'object' }, ...parameters },
      resources: props.resources,
    }),
    parametersContent: Lazy.stringValue({
      produce: () =>
        JSON.stringify({
          name: { value: name },
          location: { value: resourceGroup.location },
          // those of the stack come last of all
          tags: { value: { ...deployment.tagsInput, ...props.tags } },
          ...valued,
        }),
    }),
    lifecycle: props.lifecycle,
    dependsOn: props.dependsOn,
  });
  return deployment;
}

/** What every resource of such a template says of itself. */
export const ARM_PLACE = {
  name: "[parameters('name')]",
  location: "[parameters('location')]",
  tags: "[parameters('tags')]",
} as const;
