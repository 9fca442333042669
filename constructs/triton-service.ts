import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { TRITON_PROTOCOL } from '../src/gateway/protocol';
import { HAPROXY_REQUEST } from '../src/gateway/resources';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import type { PodRequest, PoolFit } from '../src/kubernetes/pool-fit';
import { requestLimitProblems, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../src/scoring/request-limits';
import { imageProblems, imageWarnings } from '../src/triton/image-rules';
import { modelVersions, repositoryProblems } from '../src/triton/model-repository';
import { TRITON_EXIT_TIMEOUT_SECONDS, TRITON_IMAGE, TRITON_PORTS, tritonArguments } from '../src/triton/server';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IGrantee } from './azure-resource';
import type { ClusterConnection } from './cluster-connection';
import type { IKeyVault } from './key-vault';
import type { Model } from './model';
import type { ModelServiceOptions } from './model-service';
import type { INodePool } from './node-pool';
import { deployModelServer } from './private/model-server';
import { rolesOf } from './private/role-assignment';
import { RolePropagation } from './private/role-propagation';
import { type ServiceSummary, serviceSummary } from './private/service-summary';
import { TRITON_VOLUMES, tritonContainer, tritonPod } from './private/triton-pod';
import type { ServingNamespace } from './serving-namespace';
import { WorkloadIdentity } from './workload-identity';

/** Options of `addTritonService`. */
export interface TritonServiceOptions extends ModelServiceOptions {
  /** The models to serve: these and no others. */
  readonly models: readonly Model[];

  /**
   * Number of replicas, 1 to 400. From two on, routers stand before them and find a free one.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Number of GPUs of one replica, no more than one node has; one instance where the pool partitions its GPUs.
   *
   * @default 1
   */
  readonly gpus?: number;

  /**
   * CPU that one replica is promised, in cores. It may use more where the node has some to spare. No more than a node
   * has left after what AKS reserves and what the gateway takes.
   *
   * @default 2
   */
  readonly cpuCores?: number;

  /**
   * Main memory of one replica, promised and at most. What Triton keeps in shared memory counts too. No more than a
   * node has left after what AKS reserves and what the gateway takes.
   *
   * @default 8
   */
  readonly memoryGiB?: number;

  /**
   * Image of the server. Reading models without a key needs release 26.05 or later. NVIDIA's own images are judged by
   * the pool's GPU, driver and architecture; of others nothing is known.
   *
   * @default - NVIDIA's Triton 26.10 with the backends for ONNX, TensorRT, PyTorch and Python
   */
  readonly image?: string;

  /**
   * How long a server may take from its start until all its models are loaded; then it is started anew.
   *
   * @default 600
   */
  readonly startupTimeoutSeconds?: number;
}

/** Properties of `TritonService`. */
export interface TritonServiceProps extends TritonServiceOptions {
  /** Cluster to deploy to. */
  readonly connection: ClusterConnection;

  /** Namespace of the service. */
  readonly namespace: ServingNamespace;

  /** Name of the service inside the namespace, at most 45 characters. Changing it replaces the service. */
  readonly serviceName: string;

  /**
   * Vault for the keys of the service.
   *
   * @default - none: refused, unless `auth` needs none
   */
  readonly keyVault?: IKeyVault;
}

/**
 * Requests that one replica of a Triton service works on at once: Triton batches what it holds, and needs a batch or two
 * at hand to do so. HTTP and gRPC calls are counted apart.
 */
const TRITON_CONCURRENT_REQUESTS = 64;

/**
 * Models served by NVIDIA Triton Inference Server on the GPUs of a pool.
 *
 * Each replica reads its models straight from the model store, with an identity that may read models and nothing else.
 * Callers reach it by HTTP and gRPC (KServe v2) through a gateway that asks for a key and holds the limits.
 */
export class TritonService extends Construct {
  /** Name of the service inside the namespace. */
  public readonly serviceName: string;

  /** Address for HTTP. */
  public readonly httpUrl: string;

  /** Address for gRPC: host and port. */
  public readonly grpcAddress: string;

  /** Image of the server. */
  public readonly image: string;

  /** The models that are served. */
  public readonly models: readonly Model[];

  /** The identity of the replicas in Azure, for roles that they need besides. */
  public readonly identity: IGrantee;

  /**
   * What the service says of itself after a deployment.
   *
   * @internal
   */
  public readonly summary: ServiceSummary;

