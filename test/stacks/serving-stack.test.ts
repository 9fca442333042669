import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import {
  ClusterAccess,
  Exposure,
  type INodePool,
  InferenceCluster,
  type InferencePlatformProps,
  KeyVault,
  ModelStore,
  NodePool,
  ScoringImage,
  type ScoringServiceOptions,
  ServiceAuth,
  ServingStack,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  env,
  messagesOf,
  modelSource,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testModel,
  testPlatform,
} from '../fixtures';

function served(props: Partial<InferencePlatformProps> = {}, names: readonly string[] = ['reader']) {
  const platform = testPlatform(props);
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  const models = [testModel(platform)];
  const services = names.map((name) => platform.serving.addTritonService(name, { pool, models, numReplicas: 1 }));
  return { serving: platform.serving, services, template: () => Template.of(platform.serving) };
}

describe('the namespace', () => {
  test('is called serving and open to itself only, by default', () => {
    const { serving, template } = served();

    expect(serving.namespace.namespaceName).toBe('serving');
    expect(template().resource(NamespaceV1)).toMatchObject({ metadata: { name: 'serving' } });
    expect(template().resource(NetworkPolicyV1, 'namespace/Ingress')).toMatchObject({
      spec: { policy_types: ['Ingress'] },
    });
    expect(serving.namespace.callerNamespaces).toEqual([]);
  });

  test('is what the program calls it, opens to whom it names, and is where services are', () => {
    const { template, serving } = served({ namespace: 'vision', callerNamespaces: ['shop'] });

    expect(template().resource(NamespaceV1)).toMatchObject({ metadata: { name: 'vision' } });
    expect(serving.namespace.callerNamespaces).toEqual(['shop']);
    expect(template().resource(FederatedIdentityCredential)).toMatchObject({
      subject: 'system:serviceaccount:vision:reader',
    });
  });

  test('fails for names that Kubernetes would refuse', () => {
    expect(messagesOf(served({ namespace: 'Vision', callerNamespaces: ['Shop'] }).serving)).toEqual([
      expect.stringMatching(/; got 'Vision'; 'vision' would do$/),
      expect.stringMatching(/; got 'Shop'; 'shop' would do$/),
    ]);
  });
});

describe('Terraform talks to the cluster', () => {
  test.each([
    ['azurecli', undefined],
    ['msi', ClusterAccess.MANAGED_IDENTITY],
  ])('through kubelogin as %s', (login, access) => {
    expect(served({ access }).template().json).toMatchObject({
      provider: {
        kubernetes: [{ exec: [{ command: 'kubelogin', args: expect.arrayContaining(['--login', login]) }] }],
        helm: [{ kubernetes: { exec: { command: 'kubelogin', args: expect.arrayContaining(['--login', login]) } } }],
      },
    });
  });
});

describe('the vault for the keys of services', () => {
  const stackWith = (keyVaultName?: string) => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'aks',
      resourceGroup,
      pools: [],
    });
    const keyVault =
      keyVaultName === undefined
        ? undefined
        : KeyVault.fromKeyVaultAttributes(app, 'vault', { keyVaultName, resourceGroup });
    return { keyVault, stack: new ServingStack(app, 'team', { ...env, cluster, keyVault }) };
  };

  test('is none by default', () => {
    expect(stackWith().stack.keyVault).toBeUndefined();
  });

  test('is the one that the program names', () => {
    const { stack, keyVault } = stackWith('shop-keys');

    expect(stack.keyVault).toBe(keyVault);
    expect(messagesOf(stack)).toEqual([]);
  });
});

const IP = String.raw`\$\{kubernetes_service_v1\.reader_address_[0-9A-F]{8}\.status\[0\]\.load_balancer\[0\]\.ingress\[0\]\.ip\}`;

/** A text with the address of the load balancer in the place of `IP`. */
const withAddress = (text: string) => expect.stringMatching(new RegExp(`^${text.replace('IP', () => IP)}$`));

const logs = (name: string, container: string, more = '') =>
  `kubectl --namespace serving logs --selector app.kubernetes.io/name=${name} --container ${container} --prefix --tail ` +
  `200${more}`;

const escaped = (text: string) => text.replaceAll(/[.$()^|]/g, '\\$&');

/** A command line of curl with the primary key. */
const curl = (vault: string, options: string, url: string) =>
  withAddress(
    `${escaped(`${keys(vault).primary} | sed 's/^/Authorization: Bearer /' | curl ${options} --header @-`)} ${url}`,
  );

