import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ModelSource, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BareStack,
  env,
  filesIn,
  folderWith,
  messagesOf,
  outputOf,
  problemsOf,
  testApp,
  testPlatform,
  testStack,
  token,
} from '../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

/** A resource to have in a stack. */
const group = (scope: Construct, id: string, config = {}) =>
  new ResourceGroup(scope, id, { name: `${scope.node.id}-${id}`, location: 'westeurope', ...config });

const stackFile = (app: App, stack: string, file = 'cdk.tf.json') => join(app.outdir, 'stacks', stack, file);

function leftover(app: App, stack: string, file = 'cdk.tf.json') {
  mkdirSync(join(app.outdir, 'stacks', stack), { recursive: true });
  writeFileSync(stackFile(app, stack, file), '{}');
}

const warningsOf = (app: App) =>
  Object.values(
    JSON.parse(filesIn(app.outdir)['manifest.json'] ?? '').stacks as Record<
      string,
      { annotations: { message: string }[] }
    >,
  ).flatMap((stack) => stack.annotations.map((annotation) => annotation.message));

describe('the provider', () => {
  const providerOf = (props = {}) =>
    (Template.of(testStack('test', testApp(), props)).json as { provider: { azurerm: unknown[] } }).provider.azurerm;

  test('writes blobs with the deployer’s token, and destroys no more than it made, by default', () => {
    const features = {
      storage: [{ data_plane_available: false }],
      resource_group: [{ prevent_deletion_if_contains_resources: true }],
      machine_learning: [{ purge_soft_deleted_workspace_on_destroy: false }],
    };

    expect(providerOf()).toEqual([
      { subscription_id: env.subscriptionId, storage_use_azuread: true, features: [features] },
    ]);
  });

  test('clears away what Azure left behind where nothing is protected', () => {
    expect(providerOf({ protect: false })).toMatchObject([
      {
        features: [
          {
            storage: [{ data_plane_available: false }],
            resource_group: [{ prevent_deletion_if_contains_resources: false }],
            machine_learning: [{ purge_soft_deleted_workspace_on_destroy: true }],
          },
        ],
      },
    ]);
  });

  test.each([
    ['mine', /^a subscription id is a GUID/],
    [token(env.subscriptionId), /^the subscription id must be a literal, .*'process.env.ARM_SUBSCRIPTION_ID'$/],
  ])('fails for the subscription %j', (subscriptionId, message) => {
    const stack = testStack('test', testApp(), { subscriptionId });

    expect(problemsOf(stack)).toEqual([{ path: 'test', message: expect.stringMatching(message) }]);
  });
});

describe('where a stack stands', () => {
  test('fails below anything but the App', () => {
    const team = new Construct(testApp(), 'team');

    expect(() => new BareStack(team, 'serving', env)).toThrow(
      "team/serving: a stack stands directly in the App; got one inside 'team', where cdktf knows it as 'serving' and " +
        "looks for it as 'team/serving'; pass the App as its scope",
    );
  });
});

describe('the same program', () => {
  /** Everything `cdktf synth` would leave of a platform whose project lies in that folder. */
  function output(project: string, outdir: string) {
    process.chdir(project);
    const app = new App({ outdir });
    const platform = testPlatform({}, app);
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
    const model = platform.models.addModel('digits', { source: ModelSource.directory('models/digits') });
    platform.serving.addTritonService('reader', { pool, models: [model], numReplicas: 1 });
    app.synth();
    return filesIn(outdir);
  }

  test('gives the same bytes, wherever it lies and writes to', () => {
    const files = { 'cdktf.json': '{}', 'models/digits/1/model.onnx': 'weights' };
    const [here, there] = [folderWith(files), folderWith(files)];

    const first = output(here, join(here, 'cdktf.out'));

    expect(Object.keys(first)).toEqual(
      expect.arrayContaining([
        'manifest.json',
        'stacks/prod-foundation/cdk.tf.json',
        'stacks/prod-serving/cdk.tf.json',
      ]),
    );
    expect(output(here, join(here, 'cdktf.out'))).toEqual(first);
    expect(output(there, folderWith({}))).toEqual(first);
    expect(JSON.stringify(first)).not.toContain(here);
  });
});

