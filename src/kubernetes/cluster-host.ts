/** Name of a service in the cluster's DNS, as AKS calls its domain. */
export function clusterHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}
