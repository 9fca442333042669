import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { ClusterConnection, InferenceCluster } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { messagesOf, problemsOf, sharedGroup, testApp, testGroup, testStack, written } from '../fixtures';

function connected() {
  const owner = testStack('owner');
  const cluster = new InferenceCluster(owner, 'cluster', {
    resourceGroup: testGroup(owner, { resourceGroupName: 'shop' }),
    clusterName: 'shop-aks',
  });
  const stack = testStack('reader', App.of(owner));
  return { owner, cluster, stack, connection: new ClusterConnection(stack, 'cluster', { cluster }) };
}

test('defaultChild is the data source', () => {
  expect(connected().connection.node.defaultChild).toBeInstanceOf(DataAzurermKubernetesCluster);
});

test('reads the cluster by its name, after the stack that makes it', () => {
  const { owner, stack } = connected();

  expect(Template.of(stack).dataSource(DataAzurermKubernetesCluster)).toMatchObject({
    name: 'shop-aks',
    resource_group_name: 'shop',
  });
  expect(stack.dependencies).toEqual([owner]);
});

test('refuses while planning what has local accounts, whose credentials would lie in the state', () => {
  const { lifecycle } = Template.of(connected().stack).dataSource(DataAzurermKubernetesCluster);

  expect(lifecycle).toEqual({
    postcondition: [
      {
        condition: '${!can(yamldecode(self.kube_admin_config_raw).users)}',
        error_message:
          'The cluster shop-aks has local accounts, and reading it would keep their credentials in this ' +
          "stack's state. Turn them off: az aks update --disable-local-accounts.",
      },
    ],
  });
});

test('gives what a provider and a federated identity need', () => {
  const { stack, connection, cluster } = connected();
  const data = String.raw`data\.azurerm_kubernetes_cluster\.cluster_[0-9A-F]{8}`;

  expect(connection.cluster).toBe(cluster);
  expect(written(stack, connection.host)).toMatch(new RegExp(`^\\$\\{${data}\\.kube_config\\[0\\]\\.host\\}$`));
  expect(written(stack, connection.clusterCaCertificate)).toMatch(
    new RegExp(`^\\$\\{base64decode\\(${data}\\.kube_config\\[0\\]\\.cluster_ca_certificate\\)\\}$`),
  );
  expect(written(stack, connection.oidcIssuerUrl)).toMatch(new RegExp(`^\\$\\{${data}\\.oidc_issuer_url\\}$`));
});

describe('in one stack with the cluster', () => {
  test('fails where the stack creates it', () => {
    const stack = testStack('shop');
    const cluster = new InferenceCluster(stack, 'cluster', { resourceGroup: testGroup(stack) });
    new ClusterConnection(stack, 'connection', { cluster });

    expect(problemsOf(stack)).toEqual([
      {
        path: 'shop/connection',
        message:
          "the cluster 'aks-shop-cluster' is created in this stack, 'shop', and cannot be deployed to from it: Terraform " +
          'configures its Kubernetes provider before it creates anything; connect from a stack of its own',
      },
    ]);
  });

  test('works where somebody else created it', () => {
    const stack = testStack('shop', testApp());
    const cluster = InferenceCluster.fromClusterAttributes(stack, 'cluster', {
      clusterName: 'theirs',
      resourceGroup: sharedGroup(stack),
    });
    new ClusterConnection(stack, 'connection', { cluster });

    expect(messagesOf(stack)).toEqual([]);
    expect(Template.of(stack).dataSource(DataAzurermKubernetesCluster)).toMatchObject({
      name: 'theirs',
      resource_group_name: 'shared',
    });
  });
});
