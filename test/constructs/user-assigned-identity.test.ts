import { UserAssignedIdentity as IdentityResource } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { UserAssignedIdentity } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { expect, test } from 'vitest';
import { messagesOf, testGroup, testStack, token, written } from '../fixtures';

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

test('fails for a name that Azure would refuse', () => {
  expect(messagesOf(identity('_x').stack)).toEqual([
    "an identity name is 3 to 128 letters, digits, hyphens and underscores, the first a letter or digit; got '_x'",
  ]);
});