const keys = (vault: string) => ({
  primary: `az keyvault secret show --vault-name ${vault} --name serving-reader-primary --query value --output tsv`,
  secondary: `az keyvault secret show --vault-name ${vault} --name serving-reader-secondary --query value --output tsv`,
});

/** The command lines that ask the saved queries of a service. */
function logQueries(service: string) {
  const workspace = `--subscription ${env.subscriptionId} --resource-group rg-prod --workspace-name log-prod-logs`;
  const ask = (query: string) =>
    'az monitor log-analytics query ' +
    `--workspace "$(az monitor log-analytics workspace show ${workspace} --query customerId --output tsv)" ` +
    `--analytics-query "$(az monitor log-analytics workspace saved-search show ${workspace} --query query --output tsv ` +
    `--name aks-prod-cluster-serving-${service}-${query})" --timespan P1D`;
  return { log: ask('log'), init_failures: ask('init-failures'), errors: ask('errors') };
}

/** Where the portal shows the dashboard of a service. */
const dashboardOf = (service: string) =>
  expect.stringMatching(
    new RegExp(
      `^https://portal\\.azure\\.com/#resource/subscriptions/${env.subscriptionId}/resourceGroups/rg-prod/providers/` +
        `Microsoft\\.Dashboard/dashboards/${service}-serving-[0-9a-f]{8}$`,
    ),
  );

describe('addTritonService', () => {
  test('says where the service answers, what it runs, and how to look at it and call it', () => {
    const { serving, template } = served();
    const vault = serving.keyVault?.keyVaultName ?? '';

    expect(template().output('service_reader')).toEqual({
      http_url: withAddress('http://IP:8000'),
      grpc_address: withAddress('IP:8001'),
      scoring_uris: { digits: withAddress('http://IP:8000/v2/models/digits/infer') },
      metadata_urls: { digits: withAddress('http://IP:8000/v2/models/digits') },
      health_urls: {
        live: withAddress('http://IP:8000/v2/health/live'),
        ready: withAddress('http://IP:8000/v2/health/ready'),
      },
      region: 'westeurope',
      auth: 'key',
      replicas: 1,
      models: [{ name: 'digits', versions: [1] }],
      image: 'nvcr.io/nvidia/tritonserver:26.10-py3',
      dashboard: dashboardOf('reader'),
      commands: {
        query: withAddress(
          'npx azure-inference query http://IP:8000/v2/models/digits/infer request.json ' +
            `--key-vault ${vault} --secret serving-reader-primary`,
        ),
        ready: curl(vault, '--fail --include', 'http://IP:8000/v2/health/ready'),
        metadata: { digits: curl(vault, '--fail', 'http://IP:8000/v2/models/digits') },
        state: 'kubectl --namespace serving describe pods --selector app.kubernetes.io/name=reader',
        logs: { triton: logs('reader', 'triton'), gateway: logs('reader', 'gateway') },
        previous_logs: {
          triton: logs('reader', 'triton', ' --previous'),
          gateway: logs('reader', 'gateway', ' --previous'),
        },
        keys: keys(vault),
        log_analytics: logQueries('reader'),
      },
      client: {
        http: expect.stringMatching(new RegExp(`^import tritonclient.http [^]+"${IP}:8000"[^]+"digits"`, 'm')),
        grpc: expect.stringMatching(new RegExp(`^import tritonclient.grpc [^]+"${IP}:8001"[^]+"digits"`, 'm')),
      },
    });
  });

  test('gives no key and asks for none in its command lines and programs where callers need none', () => {
    const platform = testPlatform();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
    const options = { auth: ServiceAuth.none(), exposure: Exposure.CLUSTER };
    platform.serving.addTritonService('reader', { pool, models: [testModel(platform)], numReplicas: 1, ...options });
    const host = 'reader.serving.svc.cluster.local';

    const said = Template.of(platform.serving).output('service_reader');
    expect(said).toMatchObject({
      commands: {
        ready: `curl --fail --include http://${host}:8000/v2/health/ready`,
        metadata: { digits: `curl --fail http://${host}:8000/v2/models/digits` },
      },
    });
    expect(JSON.stringify(said)).not.toMatch(/Authorization|keyvault|SERVICE_KEY/i);
  });

  test('gives each service an identity and a deployment of its own', () => {
    const { template } = served({}, ['reader', 'second-reader']);

    expect(template().resources(DeploymentV1)).toHaveLength(2);
    expect(template().resources(RoleAssignment)).toHaveLength(2);
    expect(template().resource(FederatedIdentityCredential, 'second-reader/workload/Trust')).toMatchObject({
      subject: 'system:serviceaccount:serving:second-reader',
    });
  });

  test('fails for a name that another service has, however often, and says it once of each', () => {
    const { serving } = served({}, ['reader', 'reader', 'reader']);

    const message = "the name 'reader' is taken in this stack; give each service its own";
    expect(problemsOf(serving)).toEqual([
      { path: 'prod-serving/reader-service', message },
      { path: 'prod-serving/reader-service-service', message },
    ]);
  });

  test('takes names that parts of the stack have, in whatever order', () => {
    const names = ['cluster', 'namespace', 'azurerm', 'models', 'charts', 'backend'];

    for (const order of [names, [...names].reverse()]) {
      const { serving, template } = served({}, order);

      expect(messagesOf(serving)).toEqual([]);
      expect(template().resource(DeploymentV1, 'backend-service')).toMatchObject({ metadata: { name: 'backend' } });
      expect(template().resource(StorageBlob, 'models/digits/1--model.onnx-af93')).toBeDefined();
      expect(template().output('service_models')).toMatchObject({
        commands: { state: expect.stringContaining('app.kubernetes.io/name=models') },
      });
      expect(template().json).toMatchObject({ terraform: { backend: { local: expect.anything() } } });
    }
  });
});

