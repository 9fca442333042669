/** What a replica takes of a rollout in which one follows the other: to start, and until routers know it. */
const MINUTES_PER_REPLICA = 2;

/** How long a replica may drain within these minutes, before the next one finds its place. */
const DRAIN_SECONDS = 90;

/** What a server may take to start of the time that a rollout always has. */
const STARTUP_SECONDS = 600;

/**
 * How long the rollout of a service may take where nobody says so: what its servers may take to start, and a node and the
 * pull of an image besides. On a pool that is full a replica starts once another one has drained.
 *
 * @param minNodes the fewest nodes of its pool: the first of an empty pool has to be made
 * @param startupSeconds how long a server may take to start, and what runs before it
 * @param drainSeconds how long a replica may take to go
 */
export function rolloutMinutes(
  minNodes: number,
  replicas: number,
  startupSeconds = STARTUP_SECONDS,
  drainSeconds = DRAIN_SECONDS,
): number {
  const starting = minutesBeyond(STARTUP_SECONDS, startupSeconds);
  const draining = minutesBeyond(DRAIN_SECONDS, drainSeconds);
  const first = (minNodes === 0 ? 30 : 20) + starting + draining;
  const minutes = Math.max(first, replicas * (MINUTES_PER_REPLICA + draining));
  // numbers that make no sense are refused by themselves
  return Number.isInteger(minutes) ? Math.min(minutes, 1440) : 30;
}

function minutesBeyond(covered: number, seconds: number): number {
  return Math.max(0, Math.ceil((seconds - covered) / 60));
}
