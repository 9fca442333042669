import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import {
  AcceleratorKind,
  AcceleratorVendor,
  GpuDriver,
  InferenceCluster,
  MigProfile,
  NodePool,
  type NodePoolAttributes,
  type NodePoolProps,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, testStack } from '../fixtures';

const MI300X = VmSize.of('Standard_ND96isr_MI300X_v5', {
  vcpus: 96,
  memoryGiB: 1850,
  accelerator: {
    kind: AcceleratorKind.GPU,
    vendor: AcceleratorVendor.AMD,
    model: 'MI300X',
    count: 8,
    memoryGiBEach: 192,
  },
});

const GPU_TAINT = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };

function pool(props: Partial<NodePoolProps> = {}) {
  const app = testApp();
  const stack = testStack('shop', app);
  const cluster = InferenceCluster.fromClusterAttributes(app, 'cluster', {
    clusterName: 'shop',
    resourceGroup: sharedGroup(app),
  });
  const nodes = new NodePool(stack, 'pool', {
    cluster,
    poolName: 'gpu',
    size: VmSize.NC4AS_T4_V3,
    maxNodes: 2,
    ...props,
  });
  return { stack, nodes, resource: () => Template.of(stack).resource(KubernetesClusterNodePool) };
}

test('defaultChild is the pool', () => {
  expect(pool().nodes.node.defaultChild).toBeInstanceOf(KubernetesClusterNodePool);
});

describe('a GPU pool', () => {
  test('shrinks to nothing, keeps other pods out and says who installs the driver', () => {
    expect(pool().resource()).toEqual({
      name: 'gpu',
      kubernetes_cluster_id: `${SHARED_GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/shop`,
      mode: 'User',
      vm_size: 'Standard_NC4as_T4_v3',
      os_type: 'Linux',
      os_sku: 'Ubuntu',
      os_disk_size_gb: 128,
      auto_scaling_enabled: true,
      min_count: 0,
      max_count: 2,
      node_labels: { sku: 'gpu' },
      node_taints: ['sku=gpu:NoSchedule'],
      gpu_driver: 'Install',
      temporary_name_for_rotation: expect.stringMatching(/^tmp[0-9a-f]{8}$/),
      priority: 'Regular',
      upgrade_settings: { max_surge: '10%' },
    });
  });

  test('tells services what they get', () => {
    expect(pool().nodes).toMatchObject({
      poolName: 'gpu',
      size: VmSize.NC4AS_T4_V3,
      minNodes: 0,
      maxNodes: 2,
      taints: [GPU_TAINT],
      gpusPerNode: 1,
      gpuResourceName: 'nvidia.com/gpu',
      needsNvidiaDevicePlugin: true,
    });
  });

  test('takes nodes, zones and disk', () => {
    expect(pool({ minNodes: 1, maxNodes: 1000, zones: ['1', '3'], osDiskGiB: 512 }).resource()).toMatchObject({
      min_count: 1,
      max_count: 1000,
      zones: ['1', '3'],
      os_disk_size_gb: 512,
    });
  });

  test('leaves the driver to somebody else, and then the device plugin too', () => {
    const { nodes, resource } = pool({ gpuDriver: GpuDriver.NONE });

    expect(resource()).toMatchObject({ gpu_driver: 'None' });
    expect(nodes.needsNvidiaDevicePlugin).toBe(false);
  });
});

test('a CPU pool has no taint, no label and no word about a driver', () => {
  const { nodes, resource } = pool({ poolName: 'cpu', size: VmSize.D8S_V5 });

  expect(resource()).toMatchObject({ vm_size: 'Standard_D8s_v5' });
  expect(resource()).not.toHaveProperty('node_taints');
  expect(resource()).not.toHaveProperty('gpu_driver');
  expect(nodes).toMatchObject({ taints: [], gpusPerNode: 0, needsNvidiaDevicePlugin: false });
  expect(nodes.gpuResourceName).toBeUndefined();
});

describe('spare capacity', () => {
  const spot = {
    priority: 'Spot',
    eviction_policy: 'Delete',
    spot_max_price: -1,
  };

  test('has the label and the taint that AKS adds, and no upgrade settings, which azurerm refuses', () => {
    const { nodes, resource } = pool({ spot: true });

    expect(resource()).toMatchObject({
      ...spot,
      node_labels: { sku: 'gpu', 'kubernetes.azure.com/scalesetpriority': 'spot' },
      node_taints: ['sku=gpu:NoSchedule', 'kubernetes.azure.com/scalesetpriority=spot:NoSchedule'],
    });
    expect(resource()).not.toHaveProperty('upgrade_settings');
    expect(nodes.taints).toEqual([
      GPU_TAINT,
      { key: 'kubernetes.azure.com/scalesetpriority', value: 'spot', effect: 'NoSchedule' },
    ]);
  });

  test('may be without GPUs', () => {
    expect(pool({ spot: true, size: VmSize.D4S_V5 }).resource()).toMatchObject({
      ...spot,
      node_labels: { 'kubernetes.azure.com/scalesetpriority': 'spot' },
      node_taints: ['kubernetes.azure.com/scalesetpriority=spot:NoSchedule'],
    });
  });
});

