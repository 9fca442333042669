import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { MonitorDataCollectionEndpoint } from '@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint';
import { MonitorDataCollectionRule } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule';
import { MonitorDataCollectionRuleAssociation } from '@cdktf/provider-azurerm/lib/monitor-data-collection-rule-association';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import {
  ClusterTier,
  ContainerRegistry,
  InferenceCluster,
  type InferenceClusterAttributes,
  type InferenceClusterProps,
  LogAnalyticsWorkspace,
  Logs,
  Monitoring,
  MonitorWorkspace,
  NodePool,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import type { IConstruct } from 'constructs';
import { describe, expect, test } from 'vitest';
import {
  messagesOf,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  TimeSleep,
  testApp,
  testGroup,
  testStack,
  token,
} from '../fixtures';

function cluster(props: Partial<InferenceClusterProps> = {}) {
  const stack = testStack('shop');
  const aks = new InferenceCluster(stack, 'cluster', { resourceGroup: testGroup(stack), ...props });
  return { stack, aks, template: () => Template.of(stack) };
}

const resource = (props?: Partial<InferenceClusterProps>) => cluster(props).template().resource(KubernetesCluster);

const reference = (construct: string, attribute: string) =>
  expect.stringMatching(
    new RegExp(`^\\$\\{azurerm_user_assigned_identity\\.cluster_${construct}_[0-9A-F]{8}\\.${attribute}\\}$`),
  );

test('defaultChild is the cluster', () => {
  expect(cluster().aks.node.defaultChild).toBeInstanceOf(KubernetesCluster);
});

describe('by default a cluster', () => {
  test('is called after its path, has an uptime agreement and patches itself on Sundays', () => {
    const window = {
      frequency: 'Weekly',
      interval: 1,
      day_of_week: 'Sunday',
      start_time: '00:00',
      utc_offset: '+00:00',
      duration: 4,
    };

    expect(resource()).toMatchObject({
      name: 'aks-shop-cluster',
      dns_prefix: 'aks-shop-cluster',
      resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
      location: 'westeurope',
      sku_tier: 'Standard',
      automatic_upgrade_channel: 'patch',
      node_os_upgrade_channel: 'NodeImage',
      maintenance_window_auto_upgrade: window,
      maintenance_window_node_os: window,
    });
    expect(resource()).not.toHaveProperty('kubernetes_version');
  });

  test('lets people in by Entra ID and Azure roles only', () => {
    expect(resource()).toMatchObject({
      local_account_disabled: true,
      role_based_access_control_enabled: true,
      azure_active_directory_role_based_access_control: {
        azure_rbac_enabled: true,
        tenant_id: expect.stringMatching(/^\$\{data\.azurerm_client_config\.azurerm-client\.tenant_id\}$/),
      },
    });
  });

  test('lets pods be known to Azure, scales them by events and polices their network', () => {
    expect(resource()).toMatchObject({
      oidc_issuer_enabled: true,
      workload_identity_enabled: true,
      workload_autoscaler_profile: { keda_enabled: true },
      network_profile: {
        network_plugin: 'azure',
        network_plugin_mode: 'overlay',
        network_data_plane: 'cilium',
        network_policy: 'cilium',
        load_balancer_sku: 'standard',
      },
    });
  });

  test('has three nodes for its own parts and nothing else', () => {
    expect(resource().default_node_pool).toEqual({
      name: 'system',
      vm_size: 'Standard_D4s_v5',
      node_count: 3,
      only_critical_addons_enabled: true,
      os_sku: 'Ubuntu',
      os_disk_size_gb: 128,
      temporary_name_for_rotation: 'systemtmp',
      upgrade_settings: { max_surge: '10%' },
    });
  });
});

describe('the identities', () => {
  test('are two, for the control plane and for the kubelets', () => {
    const { template } = cluster();

    expect(
      template()
        .resources(UserAssignedIdentity)
        .map((identity) => identity.name),
    ).toEqual(['id-shop-cluster-control-plane', 'id-shop-cluster-kubelet']);
    expect(template().resource(KubernetesCluster)).toMatchObject({
      identity: { type: 'UserAssigned', identity_ids: [reference('control-plane', 'id')] },
      kubelet_identity: {
        client_id: reference('kubelet', 'client_id'),
        object_id: reference('kubelet', 'principal_id'),
        user_assigned_identity_id: reference('kubelet', 'id'),
      },
    });
  });

  test('let the control plane use the kubelets’ identity, and nothing wider', () => {
    expect(cluster().template().resource(RoleAssignment)).toEqual({
      scope: reference('kubelet', 'id'),
      role_definition_name: 'Managed Identity Operator',
      principal_id: reference('control-plane', 'principal_id'),
      principal_type: 'ServicePrincipal',
    });
  });

  test('let the kubelets pull from the registry, and nothing wider', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const registry = ContainerRegistry.fromRegistryAttributes(app, 'images', {
      registryName: 'contoso',
      resourceGroup,
    });
    const roles = cluster({ registry }).template().resources(RoleAssignment);

    expect(roles).toHaveLength(2);
    expect(roles).toContainEqual({
      scope: registry.idFor(app),
      role_definition_name: 'AcrPull',
      principal_id: reference('kubelet', 'principal_id'),
      principal_type: 'ServicePrincipal',
    });
  });

  test('have their roles for a minute before the cluster is made', () => {
    const { template } = cluster();

    expect(template().resource(TimeSleep, 'cluster/Roles')).toEqual({
      create_duration: '60s',
      triggers: {
        [String(Object.keys(template().resource(TimeSleep).triggers as object)[0])]: expect.stringMatching(
          /^\$\{azurerm_role_assignment\.cluster_control-plane_ManagedIdentityOperator-kubelet-.+\.id\}$/,
        ),
      },
    });
    expect(template().resource(KubernetesCluster).depends_on).toEqual([
      expect.stringMatching(/^time_sleep\.cluster_Roles_/),
    ]);
  });
});

