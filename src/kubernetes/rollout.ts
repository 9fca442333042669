/** What a replica takes of a rollout in which one follows the other: to start, and until routers know it. */
const MINUTES_PER_REPLICA = 2;

/** What a server may take to start of the time that a rollout always has. */
const STARTUP_SECONDS = 600;

/**
 * How long the rollout of a service may take where nobody says so: what its servers may take to start, and a node and the
 * pull of an image besides.
 *
 * @param minNodes the fewest nodes of its pool: the first of an empty pool has to be made
 * @param startupSeconds how long a server may take to start, and what runs before it
 */
export function rolloutMinutes(minNodes: number, replicas: number, startupSeconds = STARTUP_SECONDS): number {
  const longer = Math.max(0, Math.ceil((startupSeconds - STARTUP_SECONDS) / 60));
  const minutes = Math.max((minNodes === 0 ? 30 : 20) + longer, replicas * MINUTES_PER_REPLICA);
  // numbers that make no sense are refused by themselves
  return Number.isInteger(minutes) ? Math.min(minutes, 1440) : 30;
}
