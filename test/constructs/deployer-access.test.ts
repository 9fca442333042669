import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { DeployerAccess } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, testGroup, testStack, token } from '../fixtures';

const ANNA = 'aaaaaaaa-0000-0000-0000-000000000001';
const PIPELINE = 'bbbbbbbb-0000-0000-0000-000000000002';

const ROLES = [
  'Azure Kubernetes Service RBAC Cluster Admin',
  'Key Vault Secrets Officer',
  'Storage Blob Data Contributor',
];

function access(deployers?: readonly string[]) {
  const stack = testStack('shop');
  new DeployerAccess(stack, 'deployers', { resourceGroup: testGroup(stack), deployers });
  return stack;
}

const grants = (deployers?: readonly string[]) => Template.of(access(deployers)).resources(RoleAssignment);

test('whoever deploys first gets all three roles on the group, and keeps them when somebody else deploys', () => {
  const roles = grants();

  expect(roles.map((role) => role.role_definition_name).sort()).toEqual(ROLES);
  for (const role of roles) {
    expect(role).toEqual({
      scope: expect.stringMatching(/^\$\{azurerm_resource_group\.group_.+\.id\}$/),
      role_definition_name: expect.any(String),
      principal_id: expect.stringMatching(/^\$\{data\.azurerm_client_config\.azurerm-client\.object_id\}$/),
      lifecycle: { ignore_changes: ['principal_id'] },
    });
  }
});

describe('named deployers', () => {
  test('get three roles each, and a change of the list is a change', () => {
    const roles = grants([ANNA, PIPELINE]);

    for (const principal of [ANNA, PIPELINE]) {
      const own = roles.filter((role) => role.principal_id === principal);
      expect(own.map((role) => role.role_definition_name).sort()).toEqual(ROLES);
    }
    expect(roles).toHaveLength(6);
    expect(roles.filter((role) => 'lifecycle' in role)).toEqual([]);
  });

  test('get their roles once', () => {
    expect(grants([ANNA, ANNA])).toHaveLength(3);
  });

  test('may be nobody', () => {
    expect(grants([])).toEqual([]);
  });
});

test('administer the Grafana of the group where there is one', () => {
  const stack = testStack('shop');
  new DeployerAccess(stack, 'deployers', { resourceGroup: testGroup(stack), deployers: [ANNA], grafana: true });
  const roles = Template.of(stack).resources(RoleAssignment);

  expect(roles.map((role) => role.role_definition_name).sort()).toEqual([...ROLES, 'Grafana Admin'].sort());
  expect(new Set(roles.map((role) => role.principal_id))).toEqual(new Set([ANNA]));
});

test('read the metrics of the group where they are kept, which the dashboards in the portal show', () => {
  const stack = testStack('shop');
  new DeployerAccess(stack, 'deployers', { resourceGroup: testGroup(stack), deployers: [ANNA], metrics: true });
  const roles = Template.of(stack).resources(RoleAssignment);

  expect(roles.map((role) => role.role_definition_name).sort()).toEqual([...ROLES, 'Monitoring Data Reader'].sort());
});

test('fails for everyone who is no object id', () => {
  expect(messagesOf(access(['anna@contoso.com', ANNA, 'pipeline']))).toEqual(
    ['anna@contoso.com', 'pipeline'].map(
      (given) =>
        `a deployer is the object id of a user, group or service principal, a GUID; got '${given}'; ` +
        "'az ad signed-in-user show --query id' prints yours",
    ),
  );
});

test('takes a token for an object id', () => {
  expect(grants([token(ANNA)]).map((role) => role.principal_id)).toEqual([ANNA, ANNA, ANNA]);
});