describe('a cluster takes', () => {
  test('name, version, tier and system nodes', () => {
    const props = {
      clusterName: 'shop_eu',
      kubernetesVersion: '1.34',
      tier: ClusterTier.FREE,
      systemNodeSize: VmSize.D8S_V5,
      systemNodes: 1,
    };

    expect(resource(props)).toMatchObject({
      name: 'shop_eu',
      dns_prefix: 'shop-eu',
      kubernetes_version: '1.34',
      sku_tier: 'Free',
      default_node_pool: { vm_size: 'Standard_D8s_v5', node_count: 1 },
    });
  });

  test('a name that a DNS prefix may not be, and a token', () => {
    const long = resource({ clusterName: `${'x'.repeat(53)}_${'y'.repeat(9)}` }).dns_prefix;

    expect(long).toMatch(/^x{45}-[0-9a-f]{8}$/);
    expect(resource({ clusterName: 'my_shop' }).dns_prefix).toBe('my-shop');
    expect(String(resource({ clusterName: 'a' }).dns_prefix).length).toBeGreaterThan(1);
    expect(resource({ clusterName: token('shop') })).toMatchObject({ name: 'shop', dns_prefix: 'shop' });
  });

  test.each([
    [ClusterTier.STANDARD, 'Standard'],
    [ClusterTier.PREMIUM, 'Premium'],
  ])('the tier %s', (tier, written) => {
    expect(resource({ tier })).toMatchObject({ sku_tier: written });
  });
});

describe('the pool work', () => {
  const names = (aks: InferenceCluster) => aks.pools.map((pool) => pool.poolName);
  const options = { size: VmSize.D8S_V5, maxNodes: 5 };

  test('is there by default, from no node to three', () => {
    const { aks, template } = cluster();

    expect(names(aks)).toEqual(['work']);
    expect(template().resource(KubernetesClusterNodePool)).toMatchObject({
      name: 'work',
      kubernetes_cluster_id: expect.stringMatching(/^\$\{azurerm_kubernetes_cluster\.cluster_.+\.id\}$/),
      vm_size: 'Standard_D4s_v5',
      min_count: 0,
      max_count: 3,
    });
  });

  test('stays beside GPU pools', () => {
    const { aks } = cluster();
    aks.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });

    expect(names(aks)).toEqual(['work', 'gpu']);
  });

  test('gives way to the first CPU pool of the program', () => {
    const { aks, template } = cluster();

    expect(aks.addCpuPool('cpu', options)).toBeInstanceOf(NodePool);
    expect(names(aks)).toEqual(['cpu']);
    expect(template().resource(KubernetesClusterNodePool)).toMatchObject({
      name: 'cpu',
      vm_size: 'Standard_D8s_v5',
      max_count: 5,
    });
  });

  test.each(['cpu', 'work'])('gives way once: a second CPU pool leaves the first, %s, where it is', (name) => {
    const { aks, stack } = cluster();
    aks.addCpuPool(name, options);
    aks.addCpuPool('more', options);

    expect(names(aks)).toEqual([name, 'more']);
    expect(messagesOf(stack)).toEqual([]);
  });
});