describe('partitions', () => {
  test('count as GPUs, for every GPU of a node', () => {
    const { nodes, resource } = pool({ size: VmSize.NC48ADS_A100_V4, migProfile: MigProfile.MIG2G });

    expect(resource()).toMatchObject({ gpu_instance: 'MIG2g' });
    expect(nodes).toMatchObject({ gpusPerNode: 6, gpuResourceName: 'nvidia.com/gpu' });
  });

  test('are not written where GPUs are whole', () => {
    expect(pool().resource()).not.toHaveProperty('gpu_instance');
  });
});

describe('a pool of AMD’s GPUs', () => {
  test('counts them under AMD’s name, without a driver or a plugin of NVIDIA', () => {
    const { nodes, resource } = pool({ size: MI300X });

    expect(resource()).toMatchObject({ gpu_driver: 'None', node_taints: ['sku=gpu:NoSchedule'] });
    expect(nodes).toMatchObject({ gpusPerNode: 8, gpuResourceName: 'amd.com/gpu', needsNvidiaDevicePlugin: false });
  });

  test('fails for a driver by AKS, which has none', () => {
    expect(messagesOf(pool({ size: MI300X, gpuDriver: GpuDriver.INSTALL }).stack)).toEqual([
      'AKS installs no driver on the AMD size Standard_ND96isr_MI300X_v5; leave gpuDriver out or give GpuDriver.NONE',
    ]);
  });

  test('may say itself that nobody installs the driver', () => {
    expect(messagesOf(pool({ size: MI300X, gpuDriver: GpuDriver.NONE }).stack)).toEqual([]);
  });
});

test('stand-in nodes have a name of their own for each pool, and always the same', () => {
  const standIn = (poolName: string) => pool({ poolName }).resource().temporary_name_for_rotation;

  expect(standIn('a')).toBe(standIn('a'));
  expect(standIn('a')).not.toBe(standIn('b'));
});

describe('fails for', () => {
  test.each(['A100', '1a', 'gpu-large', 'thirteenchars', ''])('the name %j', (poolName) => {
    expect(messagesOf(pool({ poolName }).stack)).toEqual([
      expect.stringMatching(
        `^a node pool name is 1 to 12 lowercase letters and digits, the first a letter; got '${poolName}'`,
      ),
    ]);
  });

  test.each([
    [{ minNodes: -1 }, 'minNodes must be a whole number from 0 to 1000; got -1'],
    [{ minNodes: 0.5 }, 'minNodes must be a whole number from 0 to 1000; got 0.5'],
    [{ maxNodes: 0 }, 'maxNodes must be a whole number from 1 to 1000; got 0'],
    [{ maxNodes: 1001 }, 'maxNodes must be a whole number from 1 to 1000; got 1001'],
    [{ minNodes: 3, maxNodes: 2 }, 'maxNodes must not be below minNodes; got maxNodes 2 and minNodes 3'],
    [
      { migProfile: MigProfile.MIG1G },
      'the size Standard_NC4as_T4_v3 cannot be partitioned, so it takes no MIG profile; got MIG1g; A100, H100 and H200 ' +
        'sizes can',
    ],
    [
      { size: VmSize.D4S_V5, migProfile: MigProfile.MIG7G },
      'the size Standard_D4s_v5 cannot be partitioned, so it takes no MIG profile; got MIG7g; A100, H100 and H200 sizes can',
    ],
  ])('%j', (props, message) => {
    expect(messagesOf(pool(props).stack)).toEqual([message]);
  });

  test('all of it at once', () => {
    expect(messagesOf(pool({ poolName: 'A', minNodes: 5, maxNodes: 0 }).stack)).toHaveLength(3);
  });
});

describe('a pool made elsewhere', () => {
  const imported = (attributes: Partial<NodePoolAttributes> = {}, app = testApp()) =>
    NodePool.fromNodePoolAttributes(app, 'pool', {
      poolName: 'theirs',
      size: VmSize.NC24ADS_A100_V4,
      maxNodes: 3,
      ...attributes,
    });

  test('shrinks to nothing, has the usual taint and brings its own device plugin by default', () => {
    expect(imported()).toMatchObject({
      poolName: 'theirs',
      minNodes: 0,
      maxNodes: 3,
      taints: [GPU_TAINT],
      gpusPerNode: 1,
      gpuResourceName: 'nvidia.com/gpu',
      needsNvidiaDevicePlugin: false,
    });
  });

  test('has no taint by default where its size has no GPU', () => {
    expect(imported({ size: VmSize.D4S_V5 })).toMatchObject({ taints: [], gpusPerNode: 0 });
    expect(imported({ size: VmSize.D4S_V5 }).gpuResourceName).toBeUndefined();
  });

  test('is what it is said to be', () => {
    const taints = [{ key: 'team', value: 'vision', effect: 'NoExecute' }];

    expect(
      imported({ minNodes: 2, taints, migProfile: MigProfile.MIG1G, needsNvidiaDevicePlugin: true, size: MI300X }),
    ).toMatchObject({
      minNodes: 2,
      taints,
      gpusPerNode: 56,
      gpuResourceName: 'amd.com/gpu',
      needsNvidiaDevicePlugin: true,
    });
  });

  test('fails for a name that Azure would refuse', () => {
    const app = testApp();
    imported({ poolName: 'Theirs' }, app);

    expect(messagesOf(testStack('test', app))).toEqual([
      "a node pool name is 1 to 12 lowercase letters and digits, the first a letter; got 'Theirs'; 'theirs' would do",
    ]);
  });
});
