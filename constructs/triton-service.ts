import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { TRITON_PROTOCOL } from '../src/gateway/protocol';
import { HAPROXY_REQUEST } from '../src/gateway/resources';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import type { PoolFit } from '../src/kubernetes/pool-fit';
import type { ModelContent } from '../src/models/model-source';
import { readDeploymentConfig } from '../src/scoring/deployment-config';
import { resolveScoringOptions, scoringOptionProblems } from '../src/scoring/scoring-options';
import { inServiceWords } from '../src/scoring/service-words';
import { concurrentRequests } from '../src/triton/concurrency';
import { imageWarnings, parseTritonImage } from '../src/triton/image-rules';
import { extraLoadSeconds, ModelLoading } from '../src/triton/model-loading';
import { servedVersions } from '../src/triton/model-repository';
import { configOf } from '../src/triton/model-repository-config';
import { type TritonModel, tritonModels } from '../src/triton/model-repository-folders';
import { frameworkProblems } from '../src/triton/model-repository-frameworks';
import { gpuMemoryGiB } from '../src/triton/model-repository-memory';
import { serviceFindings } from '../src/triton/model-repository-service';
import { TRITON_PORTS, tritonArguments } from '../src/triton/server';
import { serverImage } from '../src/triton/server-image';
import { DEFAULT_SHARED_MEMORY_MIB, TRITON_EXIT_TIMEOUT_SECONDS } from '../src/triton/server-options';
import { tritonServerProblems, tritonServerWarnings } from '../src/triton/server-rules';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IGrantee } from './azure-resource';
import type { ClusterConnection } from './cluster-connection';
import type { IKeyVault } from './key-vault';
import type { Model } from './model';
import type { INodePool } from './node-pool';
import { deployModelServer } from './private/model-server';
import { type ServiceSummary, serviceSummary } from './private/service-summary';
import { loadingProblem, loadModels } from './private/triton-models';
import { tritonContainer, tritonPod, tritonVolumes } from './private/triton-pod';
import type { ServingNamespace } from './serving-namespace';
import type { TritonServiceOptions, TritonWebServiceOptions } from './triton-service-options';
import { WorkloadIdentity } from './workload-identity';

/** Properties of `TritonService`. */
export interface TritonServiceProps extends Omit<TritonServiceOptions, 'namespace'> {
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

/** What a Triton service gets that asks for nothing: the web service's 0.1 cores and 0.5 GiB would not start Triton. */
const DEFAULTS = { cpuCores: 2, memoryGb: 8, gpuCores: 1, initialDelaySeconds: 570 };

/**
 * Models served by NVIDIA Triton Inference Server on the GPUs of a pool.
 *
 * Each replica comes by its models with an identity that may read models and nothing else; by default Triton reads them
 * straight from the model store. Callers reach it by HTTP and gRPC (KServe v2) through a gateway that asks for a key and holds the limits.
 */
export class TritonService extends Construct {
  /**
   * Reads the options of a service from a `deploymentconfig.json` of Azure ML's CLI v1, to be spread into those of
   * `addTritonService`. What is wrong with the file is reported with what is wrong with the service.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   */
  public static fromDeploymentConfig(path: string): TritonWebServiceOptions {
    return readDeploymentConfig(path, DEFAULTS);
  }

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
    const given = resolved(props);
    const options = resolveScoringOptions(given, pool);
    const { cpuCores, memoryGb, memoryGbLimit, gpuCores, numReplicas } = options;
    const fit = pool.fits({
      cpuCores,
      memoryGiB: memoryGb,
      gpus: gpuCores,
      replicas: numReplicas,
      sidecars: HAPROXY_REQUEST,
    });
    const { loading = ModelLoading.DIRECT } = props;
    const { image, problems } = serverImage(props.image, props.models, pool, loading);
    this.serviceName = serviceName;
    this.image = image;
    this.models = [...props.models];
    const models = served(this.models);
    const release = parseTritonImage(image)?.tag;
    const server = { modelNames: models.map(({ name }) => name), gpuCores, memoryGbLimit, release };
    const findings = serviceFindings(this.models, {
      gpus: gpuCores,
      memoryGiB: gpuMemoryGiB(pool.size, pool.migProfile),
    });
    refuse(this, [
      dnsLabelProblem('service', serviceName),
      ...scoringOptionProblems({ ...given, gpuCores: undefined }),
      ...placementProblems(pool, gpuCores, fit),
      ...problems,
      loadingProblem(loading, connection.cluster),
      ...modelProblems(this.models),
      ...findings.problems,
      ...models.flatMap(({ name, content }) => frameworkProblems(name, content, release)),
      ...tritonServerProblems(props, server),
    ]);
    for (const warning of [
      ...(props.warnings ?? []),
      ...imageWarnings(this.image, pool, loading),
      ...findings.warnings,
      ...tritonServerWarnings(props, server),
    ]) {
      Annotations.of(this).addWarning(warning);
    }