describe('pools', () => {
  test('are listed as they were added, and the list is not the program’s to change', () => {
    const { aks } = cluster();
    const gpu = aks.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
    (aks.pools as NodePool[]).pop();

    expect(aks.pools.at(-1)).toBe(gpu);
  });

  test('may be called like another part of the cluster', () => {
    const { aks, stack } = cluster();
    aks.addGpuPool('kubelet', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });

    expect(messagesOf(stack)).toEqual([]);
    expect(Template.of(stack).resource(KubernetesClusterNodePool, 'kubelet-again')).toMatchObject({ name: 'kubelet' });
  });

  test('fail to share a name, however often', () => {
    const { aks, stack } = cluster();
    for (const name of ['gpu', 'gpu', 'gpu', 'system', 'work']) {
      aks.addGpuPool(name, { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
    }

    const twice = (name: string) => `the cluster has two pools of the name '${name}'; give each a name of its own`;
    expect(problemsOf(stack)).toEqual([
      { path: 'shop/cluster/gpu-again', message: twice('gpu') },
      { path: 'shop/cluster/gpu-again-again', message: twice('gpu') },
      { path: 'shop/cluster/system', message: twice('system') },
      { path: 'shop/cluster/work-again', message: twice('work') },
    ]);
  });

  test('fail to have no name', () => {
    const { aks, stack } = cluster();
    aks.addGpuPool('', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });

    expect(messagesOf(stack)).toEqual([expect.stringMatching(/^a node pool name is .*; got ''$/)]);
  });

  test('of CPUs fail for a size with accelerators', () => {
    const { aks, stack } = cluster();
    aks.addCpuPool('cpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });

    expect(messagesOf(stack)).toEqual([
      "the size Standard_NC4as_T4_v3 has accelerators that a CPU pool leaves idle; add it with 'addGpuPool'",
    ]);
  });

  test('of GPUs fail for a size without', () => {
    const { aks, stack } = cluster();
    aks.addGpuPool('gpu', { size: VmSize.D4S_V5, maxNodes: 1 });

    expect(messagesOf(stack)).toEqual([
      'the size Standard_D4s_v5 has no GPU; choose one that has, such as VmSize.NC4AS_T4_V3, or call ' + "'addCpuPool'",
    ]);
  });
});

const WRONG =
  'a cluster name is 1 to 63 letters, digits, hyphens and underscores, the first and last a letter or digit; got ' +
  "'shop.eu'; 'shop-eu' would do";

describe('fails for', () => {
  test('a name that Azure would refuse', () => {
    expect(messagesOf(cluster({ clusterName: 'shop.eu' }).stack)).toEqual([WRONG]);
  });

  test.each([0, 1001, 2.5])('%d system nodes', (systemNodes) => {
    expect(messagesOf(cluster({ systemNodes }).stack)).toEqual([
      `systemNodes must be a whole number from 1 to 1000; got ${systemNodes}`,
    ]);
  });

  test('the name of a cluster made elsewhere by the same rule', () => {
    const app = testApp();
    InferenceCluster.fromClusterAttributes(app, 'theirs', { clusterName: 'shop.eu', resourceGroup: sharedGroup(app) });

    expect(messagesOf(testStack('test', app))).toEqual([WRONG]);
  });
});

describe('a cluster made elsewhere', () => {
  test('has the pools that are named and no others', () => {
    const app = testApp();
    const attributes = { clusterName: 'theirs', resourceGroup: sharedGroup(app) };
    const pool = NodePool.fromNodePoolAttributes(app, 'pool', {
      poolName: 'gpu',
      size: VmSize.NC4AS_T4_V3,
      maxNodes: 1,
    });

    expect(InferenceCluster.fromClusterAttributes(app, 'a', attributes).pools).toEqual([]);
    expect(InferenceCluster.fromClusterAttributes(app, 'b', { ...attributes, pools: [pool] }).pools).toEqual([pool]);
  });
});

describe('what the catalogue knows of a size', () => {
  const warnings = (construct: IConstruct) => construct.node.metadata.map(({ data }) => data);

  test('refuses a pool, whatever else is wrong', () => {
    const { stack, aks } = cluster();
    aks.addGpuPool('old', { size: VmSize.named('NC6'), maxNodes: 1 });
    aks.addGpuPool('odd', { size: VmSize.named('NC4as_T4'), maxNodes: 1 });

    expect(messagesOf(stack)).toEqual([
      'Azure retired the size Standard_NC6 (K80) on 2023-08-31; Standard_NC4as_T4_v3 succeeds it',
      "the catalogue of 2026-11-21 has no size 'NC4as_T4', and 'Standard_NC4as_T4_v3' is the nearest it has; describe a " +
        'newer one with VmSize.of',
    ]);
  });

  test('warns on the pool that it is about', () => {
    const { aks } = cluster({ resourceGroup: sharedGroup(testApp(), { location: 'norwayeast' }) });
    const pool = aks.addGpuPool('gpu', { size: VmSize.NC24ADS_A100_V4, maxNodes: 1 });

    expect(warnings(pool)).toEqual([expect.stringContaining("had no price in 'norwayeast' on 2026-06-18")]);
    expect(warnings(aks)).toEqual([]);
  });

  test('judges system nodes too', () => {
    expect(warnings(cluster({ systemNodeSize: VmSize.named('D4s_v3') }).aks)).toEqual([
      expect.stringContaining('Azure retires the size Standard_D4s_v3 on 2029-11-15'),
    ]);
    expect(messagesOf(cluster({ systemNodeSize: VmSize.named('NC6') }).stack)).toEqual([
      'Azure retired the size Standard_NC6 (K80) on 2023-08-31; Standard_NC4as_T4_v3 succeeds it',
    ]);
  });

  test('fails for system nodes that AKS would refuse, or that waste accelerators', () => {
    const small = VmSize.of('Standard_A1_v3', { vcpus: 1, memoryGiB: 8 });
    const burstable = VmSize.of('Standard_B4ms', { vcpus: 4, memoryGiB: 16 });

    expect(messagesOf(cluster({ systemNodeSize: small }).stack)).toEqual([
      'system nodes need 2 vCPUs and 4 GiB or more, and no B-series; got Standard_A1_v3',
    ]);
    expect(messagesOf(cluster({ systemNodeSize: burstable }).stack)).toEqual([
      'system nodes need 2 vCPUs and 4 GiB or more, and no B-series; got Standard_B4ms',
    ]);
    expect(messagesOf(cluster({ systemNodeSize: VmSize.NC4AS_T4_V3 }).stack)).toEqual([
      'system nodes leave accelerators idle, and changing those later replaces the cluster; got Standard_NC4as_T4_v3; ' +
        "choose a CPU size and add the accelerators with 'addGpuPool'",
    ]);
  });
});

describe('the blob driver', () => {
  test('is left to Azure, which has it off, and is unknown of a cluster made elsewhere', () => {
    const app = testApp();
    const attributes = { clusterName: 'theirs', resourceGroup: sharedGroup(app) };
    const theirs = (id: string, blobDriver?: boolean) =>
      InferenceCluster.fromClusterAttributes(app, id, { ...attributes, blobDriver }).blobDriver;

    expect(resource()).not.toHaveProperty('storage_profile');
    expect(cluster().aks.blobDriver).toBe(false);
    expect([theirs('a'), theirs('b', true), theirs('c', false)]).toEqual([undefined, true, false]);
  });

  test.each([true, false])('is as it is told: %s', (blobDriver) => {
    expect(resource({ blobDriver })).toMatchObject({ storage_profile: { blob_driver_enabled: blobDriver } });
    expect(cluster({ blobDriver }).aks.blobDriver).toBe(blobDriver);
  });

  test.each(['1.33', '1.33.7', '1.9'])('fails with Kubernetes %s, where it needs a key', (kubernetesVersion) => {
    expect(messagesOf(cluster({ blobDriver: true, kubernetesVersion }).stack)).toEqual([
      'the blob driver of Kubernetes before 1.34 mounts with a key of the storage account, and the model store has none; got ' +
        `blobDriver: true and kubernetesVersion '${kubernetesVersion}'; give 1.34 or later, or leave out one of them`,
    ]);
    expect(messagesOf(cluster({ kubernetesVersion }).stack)).toEqual([]);
  });

  test.each(['1.34', '1.34.2', '1.40', undefined])('is fine with Kubernetes %s', (kubernetesVersion) => {
    expect(messagesOf(cluster({ blobDriver: true, kubernetesVersion }).stack)).toEqual([]);
  });
});

/** A cluster with somebody else's workspaces, in a group in this region. */
function observed(props: Partial<InferenceClusterProps> = {}, location = 'westeurope') {
  const app = testApp();
  const stack = testStack('shop', app);
  const resourceGroup = sharedGroup(app, { location });
  const monitorWorkspace = MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', {
    monitorWorkspaceName: 'metrics',
    resourceGroup,
  });
  const logAnalytics = LogAnalyticsWorkspace.fromLogAnalyticsWorkspaceAttributes(app, 'law', {
    logAnalyticsWorkspaceName: 'logs',
    resourceGroup,
  });
  const aks = new InferenceCluster(stack, 'cluster', {
    resourceGroup: testGroup(stack),
    monitorWorkspace,
    logAnalytics,
    ...props,
  });
  return { stack, aks, template: () => Template.of(stack) };
}

