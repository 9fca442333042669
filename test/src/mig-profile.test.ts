import { MigProfile } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';

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
