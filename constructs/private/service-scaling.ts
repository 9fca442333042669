import type { AutoscaleOptions } from '../../src/monitoring/autoscale-options';
import { resolveScaling, type Scaling } from '../../src/monitoring/scaling';
import type { ClusterConnection } from '../cluster-connection';
import type { INodePool } from '../node-pool';
import type { Probes } from './server-containers';

/** A service whose replicas are decided about. */
export interface ScaledServiceProps {
  /** The service as it was asked for. */
  readonly options: {
    readonly connection: ClusterConnection;
    readonly pool: INodePool;
    readonly numReplicas?: number;
    readonly autoscale?: AutoscaleOptions;
  };

  /** The most replicas that the pool can hold. */
  readonly room: number;

  readonly limits: { readonly replicaMaxConcurrentRequests: number };
  readonly hasTriton: boolean;

  /** How long its servers may take to start. */
  readonly startup: Probes['startup'];
}

/** What a deployment counts for the first node of a pool that has none. */
const NODE_SECONDS = 600;

/** How long a replica may take to start, and its node before it. */
export function startSecondsOf(pool: INodePool, { seconds, secondsBefore = 0 }: Probes['startup']): number {
  return seconds + secondsBefore + (pool.minNodes === 0 ? NODE_SECONDS : 0);
}

/** Decides how many replicas a service has, by what is asked for, its cluster and its pool. */
export function scalingOf({ options, room, limits, hasTriton, startup }: ScaledServiceProps): Scaling {
  const { connection, pool, numReplicas, autoscale } = options;
  return resolveScaling({
    numReplicas,
    autoscale,
    monitoring: connection.cluster.monitoring,
    poolName: pool.poolName,
    room,
    replicaMaxConcurrentRequests: limits.replicaMaxConcurrentRequests,
    hasTriton,
    startSeconds: startSecondsOf(pool, startup),
  });
}