const AMW_ID = `${SHARED_GROUP_ID}/providers/Microsoft.Monitor/accounts/metrics`;
const LAW_ID = `${SHARED_GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/logs`;
const CLUSTER_ID = expect.stringMatching(/^\$\{azurerm_kubernetes_cluster\.cluster_[0-9A-F]{8}\.id\}$/);

describe('without a workspace for metrics', () => {
  test('nobody collects them', () => {
    const { aks, template } = cluster();

    expect(aks.monitoring).toBe(Monitoring.NONE);
    expect(resource()).not.toHaveProperty('monitor_metrics');
    expect(template().resources(MonitorDataCollectionRule)).toEqual([]);
    expect(template().resources(FederatedIdentityCredential)).toEqual([]);
  });

  test('Prometheus inside the cluster may, for which Azure does nothing', () => {
    const { aks, template } = cluster({ monitoring: Monitoring.IN_CLUSTER });

    expect(aks.monitoring).toBe(Monitoring.IN_CLUSTER);
    expect(aks.scalerIdentity).toBeUndefined();
    expect(template().resource(KubernetesCluster)).not.toHaveProperty('monitor_metrics');
    expect(template().resources(MonitorDataCollectionRule)).toEqual([]);
  });

  test('fails for managed Prometheus', () => {
    expect(messagesOf(cluster({ monitoring: Monitoring.AZURE_MANAGED }).stack)).toEqual([
      'managed Prometheus keeps its metrics in an Azure Monitor workspace; got monitoring: Monitoring.AZURE_MANAGED ' +
        "without a monitorWorkspace; give one, such as the foundation's, or choose another monitoring",
    ]);
  });
});

