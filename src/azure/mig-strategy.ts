/**
 * Under which names Kubernetes counts the instances of partitioned GPUs.
 *
 * Either way one process of CUDA sees one instance, so a replica has one, and partitions of one pool are all alike. What
 * differs is the name, and with it which quotas and which foreign charts find the instances.
 *
 * @see https://docs.nvidia.com/datacenter/cloud-native/kubernetes/latest/index.html
 */
export enum MigStrategy {
  /**
   * Every instance counts as `nvidia.com/gpu`. The cluster autoscaler knows that name, so the pool can start from no
   * node; it expects one a GPU, so it may start more nodes than are needed, and take them back.
   */
  SINGLE = 'single',

  /**
   * Every instance counts under its own size, such as `nvidia.com/mig-1g.5gb`. The cluster autoscaler does not know the
   * name before the pool has a node.
   *
   * @see https://github.com/Azure/AKS/issues/5161
   */
  MIXED = 'mixed',
}
