import { MigProfile, type PodRequest, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { gpuDevices } from '../../src/kubernetes/gpu-devices';
import { poolFit } from '../../src/kubernetes/pool-fit';

interface Given extends Partial<PodRequest> {
  readonly size?: VmSize;
  readonly maxNodes?: number;
  readonly migProfile?: MigProfile;
}

function judged({ size = VmSize.NC24ADS_A100_V4, maxNodes = 2, migProfile, ...request }: Given) {
  const { perNode, resourceName } = gpuDevices(size, migProfile);
  const pool = { poolName: 'gpu', size, maxNodes, migProfile, gpusPerNode: perNode, gpuResourceName: resourceName };
  return poolFit(pool, { cpuCores: 2, memoryGiB: 8, gpus: 1, ...request });
}

const NODE = "a node of the pool 'gpu' (Standard_NC24ads_A100_v4)";

describe('a request that a pool can hold', () => {
  test('fits, and says how many replicas would', () => {
    expect(judged({ replicas: 2 })).toEqual({ fits: true, shortages: [], replicas: 2, problems: [] });
    expect(judged({ gpus: 0, cpuCores: 10 }).replicas).toBe(4);
    expect(judged({ gpus: 0, memoryGiB: 60 }).replicas).toBe(6);
  });

  test('is of one replica without a GPU by default', () => {
    const size = VmSize.D4S_V5;

    expect(poolFit({ poolName: 'cpu', size, maxNodes: 3, gpusPerNode: 0 }, { cpuCores: 3, memoryGiB: 4 })).toEqual({
      fits: true,
      shortages: [],
      replicas: 3,
      problems: [],
    });
  });

  test('takes no more pods than a node does', () => {
    expect(judged({ gpus: 0, cpuCores: 0.01, memoryGiB: 0.01 }).replicas).toBe(480);
  });

  test('leaves room for what the other containers of each pod are promised', () => {
    const sidecars = { cpuCores: 0.5, memoryGiB: 10 };

    expect(judged({ gpus: 0, cpuCores: 10, sidecars }).replicas).toBe(4);
    expect(judged({ gpus: 0, cpuCores: 11.5, sidecars }).replicas).toBe(2);
    expect(judged({ gpus: 0, memoryGiB: 60, sidecars }).replicas).toBe(4);
    expect(judged({ cpuCores: 22.86, memoryGiB: 187, sidecars, replicas: 2 })).toMatchObject({
      fits: true,
      replicas: 2,
    });
  });

  test('may take each instance of partitioned GPUs', () => {
    expect(judged({ migProfile: MigProfile.MIG1G, replicas: 14 })).toMatchObject({ fits: true, replicas: 14 });
  });

  test('is whatever it is where nobody knows the size', () => {
    expect(judged({ size: VmSize.named('Standard_NC4as_T5'), cpuCores: 500 })).toMatchObject({
      fits: true,
      problems: [],
    });
  });
});

describe('fails for', () => {
  test('too many GPUs, with the smallest size of the family that has them', () => {
    expect(judged({ gpus: 2 })).toMatchObject({
      fits: false,
      shortages: [{ resource: 'gpus', have: 1, need: 2 }],
      replicas: 0,
      smallestSize: { name: 'Standard_NC48ads_A100_v4' },
      problems: [
        `${NODE} hands out 1 of 'nvidia.com/gpu', and a replica runs on one node; got gpus 2; Standard_NC48ads_A100_v4 is ` +
          'the smallest size of its family that would do',
      ],
    });
  });

  test('too many cores', () => {
    expect(judged({ cpuCores: 24 })).toMatchObject({
      shortages: [{ resource: 'cpuCores', have: 23.36, need: 24 }],
      problems: [
        `${NODE} leaves 23.36 cores to pods, and a replica runs on one node; got cpuCores 24; Standard_NC48ads_A100_v4 is ` +
          'the smallest size of its family that would do',
      ],
    });
  });

  test('too much memory', () => {
    expect(judged({ memoryGiB: 220 })).toMatchObject({
      shortages: [{ resource: 'memoryGiB', have: 197.8, need: 220 }],
      problems: [
        `${NODE} leaves 197.8 GiB of memory to pods, and a replica runs on one node; got memoryGiB 220; ` +
          'Standard_NC48ads_A100_v4 is the smallest size of its family that would do',
      ],
    });
  });

  test('more than the other containers of the pod leave of a node', () => {
    const sidecars = { cpuCores: 0.5, memoryGiB: 10 };

    expect(judged({ cpuCores: 23, memoryGiB: 190, sidecars })).toMatchObject({
      shortages: [
        { resource: 'cpuCores', have: 22.86, need: 23 },
        { resource: 'memoryGiB', have: 187.8, need: 190 },
      ],
      problems: [
        `${NODE} leaves 22.86 cores and 187.8 GiB of memory to pods, and a replica runs on one node; got cpuCores 23, ` +
          'memoryGiB 190; Standard_NC48ads_A100_v4 is the smallest size of its family that would do',
      ],
    });
  });

  test('other containers that no node could hold, and says that nothing is left', () => {
    expect(judged({ sidecars: { cpuCores: 100, memoryGiB: 1 } })).toMatchObject({
      fits: false,
      shortages: [{ resource: 'cpuCores', have: 0, need: 2 }],
      replicas: 0,
    });
  });

  test('all of it in one sentence, and says so where no size of the family would do', () => {
    const { smallestSize, problems } = judged({ gpus: 8, cpuCores: 64, memoryGiB: 1000 });

    expect(smallestSize).toBeUndefined();
    expect(problems).toEqual([
      `${NODE} hands out 1 of 'nvidia.com/gpu' and leaves 23.36 cores and 197.8 GiB of memory to pods, and a replica runs ` +
        'on one node; got gpus 8, cpuCores 64, memoryGiB 1000; no size of the family NC_A100_v4 would do',
    ]);
  });

  test('a size of the family that could not hold the replicas', () => {
    expect(judged({ gpus: 2, replicas: 3 }).smallestSize?.name).toBe('Standard_NC96ads_A100_v4');
  });

  test.each([
    ['GPUs', { replicas: 3 }, 2, '1 GPUs'],
    ['cores', { gpus: 0, cpuCores: 10, replicas: 5 }, 4, '10 cores'],
    ['memory', { gpus: 0, memoryGiB: 60, replicas: 7 }, 6, '60 GiB'],
    ['pods', { gpus: 0, cpuCores: 0.01, memoryGiB: 0.01, replicas: 481 }, 480, 'one pod'],
  ])('more replicas than its %s are for, once the pool has grown', (_, given, have, each) => {
    expect(judged(given)).toMatchObject({
      fits: false,
      shortages: [{ resource: 'replicas', have, need: given.replicas }],
      replicas: have,
      problems: [
        `the pool 'gpu' grows to 2 nodes and holds ${have} replicas of ${each} each; got replicas ${given.replicas}; raise ` +
          'its maxNodes or ask for fewer',
      ],
    });
  });

  test('more than one instance of a partitioned GPU', () => {
    expect(judged({ migProfile: MigProfile.MIG3G, gpus: 2 })).toMatchObject({
      fits: false,
      shortages: [{ resource: 'gpus', have: 1, need: 2 }],
      problems: [expect.stringContaining("the pool 'gpu' cuts its GPUs into instances (MIG3g)")],
    });
  });

  test('nothing that is not a number above zero, which is refused where it was given', () => {
    expect(judged({ cpuCores: Number.NaN, memoryGiB: -1 })).toMatchObject({ fits: true, replicas: 2 });
  });
});
