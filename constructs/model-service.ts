import type { Exposure } from '../src/kubernetes/exposure';
import type { AlertOptions } from '../src/monitoring/alert-options';
import type { RequestLimits } from '../src/scoring/request-limits';
import type { ServiceAuth } from '../src/scoring/service-auth';
import type { INodePool } from './node-pool';

/** Options of every service that answers callers through a gateway. */
export interface ModelServiceOptions extends RequestLimits {
  /** Pool that the replicas run on; node selector, tolerations and GPU resource follow from it. */
  readonly pool: INodePool;

  /**
   * What callers must show. Nothing is refused on a public address.
   *
   * @default - ServiceAuth.keys(): one of two keys that Terraform makes
   */
  readonly auth?: ServiceAuth;

  /**
   * From where the service is reached. Changing it gives the service another address.
   *
   * @default Exposure.INTERNAL
   */
  readonly exposure?: Exposure;

  /**
   * Networks that may reach the address of the service, such as `10.1.0.0/16`. Refused with `Exposure.CLUSTER`, which has
   * no such address.
   *
   * @default - whatever can route to the address
   */
  readonly sourceRanges?: readonly string[];

  /**
   * Pool that the routers of a service of several replicas run on.
   *
   * @default - any nodes without accelerators but the system nodes; the pool of the service on a cluster made elsewhere
   *   that names no such pool
   */
  readonly routerPool?: INodePool;

  /**
   * Image of gateway and router: HAProxy 2.6 or later, by a full version tag or a digest.
   *
   * @default - HAProxy's official image, 3.2.25
   */
  readonly haproxyImage?: string;

  /**
   * How long a replica that is told to go may take to answer the requests that it accepted, 10 to 3600 seconds: at least
   * that long nodes wait for it when they are drained. It takes no longer than five seconds, the longest wait and the
   * scoring time-out together.
   *
   * @default 600
   */
  readonly drainTimeoutSeconds?: number;

  /**
   * How long a deployment may take until all replicas are ready, the start of nodes and the pull of the image
   * included; then the apply fails. More than a server may take to start.
   *
   * @default - 30 on a pool that shrinks to zero nodes, else 20, and as much more as a server may take to start beyond ten
   *   minutes, and a replica to go beyond 90 seconds; but for each replica no less than two minutes and the latter
   */
  readonly rolloutTimeoutMinutes?: number;

  /**
   * Networks that the pods of the service may call, such as `10.1.0.0/16`; names are resolved all the same. What they
   * need must be among them: the model store and Entra ID, over private endpoints or as public ranges.
   *
   * @default - all
   */
  readonly egressRanges?: readonly string[];

  /**
   * When somebody is told that callers get errors, wait too long or are turned away, that there is no replica or not one
   * more, or that Triton fails. Refused with `Monitoring.NONE`.
   *
   * @default - alerts with their defaults where the metrics of the cluster are collected
   */
  readonly alerts?: AlertOptions;

  /**
   * Free values by name. They are written into an annotation, so names and values may be any text.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };

  /**
   * More free values by name, kept apart from the tags as Azure ML did; written like them.
   *
   * @default - none
   */
  readonly properties?: { readonly [name: string]: string };

  /**
   * Free text, written into an annotation.
   *
   * @default - none
   */
  readonly description?: string;
}
