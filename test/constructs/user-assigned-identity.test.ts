import { UserAssignedIdentity as IdentityResource } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { UserAssignedIdentity } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, testGroup, testStack, token, written } from '../fixtures';

function identity(identityName?: string) {
  const stack = testStack('shop');
  return {
    stack,
    reader: new UserAssignedIdentity(stack, 'reader', { resourceGroup: testGroup(stack), identityName }),
  };
}

test('defaultChild is the identity', () => {
  expect(identity().reader.node.defaultChild).toBeInstanceOf(IdentityResource);
});

test('lives in its group under the name of its path', () => {
  expect(Template.of(identity().stack).resource(IdentityResource)).toEqual({
    name: 'id-shop-reader',
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
  });
});

test('is known by references', () => {
  const { stack, reader } = identity();

  expect(written(stack, reader.principalId)).toMatch(/^\$\{azurerm_user_assigned_identity\.reader_.+\.principal_id\}$/);
  expect(written(stack, reader.clientId)).toMatch(/^\$\{azurerm_user_assigned_identity\.reader_.+\.client_id\}$/);
});

test.each(['cashier', token('cashier')])('takes a name: %#', (name) => {
  expect(Template.of(identity(name).stack).resource(IdentityResource)).toMatchObject({ name: 'cashier' });
});

describe('fails for a name that Azure would refuse', () => {
  const WRONG =
    'an identity name is 3 to 128 letters, digits, hyphens and underscores, the first a letter or digit; got ';

  test('of its own', () => {
    expect(messagesOf(identity('_x').stack)).toEqual([`${WRONG}'_x'`]);
  });

  test('of an identity made elsewhere', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    UserAssignedIdentity.fromUserAssignedIdentityAttributes(app, 'theirs', { identityName: '_y', resourceGroup });

    expect(messagesOf(testStack('test', app))).toEqual([`${WRONG}'_y'`]);
  });
});

test('other stacks get its literal id and name, made here or elsewhere', () => {
  const app = testApp();
  const resourceGroup = sharedGroup(app);
  const ours = new UserAssignedIdentity(testStack('shop', app), 'reader', { resourceGroup });
  const theirs = UserAssignedIdentity.fromUserAssignedIdentityAttributes(app, 'theirs', {
    identityName: 'cashier',
    resourceGroup,
  });
  const other = testStack('other', app);

  const id = `${SHARED_GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;
  expect([ours.idFor(other), ours.nameFor(other)]).toEqual([`${id}/id-shop-reader`, 'id-shop-reader']);
  expect([theirs.idFor(other), theirs.nameFor(other)]).toEqual([`${id}/cashier`, 'cashier']);
});
