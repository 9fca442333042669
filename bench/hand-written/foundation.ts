import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { MonitorWorkspace } from '@cdktf/provider-azurerm/lib/monitor-workspace';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Fn, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import {
  addAzure,
  addBackend,
  addPause,
  addRole,
  addTemplate,
  GROUP,
  LOCATION,
  LOGS,
  METRICS,
  MODEL_ACCOUNT,
  REGISTRY,
  SERVICE_KEYS,
} from './azure';

export class FoundationStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this, ['Microsoft.Monitor', 'Microsoft.Dashboard', 'Microsoft.AlertsManagement']);
    const client = new DataAzurermClientConfig(this, 'client', {});
    const group = new ResourceGroup(this, 'group', {
      name: GROUP,
      location: LOCATION,
      lifecycle: { preventDestroy: true },
    });
    const logs = new LogAnalyticsWorkspace(this, 'logs', {
      name: LOGS,
      resourceGroupName: group.name,
      location: LOCATION,
      sku: 'PerGB2018',
      retentionInDays: 30,
      localAuthenticationEnabled: false,
      lifecycle: { preventDestroy: true },
    });
    const insights = new ApplicationInsights(this, 'insights', {
      name: 'appi-digits-insights',
      resourceGroupName: group.name,
      location: LOCATION,
      workspaceId: logs.id,
      applicationType: 'web',
      localAuthenticationDisabled: true,
    });
    const registry = new ContainerRegistry(this, 'registry', {
      name: REGISTRY,
      resourceGroupName: group.name,
      location: LOCATION,
      sku: 'Standard',
      adminEnabled: false,
      anonymousPullEnabled: false,
      lifecycle: { preventDestroy: true },
    });

    const vault = {
      resourceGroupName: group.name,
      location: LOCATION,
      tenantId: client.tenantId,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      lifecycle: { preventDestroy: true },
    };
    new KeyVault(this, 'service-keys', { ...vault, name: SERVICE_KEYS });
    const workspaceVault = new KeyVault(this, 'workspace-vault', { ...vault, name: 'digits-workspac-824b4bc9' });

    const account = {
      resourceGroupName: group.name,
      location: LOCATION,
      accountTier: 'Standard',
      accountKind: 'StorageV2',
      accountReplicationType: 'LRS',
      defaultToOauthAuthentication: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      httpsTrafficOnlyEnabled: true,
      minTlsVersion: 'TLS1_2',
      lifecycle: { preventDestroy: true },
    };
    const models = new StorageAccount(this, 'models', {
      ...account,
      name: MODEL_ACCOUNT,
      sharedAccessKeyEnabled: false,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: 30 },
        containerDeleteRetentionPolicy: { days: 30 },
      },
    });
    const container = new StorageContainer(this, 'model-container', {
      name: 'models',
      storageAccountId: models.id,
      containerAccessType: 'private',
      lifecycle: { preventDestroy: true },
    });
    const workspaceStorage = new StorageAccount(this, 'workspace-storage', {
      ...account,
      name: 'digitsworkspacesd79d2fb5',
      sharedAccessKeyEnabled: true,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: 7 },
        containerDeleteRetentionPolicy: { days: 7 },
      },
    });

    const builder = new UserAssignedIdentity(this, 'image-builder', {
      name: 'id-digits-image-builder-identity',
      resourceGroupName: group.name,
      location: LOCATION,
    });
    addRole(this, 'builder-push', builder, 'AcrPush', registry.id);
    addRole(this, 'builder-read-models', builder, 'Storage Blob Data Reader', container.id);

    const identity = new UserAssignedIdentity(this, 'workspace-identity', {
      name: 'id-digits-workspace-identity',
      resourceGroupName: group.name,
      location: LOCATION,
    });
    const storageRole = addRole(this, 'workspace-storage-contributor', identity, 'Contributor', workspaceStorage.id);
    const blobRole = addRole(
      this,
      'workspace-blob-contributor',
      identity,
      'Storage Blob Data Contributor',
      workspaceStorage.id,
    );
    const vaultRole = addRole(this, 'workspace-vault-contributor', identity, 'Contributor', workspaceVault.id);
    const secretsRole = addRole(
      this,
      'workspace-vault-administrator',
      identity,
      'Key Vault Administrator',
      workspaceVault.id,
    );
    const registryRole = addRole(this, 'workspace-registry-contributor', identity, 'Contributor', registry.id);
    const insightsRole = addRole(this, 'workspace-insights-contributor', identity, 'Contributor', insights.id);
    const pause = addPause(this, 'workspace-roles', {
      storage: storageRole.id,
      blobs: blobRole.id,
      vault: vaultRole.id,
      secrets: secretsRole.id,
      registry: registryRole.id,
      insights: insightsRole.id,
    });
    const workspace = new MachineLearningWorkspace(this, 'workspace', {
      name: 'mlw-digits-workspace',
      resourceGroupName: group.name,
      location: LOCATION,
      applicationInsightsId: insights.id,
      containerRegistryId: registry.id,
      keyVaultId: workspaceVault.id,
      storageAccountId: workspaceStorage.id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      primaryUserAssignedIdentity: identity.id,
      publicNetworkAccessEnabled: true,
      lifecycle: { preventDestroy: true },
      dependsOn: [pause],
    });

    addGrafana(this, group);

    for (const role of [
      'Storage Blob Data Contributor',
      'Key Vault Secrets Officer',
      'Azure Kubernetes Service RBAC Cluster Admin',
      'Grafana Admin',
      'Monitoring Data Reader',
    ]) {
      new RoleAssignment(this, `deployer ${role}`, {
        scope: group.id,
        roleDefinitionName: role,
        principalId: client.objectId,
        lifecycle: { ignoreChanges: ['principal_id'] },
      });
    }

    new TerraformOutput(this, 'workspace_name', {
      value: workspace.name,
      description: 'Name of the Azure ML workspace.',
    });
    new TerraformOutput(this, 'resource_group_name', {
      value: group.name,
      description: 'Name of the resource group of the platform.',
    });
    new TerraformOutput(this, 'location', {
      value: LOCATION,
      description: 'Region of the platform; callers belong here too.',
    });
    new TerraformOutput(this, 'subscription_id', {
      value: client.subscriptionId,
      description: 'Id of the subscription.',
    });
    new TerraformOutput(this, 'workspace_config', {
      value: Fn.jsonencode({
        subscription_id: client.subscriptionId,
        resource_group: group.name,
        workspace_name: workspace.name,
      }),
      description: "Text of the config.json that Azure ML's SDKs look for.",
    });
  }
}

