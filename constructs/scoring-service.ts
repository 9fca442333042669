import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { SCORING_PROTOCOL } from '../src/gateway/protocol';
import { HAPROXY_REQUEST } from '../src/gateway/resources';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import type { PoolFit } from '../src/kubernetes/pool-fit';
import type { ServiceMetrics } from '../src/monitoring/service-metrics';
import { readDeploymentConfig } from '../src/scoring/deployment-config';
import { environmentVariableProblems } from '../src/scoring/environment-variables';
import {
  type ResolvedScoringOptions,
  resolveScoringOptions,
  type ScoringOptions,
  scoringOptionProblems,
  scoringOptionWarnings,
} from '../src/scoring/scoring-options';
import { SCORING_EXIT_TIMEOUT_SECONDS } from '../src/scoring/scoring-server';
import { inServiceWords } from '../src/scoring/service-words';
import { readWarmupRequest } from '../src/scoring/warmup-request';
import { refuse } from '../src/validation';
import type { IApplicationInsights } from './application-insights';
import type { IGrantee } from './azure-resource';
import type { ClusterConnection } from './cluster-connection';
import type { IKeyVault } from './key-vault';
import type { Model } from './model';
import type { ModelServiceOptions } from './model-service';
import type { IModelStore } from './model-store';
import type { INodePool } from './node-pool';
import { deployModelServer } from './private/model-server';
import type { ModelServer } from './private/model-server-props';
import { judgeModelServer } from './private/model-server-rules';
import { scoringTarget } from './private/profile-target';
import { rolesOf } from './private/role-assignment';
import { RolePropagation } from './private/role-propagation';
import { scoringModelProblems, scoringModels } from './private/scoring-models';
import { ScoringPod } from './private/scoring-pod';
import { watchScript } from './private/script-watch';
import { scalingOf } from './private/service-scaling';
import { callsOfScript, type ServiceSummary, serviceSummary, withProfile } from './private/service-summary';
import type { IScoringImage } from './scoring-image';
import { type ProfileOptions, ServiceProfile } from './service-profile';
import type { ServingNamespace } from './serving-namespace';
import { WorkloadIdentity } from './workload-identity';

/** Options of `addScoringService`. */
export interface ScoringServiceOptions extends ModelServiceOptions, ScoringOptions {
  /** The script with all that it needs: one of `addScoringImage`, or `ScoringImage.fromRegistry(…)`. */
  readonly image: IScoringImage;

  /**
   * The models that the script finds in `AZUREML_MODEL_DIR`, downloaded before it starts, besides those of the image.
   *
   * @default - none
   */
  readonly models?: readonly Model[];

  /**
   * Variables of the script's environment, by name; they win over those of the image. No secrets: they can be read in the
   * program, the state and the cluster. Names that the library or the scoring server uses itself are refused.
   *
   * @default - none
   */
  readonly environmentVariables?: { readonly [name: string]: string };
}

/** Properties of `ScoringService`. */
export interface ScoringServiceProps extends Omit<ScoringServiceOptions, 'namespace'> {
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

  /**
   * Where telemetry of the script is sent.
   *
   * @default - none: `enableAppInsights` is refused
   */
  readonly applicationInsights?: IApplicationInsights;

  /**
   * Where inputs and outputs of the script are written, and the report of its profile where it has no model.
   *
   * @default - none: `collectModelData` is refused, and so is a profile without a store
   */
  readonly store?: IModelStore;
}

/**
 * A scoring script served as Azure ML's web services on AKS served it, with their options and defaults, on plain
 * Kubernetes.
 *
 * Azure ML's own scoring server runs the script behind a gateway that asks for a key and holds the limits of each
 * replica. From two replicas on, routers find a free one.
 */
export class ScoringService extends Construct {
  /**
   * Reads the options of a service from a `deploymentconfig.json` of Azure ML's CLI v1, to be spread into those of
   * `addScoringService`. What is wrong with the file is reported with what is wrong with the service.
   *
   * @param path absolute, or relative to the folder of `cdktf.json`
   */
  public static fromDeploymentConfig(path: string): ScoringOptions {
    return readDeploymentConfig(path);
  }

  /** Name of the service inside the namespace. */
  public readonly serviceName: string;

  /** Address to post requests to. */
  public readonly scoringUri: string;

  /** Address of the description of inputs and outputs that the server makes from the script's schema. */
  public readonly swaggerUri: string;

  /** Reference of the image that the script runs in. */
  public readonly image: string;

  /** The models that the script finds, those of the image first. */
  public readonly models: readonly Model[];

  /** The identity of the replicas in Azure, for roles that they need besides. */
  public readonly identity: IGrantee;

  /** Its figures as expressions of PromQL, for alerts and dashboards of one's own. With `Monitoring.NONE` nobody collects them. */
  public readonly metrics: ServiceMetrics;

  private readonly server: ModelServer;
  private readonly options: ResolvedScoringOptions;
  private readonly store?: IModelStore;
  private profile?: ServiceProfile;

