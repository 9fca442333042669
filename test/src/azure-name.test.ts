import { Lazy } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { AzureName } from '../../src/azure/azure-name';

const RULES = [
  {
    rule: AzureName.RESOURCE_GROUP,
    message:
      'a resource group name is 1 to 90 letters, digits, hyphens, underscores, periods and parentheses, the last',
    right: ['a', 'a.b(c)-D_1', 'x'.repeat(90)],
    wrong: ['', 'a.', 'a/b', 'a b', 'x'.repeat(91)],
  },
  {
    rule: AzureName.CLUSTER,
    message: 'a cluster name is 1 to 63 letters, digits, hyphens and underscores, the first and last a letter or digit',
    right: ['a', '1-B_c', 'x'.repeat(63)],
    wrong: ['', '-a', 'a_', 'a.b', 'x'.repeat(64)],
  },
  {
    rule: AzureName.NODE_POOL,
    message: 'a node pool name is 1 to 12 lowercase letters and digits, the first a letter',
    right: ['a', 'gpu1', 'x'.repeat(12)],
    wrong: ['', '1a', 'A100', 'a-b', 'x'.repeat(13)],
  },
  {
    rule: AzureName.CONTAINER_REGISTRY,
    message: 'a registry name is 5 to 50 letters and digits',
    right: ['Abcd1', 'x'.repeat(50)],
    wrong: ['abcd', 'ab-cde', 'x'.repeat(51)],
  },
  {
    rule: AzureName.STORAGE_ACCOUNT,
    message: 'a storage account name is 3 to 24 lowercase letters and digits',
    right: ['ab1', 'x'.repeat(24)],
    wrong: ['ab', 'Abc', 'a-bc', 'x'.repeat(25)],
  },
  {
    rule: AzureName.BLOB_CONTAINER,
    message: 'a blob container name is 3 to 63 lowercase letters, digits and single hyphens',
    right: ['a-1', 'x'.repeat(63)],
    wrong: ['ab', 'a--b', '-ab', 'ab-', 'Abc', 'x'.repeat(64)],
  },
  {
    rule: AzureName.KEY_VAULT,
    message: 'a Key Vault name is 3 to 24 letters, digits and single hyphens, the first a letter, the last a letter or',
    right: ['A-1', 'x'.repeat(24)],
    wrong: ['ab', '1ab', 'a--b', 'ab-', 'a_b', 'x'.repeat(25)],
  },
  {
    rule: AzureName.LOG_ANALYTICS_WORKSPACE,
    message: 'a Log Analytics workspace name is 4 to 63 letters, digits and hyphens, the first and last a letter or',
    right: ['A--1', 'x'.repeat(63)],
    wrong: ['abc', '-abc', 'abc-', 'ab_c', 'x'.repeat(64)],
  },
  {
    rule: AzureName.APPLICATION_INSIGHTS,
    message: 'an Application Insights name is 1 to 260 letters, digits, hyphens, underscores, periods and parentheses',
    right: ['a', '(a).b', 'x'.repeat(260)],
    wrong: ['', 'a.', 'a b', 'x'.repeat(261)],
  },
  {
    rule: AzureName.WORKSPACE,
    message: 'a workspace name is 3 to 33 letters, digits and hyphens, the first a letter or digit',
    right: ['1-B', 'ab-', 'x'.repeat(33)],
    wrong: ['ab', '-ab', 'a_b', 'x'.repeat(34)],
  },
  {
    rule: AzureName.IDENTITY,
    message: 'an identity name is 3 to 128 letters, digits, hyphens and underscores, the first a letter or digit',
    right: ['1_-', 'x'.repeat(128)],
    wrong: ['ab', '_ab', 'a.b', 'x'.repeat(129)],
  },
];

