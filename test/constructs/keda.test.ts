import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { Release } from '@cdktf/provider-helm/lib/release';
import {
  ClusterConnection,
  InferenceCluster,
  Keda,
  Monitoring,
  MonitorWorkspace,
  ResourceGroup,
  UserAssignedIdentity,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { env, sharedGroup, testApp, testKubernetesStack } from '../fixtures';

function keda(monitoring: Monitoring, chartVersion?: string) {
  const app = testApp();
  const resourceGroup = sharedGroup(app);
  const managed = monitoring === Monitoring.AZURE_MANAGED;
  const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
    clusterName: 'theirs',
    resourceGroup,
    monitoring,
    monitorWorkspace: managed
      ? MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', { monitorWorkspaceName: 'metrics', resourceGroup })
      : undefined,
    scalerIdentity: managed
      ? UserAssignedIdentity.fromUserAssignedIdentityAttributes(app, 'scaler', {
          identityName: 'scaler',
          resourceGroup: ResourceGroup.fromResourceGroupAttributes(app, 'identities', {
            ...env,
            resourceGroupName: 'identities',
          }),
        })
      : undefined,
  });
  const stack = testKubernetesStack('addons', app);
  const connection = new ClusterConnection(stack, 'cluster', { cluster });
  const construct = new Keda(stack, 'keda', { connection, chartVersion });
  const release = () => Template.of(stack).resource(Release);
  return { stack, construct, release, values: () => JSON.parse((release().values as string[])[0] ?? '') };
}

test('defaultChild is the release', () => {
  expect(keda(Monitoring.IN_CLUSTER).construct.node.defaultChild).toBeInstanceOf(Release);
});

test('is KEDA’s own chart in a namespace of its own, all or nothing', () => {
  expect(keda(Monitoring.IN_CLUSTER).release()).toMatchObject({
    name: 'keda',
    repository: 'https://kedacore.github.io/charts',
    chart: 'keda',
    version: '2.20.2',
    namespace: 'keda',
    create_namespace: true,
    atomic: true,
  });
  expect(keda(Monitoring.IN_CLUSTER, '2.21.0').release()).toMatchObject({ version: '2.21.0' });
});

test('keeps off the nodes of the cluster’s own parts', () => {
  expect(JSON.stringify(keda(Monitoring.IN_CLUSTER).values().affinity)).toContain(
    '{"key":"kubernetes.azure.com/mode","operator":"NotIn","values":["system"]}',
  );
});

describe('its identity', () => {
  test('is the cluster’s for managed Prometheus, read in the group that holds it', () => {
    const { stack, values } = keda(Monitoring.AZURE_MANAGED);

    expect(values().podIdentity).toEqual({
      azureWorkload: {
        enabled: true,
        clientId: expect.stringMatching(/^\$\{data\.azurerm_user_assigned_identity\.cluster_Scaler_.{8}\.client_id\}$/),
        tenantId: '${data.azurerm_client_config.azurerm-client.tenant_id}',
      },
    });
    expect(Template.of(stack).dataSource(DataAzurermUserAssignedIdentity)).toMatchObject({
      name: 'scaler',
      resource_group_name: 'identities',
    });
  });

  test('is none for Prometheus inside the cluster, which anybody there may ask', () => {
    expect(keda(Monitoring.IN_CLUSTER).values().podIdentity).toEqual({ azureWorkload: { enabled: false } });
  });
});
