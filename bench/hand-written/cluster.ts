import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { MonitorDataCollectionEndpoint } from '@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint';
import { MonitorDataCollectionRule } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import { MonitorDataCollectionRuleAssociation } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import {
  addAzure,
  addBackend,
  addPause,
  addRole,
  CLUSTER,
  GROUP,
  GROUP_ID,
  LOCATION,
  LOGS_ID,
  METRICS_ID,
  REGISTRY,
  SCALER,
} from './azure';

export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    const client = new DataAzurermClientConfig(this, 'client', {});
    const controlPlane = new UserAssignedIdentity(this, 'control-plane', {
      name: 'id-digits-cluster-control-plane',
      resourceGroupName: GROUP,
      location: LOCATION,
    });
    const kubelet = new UserAssignedIdentity(this, 'kubelet', {
      name: 'id-digits-cluster-kubelet',
      resourceGroupName: GROUP,
      location: LOCATION,
    });
    const operator = addRole(this, 'identity-operator', controlPlane, 'Managed Identity Operator', kubelet.id);
    const pull = addRole(
      this,
      'pull',
      kubelet,
      'AcrPull',
      `${GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/${REGISTRY}`,
    );
    const pause = addPause(this, 'roles', { operator: operator.id, pull: pull.id });
    const weekly = {
      frequency: 'Weekly',
      interval: 1,
      dayOfWeek: 'Sunday',
      startTime: '00:00',
      utcOffset: '+00:00',
      duration: 4,
    };
    const cluster = new KubernetesCluster(this, 'cluster', {
      name: CLUSTER,
      resourceGroupName: GROUP,
      location: LOCATION,
      dnsPrefix: CLUSTER,
      skuTier: 'Standard',
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      maintenanceWindowAutoUpgrade: weekly,
      maintenanceWindowNodeOs: weekly,
      identity: { type: 'UserAssigned', identityIds: [controlPlane.id] },
      kubeletIdentity: {
        clientId: kubelet.clientId,
        objectId: kubelet.principalId,
        userAssignedIdentityId: kubelet.id,
      },
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      localAccountDisabled: true,
      roleBasedAccessControlEnabled: true,
      azureActiveDirectoryRoleBasedAccessControl: { azureRbacEnabled: true, tenantId: client.tenantId },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        loadBalancerSku: 'standard',
      },
      workloadAutoscalerProfile: { kedaEnabled: true },
      monitorMetrics: {},
      omsAgent: { logAnalyticsWorkspaceId: LOGS_ID, msiAuthForMonitoringEnabled: true },
      defaultNodePool: {
        name: 'system',
        vmSize: 'Standard_D4s_v5',
        nodeCount: 3,
        onlyCriticalAddonsEnabled: true,
        osSku: 'Ubuntu',
        osDiskSizeGb: 128,
        temporaryNameForRotation: 'systemtmp',
        upgradeSettings: { maxSurge: '10%' },
      },
      dependsOn: [pause],
    });
    new KubernetesClusterNodePool(this, 'work', {
      name: 'work',
      kubernetesClusterId: cluster.id,
      mode: 'User',
      osType: 'Linux',
      osSku: 'Ubuntu',
      osDiskSizeGb: 128,
      vmSize: 'Standard_D4s_v5',
      priority: 'Regular',
      autoScalingEnabled: true,
      minCount: 0,
      maxCount: 3,
      temporaryNameForRotation: 'worktmp',
      upgradeSettings: { maxSurge: '10%' },
    });
    new KubernetesClusterNodePool(this, 'gpu', {
      name: 'gpu',
      kubernetesClusterId: cluster.id,
      mode: 'User',
      osType: 'Linux',
      osSku: 'Ubuntu',
      osDiskSizeGb: 128,
      vmSize: 'Standard_NC4as_T4_v3',
      gpuDriver: 'Install',
      priority: 'Regular',
      autoScalingEnabled: true,
      minCount: 0,
      maxCount: 4,
      nodeLabels: { sku: 'gpu' },
      nodeTaints: ['sku=gpu:NoSchedule'],
      temporaryNameForRotation: 'gputmp',
      upgradeSettings: { maxSurge: '10%' },
    });
    collectMetrics(this, cluster);
    collectLogs(this, cluster);
    addScaler(this, cluster);
    new TerraformOutput(this, 'cluster_name', { value: cluster.name, description: 'Name of the cluster.' });
    new TerraformOutput(this, 'kubeconfig_command', {
      value: `az aks get-credentials --resource-group ${GROUP} --name ${cluster.name} && kubelogin convert-kubeconfig -l azurecli`,
      description: 'The command that lets kubectl talk to the cluster.',
    });
  }
}

