import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import {
  ApplicationInsights,
  ContainerRegistry,
  KeyVault,
  LogAnalyticsWorkspace,
  Workspace,
  type WorkspaceProps,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, TimeSleep, testGroup, testStack, token } from '../fixtures';

function workspace(props: Partial<WorkspaceProps> = {}) {
  const stack = testStack('shop');
  const resourceGroup = testGroup(stack);
  const logAnalytics = new LogAnalyticsWorkspace(stack, 'logs', { resourceGroup });
  const lab = new Workspace(stack, 'lab', {
    resourceGroup,
    keyVault: new KeyVault(stack, 'vault', { resourceGroup }),
    registry: new ContainerRegistry(stack, 'registry', { resourceGroup }),
    applicationInsights: new ApplicationInsights(stack, 'insights', { resourceGroup, logAnalytics }),
    ...props,
  });
  return { stack, lab, template: () => Template.of(stack) };
}

const reference = (type: string, construct: string, attribute: string) =>
  expect.stringMatching(new RegExp(`^\\$\\{${type}\\.${construct}_[0-9A-F]{8}\\.${attribute}\\}$`));

const identityId = reference('azurerm_user_assigned_identity', 'lab_identity', 'id');

test('defaultChild is the workspace', () => {
  expect(workspace().lab.node.defaultChild).toBeInstanceOf(MachineLearningWorkspace);
});

test('runs as an identity of its own, over everything it was given, and is protected by default', () => {
  expect(workspace().template().resource(MachineLearningWorkspace)).toEqual({
    name: 'mlw-shop-lab',
    resource_group_name: reference('azurerm_resource_group', 'group', 'name'),
    location: 'westeurope',
    application_insights_id: reference('azurerm_application_insights', 'insights', 'id'),
    container_registry_id: reference('azurerm_container_registry', 'registry', 'id'),
    key_vault_id: reference('azurerm_key_vault', 'vault', 'id'),
    storage_account_id: reference('azurerm_storage_account', 'lab_storage', 'id'),
    public_network_access_enabled: true,
    identity: { type: 'UserAssigned', identity_ids: [identityId] },
    primary_user_assigned_identity: identityId,
    depends_on: [expect.stringMatching(/^time_sleep\.lab_Roles_/)],
    lifecycle: { prevent_destroy: true },
  });
});

describe('the identity', () => {
  test('has the roles that let the registry’s admin user stay off, and no others', () => {
    const roles = workspace().template().resources(RoleAssignment);

    const on = (type: string, construct: string) => reference(type, construct, 'id');
    const vault = on('azurerm_key_vault', 'vault');
    const storage = on('azurerm_storage_account', 'lab_storage');
    expect(roles).toHaveLength(6);
    expect(roles).toEqual(
      expect.arrayContaining(
        [
          [storage, 'Contributor'],
          [vault, 'Contributor'],
          [on('azurerm_container_registry', 'registry'), 'Contributor'],
          [on('azurerm_application_insights', 'insights'), 'Contributor'],
          [storage, 'Storage Blob Data Contributor'],
          [vault, 'Key Vault Administrator'],
        ].map(([scope, role_definition_name]) => ({
          scope,
          role_definition_name,
          principal_id: reference('azurerm_user_assigned_identity', 'lab_identity', 'principal_id'),
          principal_type: 'ServicePrincipal',
        })),
      ),
    );
  });

  test('has them for a minute before the workspace is made', () => {
    const pause = workspace().template().resource(TimeSleep, 'lab/Roles');

    expect(pause.create_duration).toBe('60s');
    expect(Object.values(pause.triggers as object)).toHaveLength(6);
    expect(Object.values(pause.triggers as object)).toEqual(
      Array(6).fill(expect.stringMatching(/^\$\{azurerm_role_assignment\..+\.id\}$/)),
    );
    expect(workspace().template().json).toMatchObject({
      terraform: { required_providers: { time: { source: 'hashicorp/time', version: '0.13.1' } } },
    });
  });
});

test('its own storage keeps the shared keys that azurerm needs, and is as safe as they let it be', () => {
  expect(workspace().template().resource(StorageAccount)).toMatchObject({
    name: expect.stringMatching(/^shoplabstorage[0-9a-f]{8}$/),
    shared_access_key_enabled: true,
    default_to_oauth_authentication: true,
    allow_nested_items_to_be_public: false,
    min_tls_version: 'TLS1_2',
    blob_properties: {
      versioning_enabled: true,
      delete_retention_policy: { days: 7 },
      container_delete_retention_policy: { days: 7 },
    },
    lifecycle: { prevent_destroy: true },
  });
});

test.each([
  ['literals', 'lab', 'labfiles'],
  ['tokens', token('lab'), token('labfiles')],
])('takes names as %s, and no protection', (_, workspaceName, storageAccountName) => {
  const template = workspace({ workspaceName, storageAccountName, protect: false }).template();

  const unprotected = { lifecycle: { prevent_destroy: false } };
  expect(template.resource(MachineLearningWorkspace)).toMatchObject({ name: 'lab', ...unprotected });
  expect(template.resource(StorageAccount)).toMatchObject({ name: 'labfiles', ...unprotected });
});

test('fails for names that Azure would refuse', () => {
  const { stack } = workspace({ workspaceName: 'my_lab', storageAccountName: 'lab-files' });

  expect(messagesOf(stack)).toEqual([
    "a workspace name is 3 to 33 letters, digits and hyphens, the first a letter or digit; got 'my_lab'; 'my-lab' " +
      'would do',
    "a storage account name is 3 to 24 lowercase letters and digits; got 'lab-files'; 'labfiles' would do",
  ]);
});
