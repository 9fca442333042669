import { describe, expect, test } from 'vitest';
import { keptNodes, poolsFor } from '../../../src/report/placement';
import type { PodSet } from '../../../src/report/pods';
import type { PoolSummary } from '../../../src/report/pools';

/** 4 vCPUs and 16 GiB, of which services have 3560 thousandths of a core and some 10 GiB. */
const work: PoolSummary = {
  name: 'work',
  cluster: 'aks',
  path: 'cluster/work',
  system: false,
  vmSize: 'Standard_D4s_v5',
  minNodes: 0,
  maxNodes: 4,
  taints: [],
  spot: false,
  usdPerHour: 0.2,
};

/** 4 vCPUs, 28 GiB and a GPU. */
const gpu: PoolSummary = {
  ...work,
  name: 'gpu',
  vmSize: 'Standard_NC4as_T4_v3',
  taints: ['sku=gpu:NoSchedule'],
  devicesPerNode: 1,
};

const routers: PodSet = { replicas: 2, cluster: 'aks', cpuMillicores: 100, memoryMiB: 128, devices: [] };

function onWork(replicas: number, cpuMillicores: number, memoryMiB = 128): PodSet {
  return { ...routers, replicas, pool: 'work', cpuMillicores, memoryMiB };
}

function onGpu(replicas: number, count = 1): PodSet {
  return { ...routers, replicas, pool: 'gpu', devices: [{ resource: 'nvidia.com/gpu', count }] };
}

function kept(pools: readonly PoolSummary[], pods: readonly PodSet[]): { [pool: string]: number } {
  return Object.fromEntries([...keptNodes(pools, pods)].map(([{ name }, nodes]) => [name, nodes]));
}

describe('poolsFor', () => {
  test('finds the pool that pods name, in their cluster', () => {
    const other = { ...gpu, cluster: 'other' };

    expect(poolsFor({ pool: 'gpu', cluster: 'aks' }, [work, gpu, other])).toEqual([gpu]);
    expect(poolsFor({ pool: 'elsewhere', cluster: 'aks' }, [work, gpu])).toEqual([]);
  });

  test('finds every pool without taints for pods that name none, and neither system nor Spot nodes', () => {
    const pools = [work, gpu, { ...work, name: 'system', system: true }, { ...work, name: 'spot', spot: true }];

    expect(poolsFor({ cluster: 'aks' }, pools)).toEqual([work]);
  });
});

describe('keptNodes', () => {
  test('keeps the fewest nodes of a pool on which nothing runs', () => {
    expect(kept([work, { ...gpu, minNodes: 2 }], [])).toEqual({ work: 0, gpu: 2 });
  });

  test.each([
    ['GPUs', gpu, onGpu(3), 3],
    ['GPUs of a larger node', { ...gpu, vmSize: 'Standard_NC64as_T4_v3', devicesPerNode: 4 }, onGpu(3), 1],
    ['whole pods, not halves of them', { ...gpu, devicesPerNode: 4 }, onGpu(2, 3), 2],
    ['CPU', work, onWork(4, 1500), 2],
    ['memory', work, onWork(2, 100, 8 * 1024), 2],
  ])('counts what pods hold of %s', (_, pool, pods, nodes) => {
    expect(kept([pool], [pods])).toEqual({ [pool.name]: nodes });
  });

  test('keeps a node for two routers, on the pool that takes any pod', () => {
    expect(kept([work, gpu], [routers, onGpu(2)])).toEqual({ work: 1, gpu: 2 });
  });

  test('has routers share the nodes of services that have room for them', () => {
    expect(kept([work], [routers, onWork(2, 1000)])).toEqual({ work: 1 });
    expect(kept([work], [routers, onWork(1, 3500)])).toEqual({ work: 2 });
  });

  test('fills nodes with the largest pods first, whatever comes first in the program', () => {
    expect(kept([work], [onWork(2, 1100), onWork(2, 2400)])).toEqual({ work: 2 });
    expect(kept([work], [onWork(2, 100, 3000), onWork(2, 100, 7000)])).toEqual({ work: 2 });
  });

  test('takes a node of the cheapest pool where several would do, and of the next when that is full', () => {
    const dear = { ...work, name: 'dear', usdPerHour: 1 };
    const unpriced = { ...work, name: 'unpriced', usdPerHour: undefined };
    const large = { ...routers, replicas: 5, cpuMillicores: 3000 };

    expect(kept([unpriced, dear, work], [routers])).toEqual({ unpriced: 0, dear: 0, work: 1 });
    expect(kept([unpriced, dear, work], [large])).toEqual({ unpriced: 0, dear: 1, work: 4 });
    expect(kept([dear, work], [routers, { ...onWork(1, 100), pool: 'dear' }])).toEqual({ dear: 1, work: 0 });
  });

  test('keeps no more than the pool may have', () => {
    expect(kept([gpu], [onGpu(20)])).toEqual({ gpu: 4 });
  });

  test('keeps a node of a size that the library does not know, since more cannot be told', () => {
    const unknown = { ...gpu, vmSize: 'Standard_Unheard_v9', devicesPerNode: undefined };

    expect(kept([unknown], [onGpu(3)])).toEqual({ gpu: 1 });
  });

  test('counts nothing for pods whose number an autoscaler decides', () => {
    expect(kept([work], [{ ...onWork(1, 100), replicas: undefined }])).toEqual({ work: 0 });
  });
});
