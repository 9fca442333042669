import type { MigProfile } from '../azure/mig-profile';
import { VmSize } from '../azure/vm-size';
import { VmSizeStatus } from '../azure/vm-size-spec';
import { gpuDevices } from './gpu-devices';
import { type NodeCapacity, nodeCapacity } from './node-capacity';

/** What is asked of a pool: so many replicas of one pod. */
export interface PodRequest {
  /** CPU that one replica is promised, in cores. */
  readonly cpuCores: number;

  /** Main memory of one replica. */
  readonly memoryGiB: number;

  /**
   * Number of GPUs of one replica, or of their instances where the pool partitions them.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Number of replicas.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * What the other containers of the pod are promised together.
   *
   * @default - nothing: the pod has one container
   */
  readonly sidecars?: { readonly cpuCores: number; readonly memoryGiB: number };
}

/** One resource of which a pool has too little. */
export interface Shortage {
  /** What is short: `gpus`, `cpuCores`, `memoryGiB` or `replicas`. */
  readonly resource: string;

  /** What a node has for one replica; of `replicas`, how many the pool holds when it has grown as far as it may. */
  readonly have: number;

  /** What is asked for. */
  readonly need: number;
}

/** Whether a pool can hold what is asked of it, once it has grown as far as it may and nothing else runs there. */
export interface PoolFit {
  /** Whether it can. */
  readonly fits: boolean;

  /** What is short; nothing when it fits. */
  readonly shortages: readonly Shortage[];

  /** The most replicas that the pool can hold. */
  readonly replicas: number;

  /** The smallest size of the same family that would do, with as many nodes; nothing when it fits or none would. */
  readonly smallestSize?: VmSize;

  /** What is short and what to do, in words; nothing when it fits. */
  readonly problems: readonly string[];
}

/** The pool, as far as it matters here. */
interface Pool {
  readonly poolName: string;
  readonly size: VmSize;
  readonly maxNodes: number;
  readonly gpusPerNode: number;
  readonly gpuResourceName?: string;
  readonly migProfile?: MigProfile;
}

const NO_SIDECARS = { cpuCores: 0, memoryGiB: 0 };

/** Judges a request by the allocatable resources of a pool's nodes; see `nodeCapacity` for the figures. */
export function poolFit(pool: Pool, request: PodRequest): PoolFit {
  const { size, migProfile, maxNodes } = pool;
  if (size.vcpus === 0) {
    // nobody knows what such a node has, and the pool is refused for that
    return { fits: true, shortages: [], replicas: Number.POSITIVE_INFINITY, problems: [] };
  }
  const { gpus = 0, replicas = 1 } = request;
  const capacity = nodeCapacity(size, pool.gpusPerNode);
  const room = perNode(capacity, request) * maxNodes;
  if (migProfile !== undefined && gpus > 1) {
    return {
      fits: false,
      shortages: [{ resource: 'gpus', have: 1, need: gpus }],
      replicas: 0,
      problems: [
        `the pool '${pool.poolName}' cuts its GPUs into instances (${migProfile.name}), and a process of CUDA sees one of ` +
          `them, so a replica asks for one; got gpus ${gpus}; ask for more replicas, or take a larger profile or a pool of ` +
          'whole GPUs',
      ],
    };
  }
  const onNode = nodeShortages(capacity, request);
  const short =
    onNode.length > 0 || !(replicas > room) ? onNode : [{ resource: 'replicas', have: room, need: replicas }];
  if (short.length === 0) {
    return { fits: true, shortages: [], replicas: room, problems: [] };
  }
  const smallestSize = smallestOfFamily(pool, request);
  const problem =
    onNode.length > 0 ? nodeProblem(pool, short, smallestSize) : poolProblem(pool, capacity, request, room);
  return { fits: false, shortages: short, replicas: room, smallestSize, problems: [problem] };
}

