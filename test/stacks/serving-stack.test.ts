import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import {
  ClusterAccess,
  InferenceCluster,
  type InferencePlatformProps,
  KeyVault,
  ModelStore,
  NodePool,
  ServingStack,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
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
  const services = names.map((name) => platform.serving.addTritonService(name, { pool, models }));
  return { serving: platform.serving, services, template: () => Template.of(platform.serving) };
}

describe('the namespace', () => {
  test('is called serving and open to itself only, by default', () => {
    const { serving, template } = served();

    expect(serving.namespace.namespaceName).toBe('serving');
    expect(template().resource(NamespaceV1)).toMatchObject({ metadata: { name: 'serving' } });
    expect(template().resource(NetworkPolicyV1)).toMatchObject({
      spec: { ingress: [{ from: [{ pod_selector: {} }] }] },
    });
  });

  test('is what the program calls it, opens to whom it names, and is where services are', () => {
    const { template, services } = served({ namespace: 'vision', callerNamespaces: ['shop'] });

    expect(template().resource(NamespaceV1)).toMatchObject({ metadata: { name: 'vision' } });
    expect(JSON.stringify(template().resource(NetworkPolicyV1))).toContain('"kubernetes.io/metadata.name":"shop"');
    expect(template().resource(FederatedIdentityCredential)).toMatchObject({
      subject: 'system:serviceaccount:vision:reader',
    });
    expect(services[0]?.httpUrl).toBe('http://reader.vision.svc.cluster.local:8000');
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

describe('addTritonService', () => {
  test('says where the service answers and how to look at its pods', () => {
    expect(served().template().output('service_reader')).toEqual({
      http_url: 'http://reader.serving.svc.cluster.local:8000',
      grpc_address: 'reader.serving.svc.cluster.local:8001',
      image: 'nvcr.io/nvidia/tritonserver:26.10-py3',
      models: ['digits'],
      pods: 'kubectl --namespace serving get pods --selector app.kubernetes.io/name=reader',
    });
  });

  test('gives each service an identity and a deployment of its own', () => {
    const { template } = served({}, ['reader', 'second-reader']);

    expect(template().resources(DeploymentV1)).toHaveLength(2);
    expect(template().resources(RoleAssignment)).toHaveLength(2);
    expect(template().resource(FederatedIdentityCredential, 'second-reader/workload/Trust')).toMatchObject({
      subject: 'system:serviceaccount:serving:second-reader',
    });
  });

  test('fails for a name that another service has, however often, and leaves nothing out', () => {
    const { serving } = served({}, ['reader', 'reader', 'reader']);

    const message = "the name 'reader' is taken in this stack; give each service its own";
    expect(problemsOf(serving)).toEqual([
      { path: 'prod-serving/reader-service', message },
      { path: 'prod-serving/reader-service-service', message },
    ]);
  });

  test('takes names that parts of the stack have, in whatever order', () => {
    const names = ['cluster', 'namespace', 'azurerm', 'models', 'backend'];

    for (const order of [names, [...names].reverse()]) {
      const { serving, template } = served({}, order);

      expect(messagesOf(serving)).toEqual([]);
      expect(template().resource(DeploymentV1, 'backend-service')).toMatchObject({ metadata: { name: 'backend' } });
      expect(template().resource(StorageBlob, 'models/digits/1--model.onnx-af93')).toBeDefined();
      expect(template().output('service_models')).toMatchObject({
        http_url: 'http://models.serving.svc.cluster.local:8000',
      });
      expect(template().json).toMatchObject({ terraform: { backend: { local: expect.anything() } } });
    }
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
    serving.addTritonService('reader', { pool, models: [model] });

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
