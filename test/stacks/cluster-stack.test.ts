import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import {
  ClusterStack,
  type ClusterStackProps,
  ClusterTier,
  ContainerRegistry,
  FoundationStack,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { env, SHARED_GROUP_ID, sharedGroup, testApp, testStack } from '../fixtures';

function cluster(props: Partial<ClusterStackProps> = {}, app = testApp()) {
  const stack = new ClusterStack(app, 'prod-cluster', { ...env, resourceGroup: sharedGroup(app), ...props });
  return { stack, template: () => Template.of(stack) };
}

test('holds the cluster and its pools, in somebody’s group', () => {
  const { stack, template } = cluster();
  stack.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });

  expect(template().resource(KubernetesCluster)).toMatchObject({
    name: 'aks-prod-cluster',
    resource_group_name: 'shared',
    location: 'westeurope',
  });
  expect(
    template()
      .resources(KubernetesClusterNodePool)
      .map((pool) => pool.name),
  ).toEqual(['gpu', 'work']);
});

test('passes every option on', () => {
  const { template } = cluster({
    clusterName: 'shop',
    kubernetesVersion: '1.34',
    tier: ClusterTier.FREE,
    systemNodeSize: VmSize.D8S_V5,
    systemNodes: 1,
  });

  expect(template().resource(KubernetesCluster)).toMatchObject({
    name: 'shop',
    kubernetes_version: '1.34',
    sku_tier: 'Free',
    default_node_pool: { vm_size: 'Standard_D8s_v5', node_count: 1 },
  });
});

describe('the registry', () => {
  const pulls = (props: Partial<ClusterStackProps>, app = testApp()) =>
    cluster(props, app)
      .template()
      .resources(RoleAssignment)
      .filter((role) => role.role_definition_name === 'AcrPull')
      .map((role) => role.scope);

  test('may be pulled from, somebody else’s too', () => {
    const app = testApp();
    const registry = ContainerRegistry.fromRegistryAttributes(app, 'images', {
      registryName: 'contoso',
      resourceGroup: sharedGroup(testStack('other', app)),
    });

    expect(pulls({ registry }, app)).toEqual([
      `${SHARED_GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/contoso`,
    ]);
  });

  test('is none by default', () => {
    expect(pulls({})).toEqual([]);
  });
});

test('comes after the foundation that it uses, and reads nothing of its state', () => {
  const foundation = new FoundationStack(testApp(), 'prod-foundation', env);
  const { resourceGroup, registry } = foundation;
  const { stack, template } = cluster({ resourceGroup, registry }, App.of(foundation));

  expect(stack.dependencies).toEqual([foundation]);
  expect(template().resource(KubernetesCluster)).toMatchObject({ resource_group_name: 'rg-prod' });
  expect(JSON.stringify(template().json)).not.toContain('terraform_remote_state');
});

test('says how to reach the cluster', () => {
  const { template } = cluster();
  const name = String(template().output('cluster_name'));

  expect(name).toMatch(/^\$\{azurerm_kubernetes_cluster\.cluster_.{8}\.name\}$/);
  expect(template().output('kubeconfig_command')).toBe(
    `az aks get-credentials --resource-group shared --name ${name} && kubelogin convert-kubeconfig -l azurecli`,
  );
});
