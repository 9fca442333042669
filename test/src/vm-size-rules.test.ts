import { GpuDriver, VmSize } from 'azure-inference-cdktf';
import { Lazy } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { sizeProblems, sizeWarnings } from '../../src/azure/vm-size-rules';

describe('a pool', () => {
  test.each([
    ['NC6', 'Azure retired the size Standard_NC6 (K80) on 2023-08-31; Standard_NC4as_T4_v3 succeeds it'],
    ['NC6s_v3', 'Azure retired the size Standard_NC6s_v3 (V100) on 2025-09-30; Standard_NC4as_T4_v3 succeeds it'],
    [
      'Standard_PB6s',
      'Azure retired the size Standard_PB6s (Arria 10 (Project Brainwave) FPGA); Standard_NC4as_T4_v3 succeeds it',
    ],
  ])('fails with the retired size %s', (name, message) => {
    expect(sizeProblems(VmSize.named(name), 'eastus')).toEqual([message]);
    expect(sizeWarnings(VmSize.named(name), 'norwayeast')).toEqual([]);
  });

  test('fails with a size that nobody knows', () => {
    expect(sizeProblems(VmSize.named('NC4as_T4'), 'eastus')).toEqual([
      "the catalogue of 2026-11-21 has no size 'NC4as_T4', and 'Standard_NC4as_T4_v3' is the nearest it has; describe a " +
        'newer one with VmSize.of',
    ]);
    expect(sizeProblems(VmSize.named('something else'), 'eastus')).toEqual([
      "the catalogue of 2026-11-21 has no size 'something else'; describe a newer one with VmSize.of",
    ]);
    expect(sizeWarnings(VmSize.named('NC4as_T4'), 'eastus')).toEqual([]);
  });

  test('fails outside the regions that Azure documents for the NP-series', () => {
    expect(sizeProblems(VmSize.NP10S, 'North Europe')).toEqual([
      'Azure has the size Standard_NP10s only in canadacentral, eastus, japaneast, southcentralus, southeastasia, ' +
        "westeurope, westus2; got 'North Europe'; the nearest is westeurope",
    ]);
    expect(sizeProblems(VmSize.NP10S, 'East US')).toEqual([]);
    expect(sizeProblems(VmSize.NP10S, Lazy.stringValue({ produce: () => 'norwayeast' }))).toEqual([]);
  });

  test('fails with a size that AKS does not support unless somebody else brings the driver', () => {
    const size = VmSize.named('NCC40ads_H100_v5');
    const refusal =
      'AKS does not support the size Standard_NCC40ads_H100_v5 and installs no driver on it; give GpuDriver.NONE and ' +
      'bring the driver, or choose a size that AKS supports';

    expect(sizeProblems(size, 'eastus2')).toEqual([refusal]);
    expect(sizeProblems(size, 'eastus2', GpuDriver.INSTALL)).toEqual([refusal]);
    expect(sizeProblems(size, 'eastus2', GpuDriver.NONE)).toEqual([]);
    expect(sizeWarnings(size, 'eastus2')).toEqual([
      'AKS does not support the size Standard_NCC40ads_H100_v5: it runs on it, and nobody answers for it',
    ]);
  });

  test('is warned of a retirement to come, on the day that the catalogue knows', () => {
    expect(sizeWarnings(VmSize.NP10S, 'eastus')).toContain(
      'Azure retires the size Standard_NP10s on 2027-05-31, as of 2026-11-21; Standard_NC4as_T4_v3 succeeds it',
    );
    expect(sizeWarnings(VmSize.named('D4s_v3'), 'eastus')).toEqual([
      'Azure retires the size Standard_D4s_v3 on 2029-11-15, as of 2026-11-21; Standard_D4s_v5 succeeds it',
    ]);
  });

  test('is warned where the size has no price in the region, with the nearest that have it', () => {
    expect(sizeWarnings(VmSize.NC24ADS_A100_V4, 'Norway East')).toEqual([
      "the size Standard_NC24ads_A100_v4 had no price in 'norwayeast' on 2026-06-18, so Azure may not sell it there; the " +
        'nearest regions that have it are swedencentral, westeurope, polandcentral',
    ]);
    expect(sizeWarnings(VmSize.NC24ADS_A100_V4, 'West Europe')).toEqual([]);
    expect(sizeWarnings(VmSize.D4S_V5, 'norwayeast')).toEqual([]);
    expect(sizeWarnings(VmSize.NC24ADS_A100_V4, Lazy.stringValue({ produce: () => 'norwayeast' }))).toEqual([]);
  });

  test("is warned where Azure's documentation leaves AKS's support open", () => {
    expect(sizeWarnings(VmSize.NV4ADS_V710_V5, 'eastus')).toEqual([
      "Azure's documentation did not say on 2026-11-21 whether AKS supports the size Standard_NV4ads_V710_v5",
    ]);
  });
});
