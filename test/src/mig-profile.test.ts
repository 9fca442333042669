import { type AcceleratorSpec, MigProfile, MigStrategy, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';

test.each([
  [MigProfile.MIG1G, 'MIG1g', 7],
  [MigProfile.MIG2G, 'MIG2g', 3],
  [MigProfile.MIG3G, 'MIG3g', 2],
  [MigProfile.MIG4G, 'MIG4g', 1],
  [MigProfile.MIG7G, 'MIG7g', 1],
])('$name cuts a GPU into as many instances as the hardware does', (profile, name, instances) => {
  expect(profile.name).toBe(name);
  expect(profile.instancesPerGpu).toBe(instances);
});

test('is found by the name that Azure gives it', () => {
  expect(MigProfile.tryNamed('MIG3g')).toBe(MigProfile.MIG3G);
  expect(MigProfile.tryNamed('MIG5g')).toBeUndefined();
});

describe('the resource name', () => {
  const profiles = [MigProfile.MIG1G, MigProfile.MIG2G, MigProfile.MIG3G, MigProfile.MIG4G, MigProfile.MIG7G];
  const namesOf = (size: VmSize, strategy: MigStrategy) =>
    profiles.map((profile) => profile.resourceName(strategy, size.accelerator as AcceleratorSpec));

  test.each([
    ['A100 of 40 GiB', VmSize.ND96ASR_V4, ['1g.5gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb']],
    ['A100 of 80 GiB', VmSize.NC24ADS_A100_V4, ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']],
    ['H100 of 80 GiB', VmSize.ND96ISR_H100_V5, ['1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']],
    ['H100 NVL of 94 GiB', VmSize.NC40ADS_H100_V5, ['1g.12gb', '2g.24gb', '3g.47gb', '4g.47gb', '7g.94gb']],
    ['H200 of 141 GiB', VmSize.ND96ISR_H200_V5, ['1g.18gb', '2g.35gb', '3g.71gb', '4g.71gb', '7g.141gb']],
  ])('of an instance of the %s is NVIDIA’s where instances have names of their own', (_, size, names) => {
    expect(namesOf(size, MigStrategy.MIXED)).toEqual(names.map((name) => `nvidia.com/mig-${name}`));
  });

  test('is known for every size that AKS can partition', () => {
    const sizes = VmSize.all().filter((size) => size.accelerator?.mig === true);

    expect(sizes.length).toBeGreaterThan(8);
    expect(sizes.filter((size) => namesOf(size, MigStrategy.MIXED).includes(undefined))).toEqual([]);
  });

  test('is that of a GPU where instances count as such', () => {
    expect(namesOf(VmSize.ND96ASR_V4, MigStrategy.SINGLE)).toEqual(profiles.map(() => 'nvidia.com/gpu'));
  });

  test('is not known of what AKS does not partition', () => {
    expect(namesOf(VmSize.NC4AS_T4_V3, MigStrategy.MIXED)).toEqual(profiles.map(() => undefined));
  });
});