describe('with a workspace for metrics', () => {
  test('managed Prometheus sends them there, by a rule and an endpoint of the workspace’s region', () => {
    const { aks, template } = observed({ logs: Logs.NONE });

    expect(aks.monitoring).toBe(Monitoring.AZURE_MANAGED);
    expect(template().resource(KubernetesCluster)).toMatchObject({ monitor_metrics: {} });
    expect(template().resource(MonitorDataCollectionEndpoint)).toMatchObject({
      name: 'MSProm-westeurope-aks-shop-cluster',
      location: 'westeurope',
      kind: 'Linux',
    });
    expect(template().resource(MonitorDataCollectionRule)).toMatchObject({
      name: 'MSProm-westeurope-aks-shop-cluster',
      location: 'westeurope',
      kind: 'Linux',
      data_collection_endpoint_id: expect.stringContaining('azurerm_monitor_data_collection_endpoint.'),
      data_sources: {
        prometheus_forwarder: [{ name: 'PrometheusDataSource', streams: ['Microsoft-PrometheusMetrics'] }],
      },
      destinations: { monitor_account: [{ name: 'workspace', monitor_account_id: AMW_ID }] },
      data_flow: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['workspace'] }],
    });
    expect(template().resources(MonitorDataCollectionRuleAssociation)).toEqual(
      expect.arrayContaining([
        {
          name: 'MSProm-westeurope-aks-shop-cluster',
          target_resource_id: CLUSTER_ID,
          data_collection_rule_id: expect.stringContaining('azurerm_monitor_data_collection_rule.'),
        },
        {
          name: 'configurationAccessEndpoint',
          target_resource_id: CLUSTER_ID,
          data_collection_endpoint_id: expect.stringContaining('azurerm_monitor_data_collection_endpoint.'),
        },
      ]),
    );
  });

  test('in another region, agents fetch their rule from Azure’s global endpoint', () => {
    const { template } = observed({ logs: Logs.NONE }, 'northeurope');

    expect(template().resource(MonitorDataCollectionRule)).toMatchObject({ location: 'northeurope' });
    expect(
      template()
        .resources(MonitorDataCollectionRuleAssociation)
        .map(({ name }) => name),
    ).toEqual(['MSProm-westeurope-aks-shop-cluster']);
  });

  test.each([
    [undefined, 'kube-system'],
    [false, 'keda'],
  ])(
    'KEDA reads them as an identity that trusts its service account alone, with kedaAddon %s',
    (kedaAddon, namespace) => {
      const { aks, template } = observed({ kedaAddon });

      expect(template().resource(KubernetesCluster)).toMatchObject({
        workload_autoscaler_profile: { keda_enabled: kedaAddon ?? true },
      });
      expect(aks.kedaAddon).toBe(kedaAddon ?? true);
      expect(template().resource(FederatedIdentityCredential)).toMatchObject({
        name: `${namespace}-keda-operator`,
        parent_id: reference('scaler', 'id'),
        issuer: expect.stringMatching(/^\$\{azurerm_kubernetes_cluster\.cluster_[0-9A-F]{8}\.oidc_issuer_url\}$/),
        subject: `system:serviceaccount:${namespace}:keda-operator`,
        audience: ['api://AzureADTokenExchange'],
      });
      expect(template().resources(RoleAssignment)).toContainEqual({
        scope: AMW_ID,
        role_definition_name: 'Monitoring Data Reader',
        principal_id: reference('scaler', 'principal_id'),
        principal_type: 'ServicePrincipal',
      });
    },
  );

  test.each([
    [Monitoring.IN_CLUSTER, 'IN_CLUSTER'],
    [Monitoring.NONE, 'NONE'],
  ])('fails for %s', (monitoring, word) => {
    expect(messagesOf(observed({ monitoring }).stack)).toEqual([
      'only managed Prometheus keeps metrics in an Azure Monitor workspace; got a monitorWorkspace with monitoring: ' +
        `Monitoring.${word}; leave one of them out`,
    ]);
  });
});

