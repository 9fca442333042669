import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import {
  AddonsStack,
  ClusterAccess,
  ClusterConnection,
  ClusterStack,
  ContainerRegistry,
  FoundationStack,
  InferenceCluster,
  InferencePlatform,
  Logs,
  ModelSource,
  Monitoring,
  NodePool,
  type ServingOptions,
  ServingStack,
  StateBackend,
  ValidationError,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import type { App } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import {
  env,
  folderWith,
  messagesOf,
  modelSource,
  outputOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testModel,
  testPlatform,
} from '../fixtures';

/** A platform that serves a model, as the README has it. */
function busyPlatform(app = testApp(), props: Partial<ConstructorParameters<typeof InferencePlatform>[2]> = {}) {
  const platform = testPlatform(props, app);
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  platform.serving.addTritonService('reader', { pool, models: [testModel(platform)], numReplicas: 1 });
  return platform;
}

const stacksOf = ({ foundationStack, clusterStack, addonsStack, serving }: InferencePlatform) => [
  foundationStack,
  clusterStack,
  addonsStack,
  serving,
];

/** The text of every stack's configuration. */
const configurations = (app: App) =>
  Object.entries(outputOf(app))
    .filter(([path]) => path.endsWith('cdk.tf.json'))
    .map(([, text]) => text);

/** Asks whether there are credentials, and keeps none of them. */
const NO_LOCAL_ACCOUNTS = '${!can(yamldecode(self.kube_admin_config_raw).users)}';

/** Attributes whose value opens something. */
const SECRETS =
  /kube_admin_config|kube_config_raw|client_key|client_certificate|client_secret|\.(primary|secondary)_|instrumentation_key|connection_string|password|sas_token|admin_username/;

describe('a platform', () => {
  test('is four stacks in the App, named after it', () => {
    const app = testApp();
    const platform = busyPlatform(app);

    expect(stacksOf(platform).map((stack) => stack.node.path)).toEqual([
      'prod-foundation',
      'prod-cluster',
      'prod-addons',
      'prod-serving',
    ]);
    expect(Object.keys(JSON.parse(outputOf(app)['manifest.json'] ?? '').stacks).sort()).toEqual([
      'prod-addons',
      'prod-cluster',
      'prod-foundation',
      'prod-serving',
    ]);
  });

  test('is deployed foundation first, services last', () => {
    const [foundation, cluster, addons, serving] = stacksOf(busyPlatform());

    expect(foundation?.dependencies).toEqual([]);
    expect(cluster?.dependencies).toEqual([foundation]);
    expect(new Set(addons?.dependencies)).toEqual(new Set([cluster, foundation]));
    expect(new Set(serving?.dependencies)).toEqual(new Set([foundation, cluster, addons]));
  });

  test('gives what programs add to', () => {
    const platform = testPlatform();

    expect(platform.cluster).toBe(platform.clusterStack.cluster);
    expect(platform.models).toBe(platform.foundationStack.models);
  });

  test('passes options to the stacks that they are for', () => {
    const { foundationStack, clusterStack, addonsStack, serving } = busyPlatform(testApp(), {
      clusterName: 'shop',
      namespace: 'vision',
      protect: false,
      tags: { team: 'vision' },
      backend: StateBackend.azureBlob({
        subscriptionId: env.subscriptionId,
        resourceGroupName: 'operations',
        storageAccountName: 'states',
        containerName: 'terraform',
      }),
    });

    expect(Template.of(foundationStack).resource(ResourceGroup)).toMatchObject({
      tags: { team: 'vision' },
      lifecycle: { prevent_destroy: false },
    });
    expect(Template.of(clusterStack).resource(KubernetesCluster)).toMatchObject({
      name: 'shop',
      tags: { team: 'vision' },
    });
    expect(Template.of(serving).resource(NamespaceV1)).toMatchObject({ metadata: { name: 'vision' } });
    for (const stack of [foundationStack, clusterStack, addonsStack, serving]) {
      expect(Template.of(stack).json).toMatchObject({
        terraform: { backend: { azurerm: { key: `${stack.node.id}.tfstate` } } },
      });
    }
  });

  test('stands beside another of the same App', () => {
    const app = testApp();
    busyPlatform(app);
    const other = new InferencePlatform(app, 'test', { ...env, protect: false });

    expect(Template.of(other.foundationStack).resource(ResourceGroup)).toMatchObject({ name: 'rg-test' });
    expect(Object.keys(outputOf(app)).filter((path) => path.endsWith('cdk.tf.json'))).toHaveLength(8);
  });

  test('fails inside anything but the App', () => {
    const team = new Construct(testApp(), 'team');

    expect(() => new InferencePlatform(team, 'prod', env)).toThrow(
      "team/prod: a platform stands directly in the App, as its stacks do; got one inside 'team'",
    );
  });
});

describe('across the stacks', () => {
  test('nothing is read from another state, and no output is secret', () => {
    const app = testApp();
    busyPlatform(app);
    const other = new InferencePlatform(app, 'test', env);
    const { cluster } = other;
    const pool = cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
    const { keyVault } = other.foundationStack;
    const team = new ServingStack(app, 'team', { ...env, cluster, keyVault, namespace: 'team' });
    team.addTritonService('reader', { pool, models: [testModel(other)], numReplicas: 1 });

    const texts = configurations(app);
    expect(texts).toHaveLength(9);
    for (const text of texts) {
      expect(text).not.toContain('terraform_remote_state');
      expect(text).not.toContain('"sensitive"');
      expect(text).not.toContain('cross-stack');
    }
  });

  test('fails what passes a token on, and names who reads it', () => {
    const app = testApp();
    const platform = busyPlatform(app);
    new ResourceGroup(platform.serving, 'mine', {
      name: platform.clusterStack.cluster.idFor(platform.clusterStack),
      location: 'westeurope',
    });

    expect(() => app.synth()).toThrow(
      "  - prod-serving: 'prod-serving/mine' reads a token of the stack 'prod-cluster', which would copy that stack's " +
        'whole state',
    );
  });
});

/** What Terraform keeps in no state and no plan: blocks that live as long as it runs, and what is written and not read. */
const WRITE_ONLY = ['ephemeral', 'value_wo', 'data_wo'];

describe('secrets', () => {
  test('are in no file', () => {
    const app = testApp();
    busyPlatform(app);
    const stored = (text: string) =>
      JSON.stringify(JSON.parse(text, (name, value) => (WRITE_ONLY.includes(name) ? undefined : value)));
    const texts = configurations(app).map(stored);

    expect(texts).toHaveLength(4);
    for (const text of texts) {
      expect(text.replaceAll(NO_LOCAL_ACCOUNTS, '').match(SECRETS)).toBeNull();
      const read = [...text.matchAll(/kube_config\[0\]\.(\w+)/g)].map((match) => String(match[1]));
      expect(read.filter((attribute) => attribute !== 'host' && attribute !== 'cluster_ca_certificate')).toEqual([]);
    }
    expect(configurations(app).join()).toContain('${sha256(ephemeral.azurerm_key_vault_secret.');
    expect(texts.join()).not.toContain('ephemeral.');
    // the search would find what it looks for
    expect(texts.join()).toContain('kube_config[0].cluster_ca_certificate');
    expect('${azurerm_storage_account.models.primary_access_key}').toMatch(SECRETS);
  });
});

test('every role of a managed identity says that it is one', () => {
  const roles = stacksOf(busyPlatform())
    .flatMap((stack) => Template.of(stack).resources(RoleAssignment))
    .filter((role) => String(role.principal_id).includes('azurerm_user_assigned_identity'));

  expect(roles).toHaveLength(14);
  expect(new Set(roles.map((role) => role.principal_type))).toEqual(new Set(['ServicePrincipal']));
});

describe('a platform of single stacks', () => {
  test('stands on somebody else’s group, registry and cluster, by their ids', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const registry = ContainerRegistry.fromRegistryAttributes(app, 'images', {
      registryName: 'contoso',
      resourceGroup,
    });
    const gpu = NodePool.fromNodePoolAttributes(app, 'gpu', {
      poolName: 'gpu',
      size: VmSize.NC4AS_T4_V3,
      maxNodes: 4,
      needsNvidiaDevicePlugin: true,
    });
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'theirs',
      resourceGroup,
      pools: [gpu],
    });
    const foundation = new FoundationStack(app, 'data', { ...env, resourceGroup, registry });
    new AddonsStack(app, 'addons', { ...env, cluster });
    const serving = new ServingStack(app, 'serving', { ...env, cluster, keyVault: foundation.keyVault });
    const digits = foundation.models.addModel('digits', { source: modelSource() });
    serving.addTritonService('reader', { pool: gpu, models: [digits], numReplicas: 1 });

    const text = configurations(app).join();
    expect(text).toContain(`"${SHARED_GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/contoso"`);
    expect(text).not.toContain('"azurerm_resource_group"');
    expect(text).not.toContain('terraform_remote_state');
    expect(Template.of(serving).resource(StorageBlob)).toMatchObject({
      storage_account_name: foundation.models.storageAccountName,
    });
    expect(serving.dependencies).toEqual([foundation]);
  });

  test('gives its own cluster to whoever asks for one', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const { cluster } = new ClusterStack(app, 'cluster', { ...env, resourceGroup });
    const serving = new ServingStack(app, 'serving', { ...env, cluster });
    app.synth();

    expect(serving.dependencies).toEqual([cluster.node.scope]);
  });
});

