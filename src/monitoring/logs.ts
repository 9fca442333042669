/** Who collects the logs of a cluster's containers. */
export enum Logs {
  /**
   * Azure Monitor's Container insights: what containers print, and the events and states of pods, in Log Analytics. It
   * takes no part in metrics.
   */
  CONTAINER_INSIGHTS = 'ContainerInsights',

  /** Nobody: a log is there as long as its container. */
  NONE = 'None',
}
