import { VmSize, VmSizeStatus } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { nodeCapacity, reservedCpuMillicores, reservedMemoryMiB } from '../../src/kubernetes/node-capacity';

const known = VmSize.all().filter((size) => size.vcpus > 0 && size.memoryGiB > 0);

describe('what AKS reserves', () => {
  test.each([
    [1, 60],
    [2, 100],
    [4, 140],
    [8, 180],
    [16, 260],
    [32, 420],
    [64, 740],
  ])('of %i cores is what Azure publishes', (vcpus, millicores) => {
    expect(reservedCpuMillicores(vcpus)).toBe(millicores);
  });

  test.each([
    [6, 160],
    [40, 500],
    [96, 1060],
    [288, 2980],
  ])('of %i cores lies on the same line', (vcpus, millicores) => {
    expect(reservedCpuMillicores(vcpus)).toBe(millicores);
  });

  test('of memory grows with the pods that a node may take, to a quarter of the machine', () => {
    expect(reservedMemoryMiB(8)).toBe(2048 + 100);
    expect(reservedMemoryMiB(28)).toBe(5050 + 100);
    expect(reservedMemoryMiB(1900)).toBe(5050 + 100);
  });
});

describe('what is left for pods', () => {
  test('on the smallest size that AKS recommends is 3.56 cores, a good 20 GiB and one GPU', () => {
    expect(nodeCapacity(VmSize.NC4AS_T4_V3)).toEqual({ cpuMillicores: 3560, memoryMiB: 20771, gpus: 1, pods: 240 });
  });

  test('counts a share of a GPU as one, and partitions as so many', () => {
    expect(nodeCapacity(VmSize.NV6ADS_A10_V5).gpus).toBe(1);
    expect(nodeCapacity(VmSize.ND96ASR_V4, 56).gpus).toBe(56);
  });

  test('never exceeds what a size has, over the whole catalogue', () => {
    const wrong = known.filter((size) => {
      const { cpuMillicores, memoryMiB, gpus } = nodeCapacity(size);
      const cpu = cpuMillicores > 0 && cpuMillicores < size.vcpus * 1000;
      const memory = memoryMiB > 0 && memoryMiB < size.memoryGiB * 1024;
      return !cpu || !memory || gpus !== size.gpusPerNode;
    });

    expect(known.length).toBeGreaterThan(100);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test('holds a service with its defaults on every GPU size that AKS runs', () => {
    const sizes = known.filter(({ gpusPerNode, status }) => gpusPerNode > 0 && status !== VmSizeStatus.RETIRED);
    const tooSmall = sizes.filter((size) => {
      const { cpuMillicores, memoryMiB } = nodeCapacity(size);
      return cpuMillicores < 2000 || memoryMiB < 8 * 1024;
    });

    expect(sizes.length).toBeGreaterThan(40);
    expect(tooSmall.map(({ name }) => name)).toEqual([]);
  });
});
