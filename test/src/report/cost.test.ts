import { describe, expect, test } from 'vitest';
import { costOf } from '../../../src/report/cost';
import type { PoolSummary } from '../../../src/report/pools';

const pool: PoolSummary = {
  name: 'gpu',
  cluster: 'aks',
  path: 'cluster/gpu',
  system: false,
  vmSize: 'Standard_NC4as_T4_v3',
  minNodes: 1,
  maxNodes: 4,
  taints: [],
  spot: false,
  usdPerHour: 0.5,
};

describe('costOf', () => {
  test('counts nodes and dollars between the least and the most', () => {
    const cost = costOf([pool, { ...pool, name: 'more', minNodes: 0, maxNodes: 2, usdPerHour: 2 }]);

    expect(cost).toMatchObject({ nodes: { min: 1, max: 6 }, usdPerHour: { min: 0.5, max: 6 }, unpriced: [] });
  });

  test('names pools without a price and counts their nodes', () => {
    const cost = costOf([pool, { ...pool, name: 'work', usdPerHour: undefined }]);

    expect(cost).toMatchObject({ nodes: { min: 2, max: 8 }, usdPerHour: { min: 0.5, max: 2 }, unpriced: ['work'] });
  });

  test('counts the nodes that pods hold, though the pool would shrink further', () => {
    const shrinking = { ...pool, minNodes: 0, devicesPerNode: 1 };
    const pods = {
      pool: 'gpu',
      replicas: 2,
      cpuMillicores: 100,
      memoryMiB: 128,
      devices: [{ resource: 'nvidia.com/gpu', count: 1 }],
    };

    expect(costOf([shrinking], [pods])).toMatchObject({ nodes: { min: 2, max: 4 }, usdPerHour: { min: 1, max: 2 } });
  });

  test('has no sum where no price is known', () => {
    expect(costOf([{ ...pool, usdPerHour: undefined }]).usdPerHour).toBeUndefined();
  });

  test('leaves out a pool whose nodes only the deployment will know', () => {
    const cost = costOf([{ ...pool, minNodes: undefined }]);

    expect(cost).toMatchObject({ nodes: { min: 0, max: 0 }, unpriced: ['gpu'] });
    expect(cost.pools[0]?.nodes).toBeUndefined();
  });

  test('says where and when its prices hold', () => {
    expect(costOf([pool]).note).toBe(
      'Prices are list prices of eastus on 2026-06-18, of nodes alone; what is certain is the number of nodes.',
    );
  });
});