/** Managed Prometheus. */
function collectMetrics(stack: TerraformStack, cluster: KubernetesCluster): void {
  const name = `MSProm-${LOCATION}-${CLUSTER}`;
  const endpoint = new MonitorDataCollectionEndpoint(stack, 'metrics-endpoint', {
    name,
    resourceGroupName: GROUP,
    location: LOCATION,
    kind: 'Linux',
  });
  const streams = ['Microsoft-PrometheusMetrics'];
  const rule = new MonitorDataCollectionRule(stack, 'metrics-rule', {
    name,
    resourceGroupName: GROUP,
    location: LOCATION,
    kind: 'Linux',
    dataCollectionEndpointId: endpoint.id,
    dataSources: { prometheusForwarder: [{ name: 'PrometheusDataSource', streams }] },
    destinations: { monitorAccount: [{ name: 'workspace', monitorAccountId: METRICS_ID }] },
    dataFlow: [{ streams, destinations: ['workspace'] }],
  });
  new MonitorDataCollectionRuleAssociation(stack, 'metrics-rule-association', {
    name,
    targetResourceId: cluster.id,
    dataCollectionRuleId: rule.id,
  });
  new MonitorDataCollectionRuleAssociation(stack, 'metrics-endpoint-association', {
    name: 'configurationAccessEndpoint',
    targetResourceId: cluster.id,
    dataCollectionEndpointId: endpoint.id,
  });
}

/** Container insights: logs of containers, events and the inventory of pods. */
function collectLogs(stack: TerraformStack, cluster: KubernetesCluster): void {
  const streams = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory'];
  const rule = new MonitorDataCollectionRule(stack, 'logs-rule', {
    name: `MSCI-${LOCATION}-${CLUSTER}`,
    resourceGroupName: GROUP,
    location: LOCATION,
    kind: 'Linux',
    dataSources: {
      extension: [
        {
          name: 'ContainerInsightsExtension',
          extensionName: 'ContainerInsights',
          streams,
          extensionJson: JSON.stringify({
            dataCollectionSettings: {
              interval: '5m',
              namespaceFilteringMode: 'Exclude',
              namespaces: ['kube-system', 'gatekeeper-system', 'azure-arc', 'calico-system'],
              enableContainerLogV2: true,
            },
          }),
        },
      ],
    },
    destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: LOGS_ID }] },
    dataFlow: [{ streams, destinations: ['workspace'] }],
  });
  new MonitorDataCollectionRuleAssociation(stack, 'logs-rule-association', {
    name: 'ContainerInsightsExtension',
    targetResourceId: cluster.id,
    dataCollectionRuleId: rule.id,
  });
}

/** The identity as which KEDA reads the metrics. */
function addScaler(stack: TerraformStack, cluster: KubernetesCluster): void {
  const identity = new UserAssignedIdentity(stack, 'scaler', {
    name: SCALER,
    resourceGroupName: GROUP,
    location: LOCATION,
  });
  new FederatedIdentityCredential(stack, 'scaler-trust', {
    name: 'kube-system-keda-operator',
    resourceGroupName: GROUP,
    parentId: identity.id,
    issuer: cluster.oidcIssuerUrl,
    subject: 'system:serviceaccount:kube-system:keda-operator',
    audience: ['api://AzureADTokenExchange'],
  });
  addRole(stack, 'scaler-read-metrics', identity, 'Monitoring Data Reader', METRICS_ID);
}
