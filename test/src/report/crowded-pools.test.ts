import { describe, expect, test } from 'vitest';
import { crowdedPools } from '../../../src/report/crowded-pools';
import type { PoolSummary } from '../../../src/report/pools';
import { summaryOf } from './synthesized';

const gpu: PoolSummary = {
  name: 'gpu',
  cluster: 'aks',
  path: 'cluster/gpu',
  system: false,
  vmSize: 'Standard_NC4as_T4_v3',
  minNodes: 0,
  maxNodes: 4,
  devicesPerNode: 1,
  taints: ['sku=gpu:NoSchedule'],
  spot: false,
};

/** A service whose replicas have a GPU each. */
function service(name: string, replicas: number, maxReplicas?: number) {
  const devices = [{ resource: 'nvidia.com/gpu', count: 1 }];
  const pod = { cluster: 'aks', pool: 'gpu', cpuMillicores: 1000, memoryMiB: 1024, devices };
  return { ...pod, name, path: `serving/${name}`, replicas, maxReplicas };
}

describe('a pool', () => {
  test('is large enough for services that fit together, however far they grow', () => {
    expect(crowdedPools([gpu], [service('a', 1, 2), service('b', 2)])).toEqual([]);
  });

  test('has too little for the replicas that its services always have', () => {
    expect(crowdedPools([gpu], [service('a', 3, 4), service('b', 4)])).toEqual([
      {
        message:
          "the pool 'gpu' has at most 4 nodes, which do not hold the replicas that its services always have: 3 of 'b' will " +
          'stay pending; raise its maxNodes, or ask for fewer replicas',
        paths: ['serving/a', 'serving/b'],
      },
    ]);
  });

  test('has too little for all its services when load comes to them at once', () => {
    expect(crowdedPools([gpu], [service('a', 1, 3), service('b', 0, 2), service('c', 1)])).toEqual([
      {
        message:
          "the pool 'gpu' has at most 4 nodes, which do not hold all its services at their maxReplicas: where load comes to " +
          "them at once, as many as 1 of 'b' and 1 of 'c' stay pending; raise its maxNodes, or lower maxReplicas",
        paths: ['serving/a', 'serving/b', 'serving/c'],
      },
    ]);
  });

  test('is judged by its own services alone', () => {
    const other = { ...service('b', 4), cluster: 'other' };
    const elsewhere = { ...service('c', 4), pool: 'work' };

    expect(crowdedPools([gpu], [service('a', 4), other, elsewhere])).toEqual([]);
  });

  test('is not judged where only the deployment knows how far it grows', () => {
    expect(crowdedPools([{ ...gpu, maxNodes: undefined }], [service('a', 1), service('b', 1)])).toEqual([]);
  });

  test('is warned of beside what constructs warn of, for services of any stack', () => {
    const { warnings } = summaryOf(3, { numReplicas: 20 });

    expect(warnings.at(-1)).toEqual({
      message: expect.stringMatching(/^the pool 'gpu' has at most 40 nodes, .* 20 of 'reader-2' will stay pending;/),
      paths: ['prod-serving/reader-0', 'prod-serving/reader-1', 'prod-serving/reader-2'],
    });
  });
});
