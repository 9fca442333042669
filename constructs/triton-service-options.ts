import type { LogLevel } from '../src/scoring/log-level';
import type { ScoringOptions } from '../src/scoring/scoring-options';
import type { ModelLoading } from '../src/triton/model-loading';
import type { TritonServerOptions } from '../src/triton/server-options';
import type { Model } from './model';
import type { ModelServiceOptions } from './model-service';

/** The options of an Azure ML web service on AKS that a service without a scoring script has. */
export type TritonWebServiceOptions = Omit<
  ScoringOptions,
  'workerCount' | 'warmupRequest' | 'enableAppInsights' | 'collectModelData'
>;

/**
 * Options of `addTritonService`: those of an Azure ML web service on AKS, under their names, and those of Triton. Defaults
 * are the web service's, too, but for CPU, memory, the time to start and the calls at once, which a GPU would idle at.
 */
export interface TritonServiceOptions extends ModelServiceOptions, TritonWebServiceOptions, TritonServerOptions {
  /** The models to serve: these and no others. */
  readonly models: readonly Model[];

  /**
   * How the servers come by the models. `ModelLoading.MOUNT` is refused on a cluster of this program without the blob
   * driver, and the others where a node's disk (`osDiskGiB` of the pool) cannot hold what one replica copies to it.
   *
   * @default ModelLoading.DIRECT
   */
  readonly loading?: ModelLoading;

  /**
   * Number of GPUs of one replica, no more than one node has; one instance where the pool partitions its GPUs.
   *
   * @default 1
   */
  readonly gpuCores?: number;

  /**
   * CPU that one replica is promised, in cores, from 0.001 up. It may use more where the node has some to spare. No more
   * than a node has left after what AKS reserves and what the gateway takes.
   *
   * @default 2
   */
  readonly cpuCores?: number;

  /**
   * Main memory that one replica is promised, from 0.001 up. Kubernetes is told as many GiB. What Triton keeps in shared
   * memory counts too. No more than a node has left after what AKS reserves and what the gateway takes.
   *
   * @default 8
   */
  readonly memoryGb?: number;

  /**
   * Image of the server. NVIDIA's own images are judged by the pool's GPU, driver and architecture, and by how they come by
   * their models: with `ModelLoading.DIRECT` before 26.05, and otherwise before 24.10, they are refused. Of other images
   * nothing is known.
   *
   * @default - NVIDIA's Triton of the frameworkVersion that the models name, else 26.10 with the backends for ONNX,
   *   TensorRT, PyTorch and Python
   */
  readonly image?: string;

  /**
   * How long a server may take to start and to load its models, 1 to 86400 seconds, before failed probes count. A replica
   * that has not answered after initialDelaySeconds + periodSeconds × failureThreshold, 600 seconds by default, is started
   * anew. Azure ML's 310 seconds were those of a script.
   *
   * @default - 570, and with files of more than 16 GiB one second more for each started 64 MiB beyond
   */
  readonly initialDelaySeconds?: number;

  /**
   * Number of calls that one replica works on at once, 1 to 10000. Others wait. HTTP and gRPC calls are counted apart.
   *
   * Azure ML's default is 1, at which Triton never batches.
   *
   * @default - twice what the loaded models compute at once, from 2 to 1000: 2 × max_batch_size × instances of each, as its
   *   `config.pbtxt` has them; a model without one counts with Triton's batch of 4
   */
  readonly replicaMaxConcurrentRequests?: number;

  /**
   * Which messages Triton logs. It has nothing above errors, so `LogLevel.CRITICAL` is `LogLevel.ERROR` to it.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;
}