describe.each(RULES)('$message', ({ rule, message, right, wrong }) => {
  test.each(right)('accepts %j', (name) => {
    expect(rule.problem(name)).toBeUndefined();
  });

  test.each(wrong)('fails for %j', (name) => {
    expect(rule.problem(name)).toContain(message);
    expect(rule.problem(name)).toContain(`; got '${name}'`);
  });

  test('accepts a token, whose value only Terraform knows', () => {
    expect(rule.problem(Lazy.stringValue({ produce: () => '' }))).toBeUndefined();
  });

  test('makes names that it accepts itself, of parts however long and odd', () => {
    for (const parts of [['prod', 'models'], ['x'.repeat(300)], ['1_2', 'Ünï(code)', '-'], [`${'long-'.repeat(60)}`]]) {
      expect(rule.problem(rule.generate(['aks', ...parts]))).toBeUndefined();
      expect(rule.problem(rule.generate(['aks', ...parts], ['somewhere']))).toBeUndefined();
    }
  });
});

describe('a message about a name', () => {
  test('says what would do', () => {
    expect(AzureName.CONTAINER_REGISTRY.problem('my-registry')).toBe(
      "a registry name is 5 to 50 letters and digits; got 'my-registry'; 'myregistry' would do",
    );
    expect(AzureName.NODE_POOL.problem('A100-Pool-Large')).toMatch(/; got 'A100-Pool-Large'; 'a100poollarg' would do$/);
    expect(AzureName.KEY_VAULT.problem('2--keys_')).toMatch(/; 'keys' would do$/);
    expect(AzureName.BLOB_CONTAINER.problem(`${'x'.repeat(62)}-y`)).toMatch(/; 'x{62}' would do$/);
  });

  test('says nothing of the kind where nothing can be made of the name', () => {
    expect(AzureName.STORAGE_ACCOUNT.problem('--')).toMatch(/; got '--'$/);
  });
});

describe('a generated name', () => {
  test('ends with a hash of what tells it from everyone else’s', () => {
    const here = AzureName.KEY_VAULT.generate(['prod', 'keys'], ['prod/keys', 'westeurope']);

    expect(here).toMatch(/^prod-keys-[0-9a-f]{8}$/);
    expect(AzureName.KEY_VAULT.generate(['prod', 'keys'], ['prod/keys', 'westeurope'])).toBe(here);
    expect(AzureName.KEY_VAULT.generate(['prod', 'keys'], ['prod/keys', 'northeurope'])).not.toBe(here);
    expect(AzureName.KEY_VAULT.generate(['prod', 'keys'], ['prod/key', 'swesteurope'])).not.toBe(here);
  });

  test('has no hash where it need not differ', () => {
    expect(AzureName.CLUSTER.generate(['aks', 'prod', 'cluster'])).toBe('aks-prod-cluster');
  });

  test('keeps the hash and shortens the rest', () => {
    const name = AzureName.STORAGE_ACCOUNT.generate(['Prod', 'a-very-long-path-of-constructs'], ['x']);

    expect(name).toMatch(/^prodaverylongpat[0-9a-f]{8}$/);
    expect(name).toHaveLength(24);
  });

  test('starts with a word where nothing of the parts can be read', () => {
    expect(AzureName.KEY_VAULT.generate(['1', '_'], ['x'])).toMatch(/^inference-[0-9a-f]{8}$/);
    expect(AzureName.CLUSTER.generate(['1'])).toBe('inference');
  });

  test('has upper case and hyphens only where Azure allows them', () => {
    expect(AzureName.WORKSPACE.generate(['mlw', 'Prod'])).toBe('mlw-Prod');
    expect(AzureName.CONTAINER_REGISTRY.generate(['My', 'Registry'])).toBe('MyRegistry');
    expect(AzureName.NODE_POOL.generate(['My', 'Pool'])).toBe('mypool');
  });
});

test('two names that are too long for a workspace differ still', () => {
  const names = ['a', 'b'].map((end) => AzureName.WORKSPACE.generate(['mlw', 'x'.repeat(40), end]));

  expect(new Set(names).size).toBe(2);
  expect(names.map((name) => AzureName.WORKSPACE.problem(name))).toEqual([undefined, undefined]);
});
