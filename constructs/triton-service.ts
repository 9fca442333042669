import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import { COMPONENT_LABEL, MODELS_ANNOTATION } from '../src/kubernetes/labels';
import type { PodRequest, PoolFit } from '../src/kubernetes/pool-fit';
import { imageProblems, imageWarnings } from '../src/triton/image-rules';
import { modelVersions, repositoryProblems } from '../src/triton/model-repository';
import { TRITON_IMAGE, TRITON_PORTS, tritonArguments } from '../src/triton/server';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { ClusterConnection } from './cluster-connection';
import type { Model } from './model';
import type { INodePool } from './node-pool';
import { placeOn } from './private/placement';
import { rolesOf } from './private/role-assignment';
import { RolePropagation } from './private/role-propagation';
import { tritonPod } from './private/triton-pod';
import type { ServingNamespace } from './serving-namespace';
import { WorkloadIdentity } from './workload-identity';

/** Options of `addTritonService`. */
export interface TritonServiceOptions {
  /** Pool that the replicas run on; node selector, toleration and GPU resource follow from it. */
  readonly pool: INodePool;

  /** The models to serve: these and no others. */
  readonly models: readonly Model[];

  /**
   * Number of replicas, 1 to 1000.
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
   * has left after what AKS reserves.
   *
   * @default 2
   */
  readonly cpuCores?: number;

  /**
   * Main memory of one replica, promised and at most. What Triton keeps in shared memory counts too. No more than a
   * node has left after what AKS reserves.
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

  /**
   * How long a deployment may take until all replicas are ready, the start of nodes and the pull of the image
   * included; then the apply fails. More than the startup time-out.
   *
   * @default - 30 on a pool that shrinks to zero nodes, else 20
   */
  readonly rolloutTimeoutMinutes?: number;
}

/** Properties of `TritonService`. */
export interface TritonServiceProps extends TritonServiceOptions {
  /** Cluster to deploy to. */
  readonly connection: ClusterConnection;

  /** Namespace of the service. */
  readonly namespace: ServingNamespace;

  /** Name of the service inside the namespace. Changing it replaces the service. */
  readonly serviceName: string;
}

/**
 * Models served by NVIDIA Triton Inference Server on the GPUs of a pool.
 *
 * Each replica reads its models straight from the model store, with an identity that may read models and nothing else.
 * Callers inside the cluster reach the service by HTTP and gRPC (KServe v2).
 */
export class TritonService extends Construct {
  /** Name of the service inside the namespace. */
  public readonly serviceName: string;

  /** Address for HTTP, inside the cluster. */
  public readonly httpUrl: string;

  /** Address for gRPC, inside the cluster: host and port. */
  public readonly grpcAddress: string;

  /** Image of the server. */
  public readonly image: string;

  /** The models that are served. */
  public readonly models: readonly Model[];

