import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AzureName } from '../../src/azure/azure-name';
import { token } from '../fixtures';

interface Row {
  readonly rule: AzureName;
  /** How a message starts. */
  readonly wording: string;
  readonly min: number;
  readonly max: number;
  /** What Azure's page on names and, where there is one, the provider's own check ask for; a name must match all. */
  readonly patterns: readonly RegExp[];
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

/** The rules as they were read from Azure's pages and from azurerm 4.55.0, and what follows from them. */
const ROWS: readonly Row[] = [
  {
    rule: AzureName.RESOURCE_GROUP,
    wording:
      'a resource group name is 1 to 90 letters, digits, hyphens, underscores, periods and parentheses, the last',
    min: 1,
    max: 90,
    patterns: [/^[-\w._()]+$/, /[^.]$/],
    right: ['a', 'a.b(c)-D_1', '.a'],
    wrong: ['', 'a.', 'a/b', 'a b', 'équipe'],
  },
  {
    rule: AzureName.CLUSTER,
    wording: 'a cluster name is 1 to 63 letters, digits, hyphens and underscores, the first and last a letter or digit',
    min: 1,
    max: 63,
    patterns: [/^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/],
    right: ['a', '1-B_c', 'a--b'],
    wrong: ['', '-a', 'a_', 'a.b'],
  },
  {
    rule: AzureName.DNS_PREFIX,
    wording: 'a DNS prefix is 2 to 54 letters, digits and hyphens, the first and last a letter or digit',
    min: 2,
    max: 54,
    patterns: [/^[a-zA-Z\d]([-a-zA-Z\d]{0,52}[a-zA-Z\d])?$/, /^[a-zA-Z\d][-a-zA-Z\d]{0,52}[a-zA-Z\d]$/],
    right: ['1A', 'aks-prod'],
    wrong: ['a', '-a', 'a-', 'a_b'],
  },
  {
    rule: AzureName.NODE_POOL,
    wording: 'a node pool name is 1 to 12 lowercase letters and digits, the first a letter',
    min: 1,
    max: 12,
    patterns: [/^[a-z][a-z0-9]{0,11}$/],
    right: ['a', 'gpu1'],
    wrong: ['', '1a', 'A100', 'a-b'],
  },
  {
    rule: AzureName.WINDOWS_NODE_POOL,
    wording: 'a Windows node pool name is 1 to 6 lowercase letters and digits, the first a letter',
    min: 1,
    max: 6,
    patterns: [/^[a-z][a-z0-9]{0,5}$/],
    right: ['a', 'win1'],
    wrong: ['', '1a', 'Win', 'a-b', 'windows'],
  },
  {
    rule: AzureName.ROTATION_NODE_POOL,
    wording: 'a temporary node pool name is 1 to 12 lowercase letters and digits, the first a letter',
    min: 1,
    max: 12,
    patterns: [/^[a-z][a-z0-9]{0,11}$/],
    right: ['a', 'tmp1'],
    wrong: ['', '1a', 'Tmp', 'a-b'],
  },
  {
    rule: AzureName.CONTAINER_REGISTRY,
    wording: 'a registry name is 5 to 50 letters and digits',
    min: 5,
    max: 50,
    patterns: [/^[a-zA-Z0-9]+$/],
    right: ['Abcd1', '12345'],
    wrong: ['abcd', 'ab-cde'],
  },
  {
    rule: AzureName.REGISTRY_TASK,
    wording: 'a registry task name is 5 to 50 letters, digits, hyphens and underscores',
    min: 5,
    max: 50,
    patterns: [/^[\w-]*$/],
    right: ['_-_-_', 'Build'],
    wrong: ['abcd', 'ab.cde'],
  },
  {
    rule: AzureName.REGISTRY_AGENT_POOL,
    wording: 'a registry agent pool name is 3 to 20 letters, digits and hyphens',
    min: 3,
    max: 20,
    patterns: [/^[a-zA-Z0-9-]*$/],
    right: ['-1-', 'Agents'],
    wrong: ['ab', 'a_b'],
  },
  {
    rule: AzureName.STORAGE_ACCOUNT,
    wording: 'a storage account name is 3 to 24 lowercase letters and digits',
    min: 3,
    max: 24,
    patterns: [/^[a-z0-9]{3,24}$/],
    right: ['ab1', '123'],
    wrong: ['ab', 'Abc', 'a-bc'],
  },
  {
    rule: AzureName.BLOB_CONTAINER,
    wording:
      'a blob container name is 3 to 63 lowercase letters, digits and single hyphens, the first and last a letter',
    min: 3,
    max: 63,
    patterns: [/^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9]))*$/],
    right: ['a-1', '1-a'],
    wrong: ['ab', 'a--b', '-ab', 'ab-', 'Abc', '$root', '$web'],
  },
  {
    rule: AzureName.KEY_VAULT,
    wording: 'a Key Vault name is 3 to 24 letters, digits and single hyphens, the first a letter, the last a letter or',
    min: 3,
    max: 24,
    patterns: [/^[a-zA-Z](?:[a-zA-Z0-9]|-(?=[a-zA-Z0-9]))+$/, /^[a-zA-Z0-9-]{3,24}$/],
    right: ['A-1', 'abc'],
    wrong: ['ab', '1ab', 'a--b', 'ab-', 'a_b'],
  },
  {
    rule: AzureName.KEY_VAULT_SECRET,
    wording: 'a Key Vault secret name is 1 to 127 letters, digits and hyphens',
    min: 1,
    max: 127,
    patterns: [/^[0-9a-zA-Z-]{1,127}$/],
    right: ['1', '-A-'],
    wrong: ['', 'a_b', 'a.b'],
  },
  {
    rule: AzureName.LOG_ANALYTICS_WORKSPACE,
    wording: 'a Log Analytics workspace name is 4 to 63 letters, digits and hyphens, the first and last a letter or',
    min: 4,
    max: 63,
    patterns: [/^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$/],
    right: ['A--1', '1234'],
    wrong: ['abc', '-abc', 'abc-', 'ab_c'],
  },
  {
    rule: AzureName.PROMETHEUS_RULE_GROUP,
    wording:
      'a Prometheus rule group name is 1 to 100 letters, digits and hyphens, the first and last a letter or digit',
    min: 1,
    max: 100,
    patterns: [/^[a-zA-Z0-9-]+$/, /^[a-zA-Z0-9]/, /[a-zA-Z0-9]$/],
    right: ['1', 'aks-prod-serving-vision'],
    wrong: ['', '-a', 'a-', 'a_b', 'a.b'],
  },
  {
    rule: AzureName.GRAFANA_DASHBOARD,
    wording:
      'a Grafana dashboard name is 2 to 30 letters, digits and hyphens, the first a letter, the last a letter or',
    min: 2,
    max: 30,
    patterns: [/^[a-zA-Z][a-z0-9A-Z-]{0,28}[a-z0-9A-Z]$/],
    right: ['a1', 'Vision-serving'],
    wrong: ['a', '1a', 'a-', 'a_b'],
  },
  {
    rule: AzureName.APPLICATION_INSIGHTS,
    wording: 'an Application Insights name is 1 to 260 letters, digits, hyphens, underscores, periods and parentheses',
    min: 1,
    max: 260,
    patterns: [/^[-\w._()]+$/, /^[^%&\\?/\p{Cc}]*[^%&\\?/\p{Cc} .]$/u],
    right: ['a', '(a).b'],
    wrong: ['', 'a.', 'a b'],
  },
  {
    rule: AzureName.WORKSPACE,
    wording: 'a workspace name is 3 to 33 letters, digits and hyphens, the first a letter or digit',
    min: 3,
    max: 33,
    patterns: [/^[a-zA-Z0-9][\w-]{2,32}$/, /^[a-zA-Z0-9-]+$/],
    right: ['1-B', 'ab-'],
    wrong: ['ab', '-ab', 'a_b'],
  },
  {
    rule: AzureName.COMPUTE_CLUSTER,
    wording: 'a compute cluster name is 3 to 32 letters, digits and hyphens, the first a letter, the last a letter or',
    min: 3,
    max: 32,
    patterns: [/^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$/],
    right: ['A-1', 'a--b'],
    wrong: ['ab', '1ab', 'ab-', 'a_b'],
  },
  {
    rule: AzureName.ATTACHED_COMPUTE,
    wording: 'an attached compute name is 3 to 16 letters, digits and hyphens, the first a letter',
    min: 3,
    max: 16,
    patterns: [/^[a-zA-Z0-9-]{2,16}$/, /^[a-zA-Z][a-zA-Z0-9-]{2,23}$/],
    right: ['A-1', 'ab-'],
    wrong: ['ab', '1ab', 'a_b'],
  },
  {
    rule: AzureName.DATASTORE,
    wording: 'a datastore name is 1 to 255 lowercase letters, digits and underscores, the first a letter or digit',
    min: 1,
    max: 255,
    patterns: [/^[a-z0-9_]{1,255}$/, /^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$/],
    right: ['1', 'a_'],
    wrong: ['', '_a', 'A', 'a-b'],
  },
  ...[
    { rule: AzureName.ENDPOINT, what: 'an endpoint name' },
    { rule: AzureName.DEPLOYMENT, what: 'a deployment name' },
  ].map(({ rule, what }) => ({
    rule,
    wording: `${what} is 3 to 32 letters, digits and single hyphens, the first a letter, the last a letter or digit`,
    min: 3,
    max: 32,
    patterns: [/^[a-zA-Z](?:[a-zA-Z0-9]|-(?=[a-zA-Z0-9]))+$/],
    right: ['A-1', 'abc'],
    wrong: ['ab', '1ab', 'a--b', 'ab-', 'a_b'],
  })),
  {
    rule: AzureName.WEB_SERVICE_NAMESPACE,
    wording: 'a web service namespace is 1 to 63 lowercase letters, digits and hyphens, the first and last a letter or',
    min: 1,
    max: 63,
    patterns: [/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/],
    right: ['1', 'a--b'],
    wrong: ['', '-a', 'a-', 'A', 'a.b'],
  },
  {
    rule: AzureName.CONTAINER_GROUP,
    wording:
      'a container group name is 1 to 63 lowercase letters, digits and single hyphens, the first and last a letter',
    min: 1,
    max: 63,
    patterns: [/^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9]))*$/],
    right: ['1', 'a-b'],
    wrong: ['', 'a--b', '-a', 'a-', 'A'],
  },
  {
    rule: AzureName.IDENTITY,
    wording: 'an identity name is 3 to 128 letters, digits, hyphens and underscores, the first a letter or digit',
    min: 3,
    max: 128,
    patterns: [/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/],
    right: ['1_-', 'abc'],
    wrong: ['ab', '_ab', 'a.b'],
  },
  {
    rule: AzureName.FEDERATED_CREDENTIAL,
    wording: 'a federated credential name is 3 to 120 letters, digits, hyphens and underscores, the first a letter or',
    min: 3,
    max: 120,
    patterns: [/^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$/],
    right: ['1_-', 'abc'],
    wrong: ['ab', '_ab', 'a.b'],
  },
  {
    rule: AzureName.MONITOR_WORKSPACE,
    wording:
      'an Azure Monitor workspace name is 4 to 44 letters, digits and hyphens, the first and last a letter or digit',
    min: 4,
    max: 44,
    patterns: [/^[a-zA-Z0-9][a-zA-Z0-9-]+[a-zA-Z0-9]$/],
    right: ['1-2a', 'Amw-1'],
    wrong: ['abc', '-abc', 'abc-', 'a_bc'],
  },
  {
    rule: AzureName.GRAFANA,
    wording: 'a Grafana name is 2 to 23 letters, digits and hyphens, the first a letter, the last a letter or digit',
    min: 2,
    max: 23,
    patterns: [/^[a-zA-Z][-a-zA-Z\d]{0,21}[a-zA-Z\d]$/],
    right: ['a1', 'A-1'],
    wrong: ['a', '1a', 'a-', 'a_b'],
  },
  {
    rule: AzureName.DATA_COLLECTION,
    wording: 'a data collection name is 3 to 44 letters, digits and hyphens, the first and last a letter or digit',
    min: 3,
    max: 44,
    patterns: [/^[a-zA-Z0-9][a-zA-Z0-9-]+[a-zA-Z0-9]$/],
    right: ['1-2', 'MSProm-westeurope-aks'],
    wrong: ['ab', '-ab', 'ab-', 'a_b'],
  },
  {
    rule: AzureName.SAVED_SEARCH,
    wording: 'a saved query name is 1 to 80 letters, digits, hyphens and underscores, the first and last a letter or',
    min: 1,
    max: 80,
    patterns: [/^[\w-]+$/, /^[a-zA-Z0-9]/, /[a-zA-Z0-9]$/],
    right: ['a', '1_B-2'],
    wrong: ['', '_a', 'a-', 'a.b'],
  },
  {
    rule: AzureName.PRIVATE_ENDPOINT,
    wording:
      'a private endpoint name is 2 to 64 letters, digits, hyphens, underscores and periods, the first a letter or',
    min: 2,
    max: 64,
    patterns: [/^[\w.-]+$/, /^[a-zA-Z0-9]/, /\w$/],
    right: ['a_', '1.B'],
    wrong: ['a', '_a', 'a.', 'a-', 'a(b'],
  },
  {
    rule: AzureName.SUBNET,
    wording: 'a subnet name is 1 to 80 letters, digits, hyphens, underscores and periods, the first a letter or digit',
    min: 1,
    max: 80,
    patterns: [/^[\w.-]+$/, /^[a-zA-Z0-9]/, /\w$/],
    right: ['a', '1.B_'],
    wrong: ['', '_a', 'a.', 'a-', 'a(b'],
  },
];