  constructor(scope: Construct, id: string, props: TritonServiceProps) {
    super(scope, id);
    const { pool, namespace, connection, serviceName } = props;
    const replicas = props.replicas ?? 1;
    const gpus = props.gpus ?? 1;
    const cpuCores = props.cpuCores ?? 2;
    const memoryGiB = props.memoryGiB ?? 8;
    const request = { cpuCores, memoryGiB, gpus, replicas, sidecars: HAPROXY_REQUEST };
    const fit = pool.fits(request);
    const limits = resolveRequestLimits(props, {
      ...SCORING_REQUEST_LIMITS,
      replicaMaxConcurrentRequests: TRITON_CONCURRENT_REQUESTS,
    });
    const startupTimeoutSeconds = props.startupTimeoutSeconds ?? 600;
    this.serviceName = serviceName;
    this.image = props.image ?? TRITON_IMAGE;
    this.models = [...props.models];
    refuse(this, [
      dnsLabelProblem('service', serviceName),
      ...placementProblems(pool, request, fit),
      ...imageProblems(this.image, pool),
      ...modelProblems(this.models),
      ...requestLimitProblems(props),
      ...broken([
        { broken: !(cpuCores > 0), message: `cpuCores must be above 0; got ${cpuCores}` },
        { broken: !(memoryGiB > 0), message: `memoryGiB must be above 0; got ${memoryGiB}` },
        wholeNumber('startupTimeoutSeconds', startupTimeoutSeconds, 10, 86_400),
      ]),
    ]);
    for (const warning of imageWarnings(this.image, pool)) {
      Annotations.of(this).addWarning(warning);
    }

    const identity = new WorkloadIdentity(this, 'workload', { connection, namespace, serviceAccountName: serviceName });
    this.identity = identity;
    const uploads = this.models.map((model) => ({ model, upload: model.bind(this, identity) }));
    const roles = new RolePropagation(this, 'Roles', rolesOf(identity));
    const repositories = uploads.map(({ model, upload }) => ({
      account: model.store.storageAccountName,
      container: model.store.containerName,
      folder: upload.folder,
    }));
    const served = this.models.map((model) => ({ model, versions: modelVersions(model.content) }));
    const container = tritonContainer({
      image: this.image,
      args: tritonArguments(repositories, limits.maxRequestBodyMiB),
      cpuCores,
      memoryGiB,
    });
    const server = deployModelServer(this, {
      options: props,
      serviceName,
      connection,
      namespace,
      keyVault: props.keyVault,
      component: 'triton',
      protocol: TRITON_PROTOCOL,
      servicePorts: { http: TRITON_PORTS.http, grpc: TRITON_PORTS.grpc },
      limits,
      replicas,
      gpus,
      hasSpare: fit.replicas > replicas,
      probes: {
        startup: { seconds: startupTimeoutSeconds, option: 'startupTimeoutSeconds' },
        periodSeconds: 10,
        timeoutSeconds: 2,
        successThreshold: 1,
        failureThreshold: 3,
      },
      container,
      pod: tritonPod(identity.serviceAccountName),
      volumes: TRITON_VOLUMES,
      exitTimeoutSeconds: TRITON_EXIT_TIMEOUT_SECONDS,
      describe: ({ address, keys }) => {
        const httpUrl = `http://${address.authority('http')}`;
        const uris = this.models.map(
          ({ modelName }) => [modelName, `${httpUrl}/v2/models/${modelName}/infer`] as const,
        );
        return serviceSummary({
          options: props,
          serviceName,
          namespace,
          region: connection.cluster.resourceGroup.location,
          replicas,
          keys,
          image: this.image,
          containers: ['triton', 'gateway'],
          addresses: {
            http_url: httpUrl,
            grpc_address: address.authority('grpc'),
            scoring_uris: Object.fromEntries(uris),
          },
          query: { uri: uris[0]?.[1] ?? httpUrl, file: 'request.json' },
          models: served.map(({ model, versions }) => ({ name: model.modelName, versions })),
        });
      },
      models: served,
      dependsOn: [...uploads.flatMap(({ upload }) => upload.blobs), roles, identity.trust],
    });
    this.httpUrl = `http://${server.address.authority('http')}`;
    this.grpcAddress = server.address.authority('grpc');
    this.summary = server.summary;
  }
}

function placementProblems(
  pool: INodePool,
  request: PodRequest & { gpus: number; replicas: number },
  fit: PoolFit,
): string[] {
  if (pool.size.status === VmSizeStatus.UNKNOWN) {
    return []; // the pool is refused for it, and nothing else is known
  }
  if (pool.gpuResourceName === undefined) {
    return [
      `a Triton service runs on GPUs, and the pool '${pool.poolName}' of ${pool.size.name} has none; place it on a pool ` +
        "made with 'addGpuPool'",
    ];
  }
  return [
    ...broken([wholeNumber('gpus', request.gpus, 1, 1000), wholeNumber('replicas', request.replicas, 1, 1000)]),
    ...fit.problems,
  ];
}

function modelProblems(models: readonly Model[]): string[] {
  if (models.length === 0) {
    return ['a Triton service serves one model or more; got none'];
  }
  const names = models.map((model) => model.modelName);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return [
    ...twice.map((name) => `a service serves each model once; got '${name}' more than once`),
    ...new Set(models.flatMap((model) => repositoryProblems(model.modelName, model.content))),
  ];
}
