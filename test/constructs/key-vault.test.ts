import { KeyVault as KeyVaultResource } from '@cdktf/provider-azurerm/lib/key-vault';
import { KeyVault, type KeyVaultProps } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, sharedGroup, testApp, testGroup, testStack, token } from '../fixtures';

function vault(props: Partial<KeyVaultProps> = {}, location = 'westeurope') {
  const stack = testStack('shop');
  const keys = new KeyVault(stack, 'keys', { resourceGroup: testGroup(stack, { location }), ...props });
  return { stack, keys };
}

const resource = (props?: Partial<KeyVaultProps>) => Template.of(vault(props).stack).resource(KeyVaultResource);

test('defaultChild is the vault', () => {
  expect(vault().keys.node.defaultChild).toBeInstanceOf(KeyVaultResource);
});

test('opens by roles only, cannot be purged and is protected by default', () => {
  expect(resource()).toEqual({
    name: expect.stringMatching(/^shop-keys-[0-9a-f]{8}$/),
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
    tenant_id: expect.stringMatching(/^\$\{data\.azurerm_client_config\..+\.tenant_id\}$/),
    sku_name: 'standard',
    rbac_authorization_enabled: true,
    purge_protection_enabled: true,
    soft_delete_retention_days: 90,
    lifecycle: { prevent_destroy: true },
  });
});

test('has another name in another region, since the name is unique in all of Azure', () => {
  expect(vault().keys.keyVaultName).toBe(vault({}, 'West Europe').keys.keyVaultName);
  expect(vault().keys.keyVaultName).not.toBe(vault({}, 'northeurope').keys.keyVaultName);
});

test('takes name and no protection', () => {
  expect(resource({ keyVaultName: 'shop', protect: false })).toMatchObject({
    name: 'shop',
    lifecycle: { prevent_destroy: false },
  });
});

test('takes a token for its name', () => {
  expect(resource({ keyVaultName: token('shop') })).toMatchObject({ name: 'shop' });
});

const WRONG =
  'a Key Vault name is 3 to 24 letters, digits and single hyphens, the first a letter, the last a letter or digit; ' +
  "got '1-shop'; 'shop' would do";

describe('fails for', () => {
  test('a name that Azure would refuse', () => {
    expect(messagesOf(vault({ keyVaultName: '1-shop' }).stack)).toEqual([WRONG]);
  });

  test('the name of a vault made elsewhere by the same rule', () => {
    const app = testApp();
    KeyVault.fromKeyVaultAttributes(app, 'keys', { keyVaultName: '1-shop', resourceGroup: sharedGroup(app) });

    expect(messagesOf(testStack('test', app))).toEqual([WRONG]);
  });
});
