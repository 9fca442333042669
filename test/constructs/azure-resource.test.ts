import {
  ApplicationInsights,
  ContainerRegistry,
  type IAzureResource,
  InferenceCluster,
  type IResourceGroup,
  KeyVault,
  LogAnalyticsWorkspace,
  ModelStore,
  ResourceGroup,
  UserAssignedIdentity,
  Workspace,
} from 'azure-inference-cdktf';
import { App } from 'cdktf';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { env, SHARED_GROUP_ID, sharedGroup, testApp, testGroup, testStack, written } from '../fixtures';

interface Kind {
  readonly type: string;
  readonly terraform: string;
  readonly make: (scope: Construct, resourceGroup: IResourceGroup) => IAzureResource;
  readonly from?: (scope: Construct, resourceGroup: IResourceGroup) => IAzureResource;
}

const KINDS: readonly Kind[] = [
  {
    type: 'Microsoft.OperationalInsights/workspaces/shop-logs',
    terraform: 'azurerm_log_analytics_workspace',
    make: (scope, resourceGroup) =>
      new LogAnalyticsWorkspace(scope, 'made', { resourceGroup, logAnalyticsWorkspaceName: 'shop-logs' }),
    from: (scope, resourceGroup) =>
      LogAnalyticsWorkspace.fromLogAnalyticsWorkspaceAttributes(scope, 'made', {
        resourceGroup,
        logAnalyticsWorkspaceName: 'shop-logs',
      }),
  },
  {
    type: 'Microsoft.Insights/components/shop',
    terraform: 'azurerm_application_insights',
    make: (scope, resourceGroup) =>
      new ApplicationInsights(scope, 'made', {
        resourceGroup,
        applicationInsightsName: 'shop',
        logAnalytics: new LogAnalyticsWorkspace(scope, 'logs', { resourceGroup }),
      }),
  },
  {
    type: 'Microsoft.KeyVault/vaults/shop-keys',
    terraform: 'azurerm_key_vault',
    make: (scope, resourceGroup) => new KeyVault(scope, 'made', { resourceGroup, keyVaultName: 'shop-keys' }),
    from: (scope, resourceGroup) =>
      KeyVault.fromKeyVaultAttributes(scope, 'made', { resourceGroup, keyVaultName: 'shop-keys' }),
  },
  {
    type: 'Microsoft.ContainerRegistry/registries/shopimages',
    terraform: 'azurerm_container_registry',
    make: (scope, resourceGroup) => new ContainerRegistry(scope, 'made', { resourceGroup, registryName: 'shopimages' }),
    from: (scope, resourceGroup) =>
      ContainerRegistry.fromRegistryAttributes(scope, 'made', { resourceGroup, registryName: 'shopimages' }),
  },
  {
    type: 'Microsoft.Storage/storageAccounts/shopmodels',
    terraform: 'azurerm_storage_account',
    make: (scope, resourceGroup) => new ModelStore(scope, 'made', { resourceGroup, storageAccountName: 'shopmodels' }),
    from: (scope, resourceGroup) =>
      ModelStore.fromModelStoreAttributes(scope, 'made', { resourceGroup, storageAccountName: 'shopmodels' }),
  },
  {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities/shop-reader',
    terraform: 'azurerm_user_assigned_identity',
    make: (scope, resourceGroup) =>
      new UserAssignedIdentity(scope, 'made', { resourceGroup, identityName: 'shop-reader' }),
  },
  {
    type: 'Microsoft.MachineLearningServices/workspaces/shop',
    terraform: 'azurerm_machine_learning_workspace',
    make: (scope, resourceGroup) =>
      new Workspace(scope, 'made', {
        resourceGroup,
        workspaceName: 'shop',
        registry: new ContainerRegistry(scope, 'registry', { resourceGroup }),
        keyVault: new KeyVault(scope, 'vault', { resourceGroup }),
        applicationInsights: new ApplicationInsights(scope, 'insights', {
          resourceGroup,
          logAnalytics: new LogAnalyticsWorkspace(scope, 'logs', { resourceGroup }),
        }),
      }),
  },
  {
    type: 'Microsoft.ContainerService/managedClusters/shop',
    terraform: 'azurerm_kubernetes_cluster',
    make: (scope, resourceGroup) => new InferenceCluster(scope, 'made', { resourceGroup, clusterName: 'shop' }),
    from: (scope, resourceGroup) =>
      InferenceCluster.fromClusterAttributes(scope, 'made', { resourceGroup, clusterName: 'shop' }),
  },
];

const IMPORTED = KINDS.flatMap(({ type, from }) => (from === undefined ? [] : [{ type, from }]));
const nameIn = (type: string) => type.split('/').at(-1);

describe.each(KINDS)('$type, made here,', ({ type, terraform, make }) => {
  test('is a reference in its own stack, so that Terraform knows the order', () => {
    const stack = testStack();
    const made = make(stack, testGroup(stack));

    expect(written(stack, made.idFor(stack))).toMatch(new RegExp(`^\\$\\{${terraform}\\.made_[0-9A-F]{8}\\.id\\}$`));
    expect(written(stack, made.nameFor(stack))).toMatch(
      new RegExp(`^\\$\\{${terraform}\\.made_[0-9A-F]{8}\\.name\\}$`),
    );
    expect(stack.dependencies).toEqual([]);
  });

  test('is its computed id in another stack, which depends on the first', () => {
    const stack = testStack();
    const byId = testStack('by-id', App.of(stack));
    const byName = testStack('by-name', App.of(stack));
    const made = make(stack, testGroup(stack, { resourceGroupName: 'shared' }));

    expect(made.idFor(byId)).toBe(`${SHARED_GROUP_ID}/providers/${type}`);
    expect(made.nameFor(byName)).toBe(nameIn(type));
    expect(byId.dependencies).toEqual([stack]);
    expect(byName.dependencies).toEqual([stack]);
  });
});

describe.each(IMPORTED)('$type, made elsewhere,', ({ type, from }) => {
  test('is its computed id in every stack, and nothing depends on it', () => {
    const app = testApp();
    const stack = testStack('any', app);
    const imported = from(app, sharedGroup(app));

    expect(imported.idFor(stack)).toBe(`${SHARED_GROUP_ID}/providers/${type}`);
    expect(imported.nameFor(stack)).toBe(nameIn(type));
    expect(stack.dependencies).toEqual([]);
    expect(imported.node.defaultChild).toBeUndefined();
  });
});

describe('a resource group', () => {
  test('made here is a reference in its own stack and the computed id in another', () => {
    const stack = testStack();
    const other = testStack('other', App.of(stack));
    const group = testGroup(stack, { resourceGroupName: 'shared' });

    expect(written(stack, group.idFor(stack))).toMatch(/^\$\{azurerm_resource_group\.group_[0-9A-F]{8}\.id\}$/);
    expect(written(stack, group.nameFor(stack))).toMatch(/^\$\{azurerm_resource_group\.group_[0-9A-F]{8}\.name\}$/);
    expect(group.idFor(other)).toBe(SHARED_GROUP_ID);
    expect(group.nameFor(other)).toBe('shared');
    expect(other.dependencies).toEqual([stack]);
  });

  test('made elsewhere is its computed id in every stack', () => {
    const app = testApp();
    const stack = testStack('any', app);
    const group = ResourceGroup.fromResourceGroupAttributes(app, 'group', { ...env, resourceGroupName: 'shared' });

    expect(group.idFor(stack)).toBe(SHARED_GROUP_ID);
    expect(group.nameFor(stack)).toBe('shared');
    expect(stack.dependencies).toEqual([]);
  });
});
