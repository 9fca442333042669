import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { ModelStore, type ModelStoreProps, UserAssignedIdentity } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import {
  messagesOf,
  modelSource,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testGroup,
  testStack,
  token,
} from '../fixtures';

function store(props: Partial<ModelStoreProps> = {}) {
  const stack = testStack('shop');
  const models = new ModelStore(stack, 'models', { resourceGroup: testGroup(stack), ...props });
  return { stack, models, template: () => Template.of(stack) };
}

test('defaultChild is the storage account', () => {
  expect(store().models.node.defaultChild).toBeInstanceOf(StorageAccount);
});

describe('by default', () => {
  test('the account opens to Entra ID only, keeps what was deleted for 30 days and is protected', () => {
    expect(store().template().resource(StorageAccount)).toEqual({
      name: expect.stringMatching(/^shopmodels[0-9a-f]{8}$/),
      resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
      location: 'westeurope',
      account_kind: 'StorageV2',
      account_tier: 'Standard',
      account_replication_type: 'LRS',
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      local_user_enabled: false,
      https_traffic_only_enabled: true,
      min_tls_version: 'TLS1_2',
      blob_properties: {
        versioning_enabled: true,
        delete_retention_policy: { days: 30 },
        container_delete_retention_policy: { days: 30 },
      },
      lifecycle: { prevent_destroy: true },
    });
  });

  test('the container is called models, private and protected', () => {
    expect(store().template().resource(StorageContainer)).toEqual({
      name: 'models',
      storage_account_id: expect.stringMatching(/^\$\{azurerm_storage_account\.models_.+\.id\}$/),
      container_access_type: 'private',
      lifecycle: { prevent_destroy: true },
    });
  });
});

test('takes names, days and no protection', () => {
  const template = store({
    storageAccountName: 'shopmodels',
    containerName: 'live',
    softDeleteDays: 7,
    protect: false,
  }).template();

  expect(template.resource(StorageAccount)).toMatchObject({
    name: 'shopmodels',
    blob_properties: { delete_retention_policy: { days: 7 }, container_delete_retention_policy: { days: 7 } },
    lifecycle: { prevent_destroy: false },
  });
  expect(template.resource(StorageContainer)).toMatchObject({ name: 'live', lifecycle: { prevent_destroy: false } });
});

test('takes tokens for its names', () => {
  const template = store({ storageAccountName: token('shopmodels'), containerName: token('live') }).template();

  expect(template.resource(StorageAccount)).toMatchObject({ name: 'shopmodels' });
  expect(template.resource(StorageContainer)).toMatchObject({ name: 'live' });
});

describe('grantRead', () => {
  test('lets an identity read the container and nothing else, once', () => {
    const { stack, models } = store();
    const reader = new UserAssignedIdentity(stack, 'reader', { resourceGroup: sharedGroup(stack) });

    models.grantRead(reader);
    models.grantRead(reader);

    expect(Template.of(stack).resource(RoleAssignment)).toEqual({
      scope: expect.stringMatching(/^\$\{azurerm_storage_container\.models_Container_.+\.id\}$/),
      role_definition_name: 'Storage Blob Data Reader',
      principal_id: expect.stringMatching(/^\$\{azurerm_user_assigned_identity\.reader_.+\.principal_id\}$/),
      principal_type: 'ServicePrincipal',
    });
  });

  test('puts the assignment into the stack of the identity', () => {
    const { stack, models } = store({ storageAccountName: 'shopmodels' });
    const other = testStack('other', App.of(stack));
    models.grantRead(new UserAssignedIdentity(other, 'reader', { resourceGroup: sharedGroup(App.of(stack)) }));

    expect(Template.of(other).resource(RoleAssignment)).toMatchObject({
      scope: expect.stringMatching(/storageAccounts\/shopmodels\/blobServices\/default\/containers\/models$/),
    });
    expect(Template.of(stack).resources(RoleAssignment)).toEqual([]);
    expect(other.dependencies).toEqual([stack]);
  });

  test('gives two stores of one account a role each', () => {
    const app = testApp();
    const stack = testStack('test', app);
    const resourceGroup = sharedGroup(app);
    const reader = new UserAssignedIdentity(stack, 'reader', { resourceGroup });
    for (const containerName of ['blue', 'green']) {
      ModelStore.fromModelStoreAttributes(app, containerName, {
        storageAccountName: 'shopmodels',
        containerName,
        resourceGroup,
      }).grantRead(reader);
    }

    expect(
      Template.of(stack)
        .resources(RoleAssignment)
        .map((role) => role.scope)
        .sort(),
    ).toEqual([expect.stringMatching(/containers\/blue$/), expect.stringMatching(/containers\/green$/)]);
  });
});