describe('logs', () => {
  test('reach Log Analytics where there is one, as the cluster’s identity, without those of Azure’s namespaces', () => {
    const { aks, template } = observed();
    const streams = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory'];
    const rule = template()
      .resources(MonitorDataCollectionRule)
      .find(({ name }) => String(name).startsWith('MSCI')) as Record<string, unknown>;
    const { extension } = rule.data_sources as { extension: [{ extension_json: string }] };

    expect(aks.logAnalytics?.logAnalyticsWorkspaceName).toBe('logs');
    expect(template().resource(KubernetesCluster)).toMatchObject({
      oms_agent: { log_analytics_workspace_id: LAW_ID, msi_auth_for_monitoring_enabled: true },
    });
    expect(rule).toMatchObject({
      name: 'MSCI-westeurope-aks-shop-cluster',
      location: 'westeurope',
      kind: 'Linux',
      data_sources: {
        extension: [{ name: 'ContainerInsightsExtension', extension_name: 'ContainerInsights', streams }],
      },
      destinations: { log_analytics: [{ name: 'workspace', workspace_resource_id: LAW_ID }] },
      data_flow: [{ streams, destinations: ['workspace'] }],
    });
    expect(JSON.parse(extension[0].extension_json)).toEqual({
      dataCollectionSettings: {
        interval: '5m',
        namespaceFilteringMode: 'Exclude',
        namespaces: ['kube-system', 'gatekeeper-system', 'azure-arc', 'calico-system'],
        enableContainerLogV2: true,
      },
    });
    expect(template().resources(MonitorDataCollectionRuleAssociation)).toContainEqual({
      name: 'ContainerInsightsExtension',
      target_resource_id: CLUSTER_ID,
      data_collection_rule_id: expect.stringMatching(
        /azurerm_monitor_data_collection_rule\.cluster_log-collection_Rule/,
      ),
    });
  });

  test('stay in the cluster with Logs.NONE, and without Log Analytics', () => {
    for (const { aks, template } of [observed({ logs: Logs.NONE }), cluster()]) {
      expect(aks.logAnalytics).toBeUndefined();
      expect(template().resource(KubernetesCluster)).not.toHaveProperty('oms_agent');
      expect(
        template()
          .resources(MonitorDataCollectionRule)
          .filter(({ name }) => String(name).startsWith('MSCI')),
      ).toEqual([]);
    }
  });

  test('fail to be collected without Log Analytics', () => {
    expect(messagesOf(cluster({ logs: Logs.CONTAINER_INSIGHTS }).stack)).toEqual([
      'Container insights keeps logs in a Log Analytics workspace; got logs: Logs.CONTAINER_INSIGHTS and no logAnalytics; ' +
        'give both, or Logs.NONE',
    ]);
  });
});

