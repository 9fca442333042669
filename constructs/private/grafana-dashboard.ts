import { Construct } from 'constructs';
import { resourceId } from '../../src/azure/arm-id';
import { AzureName } from '../../src/azure/azure-name';
import type { Dashboard } from '../../src/monitoring/dashboard';
import type { IResourceGroup } from '../resource-group';
import { ARM_PLACE, armTemplate } from './arm-template';

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

    armTemplate(this, 'Resource', {
      name,
      resourceGroup,
      resources: RESOURCES,
      values: { definition: JSON.stringify(dashboard) },
      tags: gallery(dashboard),
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
 * The dashboard, and what is in it.
 *
 * @see https://github.com/Azure/azure-rest-api-specs/blob/main/specification/dashboard/Dashboard.Management/DashboardDefinition.tsp
 */
const RESOURCES = [
  { type: TYPE, apiVersion: '2025-08-01', ...ARM_PLACE, properties: {} },
  {
    type: `${TYPE}/dashboardDefinitions`,
    apiVersion: '2025-09-01-preview',
    name: "[format('{0}/default', parameters('name'))]",
    dependsOn: [`[resourceId('${TYPE}', parameters('name'))]`],
    properties: { serializedData: "[parameters('definition')]" },
  },
];