describe('a program full of mistakes', () => {
  function mistakes() {
    const app = testApp();
    const platform = new InferencePlatform(app, 'prod', { ...env, clusterName: 'prod.cluster' });
    const { foundationStack, clusterStack, cluster, models, serving } = platform;
    const { resourceGroup } = foundationStack;
    new ContainerRegistry(foundationStack, 'images', { resourceGroup, registryName: 'my-images' });
    new FoundationStack(app, 'eu', {
      ...env,
      deployers: ['anna'],
      registry: ContainerRegistry.fromRegistryAttributes(app, 'theirs', { registryName: 'no', resourceGroup }),
    });
    const size = VmSize.NC4AS_T4_V3;
    cluster.addGpuPool('A100', { size, maxNodes: 1 });
    const gpu = cluster.addGpuPool('gpu', { size, minNodes: 3, maxNodes: 2 });
    cluster.addGpuPool('gpu', { size, maxNodes: 1 });
    const files = { 'config.pbtxt': 'name: "letters"', 'latest/model.onnx': '' };
    const digits = models.addModel('digits', { source: ModelSource.directory(folderWith(files)) });
    const missing = models.addModel('missing', { source: ModelSource.directory('/nowhere') });
    serving.addTritonService('on-cpus', { pool: cluster.pools[0] as NodePool, models: [missing], numReplicas: 1 });
    serving.addTritonService('greedy', { pool: gpu, models: [digits], gpuCores: 2, numReplicas: 1 });
    new ClusterConnection(clusterStack, 'connection', { cluster });
    return app;
  }

  const EXPECTED: readonly [string, RegExp][] = [
    ['prod-foundation/models/missing', /^the model's folder '\/nowhere' does not exist/],
    ['prod-foundation/images', /^a registry name is .* got 'my-images'/],
    ['prod-cluster/cluster', /^a cluster name is .* got 'prod\.cluster'/],
    ['prod-cluster/cluster/A100', /^a node pool name is .* got 'A100'; 'a100' would do/],
    ['prod-cluster/cluster/gpu', /^maxNodes must not be below minNodes; got maxNodes 2 and minNodes 3/],
    ['prod-cluster/cluster/gpu-again', /^the cluster has two pools of the name 'gpu'/],
    ['prod-cluster/connection', /is created in this stack, 'prod-cluster', and cannot be deployed to from it/],
    ['prod-serving/on-cpus', /^a Triton service runs on GPUs, and the pool 'work' .* has none/],
    ['prod-serving/greedy', /hands out 1 of 'nvidia.com\/gpu', .* got gpuCores 2/],
    ['prod-serving/greedy', /has a folder 'latest', and Triton reads versions only/],
    [
      'prod-serving/greedy',
      /^config\.pbtxt:1 of the model 'digits': it names the model 'letters', but its folder is 'digits'/,
    ],
    ['theirs', /^a registry name is .* got 'no'/],
    ['eu/deployers', /^a deployer is the object id .* got 'anna'/],
  ];

  test('fails once, with every mistake by the path of its construct', () => {
    const problems = (() => {
      try {
        mistakes().synth();
      } catch (error) {
        return error instanceof ValidationError ? error.problems : [];
      }
      return [];
    })();

    expect(problems).toEqual(
      expect.arrayContaining(EXPECTED.map(([path, message]) => ({ path, message: expect.stringMatching(message) }))),
    );
    expect(problems).toHaveLength(EXPECTED.length);
  });

  test('fails with all of it in the message that is printed', () => {
    expect(() => mistakes().synth()).toThrow(/^13 problems in this program:(\n {2}- [\w/-]+: .*){13}$/);
  });

  test('fails before a stack is written', () => {
    const app = mistakes();

    expect(() => app.synth()).toThrow(ValidationError);
    for (const stack of ['prod-foundation', 'prod-cluster', 'prod-addons', 'prod-serving', 'eu']) {
      expect(existsSync(join(app.outdir, 'stacks', stack, 'cdk.tf.json'))).toBe(false);
    }
  });
});

test('every team has its keys in the vault of the foundation that is for them', () => {
  const platform = testPlatform();
  const { keyVault } = platform.foundationStack;

  expect(platform.serving.keyVault).toBe(keyVault);
  expect(platform.addServingStack('archive').keyVault).toBe(keyVault);
  expect(keyVault.node.path).toBe('prod-foundation/service-keys');
});

test('every team has its images built by the identity of the foundation', () => {
  const platform = testPlatform();
  const { imageBuilder } = platform.foundationStack;

  expect(platform.serving.imageBuilder).toBe(imageBuilder);
  expect(platform.addServingStack('archive').imageBuilder).toBe(imageBuilder);
  expect(imageBuilder.registry).toBe(platform.foundationStack.registry);
  expect(imageBuilder.store).toBe(platform.models);
});

describe('another team', () => {
  const stackOf = (name: string, options?: ServingOptions) => {
    const platform = testPlatform({ tags: { costCenter: '4711' } });
    return { platform, stack: platform.addServingStack(name, options) };
  };

  test('gets a stack and a namespace of its name, and deploys after the add-ons', () => {
    const { platform, stack } = stackOf('archive');

    expect(stack.node.path).toBe('prod-archive');
    expect(stack.dependencies).toContain(platform.addonsStack);
    expect(Template.of(stack).resource(NamespaceV1)).toMatchObject({ metadata: { name: 'archive' } });
  });

  test('shares subscription, backend and tags with the platform, and nothing else', () => {
    const backend = StateBackend.azureBlob({
      subscriptionId: env.subscriptionId,
      resourceGroupName: 'states',
      storageAccountName: 'shopstates',
      containerName: 'states',
    });
    const platform = testPlatform({ backend, callerNamespaces: ['shop'], access: ClusterAccess.MANAGED_IDENTITY });
    const { json } = Template.of(platform.addServingStack('archive', { namespace: 'old' }));

    expect(json).toMatchObject({
      terraform: { backend: { azurerm: { key: 'prod-archive.tfstate' } } },
      provider: {
        azurerm: [{ subscription_id: env.subscriptionId }],
        kubernetes: [{ exec: [{ args: expect.arrayContaining(['msi']) }] }],
      },
    });
    expect(JSON.stringify(json)).toContain('"name":"old"');
    expect(JSON.stringify(json)).not.toContain('"shop"');
  });

  test('fails under a name that is taken, or that Kubernetes would refuse', () => {
    expect(messagesOf(stackOf('serving', { namespace: 'second' }).stack)).toEqual([
      "the App has a stack 'prod-serving' already; give the stack of each team a name of its own",
    ]);
    expect(messagesOf(stackOf('Our Team', { namespace: 'ours' }).stack)).toEqual([
      'a serving stack name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or ' +
        "digit; got 'Our Team'; 'our-team' would do",
    ]);
  });
});

describe('metrics and logs', () => {
  test('of the cluster arrive in the foundation by default', () => {
    const { cluster, foundationStack } = testPlatform();

    expect(cluster.monitoring).toBe(Monitoring.AZURE_MANAGED);
    expect(cluster.monitorWorkspace).toBe(foundationStack.monitorWorkspace);
    expect(cluster.logAnalytics).toBe(foundationStack.logAnalytics);
  });

  test.each([Monitoring.IN_CLUSTER, Monitoring.NONE])(
    'are collected by the cluster itself or nobody with %s',
    (monitoring) => {
      const { cluster, foundationStack } = testPlatform({ monitoring });

      expect(cluster.monitoring).toBe(monitoring);
      expect([cluster.monitorWorkspace, cluster.scalerIdentity, foundationStack.monitorWorkspace]).toEqual(
        Array(3).fill(undefined),
      );
    },
  );

  test('of the containers stay where they are with Logs.NONE', () => {
    expect(testPlatform({ logs: Logs.NONE }).cluster.logAnalytics).toBeUndefined();
  });
});
