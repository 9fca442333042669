import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VmSize } from '../../../src/azure/vm-size';
import { type QuotaPool, quotaOf, regionalQuotaOf } from '../../../src/capacity/quota';

const pools = fc.array(
  fc
    .record({
      size: fc.constantFrom(...VmSize.all()),
      minNodes: fc.nat(1000),
      more: fc.nat(1000),
      spot: fc.option(fc.boolean(), { nil: undefined }),
    })
    .map(({ more, ...pool }): QuotaPool => ({ ...pool, maxNodes: pool.minNodes + more })),
);

test('pools of one family add up, and the largest counts twice while it is rotated', () => {
  const quota = quotaOf([
    { size: VmSize.NC4AS_T4_V3, minNodes: 0, maxNodes: 4 },
    { size: VmSize.NC8AS_T4_V3, minNodes: 1, maxNodes: 3 },
    { size: VmSize.D4S_V5, minNodes: 3, maxNodes: 3 },
  ]);

  expect(quota).toEqual([
    { family: 'Dsv5', atLeast: 12, atMost: 12, whileRotated: 24 },
    { family: 'NCasT4_v3', atLeast: 8, atMost: 40, whileRotated: 64 },
  ]);
});

test('Spot nodes count in one quota whatever their family, and not in that of the region', () => {
  const mixed: QuotaPool[] = [
    { size: VmSize.NC4AS_T4_V3, minNodes: 0, maxNodes: 2, spot: true },
    { size: VmSize.NC24ADS_A100_V4, minNodes: 0, maxNodes: 1, spot: true },
    { size: VmSize.NC4AS_T4_V3, minNodes: 1, maxNodes: 1 },
  ];

  expect(quotaOf(mixed)).toEqual([
    { family: 'NCasT4_v3', atLeast: 4, atMost: 4, whileRotated: 8 },
    { family: 'Spot (all families)', atLeast: 0, atMost: 32, whileRotated: 56 },
  ]);
  expect(regionalQuotaOf(mixed)).toEqual({ atLeast: 4, atMost: 4, whileRotated: 8 });
});

test('no pools need no quota', () => {
  expect(quotaOf([])).toEqual([]);
  expect(regionalQuotaOf([])).toEqual({ atLeast: 0, atMost: 0, whileRotated: 0 });
});

test('the most is never below the least, and a rotation never needs less than the most nor more than twice it', () => {
  fc.assert(
    fc.property(pools, (some) => {
      for (const { atLeast, atMost, whileRotated } of [...quotaOf(some), regionalQuotaOf(some)]) {
        expect(atMost).toBeGreaterThanOrEqual(atLeast);
        expect(whileRotated).toBeGreaterThanOrEqual(atMost);
        expect(whileRotated).toBeLessThanOrEqual(2 * atMost);
      }
    }),
  );
});

test('the families add up to what the region needs and Spot needs', () => {
  fc.assert(
    fc.property(pools, (some) => {
      const spot = quotaOf(some.filter(({ spot }) => spot === true)).reduce((sum, { atMost }) => sum + atMost, 0);
      const all = quotaOf(some).reduce((sum, { atMost }) => sum + atMost, 0);

      expect(all - spot).toBe(regionalQuotaOf(some).atMost);
    }),
  );
});
