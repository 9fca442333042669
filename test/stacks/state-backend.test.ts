import { type AzureBlobBackendOptions, StateBackend } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { S3Backend, TerraformStack } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { env, messagesOf, testApp, testStack } from '../fixtures';

const ACCOUNT = {
  subscriptionId: env.subscriptionId,
  resourceGroupName: 'operations',
  storageAccountName: 'contosostates',
  containerName: 'terraform',
};

function backendOf(backend?: StateBackend, id = 'prod-serving') {
  const { terraform } = Template.of(testStack(id, testApp(), { backend })).json as { terraform: { backend: unknown } };
  return terraform.backend;
}

const azureBlob = (options: Partial<AzureBlobBackendOptions> = {}) =>
  StateBackend.azureBlob({ ...ACCOUNT, ...options });

describe('local', () => {
  test('is the default: beside cdktf.json, out of the output folder, wherever that lies', () => {
    const local = { local: { path: '../../../terraform.prod-serving.tfstate' } };

    expect(backendOf()).toEqual(local);
    expect(backendOf(StateBackend.local())).toEqual(local);
  });

  test('gives each stack a file of its own', () => {
    expect(backendOf(undefined, 'other')).toEqual({ local: { path: '../../../terraform.other.tfstate' } });
  });
});

describe('azureBlob', () => {
  test('is opened with the deployer’s own token and no key', () => {
    expect(backendOf(azureBlob())).toEqual({
      azurerm: {
        subscription_id: env.subscriptionId,
        resource_group_name: 'operations',
        storage_account_name: 'contosostates',
        container_name: 'terraform',
        key: 'prod-serving.tfstate',
        use_azuread_auth: true,
      },
    });
  });

  test('gives each stack a key of its own, in the folder where there is one', () => {
    const backend = azureBlob({ folder: 'vision/prod' });

    expect(backendOf(backend, 'a')).toMatchObject({ azurerm: { key: 'vision/prod/a.tfstate' } });
    expect(backendOf(backend, 'b')).toMatchObject({ azurerm: { key: 'vision/prod/b.tfstate' } });
  });

  test('fails for names that Azure would refuse, all at once', () => {
    const backend = StateBackend.azureBlob({
      subscriptionId: 'mine',
      resourceGroupName: 'operations.',
      storageAccountName: 'contoso-states',
      containerName: 'Terraform',
    });

    expect(messagesOf(testStack('test', testApp(), { backend }))).toEqual([
      expect.stringMatching(/^a subscription id is a GUID .* got 'mine'/),
      expect.stringMatching(/^a resource group name is .* got 'operations.'/),
      expect.stringMatching(/^a storage account name is .* got 'contoso-states'; 'contosostates' would do$/),
      expect.stringMatching(/^a blob container name is .* got 'Terraform'/),
    ]);
  });
});

test('a backend of the user’s own wins', () => {
  const stack = testStack();
  new S3Backend(stack, { bucket: 'states', key: 'test' });

  expect((Template.of(stack).json as { terraform: object }).terraform).toMatchObject({
    backend: { s3: { bucket: 'states', key: 'test' } },
  });
});

test('a stack that is not of this library may have one of these backends', () => {
  const stack = new TerraformStack(testApp(), 'plain');
  StateBackend.local().bind(stack);

  expect((Template.of(stack).json as { terraform: object }).terraform).toEqual({
    backend: { local: { path: '../../../terraform.plain.tfstate' } },
  });
});
