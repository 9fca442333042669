import { readdirSync } from 'node:fs';
import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { DataAzurermResourceGroup } from '@cdktf/provider-azurerm/lib/data-azurerm-resource-group';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { Template } from 'azure-inference-cdktf/testing';
import { Aspects, type TerraformElement, TerraformOutput, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { folderWith, testApp, testStack } from '../fixtures';

let stack: TerraformStack;
beforeEach(() => {
  stack = testStack('shop');
  const team = new Construct(stack, 'team');
  new ResourceGroup(team, 'Resource', { name: 'a', location: 'westeurope' });
  new ResourceGroup(stack, 'other-team', { name: 'b', location: 'westeurope' });
  new StorageAccount(stack, 'Storage', {
    name: 'shop',
    resourceGroupName: 'a',
    location: 'westeurope',
    accountTier: 'Standard',
    accountReplicationType: 'LRS',
  });
  new DataAzurermClientConfig(stack, 'client', {});
});

describe('resource', () => {
  test('is the only one of its class, as Terraform reads it, without cdktf’s metadata', () => {
    expect(Template.of(stack).resource(StorageAccount)).toEqual({
      name: 'shop',
      resource_group_name: 'a',
      location: 'westeurope',
      account_tier: 'Standard',
      account_replication_type: 'LRS',
    });
  });

  test('is found by the end of its path, which is that of the construct around it', () => {
    const template = Template.of(stack);

    expect(template.resource(ResourceGroup, 'team')).toMatchObject({ name: 'a' });
    expect(template.resource(ResourceGroup, 'shop/team')).toMatchObject({ name: 'a' });
    expect(template.resource(ResourceGroup, 'other-team')).toMatchObject({ name: 'b' });
  });

  test('fails where there are several, and names them', () => {
    expect(() => Template.of(stack).resource(ResourceGroup)).toThrow(
      "expected one resource azurerm_resource_group in the stack 'shop', found 2; it has 'shop/other-team', " +
        "'shop/team'; name the end of its path, or ask for all of them",
    );
  });

  test('fails where none has the name, and names those there are', () => {
    expect(() => Template.of(stack).resource(ResourceGroup, 'eam')).toThrow(
      "expected one resource azurerm_resource_group whose path ends with 'eam' in the stack 'shop', found 0; it has " +
        "'shop/other-team', 'shop/team'",
    );
  });

  test('fails where there is none', () => {
    expect(() => Template.of(stack).resource(KeyVault)).toThrow(
      "expected one resource azurerm_key_vault in the stack 'shop', found 0; it has none of the type",
    );
  });
});

describe('the other finders', () => {
  test('resources are all of a class, and may be none', () => {
    expect(
      Template.of(stack)
        .resources(ResourceGroup)
        .map((group) => group.name),
    ).toEqual(['b', 'a']);
    expect(Template.of(stack).resources(KeyVault)).toEqual([]);
  });

  test('data sources are found as resources are', () => {
    expect(Template.of(stack).dataSource(DataAzurermClientConfig, 'client')).toEqual({});
    expect(Template.of(stack).dataSources(DataAzurermClientConfig)).toEqual([{}]);
    expect(Template.of(stack).dataSources(DataAzurermResourceGroup)).toEqual([]);
    expect(() => Template.of(stack).dataSource(DataAzurermResourceGroup)).toThrow(
      "expected one data source azurerm_resource_group in the stack 'shop', found 0",
    );
  });

  test('an output is its value', () => {
    new TerraformOutput(stack, 'answer', { value: 42 });

    expect(Template.of(stack).output('answer')).toBe(42);
  });

  test('fails for an output that is not there, and names those there are', () => {
    expect(() => Template.of(stack).output('answer')).toThrow("the stack 'shop' has no output 'answer'; it has: none");
    new TerraformOutput(stack, 'question', { value: 1 });
    expect(() => Template.of(stack).output('answer')).toThrow('it has: question');
  });

  test('json is the whole configuration', () => {
    expect(Template.of(stack).json).toMatchObject({
      terraform: { backend: { local: {} } },
      resource: { azurerm_storage_account: { Storage: { name: 'shop' } } },
    });
  });
});

describe('synthesis', () => {
  test('runs aspects', () => {
    Aspects.of(stack).add({
      visit: (node) => {
        if (node.node.id === 'Storage') {
          (node as TerraformElement).addOverride('min_tls_version', 'TLS1_2');
        }
      },
    });

    expect(Template.of(stack).resource(StorageAccount)).toMatchObject({ min_tls_version: 'TLS1_2' });
  });

  test('fails for what a construct of another stack refuses', () => {
    const app = testApp();
    testStack('other', app).node.addValidation({ validate: () => ['no such thing'] });

    expect(() => Template.of(testStack('shop', app))).toThrow('  - other: no such thing');
  });

  test('shows what the program adds from one time to the next', () => {
    Template.of(stack);
    new KeyVault(stack, 'late', {
      name: 'late',
      location: 'westeurope',
      resourceGroupName: 'a',
      skuName: 'standard',
      tenantId: '',
    });

    expect(Template.of(stack).resources(KeyVault)).toHaveLength(1);
  });

  test('leaves nothing behind, not even where the program is refused', () => {
    const folder = folderWith({});
    vi.stubEnv('TMPDIR', folder);

    Template.of(stack);
    stack.node.addValidation({ validate: () => ['no'] });

    expect(() => Template.of(stack)).toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
  });
});