/** Where managed Prometheus keeps metrics, and the Grafana that shows them; azurerm's own would have to name a version. */
function addGrafana(stack: TerraformStack, group: ResourceGroup): void {
  const metrics = new MonitorWorkspace(stack, 'metrics', {
    name: METRICS,
    resourceGroupName: group.name,
    location: LOCATION,
    lifecycle: { preventDestroy: true },
  });
  const identity = new UserAssignedIdentity(stack, 'grafana-identity', {
    name: 'id-digits-grafana-identity',
    resourceGroupName: group.name,
    location: LOCATION,
  });
  const readMetrics = addRole(stack, 'grafana-read-metrics', identity, 'Monitoring Data Reader', metrics.id);
  const readGroup = addRole(stack, 'grafana-read-group', identity, 'Monitoring Reader', group.id);
  const grafana = addTemplate(stack, 'grafana', {
    name: 'digits-grafana-5391c189',
    resourceGroupName: group.name,
    tags: {},
    values: { identityId: identity.id, monitorWorkspaceId: metrics.id },
    resources: GRAFANA,
    lifecycle: { preventDestroy: true },
    dependsOn: [readMetrics, readGroup],
  });
  const grafanaId = `${group.id}/providers/Microsoft.Dashboard/grafana/${grafana.name}`;
  new TerraformOutput(stack, 'grafana_command', {
    value: `az resource show --ids ${grafanaId} --query properties.endpoint --output tsv`,
    description: 'The command that prints the address of Grafana.',
  });
}

const GRAFANA = [
  {
    type: 'Microsoft.Dashboard/grafana',
    apiVersion: '2024-10-01',
    name: "[parameters('name')]",
    location: "[parameters('location')]",
    tags: "[parameters('tags')]",
    sku: { name: 'Standard' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { "[parameters('identityId')]": {} } },
    properties: {
      apiKey: 'Disabled',
      deterministicOutboundIP: 'Disabled',
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      grafanaIntegrations: {
        azureMonitorWorkspaceIntegrations: [{ azureMonitorWorkspaceResourceId: "[parameters('monitorWorkspaceId')]" }],
      },
    },
  },
];
