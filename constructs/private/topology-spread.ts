import type { DeploymentV1SpecTemplateSpecTopologySpreadConstraint } from '@cdktf/provider-kubernetes/lib/deployment-v1';

/**
 * What pods are spread over, the widest first. AKS labels every node with both: where nodes have no availability zone,
 * the zone is their fault domain.
 *
 * @see https://kubernetes-sigs.github.io/cloud-provider-azure/topics/availability-zones/
 */
const TOPOLOGY_KEYS = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'];

/**
 * Spreads pods over zones and nodes as far as there is room. It never keeps one from a node: a pool may have one zone or one
 * node, and a replica that waits for another zone answers nobody.
 *
 * Kubernetes spreads pods of itself, but only those that say nothing of it, and it counts pods of the last rollout, too.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 * @param labels what the pods have in common
 * @param revisionLabels labels whose values tell the pods of one rollout from those of the next, so that pods which are
 *   about to go do not count
 */
export function topologySpread(
  labels: { readonly [name: string]: string },
  revisionLabels?: readonly string[],
): DeploymentV1SpecTemplateSpecTopologySpreadConstraint[] {
  return TOPOLOGY_KEYS.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: [{ matchLabels: labels }],
    matchLabelKeys: revisionLabels && [...revisionLabels],
  }));
}
