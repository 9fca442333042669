import { CATALOGUE_PRICES } from '../azure/catalogue/catalogue';
import { keptNodes } from './placement';
import type { PodSet } from './pods';
import type { PoolSummary } from './pools';

/** Nodes and their price between the least and the most. */
export interface Range {
  /** When nobody calls: what pools keep, and what replicas and routers hold. */
  readonly min: number;

  /** When every pool has grown as far as it may. */
  readonly max: number;
}

/** What one pool costs. */
export interface PoolCost {
  /** The pool. */
  readonly pool: PoolSummary;

  /** Its nodes; nothing when only the deployment will know. */
  readonly nodes?: Range;

  /** US dollars per hour; nothing when the price of the size is not known. */
  readonly usdPerHour?: Range;
}

/** What the nodes of a platform cost. */
export interface CostSummary {
  /** By pool, in the order of the clusters. */
  readonly pools: readonly PoolCost[];

  /** Nodes of all pools whose number is known. */
  readonly nodes: Range;

  /** US dollars per hour of the pools with a known price; nothing when no price is known. */
  readonly usdPerHour?: Range;

  /** Names of pools with an unknown price, which the sum therefore leaves out. */
  readonly unpriced: readonly string[];

  /** What a reader must know to believe the figures. */
  readonly note: string;
}

/**
 * Counts nodes, and prices them where the price of the size is known.
 *
 * @param pods what keeps nodes although the pool would shrink further: replicas and routers stay when nobody calls
 */
export function costOf(pools: readonly PoolSummary[], pods: readonly PodSet[] = []): CostSummary {
  const kept = keptNodes(pools, pods);
  const costs = pools.map((pool) => {
    const { minNodes, maxNodes, usdPerHour } = pool;
    const nodes =
      minNodes === undefined || maxNodes === undefined ? undefined : { min: kept.get(pool) ?? minNodes, max: maxNodes };
    const price = nodes === undefined || usdPerHour === undefined ? undefined : times(nodes, usdPerHour);
    return { pool, nodes, usdPerHour: price };
  });
  const prices = costs.map(({ usdPerHour }) => usdPerHour).filter((range) => range !== undefined);
  return {
    pools: costs,
    nodes: sum(costs.map(({ nodes }) => nodes ?? { min: 0, max: 0 })),
    usdPerHour: prices.length === 0 ? undefined : sum(prices),
    unpriced: costs.filter(({ usdPerHour }) => usdPerHour === undefined).map(({ pool }) => pool.name),
    note:
      `Prices are list prices of ${CATALOGUE_PRICES.region} on ${CATALOGUE_PRICES.asOf}, of nodes alone; ` +
      'what is certain is the number of nodes.',
  };
}

/** A range for people: `3 to 8`, or `3` where both ends are the same. */
export function renderRange(range: Range, render: (value: number) => string = String): string {
  return range.min === range.max ? render(range.min) : `${render(range.min)} to ${render(range.max)}`;
}

/** US dollars for people, such as `$1.05`. */
export function renderUsd(value: number): string {
  return `$${value.toFixed(2)}`;
}

function times(range: Range, factor: number): Range {
  return { min: range.min * factor, max: range.max * factor };
}

function sum(ranges: readonly Range[]): Range {
  return ranges.reduce((a, b) => ({ min: a.min + b.min, max: a.max + b.max }), { min: 0, max: 0 });
}