/** A stack with a pool for scripts. */
function scripts(props: Partial<InferencePlatformProps> = {}) {
  const platform = testPlatform(props);
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  const add = (name: string, options: Partial<ScoringServiceOptions> = {}) =>
    platform.serving.addScoringService(name, { pool, image, numReplicas: 1, ...options });
  return { platform, serving: platform.serving, add, template: () => Template.of(platform.serving) };
}

describe('addScoringService', () => {
  test('says where the service answers, what it runs, and how to look at it and call it', () => {
    const { serving, add, template, platform } = scripts();
    const models = [platform.models.addModel('digits', { source: modelSource({ 'model.pkl': 'x' }), version: 3 })];
    add('reader', { models, numReplicas: 2, description: 'Reads digits', tags: { a: 'b' }, properties: { c: 'd' } });
    const vault = serving.keyVault?.keyVaultName ?? '';

    expect(template().output('service_reader')).toEqual({
      scoring_uri: withAddress('http://IP/score'),
      swagger_uri: withAddress('http://IP/swagger.json'),
      region: 'westeurope',
      auth: 'key',
      replicas: 2,
      models: [{ name: 'digits', versions: [3] }],
      image: 'prod.azurecr.io/digits:3',
      dashboard: dashboardOf('reader'),
      commands: {
        query: withAddress(
          `npx azure-inference query http://IP/score request.json --key-vault ${vault} --secret serving-reader-primary`,
        ),
        state:
          "kubectl --namespace serving describe pods --selector 'app.kubernetes.io/name in (reader, reader-router)'",
        logs: {
          models: logs('reader', 'models'),
          scoring: logs('reader', 'scoring'),
          gateway: logs('reader', 'gateway'),
          router: logs('reader-router', 'router'),
        },
        previous_logs: {
          models: logs('reader', 'models', ' --previous'),
          scoring: logs('reader', 'scoring', ' --previous'),
          gateway: logs('reader', 'gateway', ' --previous'),
          router: logs('reader-router', 'router', ' --previous'),
        },
        keys: keys(vault),
        log_analytics: logQueries('reader'),
      },
      description: 'Reads digits',
      tags: { a: 'b' },
      properties: { c: 'd' },
    });
  });

  test('names no key where callers need none', () => {
    const { add, template } = scripts();
    add('reader', { auth: ServiceAuth.none(), exposure: Exposure.CLUSTER });

    expect(template().output('service_reader')).toMatchObject({
      auth: 'none',
      commands: {
        query: 'npx azure-inference query http://reader.serving.svc.cluster.local/score request.json',
        keys: {},
      },
    });
  });

  test('takes keys that lie in another vault', () => {
    const { add, template } = scripts();
    add('reader', {
      auth: ServiceAuth.keyVault({
        keyVaultId: `${SHARED_GROUP_ID}/providers/Microsoft.KeyVault/vaults/shop-keys`,
        primarySecretName: 'one',
        secondarySecretName: 'two',
      }),
    });

    expect(template().output('service_reader')).toMatchObject({
      commands: { query: expect.stringMatching(/ --key-vault shop-keys --secret one$/) },
    });
  });
});

