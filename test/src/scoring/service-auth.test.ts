import { AuthMode, type KeyRotation, type KeyVaultKeysOptions, ServiceAuth } from 'azure-inference-cdktf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authProblems, keyRevision } from '../../../src/scoring/service-auth';
import { SHARED_GROUP_ID, token } from '../../fixtures';

const KEY_VAULT_ID = `${SHARED_GROUP_ID}/providers/Microsoft.KeyVault/vaults/shop-keys`;

const existing = (options: Partial<KeyVaultKeysOptions> = {}) =>
  ServiceAuth.keyVault({
    keyVaultId: KEY_VAULT_ID,
    primarySecretName: 'reader-primary',
    secondarySecretName: 'reader-secondary',
    ...options,
  });

describe('what callers show', () => {
  test('is one of two keys that Terraform makes, numbered 1 each by default', () => {
    expect(ServiceAuth.keys()).toMatchObject({ mode: AuthMode.KEY, rotation: { primary: 1, secondary: 1 } });
    expect(ServiceAuth.keys().existing).toBeUndefined();
  });

  test('is one of two keys that lie in a vault, numbered 1 each by default', () => {
    expect(existing()).toMatchObject({ mode: AuthMode.KEY, rotation: { primary: 1, secondary: 1 } });
    expect(existing({ rotate: { primary: 3 } }).existing).toEqual({
      keyVaultId: KEY_VAULT_ID,
      primarySecretName: 'reader-primary',
      secondarySecretName: 'reader-secondary',
    });
  });

  test('is nothing where the program says so', () => {
    expect(ServiceAuth.none().mode).toBe(AuthMode.NONE);
    expect(authProblems(ServiceAuth.none())).toEqual([]);
  });

  test.each([ServiceAuth.keys({ rotate: { secondary: 2 } }), existing({ rotate: { secondary: 2 } })])(
    'changes one key by its number, and leaves the other',
    ({ rotation }) => {
      expect(rotation).toEqual({ primary: 1, secondary: 2 });
    },
  );
});

describe('the revision', () => {
  test('is the primary number in front of four digits for the secondary', () => {
    expect(keyRevision(ServiceAuth.keys())).toBe(10_001);
    expect(keyRevision(ServiceAuth.keys({ rotate: { primary: 9999, secondary: 9999 } }))).toBe(99_999_999);
  });

  test('is another one whenever a number is', () => {
    const number = fc.integer({ min: 1, max: 9999 });
    const rotation = fc.record({ primary: number, secondary: number });
    const revision = (rotate: KeyRotation) => keyRevision(ServiceAuth.keys({ rotate }));

    expect(revision({ primary: 1, secondary: 2 })).not.toBe(revision({ primary: 2, secondary: 1 }));
    fc.assert(
      fc.property(rotation, rotation, (one, other) => {
        const same = one.primary === other.primary && one.secondary === other.secondary;
        expect(revision(one) === revision(other)).toBe(same);
      }),
    );
  });
});

describe('fails for', () => {
  test.each([0, -1, 1.5, 10_000, Number.NaN])('the number %d of a key', (number) => {
    const rotate = { primary: number, secondary: number };
    const problems = [
      `rotate.primary must be a whole number from 1 to 9999; got ${number}`,
      `rotate.secondary must be a whole number from 1 to 9999; got ${number}`,
    ];

    expect(authProblems(ServiceAuth.keys({ rotate }))).toEqual(problems);
    expect(authProblems(existing({ rotate }))).toEqual(problems);
  });

  test.each([
    'shop-keys',
    '',
    'https://shop-keys.vault.azure.net/',
    `${KEY_VAULT_ID}/`,
    `${KEY_VAULT_ID}/secrets/reader`,
    KEY_VAULT_ID.replace('resourceGroups', 'resourcegroups'),
    KEY_VAULT_ID.replace('KeyVault', 'Storage'),
    `${SHARED_GROUP_ID}/providers/Microsoft.KeyVault/vaults/ab`,
    `${SHARED_GROUP_ID}/providers/Microsoft.KeyVault/vaults/`,
  ])('%j as the id of a vault', (keyVaultId) => {
    expect(authProblems(existing({ keyVaultId }))).toEqual([
      "keyVaultId must be the id of a Key Vault, '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/" +
        `vaults/…'; got '${keyVaultId}'; 'az keyvault show --name VAULT --query id --output tsv' prints it`,
    ]);
  });

  test('names that no secret can have', () => {
    expect(
      authProblems(existing({ primarySecretName: 'reader_primary', secondarySecretName: 'x'.repeat(128) })),
    ).toEqual([
      "primarySecretName: a Key Vault secret name is 1 to 127 letters, digits and hyphens; got 'reader_primary'; " +
        "'reader-primary' would do",
      expect.stringMatching(/^secondarySecretName: a Key Vault secret name is .*; got 'x{128}'; 'x{127}' would do$/),
    ]);
  });

  test('one secret as both keys, which Key Vault does not tell apart by case', () => {
    expect(authProblems(existing({ primarySecretName: 'reader', secondarySecretName: 'Reader' }))).toEqual([
      'primarySecretName and secondarySecretName must be two secrets, so that callers have one key while the other is ' +
        "changed; got 'reader' and 'Reader'",
    ]);
  });
});

test('takes what is right, and what only Terraform knows', () => {
  expect(authProblems(existing())).toEqual([]);
  expect(authProblems(ServiceAuth.keys({ rotate: { primary: 9999 } }))).toEqual([]);
  expect(
    authProblems(
      existing({
        keyVaultId: token('id'),
        primarySecretName: token('primary_'),
        secondarySecretName: token('secondary_'),
      }),
    ),
  ).toEqual([]);
});