describe('grantCollectData', () => {
  test('lets an identity write to a container of its own, which is made when the first asks', () => {
    const { stack, models } = store({ protect: false });
    const writer = new UserAssignedIdentity(stack, 'writer', { resourceGroup: sharedGroup(stack) });
    expect(Template.of(stack).resources(StorageContainer)).toHaveLength(1);

    models.grantCollectData(writer);
    models.grantCollectData(writer);

    expect(Template.of(stack).resource(StorageContainer, 'CollectedData')).toEqual({
      name: 'modeldata',
      storage_account_id: expect.stringMatching(/^\$\{azurerm_storage_account\.models_.+\.id\}$/),
      container_access_type: 'private',
      lifecycle: { prevent_destroy: false },
    });
    expect(Template.of(stack).resource(RoleAssignment)).toMatchObject({
      scope: expect.stringMatching(/^\$\{azurerm_storage_container\.models_CollectedData_.+\.id\}$/),
      role_definition_name: 'Storage Blob Data Contributor',
    });
  });

  test('asks of a store made elsewhere that it has the container', () => {
    const app = testApp();
    const stack = testStack('test', app);
    const resourceGroup = sharedGroup(app);
    const models = ModelStore.fromModelStoreAttributes(app, 'models', { storageAccountName: 'theirs', resourceGroup });
    models.grantCollectData(new UserAssignedIdentity(stack, 'writer', { resourceGroup }));

    expect(models.collectedDataContainerName).toBe('modeldata');
    expect(Template.of(stack).resources(StorageContainer)).toEqual([]);
    expect(Template.of(stack).resource(RoleAssignment)).toMatchObject({
      scope: `${SHARED_GROUP_ID}/providers/Microsoft.Storage/storageAccounts/theirs/blobServices/default/containers/modeldata`,
      role_definition_name: 'Storage Blob Data Contributor',
    });
  });
});

describe('a store made elsewhere', () => {
  test('has the container models by default, and grants on it', () => {
    const app = testApp();
    const stack = testStack('test', app);
    const resourceGroup = sharedGroup(app);
    const models = ModelStore.fromModelStoreAttributes(app, 'models', { storageAccountName: 'theirs', resourceGroup });
    models.grantRead(new UserAssignedIdentity(stack, 'reader', { resourceGroup }));

    expect(models.containerName).toBe('models');
    expect(models.addModel('digits', { source: modelSource() }).store).toBe(models);
    expect(Template.of(stack).resource(RoleAssignment)).toMatchObject({
      scope: `${SHARED_GROUP_ID}/providers/Microsoft.Storage/storageAccounts/theirs/blobServices/default/containers/models`,
      role_definition_name: 'Storage Blob Data Reader',
    });
  });
});

const WRONG = [
  "a storage account name is 3 to 24 lowercase letters and digits; got 'shop-models'; 'shopmodels' would do",
  'a blob container name is 3 to 63 lowercase letters, digits and single hyphens, the first and last a letter or ' +
    "digit; got 'Live'; 'live' would do",
];

describe('fails for', () => {
  test('names that Azure would refuse', () => {
    const { stack } = store({ storageAccountName: 'shop-models', containerName: 'Live' });

    expect(messagesOf(stack)).toEqual(WRONG);
  });

  test.each([0, 366])('%d days of soft delete', (softDeleteDays) => {
    expect(messagesOf(store({ softDeleteDays }).stack)).toEqual([
      `softDeleteDays must be a whole number from 1 to 365; got ${softDeleteDays}`,
    ]);
  });

  test('names of a store made elsewhere by the same rules', () => {
    const app = testApp();
    ModelStore.fromModelStoreAttributes(app, 'models', {
      storageAccountName: 'shop-models',
      containerName: 'Live',
      resourceGroup: sharedGroup(app),
    });

    expect(problemsOf(testStack('test', app))).toEqual(WRONG.map((message) => ({ path: 'models', message })));
  });
});
