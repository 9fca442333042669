import { type Placement, placePods, poolsFor } from './placement';
import type { PodSet } from './pods';
import type { PoolSummary } from './pools';
import type { ServiceSummary } from './services';
import type { Warning } from './warnings';
import { count, enumerate } from './words';

/** A service, as far as it takes places of a pool. */
type Tenant = Pick<ServiceSummary, 'name' | 'path' | 'maxReplicas'> & PodSet;

/**
 * Warns of pools that cannot hold all their services, each of which they can hold alone: with the replicas that those
 * always have, or else with the most that load may bring all of them to at once. Services of all stacks count, where
 * their pool is in the program, too.
 */
export function crowdedPools(pools: readonly PoolSummary[], services: readonly Tenant[]): Warning[] {
  const fewest = placePods(pools, services, ({ replicas }) => replicas).pending;
  const most = placePods(pools, services, ({ replicas, maxReplicas }) => maxReplicas ?? replicas).pending;
  return pools.flatMap((pool) => {
    const { name, maxNodes } = pool;
    const tenants = services.filter((each) => each.pool === name && poolsFor(each, pools).includes(pool));
    if (maxNodes === undefined || tenants.length < 2) {
      return [];
    }
    const has = `the pool '${name}' has at most ${count(maxNodes, 'node')}, which do not hold`;
    const always = pendingOf(tenants, fewest);
    const atOnce = pendingOf(tenants, most);
    const message =
      always.length > 0
        ? `${has} the replicas that its services always have: ${enumerate(always)} will stay pending; raise its maxNodes, or ` +
          'ask for fewer replicas'
        : `${has} all its services at their maxReplicas: where load comes to them at once, as many as ${enumerate(atOnce)} ` +
          'stay pending; raise its maxNodes, or lower maxReplicas';
    return atOnce.length === 0 ? [] : [{ message, paths: tenants.map(({ path }) => path) }];
  });
}

/** The services whose replicas find no place, and how many of each do not. */
function pendingOf(tenants: readonly Tenant[], pending: Placement['pending']): string[] {
  return tenants.filter((each) => pending.has(each)).map((each) => `${pending.get(each)} of '${each.name}'`);
}