describe('the list of all services', () => {
  test('is an output by name, without the commands and programs', () => {
    const { add, template, platform } = scripts();
    const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
    platform.serving.addTritonService('pages', { pool: gpu, models: [testModel(platform)], numReplicas: 1 });
    add('reader', { exposure: Exposure.CLUSTER });
    add('archive', { exposure: Exposure.CLUSTER, namespace: 'old' });

    const services = template().output('services') as { [name: string]: object };
    expect(Object.keys(services).sort()).toEqual(['archive', 'pages', 'reader']);
    for (const [name, namespace] of [
      ['pages', 'serving'],
      ['reader', 'serving'],
      ['archive', 'old'],
    ] as const) {
      const said = template().output(`service_${name}`) as { commands: object; client?: object };
      const { commands: _, client: __, ...summary } = said;
      expect(services[name]).toEqual({ namespace, ...summary });
    }
  });

  test('is not there where there is none', () => {
    expect(() => scripts().template().output('services')).toThrow("has no output 'services'; it has: none");
  });
});

describe('a namespace that a service names', () => {
  const added = (...namespaces: (string | undefined)[]) => {
    const { add, template, serving } = scripts({ callerNamespaces: ['shop'] });
    for (const [index, namespace] of namespaces.entries()) {
      add(`reader-${index}`, { namespace, exposure: Exposure.CLUSTER });
    }
    return { template, serving };
  };
  const namesOf = (template: Template) =>
    template.resources(NamespaceV1).map(({ metadata }) => (metadata as { name: string }).name);

  test('is made once, however many services are in it', () => {
    const { template } = added('old', undefined, 'old', 'older');

    expect(namesOf(template()).sort()).toEqual(['old', 'older', 'serving']);
  });

  test('is that of the stack where it has its name', () => {
    expect(namesOf(added('serving').template())).toEqual(['serving']);
  });

  test('is as closed as that of the stack, and open to the same callers', () => {
    const { template } = added('old');
    const namespace = (name: string) => ({
      namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': name } },
    });
    const ports = (port: string) => [{ port, protocol: 'TCP' }];

    expect(template().resource(NetworkPolicyV1, 'namespaces/old/Ingress')).toMatchObject({
      metadata: { name: 'default-deny-ingress' },
      spec: { pod_selector: {}, policy_types: ['Ingress'] },
    });
    expect(template().resource(NetworkPolicyV1, 'reader-0/NetworkPolicy')).toMatchObject({
      metadata: { namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespaces_old_/) },
      spec: {
        ingress: [
          { ports: ports('8080'), from: [{ pod_selector: {} }, namespace('shop')] },
          { ports: ports('8404'), from: [namespace('kube-system')] },
        ],
      },
    });
  });

  test('holds what the service is made of', () => {
    const { template } = added('old');

    expect(template().resource(DeploymentV1)).toMatchObject({
      metadata: { namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespaces_old_/) },
    });
    expect(template().resource(FederatedIdentityCredential)).toMatchObject({
      subject: 'system:serviceaccount:old:reader-0',
    });
    expect(template().output('service_reader-0')).toMatchObject({
      scoring_uri: 'http://reader-0.old.svc.cluster.local/score',
    });
  });

  test.each(['', 'Old', 'a/b', 'default'])('fails to be %j, once', (namespace) => {
    const { serving } = added(namespace, namespace);

    expect(messagesOf(serving)).toEqual([expect.stringMatching(`(got|name) '${namespace}'`)]);
  });

  test('is never another one that looks like it', () => {
    expect(messagesOf(added('unnamed', '').serving)).toEqual([expect.stringMatching(/; got ''$/)]);
  });
});