    const identity = new WorkloadIdentity(this, 'workload', { connection, namespace, serviceAccountName: serviceName });
    this.identity = identity;
    const loaded = loadModels(this, this.models, identity, loading);
    const { repositories, initContainers } = loaded;
    const container = tritonContainer({
      ...options,
      ...loaded,
      image: this.image,
      args: tritonArguments({ ...props, ...options, repositories, release }),
    });
    const deployed = deployModelServer(this, {
      options: props,
      serviceName,
      connection,
      namespace,
      keyVault: props.keyVault,
      component: 'triton',
      protocol: TRITON_PROTOCOL,
      servicePorts: { http: TRITON_PORTS.http, grpc: TRITON_PORTS.grpc },
      limits: options,
      replicas: numReplicas,
      gpus: gpuCores,
      hasSpare: fit.replicas > numReplicas,
      probes: {
        ...options,
        startup: {
          seconds: options.startupBudgetSeconds,
          option: 'initialDelaySeconds + periodSeconds × failureThreshold',
          secondsBefore: loading === ModelLoading.DOWNLOAD ? extraLoadSeconds(contentsOf(this.models)) : 0,
        },
      },
      container,
      pod: tritonPod(identity.serviceAccountName, initContainers),
      volumes: [...tritonVolumes(props.sharedMemoryMiB ?? DEFAULT_SHARED_MEMORY_MIB), ...loaded.volumes],
      exitTimeoutSeconds: props.exitTimeoutSeconds ?? TRITON_EXIT_TIMEOUT_SECONDS,
      describe: ({ address, keys }) => {
        const httpUrl = `http://${address.authority('http')}`;
        const uris = models.map(({ name }) => [name, `${httpUrl}/v2/models/${name}/infer`] as const);
        return serviceSummary({
          options: props,
          serviceName,
          namespace,
          region: connection.cluster.resourceGroup.location,
          replicas: numReplicas,
          keys,
          image: this.image,
          containers: [...initContainers.map(({ name }) => String(name)), 'triton', 'gateway'],
          addresses: {
            http_url: httpUrl,
            grpc_address: address.authority('grpc'),
            scoring_uris: Object.fromEntries(uris),
          },
          query: { uri: uris[0]?.[1] ?? httpUrl, file: 'request.json' },
          models: models.map((model) => ({ name: model.name, versions: versionsOf([model]) })),
        });
      },
      models: this.models.map((model) => ({ model, versions: versionsOf(served([model])) })),
      dependsOn: loaded.dependsOn,
    });
    this.httpUrl = `http://${deployed.address.authority('http')}`;
    this.grpcAddress = deployed.address.authority('grpc');
    this.summary = deployed.summary;
  }
}

/** The versions of models that callers may ask for, lowest first. */
function versionsOf(models: readonly TritonModel[]): number[] {
  const versions = models.flatMap(({ content }) => servedVersions(content, configOf(content)?.config));
  return [...new Set(versions)].sort((one, other) => one - other);
}

/** The files of models, as they are registered. */
function contentsOf(models: readonly Model[]): ModelContent[] {
  return models.map(({ content }) => content);
}

/** The models that callers may ask for. */
function served(models: readonly Model[]): readonly TritonModel[] {
  return models.flatMap(({ modelName, content }) => tritonModels(modelName, content));
}

/** The options with the defaults of Triton where they are not those of a scoring script. */
function resolved(props: TritonServiceProps): TritonWebServiceOptions & typeof DEFAULTS {
  const { cpuCores, memoryGb, gpuCores, initialDelaySeconds, replicaMaxConcurrentRequests } = props;
  const gpus = gpuCores ?? DEFAULTS.gpuCores;
  const contents = served(props.models).map(({ content }) => content);
  return {
    ...props,
    // the constructs' own, and no name
    namespace: undefined,
    cpuCores: cpuCores ?? DEFAULTS.cpuCores,
    memoryGb: memoryGb ?? DEFAULTS.memoryGb,
    gpuCores: gpus,
    initialDelaySeconds:
      initialDelaySeconds ?? DEFAULTS.initialDelaySeconds + extraLoadSeconds(contentsOf(props.models)),
    replicaMaxConcurrentRequests: replicaMaxConcurrentRequests ?? concurrentRequests(contents, gpus),
  };
}

function placementProblems(pool: INodePool, gpuCores: number, fit: PoolFit): string[] {
  if (pool.size.status === VmSizeStatus.UNKNOWN) {
    return []; // the pool is refused for it, and nothing else is known
  }
  if (pool.gpuResourceName === undefined) {
    return [
      `a Triton service runs on GPUs, and the pool '${pool.poolName}' of ${pool.size.name} has none; place it on a pool ` +
        "made with 'addGpuPool'",
    ];
  }
  return [...broken([wholeNumber('gpuCores', gpuCores, 1, 1000)]), ...inServiceWords(fit.problems)];
}

function modelProblems(models: readonly Model[]): string[] {
  if (models.length === 0) {
    return ['a Triton service serves one model or more; got none'];
  }
  const names = models.map((model) => model.modelName);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return twice.map((name) => `a service serves each model once; got '${name}' more than once`);
}
