import { ContainerRegistry as ContainerRegistryResource } from '@cdktf/provider-azurerm/lib/container-registry';
import { ContainerRegistry, type ContainerRegistryProps, RegistrySku } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, sharedGroup, testApp, testGroup, testStack, token, written } from '../fixtures';

function registry(props: Partial<ContainerRegistryProps> = {}) {
  const stack = testStack('shop');
  const images = new ContainerRegistry(stack, 'images', { resourceGroup: testGroup(stack), ...props });
  return { stack, images };
}

const resource = (props?: Partial<ContainerRegistryProps>) =>
  Template.of(registry(props).stack).resource(ContainerRegistryResource);

test('defaultChild is the registry', () => {
  expect(registry().images.node.defaultChild).toBeInstanceOf(ContainerRegistryResource);
});

test('has no admin user and no anonymous callers, and is protected by default', () => {
  expect(resource()).toEqual({
    name: expect.stringMatching(/^shopimages[0-9a-f]{8}$/),
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
    sku: 'Standard',
    admin_enabled: false,
    anonymous_pull_enabled: false,
    lifecycle: { prevent_destroy: true },
  });
});

test.each([
  [RegistrySku.BASIC, 'Basic'],
  [RegistrySku.PREMIUM, 'Premium'],
])('takes name, sku %s and no protection', (sku, written) => {
  expect(resource({ registryName: 'Contoso', sku, protect: false })).toMatchObject({
    name: 'Contoso',
    sku: written,
    lifecycle: { prevent_destroy: false },
  });
});

describe('the login server', () => {
  test('is the name in lower case', () => {
    expect(registry({ registryName: 'Contoso' }).images.loginServer).toBe('contoso.azurecr.io');
  });

  test('holds the token where the name is one', () => {
    const { stack, images } = registry({ registryName: token('contoso') });

    expect(written(stack, images.loginServer)).toBe('contoso.azurecr.io');
  });

  test('is known of a registry made elsewhere', () => {
    const app = testApp();
    const images = ContainerRegistry.fromRegistryAttributes(app, 'images', {
      registryName: 'Contoso',
      resourceGroup: sharedGroup(app),
    });

    expect(images.loginServer).toBe('contoso.azurecr.io');
  });
});

const WRONG = "a registry name is 5 to 50 letters and digits; got 'my-images'; 'myimages' would do";

describe('fails for', () => {
  test('a name that Azure would refuse', () => {
    expect(messagesOf(registry({ registryName: 'my-images' }).stack)).toEqual([WRONG]);
  });

  test('the name of a registry made elsewhere by the same rule', () => {
    const app = testApp();
    ContainerRegistry.fromRegistryAttributes(app, 'images', {
      registryName: 'my-images',
      resourceGroup: sharedGroup(app),
    });

    expect(messagesOf(testStack('test', app))).toEqual([WRONG]);
  });
});
