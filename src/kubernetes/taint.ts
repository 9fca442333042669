/** A taint of a node: pods that do not tolerate it are not scheduled there. */
export interface Taint {
  /** Key, such as `sku`. */
  readonly key: string;

  /** Value, such as `gpu`. */
  readonly value: string;

  /** What happens to pods that do not tolerate it: `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string;
}

/** Keeps pods without a GPU off GPU nodes; the taint of AKS's own documentation. */
export const GPU_TAINT: Taint = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };

/** AKS puts it on every Spot node by itself; written out so that a plan shows no difference. */
export const SPOT_TAINT: Taint = { key: 'kubernetes.azure.com/scalesetpriority', value: 'spot', effect: 'NoSchedule' };

/** The taint as AKS writes it: `sku=gpu:NoSchedule`. */
export function renderTaint(taint: Taint): string {
  return `${taint.key}=${taint.value}:${taint.effect}`;
}

/** The toleration that lets a pod onto nodes with the taint. */
export function tolerationOf(taint: Taint): { key: string; operator: string; value: string; effect: string } {
  return { key: taint.key, operator: 'Equal', value: taint.value, effect: taint.effect };
}
