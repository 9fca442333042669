import type { VmSize } from '../azure/vm-size';

/** The family under which `quotaOf` counts Spot nodes, which Azure counts in one quota of their own a region. */
export const SPOT_FAMILY = 'Spot (all families)';

/** What the quota of a pool depends on. */
export interface QuotaPool {
  /** Size of its nodes. */
  readonly size: VmSize;

  /** The fewest nodes that it stands with. */
  readonly minNodes: number;

  /** The most nodes that it may grow to. */
  readonly maxNodes: number;

  /**
   * Whether its nodes are Spot machines.
   *
   * @default false
   */
  readonly spot?: boolean;
}

/** vCPUs that something needs. */
export interface QuotaNeed {
  /** vCPUs as long as nobody calls: every pool has its fewest nodes. */
  readonly atLeast: number;

  /** vCPUs when every pool has grown as far as it may. */
  readonly atMost: number;

  /** vCPUs then, while one pool, the largest, stands twice because its nodes are made anew. */
  readonly whileRotated: number;
}

/** vCPUs that something needs of one family of sizes, which is what Azure sets limits for, by region. */
export interface FamilyQuota extends QuotaNeed {
  /** Name of the family, such as `NCasT4_v3`. */
  readonly family: string;
}

/**
 * The vCPU quota that pools of one region need, by family, in alphabetical order; Spot nodes count as a family.
 *
 * A pool whose nodes are made anew (another size, other disks, other zones) stands twice for a while: azurerm makes a
 * temporary pool before it removes the old one. Pools are rotated one at a time here; two that are changed in one apply
 * need more. An upgrade needs less: its surge is a tenth of the nodes of a pool, rounded up.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/quotas
 */
export function quotaOf(pools: readonly QuotaPool[]): FamilyQuota[] {
  const families = [...new Set(pools.map(familyOf))].sort();
  return families.map((family) => ({ family, ...needOf(pools.filter((pool) => familyOf(pool) === family)) }));
}

/** What pools of one region need of the quota over all families, in which Spot nodes do not count. */
export function regionalQuotaOf(pools: readonly QuotaPool[]): QuotaNeed {
  return needOf(pools.filter(({ spot }) => spot !== true));
}

function needOf(pools: readonly QuotaPool[]): QuotaNeed {
  const largest = pools.map(({ size, maxNodes }) => maxNodes * size.vcpus);
  const atMost = sum(largest);
  return {
    atLeast: sum(pools.map(({ size, minNodes }) => minNodes * size.vcpus)),
    atMost,
    whileRotated: atMost + Math.max(0, ...largest),
  };
}

function familyOf({ size, spot }: QuotaPool): string {
  return spot === true ? SPOT_FAMILY : size.family;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
