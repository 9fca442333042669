// What watches: dashboards in the portal, alerts of managed Prometheus, and the release of a chart of one's own.
import { MonitorAlertPrometheusRuleGroup } from '@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group';
import { Release } from '@cdktf/provider-helm/lib/release';
import { AssetType, type ITerraformDependable, TerraformAsset, type TerraformStack } from 'cdktf';
import { addTemplate, CLUSTER, CLUSTER_ID, GROUP, GROUP_ID, LOCATION, METRICS_ID } from './azure';
import { chartFolder, text } from './texts';

/** A rule as the files of texts have it: what differs from rule to rule. */
interface AlertRule {
  readonly alert: string;
  readonly for: string;
  readonly severity: number;
  readonly expression: string;
  readonly labels?: { [name: string]: string };
  readonly annotations: { [name: string]: string };
}

/** Deploys a dashboard of Grafana, for which azurerm has no resource, and returns where it is opened. */
export function addDashboard(stack: TerraformStack, name: string, tag: string, file: string): string {
  addTemplate(stack, 'dashboard', {
    name,
    resourceGroupName: GROUP,
    tags: {
      GrafanaDashboardResourceType: 'microsoft.ContainerService/managedClusters',
      GrafanaDashboardTags: `inference,${tag}`,
    },
    // the file has line breaks for those who read it
    values: { definition: JSON.stringify(JSON.parse(text(file))) },
    resources: DASHBOARD,
  });
  return `https://portal.azure.com/#resource${GROUP_ID}/providers/Microsoft.Dashboard/dashboards/${name}`;
}

export function addAlerts(stack: TerraformStack, name: string, description: string, file: string): void {
  const rules: AlertRule[] = JSON.parse(text(file));
  new MonitorAlertPrometheusRuleGroup(stack, 'alerts', {
    name,
    resourceGroupName: GROUP,
    location: LOCATION,
    description,
    clusterName: CLUSTER,
    scopes: [METRICS_ID, CLUSTER_ID],
    interval: 'PT1M',
    ruleGroupEnabled: true,
    rule: rules.map((rule) => ({
      ...rule,
      enabled: true,
      action: [],
      alertResolution: { autoResolved: true, timeToResolve: 'PT5M' },
    })),
  });
}

export function addChart(
  stack: TerraformStack,
  chart: string,
  release: { name: string; namespace: string; values: object; dependsOn: ITerraformDependable[] },
): void {
  const asset = new TerraformAsset(stack, `${chart}-chart`, { path: chartFolder(chart), type: AssetType.DIRECTORY });
  new Release(stack, chart, {
    ...release,
    chart: asset.path,
    atomic: true,
    values: [JSON.stringify(release.values)],
  });
}

const DASHBOARD = [
  {
    type: 'Microsoft.Dashboard/dashboards',
    apiVersion: '2025-08-01',
    name: "[parameters('name')]",
    location: "[parameters('location')]",
    tags: "[parameters('tags')]",
    properties: {},
  },
  {
    type: 'Microsoft.Dashboard/dashboards/dashboardDefinitions',
    apiVersion: '2025-09-01-preview',
    name: "[format('{0}/default', parameters('name'))]",
    dependsOn: ["[resourceId('Microsoft.Dashboard/dashboards', parameters('name'))]"],
    properties: { serializedData: "[parameters('definition')]" },
  },
];
