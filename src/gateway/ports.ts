/** The ports of a pod that serves models, on its own address. */
export const GATEWAY_PORTS = {
  /** Requests, by HTTP/1.1 and HTTP/2, gRPC among them. */
  requests: 8080,

  /** Router only: requests on their way to a replica. */
  choice: 8090,

  /** Metrics of HAProxy for Prometheus. */
  metrics: 8404,

  /** Health, for probes. */
  health: 8405,
} as const;

/** Port of the Azure ML scoring server, on the pod's loopback address. */
export const SCORING_SERVER_PORT = 5001;
