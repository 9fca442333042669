/** Who collects the metrics of a platform, and lets autoscaling read them. */
export enum Monitoring {
  /** Azure Monitor: managed Prometheus and managed Grafana. Nothing of it runs on the nodes but what collects. */
  AZURE_MANAGED = 'AzureManaged',

  /** Prometheus and Grafana inside the cluster, by the Helm chart kube-prometheus-stack. */
  IN_CLUSTER = 'InCluster',

  /** Nobody: services have a fixed number of replicas. */
  NONE = 'None',
}