  constructor(scope: Construct, id: string, props: TritonServiceProps) {
    super(scope, id);
    const { pool, namespace, connection, serviceName } = props;
    const replicas = props.replicas ?? 1;
    const gpus = props.gpus ?? 1;
    const cpuCores = props.cpuCores ?? 2;
    const memoryGiB = props.memoryGiB ?? 8;
    const request = { cpuCores, memoryGiB, gpus, replicas };
    const fit = pool.fits(request);
    const startupTimeoutSeconds = props.startupTimeoutSeconds ?? 600;
    const rolloutTimeoutMinutes = props.rolloutTimeoutMinutes ?? (pool.minNodes === 0 ? 30 : 20);
    const host = `${serviceName}.${namespace.namespaceName}.svc.cluster.local`;
    this.serviceName = serviceName;
    this.image = props.image ?? TRITON_IMAGE;
    this.models = [...props.models];
    this.httpUrl = `http://${host}:${TRITON_PORTS.http}`;
    this.grpcAddress = `${host}:${TRITON_PORTS.grpc}`;
    refuse(this, [
      dnsLabelProblem('service', serviceName),
      ...placementProblems(pool, request, fit),
      ...imageProblems(this.image, pool),
      ...modelProblems(this.models),
      ...broken([
        { broken: !(cpuCores > 0), message: `cpuCores must be above 0; got ${cpuCores}` },
        { broken: !(memoryGiB > 0), message: `memoryGiB must be above 0; got ${memoryGiB}` },
        wholeNumber('startupTimeoutSeconds', startupTimeoutSeconds, 10, 86_400),
        wholeNumber('rolloutTimeoutMinutes', rolloutTimeoutMinutes, 1, 1440),
        {
          broken: rolloutTimeoutMinutes * 60 <= startupTimeoutSeconds,
          message:
            'rolloutTimeoutMinutes must be longer than startupTimeoutSeconds, or a deployment fails while its servers ' +
            `may still start; got ${rolloutTimeoutMinutes} minutes and ${startupTimeoutSeconds} seconds`,
        },
      ]),
    ]);
    for (const warning of imageWarnings(this.image, pool)) {
      Annotations.of(this).addWarning(warning);
    }

    const identity = new WorkloadIdentity(this, 'workload', { connection, namespace, serviceAccountName: serviceName });
    const uploads = this.models.map((model) => ({ model, upload: model.bind(this, identity) }));
    const roles = new RolePropagation(this, 'Roles', rolesOf(identity));

    const selector = { 'app.kubernetes.io/name': serviceName };
    const labels = { ...selector, [COMPONENT_LABEL]: 'triton' };
    const annotations = { [MODELS_ANNOTATION]: JSON.stringify(this.models.map(modelAnnotation)) };
    const spare = fit.replicas > replicas;
    const deployment = new DeploymentV1(this, 'Resource', {
      metadata: { name: serviceName, namespace: namespace.name, labels, annotations },
      spec: {
        replicas: String(replicas),
        progressDeadlineSeconds: rolloutTimeoutMinutes * 60,
        selector: { matchLabels: selector },
        strategy: {
          type: 'RollingUpdate',
          // without a spare GPU a surge pod would wait for the one that the old pod holds
          rollingUpdate: spare ? { maxSurge: '1', maxUnavailable: '0' } : { maxSurge: '0', maxUnavailable: '1' },
        },
        template: {
          metadata: { labels: { ...labels, [WorkloadIdentity.POD_LABEL]: 'true' } },
          spec: tritonPod({
            image: this.image,
            args: tritonArguments(
              uploads.map(({ model, upload }) => ({
                account: model.store.storageAccountName,
                container: model.store.containerName,
                folder: upload.folder,
              })),
            ),
            serviceAccountName: identity.serviceAccountName,
            placement: placeOn(pool, gpus),
            cpuCores,
            memoryGiB,
            startupTimeoutSeconds,
          }),
        },
      },
      waitForRollout: true,
      timeouts: { create: `${rolloutTimeoutMinutes}m`, update: `${rolloutTimeoutMinutes}m` },
      dependsOn: [...uploads.flatMap(({ upload }) => upload.blobs), roles, identity.trust],
    });

    new ServiceV1(this, 'Service', {
      metadata: { name: serviceName, namespace: namespace.name, labels, annotations },
      spec: {
        type: 'ClusterIP',
        selector,
        port: Object.entries(TRITON_PORTS).map(([name, port]) => ({
          name,
          port,
          targetPort: name,
          appProtocol: name === 'grpc' ? 'kubernetes.io/h2c' : 'http',
        })),
      },
      dependsOn: [deployment],
    });
    new PodDisruptionBudgetV1(this, 'DisruptionBudget', {
      metadata: { name: serviceName, namespace: namespace.name, labels },
      spec: { maxUnavailable: '1', selector: { matchLabels: selector } },
    });
  }
}

function placementProblems(pool: INodePool, request: Required<PodRequest>, fit: PoolFit): string[] {
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

function modelAnnotation(model: Model): object {
  return {
    name: model.modelName,
    versions: modelVersions(model.content),
    hash: model.content.hash,
    description: model.description,
    tags: model.tags,
  };
}
