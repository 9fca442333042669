/** What a replica takes of a rollout in which one follows the other: to start, and until routers know it. */
const MINUTES_PER_REPLICA = 2;

/**
 * How long the rollout of a service may take where nobody says so.
 *
 * @param minNodes the fewest nodes of its pool: the first of an empty pool has to be made
 */
export function rolloutMinutes(minNodes: number, replicas: number): number {
  const minutes = Math.max(minNodes === 0 ? 30 : 20, replicas * MINUTES_PER_REPLICA);
  // a number of replicas that makes no sense is refused by itself
  return Number.isInteger(minutes) ? Math.min(minutes, 1440) : 30;
}
