import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { resourceId } from '../../src/azure/arm-id';
import { AzureName } from '../../src/azure/azure-name';
import type { Dashboard } from '../../src/monitoring/dashboard';
import type { IResourceGroup } from '../resource-group';

/** What dashboards in the portal differ in. */
export interface GrafanaDashboardProps {
  /** Group that holds the dashboard. */
  readonly resourceGroup: IResourceGroup;

  /** What a reader should recognise in its name. */
  readonly names: readonly string[];

  readonly dashboard: Dashboard;
}

/** What the dashboard is. */
const TYPE = 'Microsoft.Dashboard/dashboards';

/**
 * A dashboard of Azure Monitor with Grafana: it costs nothing, and whoever may read its group and the metrics opens it in
 * the portal.
 *
 * It comes as a template of Azure Resource Manager, since azurerm has no resource for it. Destroying the template's
 * deployment deletes the dashboard.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/visualize/visualize-use-grafana-dashboards
 * @see https://github.com/hashicorp/terraform-provider-azurerm/issues/32450
 */
export class GrafanaDashboard extends Construct {
  /** Where it is opened. */
  public readonly url: string;

  constructor(scope: Construct, id: string, props: GrafanaDashboardProps) {
    super(scope, id);
    const { resourceGroup, dashboard } = props;
    const name = AzureName.GRAFANA_DASHBOARD.generate(props.names, [dashboard.uid]);
    this.url = `https://portal.azure.com/#resource${resourceId(resourceGroup, TYPE, name)}`;

    const resource: ResourceGroupTemplateDeployment = new ResourceGroupTemplateDeployment(this, 'Resource', {
      // the deployment goes by the name of what it makes
      name,
      resourceGroupName: resourceGroup.nameFor(this),
      deploymentMode: 'Incremental',
      templateContent: JSON.stringify(TEMPLATE),
      parametersContent: Lazy.stringValue({
        produce: () =>
          JSON.stringify({
            name: { value: name },
            location: { value: resourceGroup.location },
            // those of the stack come last of all
            tags: { value: { ...resource.tagsInput, ...gallery(dashboard) } },
            definition: { value: JSON.stringify(dashboard) },
          }),
      }),
    });
  }
}

/** Tags by which the portal lists it, among the dashboards of clusters too. */
function gallery({ tags }: Dashboard): { [name: string]: string } {
  return {
    GrafanaDashboardResourceType: 'microsoft.ContainerService/managedClusters',
    GrafanaDashboardTags: tags.join(','),
  };
}

/**
 * What is in the dashboard comes as a parameter: no value of a parameter is taken for an expression.
 *
 * @see https://github.com/Azure/azure-rest-api-specs/blob/main/specification/dashboard/Dashboard.Management/DashboardDefinition.tsp
 */
const TEMPLATE = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: {
    name: { type: 'string' },
    location: { type: 'string' },
    tags: { type: 'object' },
    definition: { type: 'string' },
  },
  resources: [
    {
      type: TYPE,
      apiVersion: '2025-08-01',
      name: "[parameters('name')]",
      location: "[parameters('location')]",
      tags: "[parameters('tags')]",
      properties: {},
    },
    {
      type: `${TYPE}/dashboardDefinitions`,
      apiVersion: '2025-09-01-preview',
      name: "[format('{0}/default', parameters('name'))]",
      dependsOn: [`[resourceId('${TYPE}', parameters('name'))]`],
      properties: { serializedData: "[parameters('definition')]" },
    },
  ],
};
