import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import {
  AcceleratorKind,
  AcceleratorVendor,
  GpuDriver,
  InferenceCluster,
  MigProfile,
  MigStrategy,
  NodePool,
  type NodePoolAttributes,
  type NodePoolProps,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, testStack, warningsOf } from '../fixtures';

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

/** A size that the catalogue does not know, of a GPU whose instances have no name that the library knows. */
const UNHEARD_OF = VmSize.of('Standard_NC24_A100X', {
  vcpus: 24,
  memoryGiB: 220,
  accelerator: {
    kind: AcceleratorKind.GPU,
    vendor: AcceleratorVendor.NVIDIA,
    model: 'A100X',
    count: 1,
    memoryGiBEach: 60,
    mig: true,
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

  test('count under their own name where the pool says so', () => {
    const size = VmSize.NC48ADS_A100_V4;
    const { nodes, resource } = pool({
      size,
      migProfile: MigProfile.MIG1G,
      migStrategy: MigStrategy.MIXED,
      minNodes: 1,
    });

    expect(resource()).toMatchObject({ gpu_instance: 'MIG1g' });
    expect(nodes).toMatchObject({
      gpusPerNode: 14,
      gpuResourceName: 'nvidia.com/mig-1g.10gb',
      migProfile: MigProfile.MIG1G,
      migStrategy: MigStrategy.MIXED,
    });
    expect(warningsOf(nodes)).toEqual([]);
  });

  test('are counted as GPUs by default, and whole GPUs in no way', () => {
    expect(pool({ size: VmSize.NC48ADS_A100_V4, migProfile: MigProfile.MIG2G }).nodes.migStrategy).toBe(
      MigStrategy.SINGLE,
    );
    expect(pool().nodes.migStrategy).toBeUndefined();
    expect(pool().nodes.migProfile).toBeUndefined();
  });

  test('with names that the autoscaler does not know are warned of where the pool starts from no node', () => {
    const partitions = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G };

    expect(warningsOf(pool({ ...partitions, migStrategy: MigStrategy.MIXED }).nodes)).toEqual([
      "the cluster autoscaler does not know 'nvidia.com/mig-1g.10gb' before the pool has a node, so it may never start one; " +
        'got minNodes 0; give 1 or more, or MigStrategy.SINGLE',
    ]);
    expect(warningsOf(pool(partitions).nodes)).toEqual([]);
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

describe('what a node has', () => {
  test('is judged by its size and by what is partitioned', () => {
    const { nodes } = pool({ size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG3G });

    expect(nodes.fits({ cpuCores: 8, memoryGiB: 64, gpus: 1, replicas: 4 })).toMatchObject({ fits: true, replicas: 4 });
    expect(nodes.fits({ cpuCores: 8, memoryGiB: 64, gpus: 1, replicas: 5 })).toMatchObject({
      fits: false,
      shortages: [{ resource: 'replicas', have: 4, need: 5 }],
      smallestSize: expect.objectContaining({ name: 'Standard_NC48ads_A100_v4' }),
    });
  });

  test('includes the driver that AKS installs, where it installs one', () => {
    expect(pool().nodes.gpuDriverVersion).toBe('cuda-lts 580.159.04');
    expect(pool({ gpuDriver: GpuDriver.NONE }).nodes.gpuDriverVersion).toBeUndefined();
    expect(pool({ size: VmSize.ND96ISR_MI300X_V5 }).nodes.gpuDriverVersion).toBeUndefined();
  });
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
    [
      { migStrategy: MigStrategy.MIXED },
      "migStrategy says how the instances of partitioned GPUs are counted; got 'mixed' without a migProfile; give one, or " +
        'leave migStrategy out',
    ],
    [
      { size: UNHEARD_OF, migProfile: MigProfile.MIG1G, migStrategy: MigStrategy.MIXED },
      'nobody told the library what Kubernetes calls an instance MIG1g of the A100X with 60 GiB; got migStrategy ' +
        "'mixed'; with MigStrategy.SINGLE it is 'nvidia.com/gpu'",
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

  test('counts and judges partitions as one made here does', () => {
    const theirs = imported({ migProfile: MigProfile.MIG1G, migStrategy: MigStrategy.MIXED });

    expect(theirs).toMatchObject({ gpusPerNode: 7, gpuResourceName: 'nvidia.com/mig-1g.10gb', migStrategy: 'mixed' });
    expect(theirs.fits({ cpuCores: 2, memoryGiB: 8, gpus: 1 })).toMatchObject({ fits: true, replicas: 21 });
  });

  test('has a driver that is known only where somebody says that AKS installs it', () => {
    expect(imported().gpuDriverVersion).toBeUndefined();
    expect(imported({ gpuDriver: GpuDriver.NONE }).gpuDriverVersion).toBeUndefined();
    expect(imported({ gpuDriver: GpuDriver.INSTALL }).gpuDriverVersion).toBe('cuda-lts 580.159.04');
  });

  test('fails for partitions that its size cannot have', () => {
    const app = testApp();
    imported({ size: VmSize.NC4AS_T4_V3, migProfile: MigProfile.MIG1G }, app);

    expect(messagesOf(testStack('test', app))).toEqual([
      'the size Standard_NC4as_T4_v3 cannot be partitioned, so it takes no MIG profile; got MIG1g; A100, H100 and H200 ' +
        'sizes can',
    ]);
  });

  test('fails for a name that Azure would refuse', () => {
    const app = testApp();
    imported({ poolName: 'Theirs' }, app);

    expect(messagesOf(testStack('test', app))).toEqual([
      "a node pool name is 1 to 12 lowercase letters and digits, the first a letter; got 'Theirs'; 'theirs' would do",
    ]);
  });
});