describe('names that meet in one namespace', () => {
  const clash = (name: string, owner: string) =>
    `a Kubernetes service name is unique in its namespace; got '${name}', which '${owner}' has, too; give one of them ` +
    'another name, which routers and their replicas have from their service';

  test('fail where routers have that of another service', () => {
    const { add, serving } = scripts();
    add('reader', { numReplicas: 2 });
    add('reader-router');

    expect(problemsOf(serving)).toEqual([
      {
        path: 'prod-serving/reader-router/address',
        message: clash('reader-router', 'prod-serving/reader/router/Routers'),
      },
    ]);
  });

  test('fail where the name for the replicas is that of another service, in whatever order', () => {
    const { add, serving } = scripts();
    add('reader-replicas');
    add('reader', { numReplicas: 2 });

    expect(problemsOf(serving)).toEqual([
      {
        path: 'prod-serving/reader/router/Replicas',
        message: clash('reader-replicas', 'prod-serving/reader-replicas/address'),
      },
    ]);
  });

  test('are no matter without routers, or in another namespace', () => {
    const { add, serving } = scripts();
    add('reader');
    add('reader-router');
    add('writer', { numReplicas: 2 });
    add('writer-router', { namespace: 'old' });

    expect(messagesOf(serving)).toEqual([]);
  });

  test('are no matter in stacks of their own', () => {
    const { platform, add } = scripts();
    add('reader', { numReplicas: 2 });
    const [pool] = platform.cluster.pools as [INodePool];
    const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
    platform.addServingStack('archive').addScoringService('reader', { pool, image, numReplicas: 1 });

    expect(messagesOf(platform.serving)).toEqual([]);
  });

  test('fail once for two services of one name, whatever they are and wherever they lie', () => {
    const { platform, add } = scripts();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
    add('reader', { numReplicas: 2 });
    add('reader', { numReplicas: 3, namespace: 'old' });
    platform.serving.addTritonService('reader', { pool, models: [testModel(platform)], numReplicas: 2 });

    const message = "the name 'reader' is taken in this stack; give each service its own";
    expect(problemsOf(platform.serving)).toEqual([
      { path: 'prod-serving/reader-service', message },
      { path: 'prod-serving/reader-service-service', message },
    ]);
  });
});

/** Expressions of Terraform in a configuration: what stands in braces after a dollar or percent sign that is not doubled. */
function expressionsOf(configuration: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(configuration, (name, value) => {
    if (name !== '//') {
      texts.push(name, ...(typeof value === 'string' ? [value] : []));
    }
    return name === '//' ? undefined : value;
  });
  return texts.flatMap((text) =>
    [...text.matchAll(/([$%])(\1*)\{([^}]*)\}?/g)].flatMap(([, , others, inside]) =>
      others === '' ? [inside ?? ''] : [],
    ),
  );
}

describe('texts of a person', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('${', '%{', '$', '%', '{', '}', '"', '\\', '\n', 'path.root', ' ', 'ä'),
  });

  test('arrive as texts, whatever they are: Terraform finds no expression but those of the library', () => {
    const expressions = (text: string) => {
      const { platform, add, template } = scripts();
      const source = modelSource({ 'model.pkl': 'x' });
      const models = [platform.models.addModel('digits', { source, description: text, tags: { tag: text } })];
      const texts = { [text]: text };
      add('reader', { models, numReplicas: 2, description: text, tags: texts, properties: texts });
      add('writer', { environmentVariables: { TEXT: text }, exposure: Exposure.CLUSTER });
      for (const { data } of template().resources(ConfigMapV1)) {
        expect(JSON.stringify(data)).not.toMatch(/[$%]\{/);
      }
      return expressionsOf(template().json);
    };
    const ours = expressions('plain');

    expect(ours.length).toBeGreaterThan(50);
    fc.assert(
      fc.property(nasty, (text) => {
        expect(expressions(text)).toEqual(ours);
      }),
      { numRuns: 25 },
    );
    expect(expressions('${path.root}%{ if true }$${x}')).toEqual(ours);
  });
});

describe('a stack of another team', () => {
  test('serves on a cluster, a pool and from a store that somebody else made', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const pool = NodePool.fromNodePoolAttributes(app, 'pool', {
      poolName: 'theirs',
      size: VmSize.NC24ADS_A100_V4,
      maxNodes: 2,
    });
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'aks',
      resourceGroup,
      pools: [pool],
    });
    const store = ModelStore.fromModelStoreAttributes(app, 'store', { storageAccountName: 'models1', resourceGroup });
    const serving = new ServingStack(app, 'team', { ...env, cluster });
    const model = store.addModel('digits', { source: modelSource() });
    serving.addTritonService('reader', { pool, models: [model], auth: ServiceAuth.none(), numReplicas: 1 });

    const template = Template.of(serving);
    expect(template.dataSource(DataAzurermKubernetesCluster)).toMatchObject({
      name: 'aks',
      resource_group_name: 'shared',
    });
    expect(template.resource(StorageBlob)).toMatchObject({ storage_account_name: 'models1' });
    expect(template.resource(RoleAssignment)).toMatchObject({
      scope: `${SHARED_GROUP_ID}/providers/Microsoft.Storage/storageAccounts/models1/blobServices/default/containers/models`,
    });
    expect(JSON.stringify(template.resource(DeploymentV1))).toContain('"kubernetes.azure.com/agentpool":"theirs"');
    expect(serving.dependencies).toEqual([]);
  });
});