describe('a cluster made elsewhere', () => {
  const theirs = (attributes: Partial<InferenceClusterAttributes>) => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const aks = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'theirs',
      resourceGroup,
      ...attributes,
    });
    return { aks, messages: () => messagesOf(testStack('test', app)) };
  };
  const elsewhere = testApp();
  const monitorWorkspace = MonitorWorkspace.fromMonitorWorkspaceAttributes(elsewhere, 'amw', {
    monitorWorkspaceName: 'metrics',
    resourceGroup: sharedGroup(elsewhere),
  });

  test('has no metrics and no logs, and its own KEDA, unless somebody says so', () => {
    const { aks } = theirs({});

    expect(aks).toMatchObject({ monitoring: Monitoring.NONE, kedaAddon: true });
    expect([aks.monitorWorkspace, aks.scalerIdentity, aks.logAnalytics]).toEqual([undefined, undefined, undefined]);
    expect(theirs({ monitoring: Monitoring.IN_CLUSTER, kedaAddon: false }).aks).toMatchObject({
      monitoring: Monitoring.IN_CLUSTER,
      kedaAddon: false,
    });
  });

  test('fails for managed Prometheus without a workspace, or without an identity for KEDA', () => {
    expect(theirs({ monitoring: Monitoring.AZURE_MANAGED }).messages()).toEqual([
      expect.stringContaining('without a monitorWorkspace'),
      'KEDA reads the metrics of managed Prometheus as an identity, and the cluster has none for it; got monitoring: ' +
        'Monitoring.AZURE_MANAGED without a scalerIdentity; give one with the role and the trust that it needs',
    ]);
  });

  test('fails for a workspace of another subscription, where nobody would find it', () => {
    const resourceGroup = sharedGroup(testApp(), { subscriptionId: '99999999-2222-3333-4444-555555555555' });
    const attributes = { monitorWorkspaceName: 'metrics', resourceGroup };
    const central = MonitorWorkspace.fromMonitorWorkspaceAttributes(testApp(), 'amw', attributes);
    const [message] = theirs({ monitoring: Monitoring.AZURE_MANAGED, monitorWorkspace: central }).messages();

    expect(message).toBe(
      'alerts and dashboards stand beside the Azure Monitor workspace, which must be in the subscription of the cluster, ' +
        "'11111111-2222-3333-4444-555555555555'; got a monitorWorkspace in '99999999-2222-3333-4444-555555555555'; give one " +
        "of the cluster's subscription",
    );
  });

  test('fails for a workspace that nobody sends metrics to', () => {
    expect(theirs({ monitorWorkspace }).messages()).toEqual([
      expect.stringContaining('got a monitorWorkspace with monitoring: Monitoring.NONE'),
    ]);
  });
});
