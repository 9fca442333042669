import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup as GroupResource } from '@cdktf/provider-azurerm/lib/resource-group';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { UserAssignedIdentity as IdentityResource } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import {
  InferenceCluster,
  InferencePlatform,
  KeyVault,
  LogAnalyticsWorkspace,
  ModelStore,
  Monitoring,
  ResourceGroup,
  ScoringImage,
  ServingStack,
  UserAssignedIdentity,
  VmSize,
  Workspace,
} from 'azure-inference-cdktf';
import { App, Fn, TerraformStack, TerraformVariable } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { env, problemsOf, sharedGroup, testApp, testGroup, testPlatform, testStack, token } from '../../fixtures';

const ELSEWHERE = '99999999-2222-3333-4444-555555555555';

const clash = (what: string, within: string, name: string, owner: string) =>
  `${what} is unique in ${within}; got '${name}', which '${owner}' has, too; give one of them another name`;

describe('fails for two', () => {
  test('clusters of one name in a group', () => {
    const stack = testStack();
    const resourceGroup = testGroup(stack);
    new InferenceCluster(stack, 'blue', { resourceGroup, clusterName: 'serving' });
    new InferenceCluster(stack, 'green', { resourceGroup, clusterName: 'Serving' });

    expect(problemsOf(stack)).toEqual([
      { path: 'test/green', message: clash('a cluster name', 'its resource group', 'Serving', 'test/blue') },
    ]);
  });

  test('queries that clusters of one name would save in one workspace', () => {
    const app = testApp();
    const logAnalytics = LogAnalyticsWorkspace.fromLogAnalyticsWorkspaceAttributes(app, 'law', {
      logAnalyticsWorkspaceName: 'logs',
      resourceGroup: sharedGroup(app),
    });
    const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
    for (const id of ['blue', 'green']) {
      const options = { ...env, clusterName: 'aks', monitoring: Monitoring.IN_CLUSTER, logAnalytics };
      const { cluster, serving } = new InferencePlatform(app, id, options);
      serving.addScoringService('reader', {
        pool: cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 9 }),
        image,
      });
    }
    const messages = problemsOf(testStack('lab', app)).map(({ message }) => message);

    expect(messages).toContainEqual(
      'a saved search name is unique in its Log Analytics workspace; got ' +
        "'aks-serving-reader-log', which 'blue-serving/reader/queries/log' has, too; give one of them another name, which it " +
        'has from its cluster, namespace and service',
    );
  });

  test('storage accounts of one name, wherever they lie', () => {
    const app = testApp();
    const platform = testPlatform({}, app);
    const stack = testStack('lab', app, { subscriptionId: ELSEWHERE });
    new ModelStore(stack, 'models', {
      resourceGroup: testGroup(stack, { subscriptionId: ELSEWHERE }),
      storageAccountName: platform.models.storageAccountName,
    });

    expect(problemsOf(stack)).toEqual([
      {
        path: 'lab/models',
        message: clash(
          'a storage account name',
          'all of Azure',
          platform.models.storageAccountName,
          'prod-foundation/models',
        ),
      },
    ]);
  });

  test('accounts of one name of which a workspace has one', () => {
    const platform = testPlatform();
    const { foundationStack } = platform;
    const { resourceGroup, keyVault, registry } = foundationStack;
    const applicationInsights = foundationStack.node.findChild('insights') as never;
    new Workspace(foundationStack, 'lab', {
      ...{ resourceGroup, keyVault, registry, applicationInsights },
      storageAccountName: platform.models.storageAccountName,
    });

    expect(problemsOf(foundationStack)).toEqual([
      {
        path: 'prod-foundation/lab/storage',
        message: expect.stringContaining("', which 'prod-foundation/models' has, too; "),
      },
    ]);
  });

  test('vaults and identities, each with what it is about', () => {
    const stack = testStack();
    const resourceGroup = sharedGroup(stack);
    for (const id of ['a', 'b', 'c']) {
      new KeyVault(stack, `vault-${id}`, { resourceGroup, keyVaultName: 'contoso-keys' });
    }
    new UserAssignedIdentity(stack, 'reader', { resourceGroup, identityName: 'reader' });
    new UserAssignedIdentity(stack, 'writer', { resourceGroup, identityName: 'reader' });

    const vault = clash('a Key Vault name', 'all of Azure', 'contoso-keys', 'test/vault-a');
    expect(problemsOf(stack)).toEqual([
      { path: 'test/vault-b', message: vault },
      { path: 'test/vault-c', message: vault },
      { path: 'test/writer', message: clash('an identity name', 'its resource group', 'reader', 'test/reader') },
    ]);
  });

  test('things of one name in a group that one stack makes and another names', () => {
    const app = testApp();
    const [making, naming] = [testStack('making', app), testStack('naming', app)];
    const resourceGroup = testGroup(making, { resourceGroupName: 'shared' });
    new UserAssignedIdentity(making, 'mine', { resourceGroup, identityName: 'reader' });
    new UserAssignedIdentity(naming, 'other', { resourceGroup, identityName: 'reader' });
    new UserAssignedIdentity(naming, 'theirs', { resourceGroup: sharedGroup(naming), identityName: 'reader' });

    const message = clash('an identity name', 'its resource group', 'reader', 'making/mine');
    expect(problemsOf(naming)).toEqual([
      { path: 'naming/other', message },
      { path: 'naming/theirs', message },
    ]);
  });

  test('things of one name in a group that only Terraform knows', () => {
    const stack = testStack();
    const resourceGroupName = Fn.lower(new TerraformVariable(stack, 'group', {}).stringValue);
    for (const id of ['a', 'b']) {
      new IdentityResource(stack, id, { name: 'reader', location: 'westeurope', resourceGroupName });
    }

    expect(problemsOf(stack)).toEqual([
      { path: 'test/b', message: clash('an identity name', 'its resource group', 'reader', 'test/a') },
    ]);
  });

  test('groups of one name in a subscription', () => {
    const app = testApp();
    for (const id of ['blue', 'green']) {
      new InferencePlatform(app, id, { ...env, resourceGroup: undefined });
    }
    const stack = testStack('test', app);
    new ResourceGroup(stack, 'group', { ...env, resourceGroupName: 'RG-blue' });

    expect(problemsOf(stack)).toEqual([
      {
        path: 'test/group',
        message: clash('a resource group name', 'its subscription', 'RG-blue', 'blue-foundation/resource-group'),
      },
    ]);
  });

  test('namespaces of one name in a cluster, as two teams get that say nothing of theirs', () => {
    const platform = testPlatform();
    const stack = new ServingStack(App.of(platform), 'vision', { ...env, cluster: platform.cluster });

    expect(problemsOf(stack)).toEqual([
      {
        path: 'vision/namespace',
        message: clash('a namespace name', 'its cluster', 'serving', 'prod-serving/namespace'),
      },
    ]);
  });

  test('names that are tokens of one text', () => {
    const stack = testStack();
    const resourceGroup = testGroup(stack);
    new UserAssignedIdentity(stack, 'a', { resourceGroup, identityName: token('reader') });
    new UserAssignedIdentity(stack, 'b', { resourceGroup, identityName: 'reader' });

    expect(problemsOf(stack)).toHaveLength(1);
  });
});