describe('two resources that come out as one', () => {
  test('fail, and both are named', () => {
    const stack = testStack();
    group(stack, 'a.b');
    group(stack, 'ab');

    expect(problemsOf(stack)).toEqual([
      {
        path: 'test',
        message:
          "'test/a.b' and 'test/ab' come out as the same Terraform address 'azurerm_resource_group.ab', and one of them " +
          'would be lost; give one an id that differs in letters or digits',
      },
    ]);
  });

  test('are fine where they are of different types, or in different stacks', () => {
    const stack = testStack();
    group(stack, 'a.b');
    new RoleAssignment(stack, 'ab', { scope: '/', principalId: '' });
    group(testStack('other', App.of(stack)), 'ab');

    expect(messagesOf(stack)).toEqual([]);
  });
});

describe('tags', () => {
  const tags = { team: 'vision', stage: 'prod' };

  test('go to every resource that takes tags, and its own win', () => {
    const stack = testStack('test', testApp(), { tags });
    group(stack, 'plain');
    group(stack, 'tagged', { tags: { stage: 'test', owner: 'anna' } });
    new RoleAssignment(stack, 'role', { scope: '/', principalId: '' });

    const template = Template.of(stack);
    expect(template.resource(ResourceGroup, 'plain')).toMatchObject({ tags });
    expect(template.resource(ResourceGroup, 'tagged').tags).toEqual({ team: 'vision', stage: 'test', owner: 'anna' });
    expect(template.resource(RoleAssignment)).not.toHaveProperty('tags');
  });

  test('are none by default', () => {
    const stack = testStack();
    group(stack, 'plain');

    expect(Template.of(stack).resource(ResourceGroup)).not.toHaveProperty('tags');
  });
});

describe('a token that crosses stacks', () => {
  const reads = (reader: string, owner = 'owner') =>
    `'${reader}' reads a token of the stack '${owner}', which would copy that stack's whole state, secrets included, into ` +
    "its own plans; pass what 'idFor(scope)' and 'nameFor(scope)' return, or read the value with a data source";

  const plainStack = (app: App, id: string) => {
    const stack = new TerraformStack(app, id);
    new AzurermProvider(stack, 'azurerm', { features: [{}] });
    return stack;
  };

  test('fails, and what reads it is named', () => {
    const owner = testStack('owner');
    const reader = testStack('reader', App.of(owner));
    group(new Construct(reader, 'team'), 'mine', { name: group(owner, 'theirs').name });

    expect(problemsOf(owner)).toEqual([{ path: 'reader', message: reads('reader/team/mine') }]);
  });

  test('fails for each stack that is read, whatever the stacks are called', () => {
    const app = testApp();
    const reader = testStack('reader', app);
    for (const id of ['a', 'ab']) {
      group(reader, `from-${id}`, { name: group(testStack(id, app), 'theirs').name });
    }

    expect(messagesOf(reader)).toEqual([reads('reader/from-a', 'a'), reads('reader/from-ab', 'ab')]);
  });

  test('fails where an output reads it, and the stack of the output is named', () => {
    const owner = testStack('owner');
    const reader = testStack('reader', App.of(owner));
    new TerraformOutput(reader, 'name', { value: group(owner, 'theirs').name });

    expect(messagesOf(owner)).toEqual([reads('reader')]);
  });

  test('fails where the reader is a plain stack of the user’s, and nothing of the platform is written', () => {
    const owner = testStack('owner');
    const app = App.of(owner);
    group(plainStack(app, 'reader'), 'mine', { name: group(owner, 'theirs').name });

    expect(() => app.synth()).toThrow(`  - owner: ${reads('reader/mine')}`);
    expect(existsSync(stackFile(app, 'owner'))).toBe(false);
  });

  test('fails where the owner is a plain stack of the user’s', () => {
    const app = testApp();
    const owner = plainStack(app, 'owner');
    const reader = testStack('reader', app);
    group(reader, 'mine', { name: group(owner, 'theirs').name });

    expect(problemsOf(reader)).toEqual([{ path: 'reader', message: reads('reader/mine') }]);
  });

  test('is the user’s own business between plain stacks', () => {
    const app = testApp();
    testStack('ours', app);
    group(plainStack(app, 'reader'), 'mine', { name: group(plainStack(app, 'owner'), 'theirs').name });

    expect(() => app.synth()).not.toThrow();
  });
});