/** Texts of which some are names and most are nearly so. */
const nearly = (max: number) =>
  fc
    .array(fc.constantFrom(...'abcxyzABXZ0129-_.()$ /é'), { maxLength: 6 })
    .chain((ends) => fc.integer({ min: 0, max: max + 2 }).map((fill) => [...ends, 'a'.repeat(fill), ...ends].join('')));

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 300 }));
const anyParts = fc.array(anyText, { minLength: 1, maxLength: 5 });

test('the table has every rule', () => {
  const rules = Object.values(AzureName).filter((rule) => rule instanceof AzureName);

  expect(rules).toHaveLength(33);
  expect(new Set(ROWS.map(({ rule }) => rule))).toEqual(new Set(rules));
});

describe.each(ROWS)('$wording', ({ rule, wording, min, max, patterns, right, wrong }) => {
  test.each([...right, 'x'.repeat(min), 'x'.repeat(max)])('accepts %j', (name) => {
    expect(rule.problem(name)).toBeUndefined();
  });

  test.each([...wrong, 'x'.repeat(min - 1), 'x'.repeat(max + 1)])('fails for %j', (name) => {
    expect(rule.problem(name)).toContain(wording);
    expect(rule.problem(name)).toContain(`; got '${name}'`);
  });

  test('is what Azure and the provider ask for', () => {
    fc.assert(
      fc.property(nearly(max), (name) => {
        const fits = name.length >= min && name.length <= max;
        expect(rule.accepts(name)).toBe(fits && patterns.every((pattern) => pattern.test(name)));
      }),
    );
  });

  test('accepts a token, whose value only Terraform knows', () => {
    fc.assert(fc.property(anyText, (value) => rule.problem(token(value)) === undefined));
  });

  test('suggests what it accepts', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearly(max)), (name) => {
        const problem = rule.problem(name);
        const [, suggestion] = /; '([^']*)' would do$/.exec(problem?.slice(problem.indexOf(name)) ?? '') ?? [];
        expect(suggestion === undefined || rule.accepts(suggestion)).toBe(true);
      }),
    );
  });

  test('makes names that it accepts, of parts however long and odd', () => {
    fc.assert(
      fc.property(anyParts, fc.array(anyText), (parts, identity) => {
        expect(rule.problem(rule.generate(parts))).toBeUndefined();
        expect(rule.problem(rule.generate(parts, identity))).toBeUndefined();
      }),
    );
  });

  test('makes the same name of the same parts, and another one for somebody else', () => {
    const identity = fc.array(fc.string(), { minLength: 4, maxLength: 4 });
    // the shortest names have room for a short hash only, of which two may be the same by chance
    const property = fc.property(anyParts, identity, identity, (parts, here, there) => {
      expect(rule.generate(parts, here)).toBe(rule.generate(parts, here));
      expect(rule.generate(parts, here) === rule.generate(parts, there)).toBe(
        JSON.stringify(here) === JSON.stringify(there),
      );
    });
    fc.assert(property, { seed: 1 });
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
    expect(AzureName.DATASTORE.problem('Team A/models')).toMatch(/; 'team_a_models' would do$/);
  });

  test('keeps a digit at the start where Azure does, and letters without their accents', () => {
    expect(AzureName.STORAGE_ACCOUNT.problem('2026-Models')).toMatch(/; '2026models' would do$/);
    expect(AzureName.RESOURCE_GROUP.problem('Équipe à Zürich')).toMatch(/; 'Equipe-a-Zurich' would do$/);
  });

  test('says nothing of the kind where nothing can be made of the name', () => {
    expect(AzureName.STORAGE_ACCOUNT.problem('--')).toMatch(/; got '--'$/);
    expect(AzureName.STORAGE_ACCOUNT.problem('a!')).toMatch(/; got 'a!'$/);
    expect(AzureName.NODE_POOL.problem('123')).toMatch(/; got '123'$/);
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

  test('has a shorter hash where there is no room', () => {
    expect(AzureName.WINDOWS_NODE_POOL.generate(['windows'], ['x'])).toMatch(/^w[0-9a-f]{5}$/);
  });

  test('ends with a hash where it would be too short', () => {
    expect(AzureName.LOG_ANALYTICS_WORKSPACE.generate(['log', '-'])).toMatch(/^log-[0-9a-f]{8}$/);
  });

  test('ends with a hash where letters of other alphabets are left out of it', () => {
    const names = ['推論', '学習'].map((stack) => AzureName.CLUSTER.generate(['aks', stack]));

    expect(names).toEqual([expect.stringMatching(/^aks-[0-9a-f]{8}$/), expect.stringMatching(/^aks-[0-9a-f]{8}$/)]);
    expect(new Set(names).size).toBe(2);
  });

  test('starts with a word where nothing of the parts can be read', () => {
    expect(AzureName.KEY_VAULT.generate(['1', '_'], ['x'])).toMatch(/^inference-[0-9a-f]{8}$/);
    expect(AzureName.CLUSTER.generate(['1'])).toBe('inference');
  });

  test('has upper case and separators only where Azure allows them', () => {
    expect(AzureName.WORKSPACE.generate(['mlw', 'Prod'])).toBe('mlw-Prod');
    expect(AzureName.CONTAINER_REGISTRY.generate(['My', 'Registry'])).toBe('MyRegistry');
    expect(AzureName.NODE_POOL.generate(['My', 'Pool'])).toBe('mypool');
    expect(AzureName.DATASTORE.generate(['My', 'Store'])).toBe('my_store');
  });
});

test('two names that are too long for a workspace differ still', () => {
  const names = ['a', 'b'].map((end) => AzureName.WORKSPACE.generate(['mlw', 'x'.repeat(40), end]));

  expect(new Set(names).size).toBe(2);
  expect(names.map((name) => AzureName.WORKSPACE.problem(name))).toEqual([undefined, undefined]);
});
