import { Construct } from 'constructs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globalName, joinedName, localName } from '../../../constructs/private/generated-name';
import { ResourceGroup } from '../../../constructs/resource-group';
import { AzureName } from '../../../src/azure/azure-name';
import { env, messagesOf, testApp, testStack, token } from '../../fixtures';

const LOCAL: readonly [AzureName, string][] = [
  [AzureName.RESOURCE_GROUP, 'rg'],
  [AzureName.CLUSTER, 'aks'],
  [AzureName.LOG_ANALYTICS_WORKSPACE, 'log'],
  [AzureName.APPLICATION_INSIGHTS, 'appi'],
  [AzureName.WORKSPACE, 'mlw'],
  [AzureName.IDENTITY, 'id'],
];
const GLOBAL = [AzureName.STORAGE_ACCOUNT, AzureName.CONTAINER_REGISTRY, AzureName.KEY_VAULT];

/** An id in any alphabet and of any length, but for those that every object has: `constructs` takes none of them. */
const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter((text) => !(text in {}));

/** Ids of constructs from the stack downwards. */
const path = fc.array(id, { minLength: 1, maxLength: 5 });

/** A construct below an App, a stack's place taken by a plain construct, which takes any id. */
function constructAt([stack = 'prod', ...ids]: readonly string[]): Construct {
  return ids.reduce((scope, id) => new Construct(scope, id), new Construct(testApp(), stack));
}

function groupOf(props = {}) {
  const attributes = { ...env, resourceGroupName: 'shared', ...props };
  return ResourceGroup.fromResourceGroupAttributes(testStack(), 'group', attributes);
}

describe('a generated name', () => {
  const group = groupOf();

  test('is accepted wherever the construct stands', () => {
    fc.assert(
      fc.property(path, (ids) => {
        const construct = constructAt(ids);
        for (const [rule, prefix] of LOCAL) {
          expect(rule.problem(localName(construct, rule, prefix))).toBeUndefined();
        }
        for (const rule of GLOBAL) {
          expect(rule.problem(globalName(construct, rule, group))).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is the same in every run', () => {
    fc.assert(
      fc.property(path, (ids) => {
        const names = [constructAt(ids), constructAt(ids)].map((construct) => [
          localName(construct, AzureName.IDENTITY, 'id'),
          globalName(construct, AzureName.KEY_VAULT, group),
        ]);
        expect(names[0]).toEqual(names[1]);
      }),
      { numRuns: 50 },
    );
  });

  test('leaves out what the stack is for', () => {
    const construct = constructAt(['prod-foundation', 'logs']);

    expect(localName(construct, AzureName.LOG_ANALYTICS_WORKSPACE, 'log')).toBe('log-prod-logs');
    expect(globalName(construct, AzureName.STORAGE_ACCOUNT, group)).toMatch(/^prodlogs[0-9a-f]{8}$/);
  });
});

describe('a name that is unique in all of Azure', () => {
  test('differs by path, subscription, group and region', () => {
    const here = constructAt(['prod', 'models']);
    const names = [
      globalName(here, AzureName.STORAGE_ACCOUNT, groupOf()),
      globalName(constructAt(['prod', 'mod-els']), AzureName.STORAGE_ACCOUNT, groupOf()),
      globalName(here, AzureName.STORAGE_ACCOUNT, groupOf({ subscriptionId: env.subscriptionId.replace('1', '2') })),
      globalName(here, AzureName.STORAGE_ACCOUNT, groupOf({ resourceGroupName: 'other' })),
      globalName(here, AzureName.STORAGE_ACCOUNT, groupOf({ location: 'northeurope' })),
    ];

    expect(new Set(names).size).toBe(names.length);
    expect(globalName(here, AzureName.STORAGE_ACCOUNT, groupOf())).toBe(names[0]);
  });

  test('fails to be made from a token', () => {
    const stack = testStack();
    globalName(new Construct(stack, 'models'), AzureName.STORAGE_ACCOUNT, groupOf({ location: token('westeurope') }));

    expect(messagesOf(stack)).toEqual([
      'its name is made from group and region, and one of them is a token; give both as literals, or give it a name',
    ]);
  });
});

describe('a joined name', () => {
  const join = (...parts: string[]) => joinedName(AzureName.FEDERATED_CREDENTIAL, parts);

  test('is its parts where they fit', () => {
    expect(join('serving', 'read--er_')).toBe('serving-read--er_');
    expect(join('x'.repeat(59), 'y'.repeat(60))).toBe(`${'x'.repeat(59)}-${'y'.repeat(60)}`);
  });

  test('keeps a token as it is', () => {
    const namespace = token('serving');

    expect(join(namespace, 'reader')).toBe(`${namespace}-reader`);
  });

  test('is shortened and told apart where they do not fit', () => {
    const names = ['x', 'y'].map((end) => join('n'.repeat(63), `${'s'.repeat(62)}${end}`));

    expect(names.map((name) => AzureName.FEDERATED_CREDENTIAL.problem(name))).toEqual([undefined, undefined]);
    expect(new Set(names).size).toBe(2);
  });
});
