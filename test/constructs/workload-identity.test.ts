import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import {
  ClusterConnection,
  InferenceCluster,
  ModelStore,
  ServingNamespace,
  WorkloadIdentity,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { expect, test } from 'vitest';
import { sharedGroup, testKubernetesStack, written } from '../fixtures';

function workload(namespaceName = 'vision', serviceAccountName = 'digits') {
  const stack = testKubernetesStack('shop');
  const resourceGroup = sharedGroup(stack);
  const cluster = InferenceCluster.fromClusterAttributes(stack, 'aks', { clusterName: 'theirs', resourceGroup });
  const identity = new WorkloadIdentity(stack, 'reader', {
    connection: new ClusterConnection(stack, 'cluster', { cluster }),
    namespace: new ServingNamespace(stack, 'namespace', { namespaceName }),
    serviceAccountName,
  });
  return { stack, resourceGroup, identity, template: () => Template.of(stack) };
}

const reference = (attribute: string) =>
  expect.stringMatching(new RegExp(`^\\$\\{azurerm_user_assigned_identity\\.reader_identity_.+\\.${attribute}\\}$`));

test('defaultChild is the service account', () => {
  expect(workload().identity.node.defaultChild).toBeInstanceOf(ServiceAccountV1);
});

test('lives in the group of the cluster', () => {
  expect(workload().template().resource(UserAssignedIdentity)).toMatchObject({
    name: 'id-shop-reader-identity',
    resource_group_name: 'shared',
  });
});

test('Azure trusts the tokens of one service account of this cluster and no other', () => {
  expect(workload().template().resource(FederatedIdentityCredential)).toEqual({
    name: 'vision-digits',
    resource_group_name: 'shared',
    parent_id: reference('id'),
    issuer: expect.stringMatching(/^\$\{data\.azurerm_kubernetes_cluster\.cluster_.+\.oidc_issuer_url\}$/),
    subject: 'system:serviceaccount:vision:digits',
    audience: ['api://AzureADTokenExchange'],
  });
});

test('the trust has a name that Azure takes, however long those of namespace and account are', () => {
  const [namespace, account] = ['n'.repeat(63), 's'.repeat(63)];
  const { name, subject } = workload(namespace, account).template().resource(FederatedIdentityCredential);

  expect(name).toMatch(/^n{63}-s+-[0-9a-f]{8}$/);
  expect(name).toHaveLength(120);
  expect(subject).toBe(`system:serviceaccount:${namespace}:${account}`);
});

test('the service account names the identity and mounts no token of Kubernetes', () => {
  expect(workload().template().resource(ServiceAccountV1)).toEqual({
    metadata: {
      name: 'digits',
      namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespace_.+\.name\}$/),
      annotations: { 'azure.workload.identity/client-id': reference('client_id') },
    },
    automount_service_account_token: false,
  });
});

test('pods name the account by a reference, so that it is there first', () => {
  const { stack, identity } = workload();

  expect(written(stack, identity.serviceAccountName)).toMatch(/^\$\{kubernetes_service_account_v1\.reader_.+\.name\}$/);
  expect(WorkloadIdentity.POD_LABEL).toBe('azure.workload.identity/use');
});

test('can be given roles', () => {
  const { stack, resourceGroup, identity } = workload();
  const models = ModelStore.fromModelStoreAttributes(stack, 'models', { storageAccountName: 'theirs', resourceGroup });
  models.grantRead(identity);

  expect(Template.of(stack).json).toMatchObject({
    resource: { azurerm_role_assignment: expect.anything() },
  });
  expect(written(stack, identity.principalId)).toEqual(reference('principal_id'));
});