/** How often each resource of a node holds one replica's share, GPUs first. */
function shares(capacity: NodeCapacity, request: PodRequest): [string, number][] {
  const { cpuCores, memoryGiB, gpus = 0, sidecars = NO_SIDECARS } = request;
  // what is not a number above zero is refused where it was given, and takes nothing here
  const times = (have: number, need: number) => (need > 0 ? Math.floor(have / need) : Number.POSITIVE_INFINITY);
  return [
    [`${gpus} GPUs`, times(capacity.gpus, gpus)],
    [`${cpuCores} cores`, times(capacity.cpuMillicores, (cpuCores + sidecars.cpuCores) * 1000)],
    [`${memoryGiB} GiB`, times(capacity.memoryMiB, (memoryGiB + sidecars.memoryGiB) * 1024)],
    ['one pod', capacity.pods],
  ];
}

function perNode(capacity: NodeCapacity, request: PodRequest): number {
  return Math.min(...shares(capacity, request).map(([, times]) => times));
}

function nodeShortages(capacity: NodeCapacity, request: PodRequest): Shortage[] {
  const { cpuCores, memoryGiB, gpus = 0, sidecars = NO_SIDECARS } = request;
  const millicores = capacity.cpuMillicores - Math.ceil(sidecars.cpuCores * 1000);
  const memoryMiB = capacity.memoryMiB - sidecars.memoryGiB * 1024;
  return [
    { resource: 'gpus', have: capacity.gpus, need: gpus },
    { resource: 'cpuCores', have: Math.max(0, millicores) / 1000, need: cpuCores },
    { resource: 'memoryGiB', have: Math.max(0, Math.floor((memoryMiB * 10) / 1024)) / 10, need: memoryGiB },
  ].filter(({ have, need }) => need > have);
}

/** The size with the fewest vCPUs, then the least memory, of those that the family still has. */
function smallestOfFamily({ size, migProfile, maxNodes }: Pool, request: PodRequest): VmSize | undefined {
  const fitting = VmSize.all().filter((each) => {
    const offered = each.family === size.family && each.status !== VmSizeStatus.RETIRED && each.aksSupported !== false;
    if (!offered || (migProfile !== undefined && each.accelerator?.mig !== true)) {
      return false;
    }
    const capacity = nodeCapacity(each, gpuDevices(each, migProfile).perNode);
    return perNode(capacity, request) * maxNodes >= (request.replicas ?? 1);
  });
  return fitting.sort((a, b) => a.vcpus - b.vcpus || a.memoryGiB - b.memoryGiB)[0];
}

function nodeProblem(pool: Pool, shortages: readonly Shortage[], smallest: VmSize | undefined): string {
  const left = shortages.flatMap(({ resource, have }) =>
    resource === 'cpuCores' ? [`${have} cores`] : resource === 'memoryGiB' ? [`${have} GiB of memory`] : [],
  );
  const has = [
    ...(shortages.some(({ resource }) => resource === 'gpus')
      ? [`hands out ${pool.gpusPerNode} of '${pool.gpuResourceName ?? 'nvidia.com/gpu'}'`]
      : []),
    ...(left.length > 0 ? [`leaves ${left.join(' and ')} to pods`] : []),
  ];
  const asked = shortages.map(({ resource, need }) => `${resource} ${need}`);
  const advice =
    smallest === undefined
      ? `no size of the family ${pool.size.family} would do`
      : `${smallest.name} is the smallest size of its family that would do`;
  return (
    `a node of the pool '${pool.poolName}' (${pool.size.name}) ${has.join(' and ')}, and a replica runs on one node; got ` +
    `${asked.join(', ')}; ${advice}`
  );
}

function poolProblem(pool: Pool, capacity: NodeCapacity, request: PodRequest, room: number): string {
  const [[what] = ['one pod']] = shares(capacity, request).sort(([, a], [, b]) => a - b);
  return (
    `the pool '${pool.poolName}' grows to ${pool.maxNodes} nodes and holds ${room} replicas of ${what} each; got replicas ` +
    `${request.replicas}; raise its maxNodes or ask for fewer`
  );
}