  constructor(scope: Construct, id: string, props: ScoringServiceProps) {
    super(scope, id);
    const { pool, namespace, connection, serviceName } = props;
    const given = { ...props, namespace: undefined };
    const options = resolveScoringOptions(given, pool);
    const warmup = options.warmupRequest === undefined ? {} : readWarmupRequest(options.warmupRequest);
    const probes = {
      ...options,
      startup: {
        seconds: options.startupBudgetSeconds,
        option: 'initialDelaySeconds + periodSeconds × failureThreshold',
      },
    };
    const scaling = scalingOf({
      options: props,
      room: poolFit(pool, options).replicas,
      limits: options,
      hasTriton: false,
      startup: probes.startup,
    });
    const fit = poolFit(pool, options, scaling.replicas.max);
    this.serviceName = serviceName;
    const build = props.image.bind(this, pool);
    this.image = props.image.reference;
    const downloads = props.models ?? [];
    this.models = [...props.image.models, ...downloads];
    refuse(this, [
      dnsLabelProblem('service', serviceName),
      ...scoringOptionProblems(given),
      ...scaling.problems,
      ...placementProblems(pool, options, fit, scaling.option),
      ...scoringModelProblems('a scoring service', this.models),
      warmup.problem,
      ...environmentVariableProblems(props.environmentVariables ?? {}, options.enableAppInsights),
    ]);
    judgeModelServer(this, {
      options: props,
      serviceName,
      limits: options,
      replicas: scaling.replicas.max,
      startup: () => probes.startup,
    });
    for (const warning of [...scoringOptionWarnings(given), ...scaling.warnings]) {
      Annotations.of(this).addWarning(warning);
    }

    const identity = new WorkloadIdentity(this, 'workload', { connection, namespace, serviceAccountName: serviceName });
    this.identity = identity;
    const uploads = downloads.map((model) => ({ model, upload: model.bind(this, identity) }));
    const watch = watchScript(this, { ...props, options, models: this.models, identity });
    const roles = uploads.length === 0 ? [] : [new RolePropagation(this, 'Roles', rolesOf(identity))];
    const pod = new ScoringPod(this, 'server', {
      serviceName,
      namespace,
      options,
      image: this.image,
      models: scoringModels(uploads, props.image.models),
      warmupRequest: warmup.request,
      serviceAccountName: identity.serviceAccountName,
      entryScript: props.image.entryScript,
      environmentVariables: props.environmentVariables,
      hidesGpus: options.gpuCores === 0 && pool.gpuResourceName !== undefined,
      watch,
    });
    const server = deployModelServer(this, {
      options: props,
      serviceName,
      connection,
      namespace,
      keyVault: props.keyVault,
      component: 'scoring',
      protocol: SCORING_PROTOCOL,
      servicePorts: { http: 80 },
      limits: options,
      scaling,
      gpus: options.gpuCores,
      hasSpare: fit.replicas > scaling.replicas.max,
      probes,
      container: pod.container,
      pod: pod.pod,
      volumes: pod.volumes,
      exitTimeoutSeconds: SCORING_EXIT_TIMEOUT_SECONDS,
      describe: ({ address, keys }) =>
        serviceSummary({
          options: props,
          serviceName,
          namespace,
          region: connection.cluster.resourceGroup.location,
          replicas: scaling.replicas,
          keys,
          image: this.image,
          containers: [...pod.initContainerNames, 'scoring', 'gateway'],
          ...callsOfScript(address),
          models: this.models.map(({ modelName, version }) => ({ name: modelName, versions: [version] })),
        }),
      models: this.models.map((model) => ({ model, versions: [model.version] })),
      dependsOn: [
        ...build,
        ...uploads.flatMap(({ upload }) => upload.blobs),
        ...roles,
        ...watch.dependsOn,
        identity.trust,
      ],
    });
    const { addresses } = callsOfScript(server.address);
    this.scoringUri = addresses.scoring_uri;
    this.swaggerUri = addresses.swagger_uri;
    this.metrics = server.metrics;
    this.server = server;
    this.options = options;
    this.store = props.store;
  }

  /**
   * Measures the service after it is deployed: which load one replica bears, and what CPU and memory it needs for it. A Job
   * calls a copy of the server that nobody else calls, on the pool of the service, where it needs a place of its own, and
   * leaves its report in the model store. The service's output has the command that fetches it. Telemetry and collected data
   * of the copy bear the name of the service with `-profile` behind it, and are so not taken for those of callers.
   *
   * @returns the profile
   */
  public addProfile(options: ProfileOptions = {}): ServiceProfile {
    if (this.profile !== undefined) {
      refuse(this, ['a service has one profile; got a second; give one the levels of both']);
      return this.profile;
    }
    this.profile = new ServiceProfile(this, 'profile', {
      options,
      server: this.server.props,
      deployment: this.server.deployment,
      identity: this.identity,
      promised: { scoring: this.options },
      image: this.image,
      store: this.models[0]?.store ?? this.store,
      target: scoringTarget(this.image, options.requestFile, this.options.warmupRequest),
    });
    return this.profile;
  }

  /**
   * What the service says of itself after a deployment.
   *
   * @internal
   */
  public get summary(): ServiceSummary {
    return withProfile(this.server.summary, this.profile);
  }
}

/** Whether the pool holds what the options ask for. Messages name the options as users of this service know them. */
function poolFit(pool: INodePool, options: ResolvedScoringOptions, replicas = 1): PoolFit {
  const { cpuCores, memoryGb, gpuCores } = options;
  return pool.fits({
    cpuCores,
    memoryGiB: memoryGb,
    gpus: gpuCores,
    replicas,
    sidecars: HAPROXY_REQUEST,
  });
}

function placementProblems(
  pool: INodePool,
  { gpuCores }: ResolvedScoringOptions,
  fit: PoolFit,
  replicasOption: string,
): string[] {
  if (pool.size.status === VmSizeStatus.UNKNOWN) {
    return []; // the pool is refused for it, and nothing else is known
  }
  if (gpuCores > 0 && pool.gpuResourceName === undefined) {
    return [
      `the pool '${pool.poolName}' of ${pool.size.name} has no GPUs; got gpuCores ${gpuCores}; leave gpuCores out, or ` +
        "place the service on a pool made with 'addGpuPool'",
    ];
  }
  return inServiceWords(fit.problems, replicasOption);
}
