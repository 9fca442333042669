import { MigProfile, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { gpuNumbers, NO_VISIBLE_DEVICES, visibleDevices } from '../../../src/triton/visible-devices';

describe('a container with GPUs', () => {
  test.each([
    ['one', VmSize.NC4AS_T4_V3, 1, '0'],
    ['two', VmSize.NC64AS_T4_V3, 2, '0,1'],
    ['all of a node', VmSize.ND96ASR_V4, 8, '0,1,2,3,4,5,6,7'],
    ['a part of one', VmSize.NV6ADS_A10_V5, 1, '0'],
  ])('sees them all in their order: %s', (_, size, gpus, value) => {
    expect(visibleDevices({ size }, gpus)).toEqual([{ name: 'CUDA_VISIBLE_DEVICES', value }]);
  });

  test.each([MigProfile.MIG1G, MigProfile.MIG7G])(
    'is left to the device plugin where GPUs are partitioned, under either strategy: $name',
    (migProfile) => {
      expect(visibleDevices({ size: VmSize.NC24ADS_A100_V4, migProfile }, 1)).toEqual([]);
    },
  );

  test('is told nothing of CUDA on GPUs of another vendor', () => {
    expect(visibleDevices({ size: VmSize.ND96ISR_MI300X_V5 }, 2)).toEqual([]);
  });
});

test.each([VmSize.D4S_V5, VmSize.NC4AS_T4_V3])('a container without GPUs is told nothing of CUDA on %o', (size) => {
  expect(visibleDevices({ size }, 0)).toEqual([]);
});

test('a container without GPUs gets neither those of its node nor their driver', () => {
  expect(NO_VISIBLE_DEVICES).toEqual([{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' }]);
});

test.each([0, -1, 0.5, Number.NaN])('a number of GPUs that is refused elsewhere, %d, numbers none', (gpus) => {
  expect(gpuNumbers(gpus)).toEqual([]);
});

test('more GPUs than any node has are not all numbered', () => {
  expect(gpuNumbers(Number.POSITIVE_INFINITY)).toHaveLength(1000);
});