describe('dependencies', () => {
  test('reach through other stacks, and no further', () => {
    const app = testApp();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => testStack(id, app)) as [BareStack, BareStack, BareStack];
    c.addDependency(b);
    b.addDependency(a);

    expect(c.dependsOn(a)).toBe(true);
    expect(c.dependsOn(b)).toBe(true);
    expect(a.dependsOn(c)).toBe(false);
    expect(b.dependsOn(b)).toBe(false);
  });

  test('are listed once, however often they are added', () => {
    const app = testApp();
    const [a, b] = ['a', 'b'].map((id) => testStack(id, app)) as [BareStack, BareStack];
    b.addDependency(a);
    b.addDependency(a);

    expect(b.dependencies).toEqual([a]);
  });

  test('fail to form a circle', () => {
    const app = testApp();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => testStack(id, app)) as [BareStack, BareStack, BareStack];
    b.addDependency(a);
    c.addDependency(b);

    expect(() => a.addDependency(c)).toThrow(/circular|depends/i);
  });

  test('are found among sixty stacks that all depend on each other', () => {
    const app = testApp();
    const stacks: BareStack[] = [];
    for (let index = 0; index < 60; index++) {
      const next = testStack(`s${index}`, app);
      for (const earlier of stacks) {
        next.addDependency(earlier);
      }
      stacks.push(next);
    }

    expect(stacks.at(-1)?.dependencies).toHaveLength(59);
    expect(stacks[0]?.dependsOn(stacks[59] as BareStack)).toBe(false);
    expect(stacks[59]?.dependsOn(testStack('stranger', app))).toBe(false);
  });
});

describe('what an earlier run left in the output', () => {
  test('is removed where Terraform would read it beside cdk.tf.json', () => {
    const app = testApp();
    testStack('test', app);
    leftover(app, 'test', 'cdk.tf');
    app.synth();

    expect(existsSync(stackFile(app, 'test', 'cdk.tf'))).toBe(false);
    expect(existsSync(stackFile(app, 'test'))).toBe(true);
  });

  test('is named in one warning for each stack that the program no longer has, and stays', () => {
    const app = testApp();
    testStack('a', app);
    testStack('b', app);
    leftover(app, 'gone');
    app.synth();

    expect(warningsOf(app)).toEqual([
      `the output folder still holds the stack 'gone', which the program no longer has; destroy it with the program that ` +
        `made it if it is deployed ('terraform -chdir=${join(app.outdir, 'stacks', 'gone')} destroy'), then delete the folder`,
    ]);
    expect(existsSync(stackFile(app, 'gone'))).toBe(true);
  });

  test('is not warned of where it is the program’s, plain stacks included', () => {
    const app = testApp();
    testStack('a', app);
    new TerraformStack(app, 'plain');
    leftover(app, 'a');
    leftover(app, 'plain');
    app.synth();

    expect(warningsOf(app)).toEqual([]);
  });

  test('is warned of in a new folder never', () => {
    const app = testApp();
    testStack('a', app);
    app.synth();

    expect(warningsOf(app)).toEqual([]);
  });
});

describe('a refused program', () => {
  test('gives one error that names the mistakes of all stacks, each once', () => {
    const app = testApp();
    for (const id of ['a', 'b']) {
      testStack(id, app).node.addValidation({ validate: () => [`${id} is wrong`, `${id} is wrong`] });
    }

    expect(() => app.synth()).toThrow('2 problems in this program:\n  - a: a is wrong\n  - b: b is wrong');
    expect(existsSync(stackFile(app, 'a'))).toBe(false);
  });

  test('is judged with what is in the App beside its stacks', () => {
    const app = testApp();
    testStack('a', app);
    new Construct(app, 'import').node.addValidation({ validate: () => ['no such thing'] });

    expect(() => outputOf(app)).toThrow('  - import: no such thing');
  });
});
