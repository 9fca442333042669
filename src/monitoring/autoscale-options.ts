/** How the number of replicas follows the requests per second. */
export interface ScaleOnRequests {
  /**
   * Seconds that a replica works on one request, above 0 and at most 3600; measure it, such as with Triton's
   * `perf_analyzer`. A replica then takes replicaMaxConcurrentRequests × targetUtilizationPercent ÷ 100 ÷ secondsPerRequest
   * requests per second, as `Capacity` computes it; refused where these are fewer than 0.001.
   */
  readonly secondsPerRequest: number;
}

/** How the number of replicas follows the time that requests wait inside Triton. */
export interface ScaleOnQueueTime {
  /**
   * Milliseconds that a request may wait in Triton's queues, on average over a minute; from 0.01 up. A request to an ensemble
   * waits in those of all its models.
   */
  readonly targetMs: number;
}

/**
 * How the number of replicas of a service follows its load: the autoscaling options of an Azure ML web service on AKS, with
 * their defaults, and what Kubernetes adds to them.
 *
 * What counts is the utilization: calls that are worked on and calls that wait, by the places of all replicas, which are
 * replicas × replicaMaxConcurrentRequests. Prometheus reads it every 15 seconds. Replicas are added at once, as many as the
 * load needs, and taken away slowly. `numReplicas` in its place turns autoscaling off.
 *
 * Each service is judged by itself: services of one pool share its nodes, and when several have their most replicas at once,
 * some of these wait for a place. `azure-inference report` warns of that.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe
 */
export interface AutoscaleOptions {
  /**
   * The fewest replicas, 0 to 400. With 0 the last one goes when nobody has called for `cooldownSeconds`, and routers hold
   * the first call until one is back: that takes the time of a node, an image and a model. Such a service always has
   * routers, whatever its maxReplicas, since nobody else would receive that call. A deployment while there is no
   * replica ends at once: whether the new one starts shows at the next call. Refused with `scaleOnQueueTime`: where no
   * Triton runs, nothing waits in it.
   *
   * @default 1
   */
  readonly minReplicas?: number;

  /**
   * The most replicas, 1 to 400; refused where the pool can never hold them.
   *
   * @default 10, or as many as the pool holds, if these are fewer
   */
  readonly maxReplicas?: number;

  /**
   * How busy replicas shall be, 1 to 100 percent; what is left takes the peaks until more replicas are ready. Refused with
   * `scaleOnQueueTime`, which has a target of its own.
   *
   * @default 70
   */
  readonly targetUtilizationPercent?: number;

  /**
   * How often gateways and routers count their calls, 1 to 15 seconds. Each reading is the mean of the counts since the last
   * one, 15 seconds before.
   *
   * @default 1
   */
  readonly refreshSeconds?: number;

  /**
   * Scales by the requests per second in the place of utilization, for a service whose requests all take about as long.
   * Those that were refused before they came to a replica, such as for want of a key, do not count.
   *
   * @default - by utilization
   */
  readonly scaleOnRequests?: ScaleOnRequests;

  /**
   * Scales by the time that requests wait in Triton's own queues, in the place of utilization. Refused for scoring
   * scripts, and together with `scaleOnRequests`.
   *
   * That time is next to nothing until the GPUs are full, so replicas come late and go early: utilization is steadier.
   *
   * @default - by utilization
   */
  readonly scaleOnQueueTime?: ScaleOnQueueTime;

  /**
   * How long the load must have been lower before replicas go, 0 to 3600 seconds, which is the most that Kubernetes looks
   * back. The highest need of that time counts, so a short lull costs no replica that took minutes to start. Then a quarter
   * of the replicas goes each minute.
   *
   * @default 300, as Kubernetes itself does
   * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
   */
  readonly scaleDownDelaySeconds?: number;

  /**
   * How long nobody must have called before the last replica goes, 0 to 86400 seconds. Refused unless minReplicas is 0.
   *
   * @default - 300, or as long as a replica may take to start, with ten minutes for a node of a pool that shrinks to none:
   *   it must not be taken away because the caller that woke it has given up meanwhile
   */
  readonly cooldownSeconds?: number;

  /**
   * How long routers hold a call that waits for the first replica, 1 to 230 seconds; then it is answered with 503, and the
   * replica starts all the same. Azure's load balancer drops a connection on which nothing has moved for 4 minutes.
   * Refused unless minReplicas is 0.
   *
   * @default 210
   * @see https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout
   */
  readonly wakeTimeoutSeconds?: number;
}