describe('the same name is fine', () => {
  test('in different groups, subscriptions and clusters', () => {
    const app = testApp();
    for (const [id, subscriptionId] of [
      ['blue', env.subscriptionId],
      ['green', env.subscriptionId],
      ['blue-too', ELSEWHERE],
    ] as const) {
      const platform = new InferencePlatform(app, id, { ...env, subscriptionId, clusterName: 'serving' });
      new ServingStack(app, `${id}-vision`, {
        ...{ ...env, subscriptionId },
        cluster: platform.cluster,
        namespace: 'vision',
      });
    }
    const stack = testStack('test', app, { subscriptionId: ELSEWHERE });
    new ResourceGroup(stack, 'group', { ...env, subscriptionId: ELSEWHERE, resourceGroupName: 'rg-green' });

    expect(problemsOf(stack)).toEqual([]);
  });

  test('for things of different kinds', () => {
    const stack = testStack();
    const resourceGroup = testGroup(stack);
    new KeyVault(stack, 'vault', { resourceGroup, keyVaultName: 'contoso' });
    new UserAssignedIdentity(stack, 'identity', { resourceGroup, identityName: 'contoso' });
    new InferenceCluster(stack, 'cluster', { resourceGroup, clusterName: 'contoso' });

    expect(problemsOf(stack)).toEqual([]);
  });

  test('for what is made elsewhere', () => {
    const stack = testStack();
    const resourceGroup = sharedGroup(stack);
    new KeyVault(stack, 'vault', { resourceGroup, keyVaultName: 'contoso' });
    for (const id of ['a', 'b']) {
      KeyVault.fromKeyVaultAttributes(stack, id, { resourceGroup, keyVaultName: 'contoso' });
    }

    expect(problemsOf(stack)).toEqual([]);
  });

  test('where only Terraform knows whether it is', () => {
    const stack = testStack();
    const resourceGroup = testGroup(stack);
    const identityName = new TerraformVariable(stack, 'name', {}).stringValue;
    for (const id of ['a', 'b']) {
      new UserAssignedIdentity(stack, id, { resourceGroup, identityName });
    }

    expect(problemsOf(stack)).toEqual([]);
  });
});

test('stacks that are not of this library count for what is unique in all of Azure, and for nothing else', () => {
  const app = testApp();
  const stack = testStack('test', app);
  const resourceGroup = testGroup(stack);
  new ModelStore(stack, 'models', { resourceGroup, storageAccountName: 'contoso' });
  const other = new TerraformStack(app, 'other');
  new AzurermProvider(other, 'azurerm', { features: [{}] });
  const at = { name: 'contoso', location: 'westeurope', resourceGroupName: resourceGroup.resourceGroupName };
  new GroupResource(other, 'group', { name: resourceGroup.resourceGroupName, location: 'westeurope' });
  new StorageAccount(other, 'account', { ...at, accountTier: 'Standard', accountReplicationType: 'LRS' });

  expect(problemsOf(stack)).toEqual([
    { path: 'other/account', message: clash('a storage account name', 'all of Azure', 'contoso', 'test/models') },
  ]);
});
