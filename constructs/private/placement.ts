import { POOL_LABEL } from '../../src/kubernetes/labels';
import { tolerationOf } from '../../src/kubernetes/taint';
import type { INodePool } from '../node-pool';

/** Where a pod runs and which devices it gets, as the pool says. */
export interface Placement {
  /** Labels of the nodes that the pod may run on. */
  readonly nodeSelector: { readonly [label: string]: string };

  /** Taints of these nodes that the pod puts up with. */
  readonly toleration: { key: string; operator: string; value: string; effect: string }[];

  /** The GPUs of one replica, as requests and limits. */
  readonly devices: { readonly [resource: string]: string };
}

/** Places the pods of a chart on the nodes of some pools and on no others, as charts take it. */
export function placeOnPools(pools: readonly INodePool[]) {
  const taints = new Map(pools.flatMap((pool) => pool.taints).map((taint) => [JSON.stringify(taint), taint]));
  const matchExpressions = [{ key: POOL_LABEL, operator: 'In', values: pools.map((pool) => pool.poolName) }];
  return {
    tolerations: [...taints.values()].map(tolerationOf),
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  };
}

/** Places a pod with that many GPUs on a pool. */
export function placeOn(pool: INodePool, gpus: number): Placement {
  return {
    nodeSelector: { [POOL_LABEL]: pool.poolName },
    toleration: pool.taints.map(tolerationOf),
    devices: pool.gpuResourceName === undefined || gpus === 0 ? {} : { [pool.gpuResourceName]: String(gpus) },
  };
}
