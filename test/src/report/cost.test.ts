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

  test('counts the nodes that replicas hold, though the pool would shrink further', () => {
    const gpus = { ...pool, minNodes: 0, maxNodes: 4, devicesPerNode: 2 };
    const service = (replicas: number, on = 'gpu') => ({
      name: 'reader',
      stack: 'serving',
      path: 'serving/reader',
      image: 'triton',
      pool: on,
      replicas,
      devices: [{ resource: 'nvidia.com/gpu', count: 1 }],
      models: [],
    });

    expect(costOf([gpus], [service(2), service(1)]).nodes).toEqual({ min: 2, max: 4 });
    expect(costOf([gpus], [service(2, 'other')]).nodes).toEqual({ min: 0, max: 4 });
    expect(costOf([gpus], [service(20)]).nodes).toEqual({ min: 4, max: 4 });
    expect(costOf([{ ...gpus, minNodes: 3 }], [service(2)]).nodes).toEqual({ min: 3, max: 4 });
    expect(costOf([{ ...gpus, devicesPerNode: undefined }], [service(2)]).nodes).toEqual({ min: 0, max: 4 });
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
