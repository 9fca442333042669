import { KeyVault as KeyVaultResource } from '@cdktf/provider-azurerm/lib/key-vault';
import { KeyVaultSecret } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import {
  type IKeyVault,
  KeyVault,
  type KeyVaultKeysOptions,
  ServiceAuth,
  ServingNamespace,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { Fn, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { ServiceKeys, type ServiceKeysProps } from '../../../constructs/private/service-keys';
import {
  messagesOf,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testGroup,
  testKubernetesStack,
  testStack,
  written,
} from '../../fixtures';

const KEY_VAULT_ID = `${SHARED_GROUP_ID}/providers/Microsoft.KeyVault/vaults/shop-keys`;

const EXISTING: KeyVaultKeysOptions = {
  keyVaultId: KEY_VAULT_ID,
  primarySecretName: 'reader-primary',
  secondarySecretName: 'reader-secondary',
};

/** A vault that somebody else made. */
function sharedVault(scope: Construct, keyVaultName = 'shop-keys'): IKeyVault {
  const place = new Construct(scope, `elsewhere-${keyVaultName}`);
  return KeyVault.fromKeyVaultAttributes(place, 'vault', { resourceGroup: sharedGroup(place), keyVaultName });
}

function namespaceOf(scope: Construct, namespaceName = 'serving'): ServingNamespace {
  return new ServingNamespace(scope, `namespace-${namespaceName}`, { namespaceName });
}

/** Keys of a service 'reader', in a stack of their own. */
function keysOf(props: Partial<ServiceKeysProps> = {}, stack: TerraformStack = testKubernetesStack()) {
  const keys = new ServiceKeys(new Construct(stack, 'reader'), 'keys', {
    auth: ServiceAuth.keys(),
    keyVault: props.auth?.existing === undefined ? sharedVault(stack) : undefined,
    namespace: namespaceOf(stack),
    serviceName: 'reader',
    ...props,
  });
  return { stack, keys, template: () => Template.of(stack) };
}

/** The ephemeral blocks of a type, by what their paths end with. */
function ephemeral(template: Template, type: string): { [path: string]: unknown } {
  const blocks = (template.json.ephemeral as { [type: string]: { [id: string]: Block } } | undefined)?.[type] ?? {};
  return Object.fromEntries(
    Object.entries(blocks).map(([id, { '//': comment, ...values }]) => [comment.metadata.path, { id, ...values }]),
  );
}

interface Block {
  readonly '//': { readonly metadata: { readonly path: string } };
}

/** An expression of Terraform that refers to a value of a block below the keys. */
const reference = (prefix: string, key: string, what: string, suffix = '[0-9A-F]{8}') =>
  expect.stringMatching(new RegExp(`^\\$\\{${prefix}\\.reader_keys_${key}${what}_${suffix}\\}$`));

describe('keys that Terraform makes', () => {
  test.each(['primary', 'secondary'])('come from 64 random letters and digits into the vault alone: %s', (key) => {
    const template = keysOf().template();

    expect(ephemeral(template, 'random_password')[`test/reader/keys/${key}-password`]).toEqual({
      id: expect.any(String),
      length: 64,
      special: false,
    });
    expect(template.resource(KeyVaultSecret, `keys/${key}`)).toEqual({
      name: `serving-reader-${key}`,
      key_vault_id: KEY_VAULT_ID,
      content_type: `${key} key of 'reader' in 'serving'`,
      value_wo: reference('ephemeral.random_password', key, '-password', '[0-9A-F]{8}\\.result'),
      value_wo_version: 1,
    });
  });

  test.each(['primary', 'secondary'])('are read back once they are written: %s', (key) => {
    const { template } = keysOf();
    const { resource } = template().json as { resource?: { [type: string]: object } };
    const [id] = Object.keys(resource?.azurerm_key_vault_secret ?? {}).filter((name) => name.includes(key));

    expect(ephemeral(template(), 'azurerm_key_vault_secret')[`test/reader/keys/${key}-value`]).toEqual({
      id: expect.any(String),
      name: `serving-reader-${key}`,
      key_vault_id: KEY_VAULT_ID,
      version: `\${azurerm_key_vault_secret.${id}.version}`,
    });
  });

  test('reach the cluster as digests that no state keeps', () => {
    const value = (key: string) =>
      expect.stringMatching(
        new RegExp(
          `^\\$\\{sha256\\(ephemeral\\.azurerm_key_vault_secret\\.reader_keys_${key}-value_[0-9A-F]{8}\\.value\\)\\}$`,
        ),
      );

    expect(keysOf().template().resource(SecretV1)).toEqual({
      metadata: {
        name: 'reader-keys',
        namespace: expect.stringContaining('kubernetes_namespace_v1.'),
        labels: { 'app.kubernetes.io/name': 'reader' },
      },
      type: 'Opaque',
      immutable: false,
      data_wo: { primary: value('primary'), secondary: value('secondary') },
      data_wo_revision: 10_001,
      lifecycle: {
        replace_triggered_by: [
          expect.stringMatching(/^azurerm_key_vault_secret\.reader_keys_primary_[0-9A-F]{8}\.versionless_id$/),
          expect.stringMatching(/^azurerm_key_vault_secret\.reader_keys_secondary_[0-9A-F]{8}\.versionless_id$/),
        ],
      },
    });
  });

  test('each have a number of their own, of which the revision of the digests is made', () => {
    const template = keysOf({ auth: ServiceAuth.keys({ rotate: { primary: 3, secondary: 2 } }) }).template();

    expect(template.resource(KeyVaultSecret, 'keys/primary')).toMatchObject({ value_wo_version: 3 });
    expect(template.resource(KeyVaultSecret, 'keys/secondary')).toMatchObject({ value_wo_version: 2 });
    expect(template.resource(SecretV1)).toMatchObject({ data_wo_revision: 30_002 });
  });

  test('need a Terraform and a provider that can make them', () => {
    expect(keysOf().template().json).toMatchObject({
      terraform: {
        required_version: '>= 1.11.0',
        required_providers: { random: { source: 'hashicorp/random', version: '3.7.2' } },
      },
    });
  });

  test('are told where they lie, and how to look at them', () => {
    const { keys, stack } = keysOf();

    expect(keys.keyVaultName).toBe('shop-keys');
    expect(keys.secrets).toEqual({ primary: 'serving-reader-primary', secondary: 'serving-reader-secondary' });
    expect(keys.commands).toEqual({
      primary:
        'az keyvault secret show --vault-name shop-keys --name serving-reader-primary --query value --output tsv',
      secondary:
        'az keyvault secret show --vault-name shop-keys --name serving-reader-secondary --query value --output tsv',
    });
    expect(written(stack, keys.secretName)).toMatch(
      /^\$\{kubernetes_secret_v1\.reader_keys_\w+\.metadata\[0\]\.name\}$/,
    );
  });

  test('go into a vault of the same stack by reference, into one of another by its id and after it', () => {
    const app = testApp();
    const foundation = testStack('foundation', app);
    const theirs = new KeyVault(foundation, 'vault', { resourceGroup: testGroup(foundation) });
    const across = keysOf({ keyVault: theirs }, testKubernetesStack('test', app));
    expect(across.stack.dependencies).toEqual([foundation]);
    expect(across.template().resource(KeyVaultSecret, 'primary')).toMatchObject({
      key_vault_id: expect.stringMatching(/^\/subscriptions\/.*\/vaults\//),
    });

    const stack = testKubernetesStack();
    const mine = new KeyVault(stack, 'vault', { resourceGroup: sharedGroup(stack) });
    expect(keysOf({ keyVault: mine }, stack).template().resource(KeyVaultSecret, 'primary')).toMatchObject({
      key_vault_id: expect.stringMatching(/^\$\{azurerm_key_vault\.vault_?\w*\.id\}$/),
    });
  });

  test('have names that fit, however long those of namespace and service are', () => {
    const namespaceName = 'n'.repeat(63);
    const secretsOf = (serviceName: string) => {
      const stack = testKubernetesStack();
      const { keys } = keysOf({ serviceName, namespace: namespaceOf(stack, namespaceName) }, stack);
      expect(messagesOf(stack)).toEqual([]);
      return [keys.secrets.primary, keys.secrets.secondary];
    };
    const names = [...secretsOf('s'.repeat(63)), ...secretsOf('s'.repeat(62))];

    expect(names.map((name) => name.length).filter((length) => length > 127)).toEqual([]);
    expect(new Set(names).size).toBe(4);
    expect(secretsOf('a--b')[0]).toBe(`${namespaceName}-a--b-primary`);
  });
});

describe('several services of one stack', () => {
  test('have blocks of their own', () => {
    const stack = testKubernetesStack();
    const [keyVault, namespace] = [sharedVault(stack), namespaceOf(stack)];
    for (const serviceName of ['reader', 'writer']) {
      new ServiceKeys(stack, serviceName, { auth: ServiceAuth.keys(), keyVault, namespace, serviceName });
    }
    const template = Template.of(stack);

    expect(Object.keys(ephemeral(template, 'random_password'))).toHaveLength(4);
    expect(Object.keys(ephemeral(template, 'azurerm_key_vault_secret'))).toHaveLength(4);
    expect(template.resources(KeyVaultSecret)).toHaveLength(4);
  });

  test('fail for names that make one name in the vault, whether the vault is referred to or named', () => {
    const stack = testKubernetesStack();
    const mine = new KeyVault(stack, 'vault', { resourceGroup: sharedGroup(stack), keyVaultName: 'Shop-Keys' });
    const theirs = sharedVault(stack);
    const other = sharedVault(stack, 'other-keys');
    const add = (id: string, namespaceName: string, serviceName: string, keyVault: IKeyVault) =>
      new ServiceKeys(stack, id, {
        auth: ServiceAuth.keys(),
        keyVault,
        namespace: new ServingNamespace(stack, `namespace-${id}`, { namespaceName }),
        serviceName,
      });
    add('one', 'a-b', 'c', mine);
    add('two', 'a', 'b-c', theirs);
    add('three', 'a-b-c', 'd', theirs);
    add('four', 'a-b-c-d', 'd', other);

    const message = (key: string) =>
      `a Key Vault secret name is unique in its Key Vault; got 'a-b-c-${key}', which 'test/one/${key}' has, too; ` +
      'give one of them another name, which a key has from its service and the namespace';
    expect(problemsOf(stack)).toEqual([
      { path: 'test/two/primary', message: message('primary') },
      { path: 'test/two/secondary', message: message('secondary') },
    ]);
  });

  test('may have the same names in different vaults', () => {
    const stack = testKubernetesStack();
    const vaults = ['shop-keys', 'team-keys'].map((name) => sharedVault(stack, name));
    for (const [index, keyVault] of vaults.entries()) {
      new ServiceKeys(stack, `keys-${index}`, {
        auth: ServiceAuth.keys(),
        keyVault,
        namespace: new ServingNamespace(stack, `namespace-${index}`, { namespaceName: index === 0 ? 'a' : 'a-b' }),
        serviceName: index === 0 ? 'b-c' : 'c',
      });
    }

    expect(messagesOf(stack)).toEqual([]);
  });
});

describe('keys that lie in a vault already', () => {
  test('are read and neither made nor written', () => {
    const template = keysOf({ auth: ServiceAuth.keyVault(EXISTING) }).template();

    expect(template.resources(KeyVaultSecret)).toEqual([]);
    expect(ephemeral(template, 'random_password')).toEqual({});
    expect(JSON.stringify(template.json)).not.toContain('hashicorp/random');
    expect(ephemeral(template, 'azurerm_key_vault_secret')).toEqual({
      'test/reader/keys/primary-value': { id: expect.any(String), name: 'reader-primary', key_vault_id: KEY_VAULT_ID },
      'test/reader/keys/secondary-value': {
        id: expect.any(String),
        name: 'reader-secondary',
        key_vault_id: KEY_VAULT_ID,
      },
    });
    expect(template.json).toMatchObject({ terraform: { required_version: '>= 1.11.0' } });
  });

  test('are read again under another number', () => {
    const secret = (auth: ServiceAuth) => keysOf({ auth }).template().resource(SecretV1);

    expect(secret(ServiceAuth.keyVault(EXISTING))).toMatchObject({ data_wo_revision: 10_001 });
    expect(secret(ServiceAuth.keyVault({ ...EXISTING, rotate: { secondary: 2 } }))).toMatchObject({
      data_wo_revision: 10_002,
    });
  });

  test('are told where they lie, and how to look at them', () => {
    const { keys } = keysOf({ auth: ServiceAuth.keyVault(EXISTING) });

    expect(keys.keyVaultName).toBe('shop-keys');
    expect(keys.secrets).toEqual({ primary: 'reader-primary', secondary: 'reader-secondary' });
    expect(keys.commands.secondary).toBe(
      'az keyvault secret show --vault-name shop-keys --name reader-secondary --query value --output tsv',
    );
  });

  test('may lie in a vault of the same stack', () => {
    const stack = testKubernetesStack();
    const vault = new KeyVaultResource(stack, 'own', {
      name: 'own-keys',
      resourceGroupName: 'shared',
      location: 'westeurope',
      tenantId: '11111111-2222-3333-4444-555555555555',
      skuName: 'standard',
    });
    const { keys, template } = keysOf({ auth: ServiceAuth.keyVault({ ...EXISTING, keyVaultId: vault.id }) }, stack);

    expect(Object.values(ephemeral(template(), 'azurerm_key_vault_secret'))).toEqual(
      Array(2).fill(expect.objectContaining({ key_vault_id: '${azurerm_key_vault.own.id}' })),
    );
    expect(written(stack, keys.commands.primary)).toBe(
      'az keyvault secret show --vault-name ${element(split("/", azurerm_key_vault.own.id), 8)} --name ' +
        'reader-primary --query value --output tsv',
    );
  });

  test('fail in a vault of another stack that is referred to, and would carry its state along', () => {
    const app = testApp();
    const foundation = testStack('foundation', app);
    const vault = new KeyVault(foundation, 'vault', { resourceGroup: testGroup(foundation) });
    const keyVaultId = vault.idFor(foundation);
    const { stack } = keysOf(
      { auth: ServiceAuth.keyVault({ ...EXISTING, keyVaultId }) },
      testKubernetesStack('test', app),
    );

    expect(messagesOf(stack)).toEqual(
      ['primary', 'secondary'].map((key) =>
        expect.stringMatching(`^'test/reader/keys/${key}-value' reads a token of the stack 'foundation'`),
      ),
    );
  });

  test('give the digests another object when other secrets take their place, under any number', () => {
    const nameOf = (auth: ServiceAuth) =>
      (keysOf({ auth }).template().resource(SecretV1) as { metadata: { name: string } }).metadata.name;
    const options: readonly KeyVaultKeysOptions[] = [
      EXISTING,
      { ...EXISTING, keyVaultId: KEY_VAULT_ID.replace('shop', 'team') },
      { ...EXISTING, primarySecretName: 'writer-primary' },
      { ...EXISTING, secondarySecretName: 'writer-secondary' },
    ];
    const names = options.map((option) => nameOf(ServiceAuth.keyVault(option)));

    expect(new Set([...names, nameOf(ServiceAuth.keys())]).size).toBe(5);
    expect(names[0]).toMatch(/^reader-keys-[0-9a-f]{8}$/);
    expect(nameOf(ServiceAuth.keyVault({ ...EXISTING, rotate: { primary: 2 } }))).toBe(names[0]);
    expect(nameOf(ServiceAuth.keyVault({ ...EXISTING, keyVaultId: Fn.lower('one') }))).not.toBe(
      nameOf(ServiceAuth.keyVault({ ...EXISTING, keyVaultId: Fn.lower('other') })),
    );
  });
});

describe('fails', () => {
  test('without a vault for the keys that Terraform makes', () => {
    const { stack } = keysOf({ keyVault: undefined });

    expect(problemsOf(stack)).toEqual([
      {
        path: 'test/reader/keys',
        message:
          'a service with keys needs a Key Vault to keep them in; got none; give the ServingStack a keyVault, or ' +
          'auth ServiceAuth.keyVault(…) or ServiceAuth.none()',
      },
    ]);
  });

  test('for what is wrong with the keys, all of it at once', () => {
    expect(
      messagesOf(keysOf({ auth: ServiceAuth.keys({ rotate: { primary: 0 } }), keyVault: undefined }).stack),
    ).toEqual([
      'rotate.primary must be a whole number from 1 to 9999; got 0',
      expect.stringMatching(/^a service with keys needs a Key Vault/),
    ]);
    expect(messagesOf(keysOf({ auth: ServiceAuth.keyVault({ ...EXISTING, keyVaultId: 'shop-keys' }) }).stack)).toEqual([
      expect.stringMatching(/^keyVaultId must be the id of a Key Vault/),
    ]);
  });
});
