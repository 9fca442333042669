import { VmSize } from '../azure/vm-size';
import { nodeCapacity } from '../kubernetes/node-capacity';
import type { PodSet } from './pods';
import type { PoolSummary } from './pools';

/** The pools of a program that pods may run on: the one that they name, or every one that any pod may use. */
export function poolsFor({ cluster, pool }: Pick<PodSet, 'cluster' | 'pool'>, pools: readonly PoolSummary[]) {
  return pools
    .filter((each) => cluster === undefined || each.cluster === cluster)
    .filter((each) =>
      pool === undefined ? !each.system && !each.spot && each.taints.length === 0 : each.name === pool,
    );
}

/** Where pods run, once all of them have been given a place. */
export interface Placement {
  /** How many nodes each pool has then. */
  readonly nodes: ReadonlyMap<PoolSummary, number>;

  /** How many pods of a set found no place, where any did not. */
  readonly pending: ReadonlyMap<PodSet, number>;
}

/**
 * The nodes that pools keep when nobody calls: those that they always have, and those that pods hold, since replicas and
 * routers stay.
 */
export function keptNodes(pools: readonly PoolSummary[], pods: readonly PodSet[]): Placement['nodes'] {
  return placePods(pools, pods, ({ replicas }) => replicas).nodes;
}

/**
 * Gives pods their nodes.
 *
 * Pods fill nodes one after the other, the largest first, as an autoscaler that takes away what it can leaves them. Pods
 * that may run on several pools take room that is there, or else a node of the cheapest.
 *
 * @param numberOf how many pods of a set there are; none where only the cluster knows
 */
export function placePods<T extends PodSet>(
  pools: readonly PoolSummary[],
  pods: readonly T[],
  numberOf: (set: T) => number | undefined,
): Placement {
  const nodes = new Map(pools.map((pool) => [pool, Array.from({ length: pool.minNodes ?? 0 }, () => emptyNode(pool))]));
  const pending = new Map<PodSet, number>();
  const bound = pods.filter(({ pool }) => pool !== undefined);
  const free = pods.filter(({ pool }) => pool === undefined);
  for (const set of [...largestFirst(bound), ...largestFirst(free)]) {
    const candidates = poolsFor(set, pools);
    const need = needOf(set);
    for (let replica = 0; replica < (numberOf(set) ?? 0); replica += 1) {
      const room = candidates.flatMap((pool) => nodes.get(pool) ?? []).find((node) => holds(node, need));
      const node = room ?? newNode(candidates);
      if (node === undefined) {
        pending.set(set, (pending.get(set) ?? 0) + 1);
      } else {
        take(node, need);
      }
    }
  }
  return { nodes: new Map([...nodes].map(([pool, held]) => [pool, held.length])), pending };

  function newNode(candidates: readonly PoolSummary[]): Room | undefined {
    const growing = candidates.filter((pool) => (nodes.get(pool)?.length ?? 0) < (pool.maxNodes ?? 0));
    const [pool] = growing.sort((a, b) => priceOf(a) - priceOf(b));
    if (pool === undefined) {
      return undefined;
    }
    const node = emptyNode(pool);
    nodes.get(pool)?.push(node);
    return node;
  }
}

/** What a node has left, or a pod needs, in the order CPU, memory, devices, pods. */
type Room = number[];

/** Of a size that the library does not know, a node has room for everything. */
function emptyNode({ vmSize, devicesPerNode = Number.POSITIVE_INFINITY }: PoolSummary): Room {
  const size = VmSize.tryNamed(vmSize);
  if (size === undefined) {
    return [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, devicesPerNode, Number.POSITIVE_INFINITY];
  }
  const { cpuMillicores, memoryMiB, pods } = nodeCapacity(size);
  return [cpuMillicores, memoryMiB, devicesPerNode, pods];
}

function needOf({ cpuMillicores, memoryMiB, devices }: PodSet): Room {
  return [cpuMillicores, memoryMiB, devices.reduce((sum, { count }) => sum + count, 0), 1];
}

function holds(node: Room, need: Room): boolean {
  return need.every((amount, index) => amount <= (node[index] ?? 0));
}

function take(node: Room, need: Room): void {
  need.forEach((amount, index) => {
    node[index] = (node[index] ?? 0) - amount;
  });
}

function largestFirst<T extends PodSet>(pods: readonly T[]): T[] {
  return pods
    .map((set) => ({ set, need: needOf(set) }))
    .sort(({ need: [cpuA = 0, memoryA = 0, devicesA = 0] }, { need: [cpuB = 0, memoryB = 0, devicesB = 0] }) => {
      return devicesB - devicesA || memoryB - memoryA || cpuB - cpuA;
    })
    .map(({ set }) => set);
}

/** More than any known price where the price is not known. */
function priceOf({ usdPerHour = Number.MAX_VALUE }: PoolSummary): number {
  return usdPerHour;
}
