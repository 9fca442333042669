import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';

test.each([
  [2, '2'],
  [0.1, '100m'],
  [0.5, '500m'],
  [1.25, '1250m'],
  [0.001, '1m'],
  [0.0004, '1m'],
  [0.3 - 0.1, '200m'],
])('%d cores are %s', (cores, quantity) => {
  expect(cpuQuantity(cores)).toBe(quantity);
});

test.each([
  [8, '8Gi'],
  [0.5, '512Mi'],
  [0.125, '128Mi'],
  [1.5, '1536Mi'],
  [0.001, '1Mi'],
  [0.0001, '1Mi'],
])('%d GiB are %s', (gib, quantity) => {
  expect(memoryQuantity(gib)).toBe(quantity);
});

test('what is above zero never becomes nothing, and no quantity has a fraction', () => {
  fc.assert(
    fc.property(fc.double({ min: Number.MIN_VALUE, max: 1e6, noNaN: true }), (amount) => {
      expect(cpuQuantity(amount)).toMatch(/^[1-9]\d*m?$/);
      expect(memoryQuantity(amount)).toMatch(/^[1-9]\d*(Gi|Mi)$/);
    }),
  );
});
