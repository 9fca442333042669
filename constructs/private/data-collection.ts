import { MonitorDataCollectionEndpoint } from '@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint';
import { MonitorDataCollectionRule } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import { MonitorDataCollectionRuleAssociation } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import type { IInferenceCluster } from '../inference-cluster-options';
import type { ILogAnalyticsWorkspace } from '../log-analytics-workspace';
import type { IMonitorWorkspace } from '../monitor-workspace';
import { joinedName } from './generated-name';

/** What stays in the cluster: nobody pays to keep the logs and events of what Azure itself runs there. */
const SYSTEM_NAMESPACES = ['kube-system', 'gatekeeper-system', 'azure-arc', 'calico-system'];

/**
 * Makes a cluster send its metrics to managed Prometheus, once its add-on runs.
 *
 * Rule and endpoint lie where the workspace does, under the names that Azure's own tools look for, so that these change
 * them and make no second ones, which would be paid for twice.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable
 */
export class MetricsCollection extends Construct {
  constructor(scope: Construct, id: string, cluster: IInferenceCluster, workspace: IMonitorWorkspace) {
    super(scope, id);
    const { location } = workspace;
    const name = collectionName('MSProm', cluster);
    const place = { name, resourceGroupName: cluster.resourceGroup.nameFor(this), location, kind: 'Linux' };
    const endpoint = new MonitorDataCollectionEndpoint(this, 'Endpoint', place);
    const rule = new MonitorDataCollectionRule(this, 'Rule', {
      ...place,
      dataCollectionEndpointId: endpoint.id,
      dataSources: {
        prometheusForwarder: [{ name: 'PrometheusDataSource', streams: ['Microsoft-PrometheusMetrics'] }],
      },
      destinations: { monitorAccount: [{ name: 'workspace', monitorAccountId: workspace.idFor(this) }] },
      dataFlow: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['workspace'] }],
    });
    new MonitorDataCollectionRuleAssociation(this, 'RuleAssociation', {
      name,
      targetResourceId: cluster.idFor(this),
      dataCollectionRuleId: rule.id,
    });
    // agents fetch their rules from an endpoint of their own region, or from Azure's global one
    if (location === cluster.resourceGroup.location) {
      new MonitorDataCollectionRuleAssociation(this, 'EndpointAssociation', {
        name: 'configurationAccessEndpoint',
        targetResourceId: cluster.idFor(this),
        dataCollectionEndpointId: endpoint.id,
      });
    }
  }
}

/**
 * Makes a cluster send what its containers print, and the events and states of its pods, to Log Analytics, once its
 * add-on runs. It does so as an identity: the shared keys of the workspace may be off.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-authentication
 */
export class LogCollection extends Construct {
  constructor(scope: Construct, id: string, cluster: IInferenceCluster, workspace: ILogAnalyticsWorkspace) {
    super(scope, id);
    const streams = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory'];
    const rule = new MonitorDataCollectionRule(this, 'Rule', {
      name: collectionName('MSCI', cluster),
      resourceGroupName: cluster.resourceGroup.nameFor(this),
      location: workspace.resourceGroup.location,
      kind: 'Linux',
      dataSources: {
        extension: [
          {
            name: 'ContainerInsightsExtension',
            extensionName: 'ContainerInsights',
            streams,
            extensionJson: JSON.stringify({
              dataCollectionSettings: {
                // of states and events; logs come as they are written, those of the system's namespaces left out anyway
                interval: '5m',
                namespaceFilteringMode: 'Exclude',
                namespaces: SYSTEM_NAMESPACES,
                enableContainerLogV2: true,
              },
            }),
          },
        ],
      },
      destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspace.idFor(this) }] },
      dataFlow: [{ streams, destinations: ['workspace'] }],
    });
    new MonitorDataCollectionRuleAssociation(this, 'RuleAssociation', {
      name: 'ContainerInsightsExtension',
      targetResourceId: cluster.idFor(this),
      dataCollectionRuleId: rule.id,
    });
  }
}

function collectionName(prefix: string, { resourceGroup, clusterName }: IInferenceCluster): string {
  return joinedName(AzureName.DATA_COLLECTION, [prefix, resourceGroup.location, clusterName.replaceAll('_', '-')]);
}
