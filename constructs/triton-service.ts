import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { HAPROXY_REQUEST } from '../src/gateway/resources';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import type { ServiceMetrics } from '../src/monitoring/service-metrics';
import { readDeploymentConfig } from '../src/scoring/deployment-config';
import { resolveScoringOptions, scoringOptionProblems } from '../src/scoring/scoring-options';
import { inServiceWords } from '../src/scoring/service-words';
import { concurrentRequests } from '../src/triton/concurrency';
import { loadedModels } from '../src/triton/loaded-models';
import { extraLoadSeconds } from '../src/triton/model-loading';
import { modelsForTriton } from '../src/triton/model-repository-folders';
import { broken, refuse, refuseAtSynth, wholeNumber } from '../src/validation';
import type { IApplicationInsights } from './application-insights';
import type { IGrantee } from './azure-resource';
import type { ClusterConnection } from './cluster-connection';
import type { IImageBuilder } from './image-builder';
import type { IKeyVault } from './key-vault';
import type { Model } from './model';
import type { IModelStore } from './model-store';
import type { INodePool } from './node-pool';
import { withdrawModelServer } from './private/model-server';
import type { ModelServer } from './private/model-server-props';
import { judgeModelServer } from './private/model-server-rules';
import { scoringTarget, tritonTarget } from './private/profile-target';
import { scalingOf } from './private/service-scaling';
import { type ServiceSummary, withProfile } from './private/service-summary';
import { deployTriton } from './private/triton-deployment';
import { loadModels } from './private/triton-models';
import { judgeTriton, tritonStartup } from './private/triton-rules';
import { TritonScript } from './private/triton-script';
import { ServiceProfile, type TritonProfileOptions } from './service-profile';
import type { ServingNamespace } from './serving-namespace';
import type { TritonScriptOptions } from './triton-script-options';
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

  /**
   * What builds the image of a scoring script that is put before Triton.
   *
   * @default - none: `withScoringScript` is refused
   */
  readonly imageBuilder?: IImageBuilder;

  /**
   * Where telemetry of such a script is sent.
   *
   * @default - none: `enableAppInsights` is refused
   */
  readonly applicationInsights?: IApplicationInsights;

  /**
   * Where inputs and outputs of such a script are written.
   *
   * @default - none: `collectModelData` is refused
   */
  readonly store?: IModelStore;
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
    return readDeploymentConfig(path, DEFAULTS, false);
  }

  /** Name of the service inside the namespace. */
  public readonly serviceName: string;

  /** Image of the server. */
  public readonly image: string;

  /** The models that are served. */
  public readonly models: readonly Model[];

  /** The identity of the replicas in Azure, for roles that they need besides. */
  public readonly identity: IGrantee;

  private readonly deploy: (script?: TritonScript) => ModelServer;
  private readonly addScript: (options: TritonScriptOptions) => TritonScript;
  private readonly measure: (options: TritonProfileOptions) => ServiceProfile;
  private server: ModelServer;
  private script?: TritonScript;
  private scriptRequest?: string;
  private profile?: ServiceProfile;

  constructor(scope: Construct, id: string, props: TritonServiceProps) {
    super(scope, id);
    const { pool, namespace, connection, serviceName } = props;
    const given = resolved(props);
    const options = resolveScoringOptions(given, pool);
    const { cpuCores, memoryGb, gpuCores } = options;
    const startup = tritonStartup(props, options);
    const probes = { ...options, startup };
    const fitWith = (script?: TritonScript, replicas = 1) =>
      pool.fits({
        cpuCores,
        memoryGiB: memoryGb,
        gpus: gpuCores,
        replicas,
        sidecars: {
          cpuCores: HAPROXY_REQUEST.cpuCores + (script?.request.cpuCores ?? 0),
          memoryGiB: HAPROXY_REQUEST.memoryGiB + (script?.request.memoryGiB ?? 0),
        },
      });
    // a script takes its share of the nodes, too
    const scalingWith = (script?: TritonScript) =>
      scalingOf({
        options: props,
        room: fitWith(script).replicas,
        limits: options,
        hasTriton: true,
        startup: (script ?? { probes }).probes.startup,
      });
    const scaling = scalingWith();
    const judged = judgeTriton(props, options, Math.min(scaling.replicas.max, fitWith().replicas / pool.maxNodes));
    const { image, loading, loaded, release } = judged;
    this.serviceName = serviceName;
    this.image = image;
    this.models = [...props.models];
    refuse(this, [
      dnsLabelProblem('service', serviceName),
      ...scoringOptionProblems({ ...given, gpuCores: undefined }),
      ...judged.problems,
      ...scaling.problems,
    ]);
    refuseAtSynth(this, () => {
      const { replicas, option } = scalingWith(this.script);
      const { problems } = fitWith(this.script, replicas.max);
      return placementProblems(pool, gpuCores, inServiceWords(problems, option), this.script?.request);
    });
    judgeModelServer(this, {
      options: props,
      serviceName,
      limits: options,
      replicas: scaling.replicas.max,
      startup: () => (this.script ?? { probes }).probes.startup,
    });
    for (const warning of [...(props.warnings ?? []), ...judged.warnings, ...scaling.warnings]) {
      Annotations.of(this).addWarning(warning);
    }

    const identity = new WorkloadIdentity(this, 'workload', { connection, namespace, serviceAccountName: serviceName });
    this.identity = identity;
    const source = loadModels(this, this.models, identity, loading);
    this.addScript = (script) =>
      new TritonScript(this, 'script', {
        ...script,
        serviceName,
        namespace,
        builder: props.imageBuilder,
        identity,
        connection,
        applicationInsights: props.applicationInsights,
        store: props.store,
        servedModels: this.models,
        service: options,
        startup,
      });
    this.deploy = (script) => {
      const scaled = scalingWith(script);
      for (const warning of scaled.warnings.filter((each) => !scaling.warnings.includes(each))) {
        Annotations.of(this).addWarning(warning);
      }
      return deployTriton(this, {
        given: props,
        options,
        image,
        probes,
        release,
        source,
        models: this.models,
        loaded,
        scaling: scaled,
        hasSpare: fitWith(script).replicas > scaled.replicas.max,
        serviceAccountName: identity.serviceAccountName,
        script,
      });
    };
    this.measure = (profile) => {
      const { server, script } = this;
      return new ServiceProfile(this, 'profile', {
        options: profile,
        server: server.props,
        deployment: server.deployment,
        identity,
        promised: {
          triton: options,
          ...(script && { scoring: { cpuCores: script.request.cpuCores, memoryGb: script.request.memoryGiB } }),
        },
        image,
        store: this.models[0]?.store ?? props.store,
        target:
          script === undefined
            ? tritonTarget(image, loaded, profile)
            : scoringTarget(script.image.reference, profile.requestFile, this.scriptRequest, profile),
      });
    };
    this.server = this.deploy();
  }

  /** Address for HTTP: of Triton, or of the scoring script before it. */
  public get httpUrl(): string {
    return `http://${this.server.address.authority('http')}`;
  }

  /** Address for gRPC: host and port. Nothing with a scoring script, which speaks HTTP alone. */
  public get grpcAddress(): string | undefined {
    return this.script === undefined ? this.server.address.authority('grpc') : undefined;
  }

  /** Its figures as expressions of PromQL, for alerts and dashboards of one's own. With `Monitoring.NONE` nobody collects them. */
  public get metrics(): ServiceMetrics {
    return this.server.metrics;
  }

  /** Address to post requests to the scoring script; nothing without one. */
  public get scoringUri(): string | undefined {
    return this.script === undefined ? undefined : `${this.httpUrl}/score`;
  }

  /**
   * Puts a scoring script before Triton, in the same pod, for what comes before and after the models: callers reach the
   * script, at `/score`, and the script alone reaches Triton, at `localhost:8000` by HTTP and at `localhost:8001` by gRPC.
   *
   * `init()` is called once Triton is ready. A client of Triton that is made there may be used by all calls at once. Where
   * the service is deployed already, this is one rolling update.
   *
   * Metrics of Triton are at port 8404 of the pod then, at `/triton/metrics`, in the place of port 8002.
   *
   * The resources of the service are declared anew, under the same ids: change them, where that is needed, afterwards.
   *
   * @returns the service
   */
  public withScoringScript(options: TritonScriptOptions): this {
    if (this.script !== undefined) {
      refuse(this, ['a Triton service has one scoring script before it; got a second; let one call both']);
      return this;
    }
    if (this.profile !== undefined) {
      refuse(this, ['addProfile measures the pod as it is then, so withScoringScript comes before it']);
      return this;
    }
    const script = this.addScript(options);
    this.script = script;
    this.scriptRequest = options.warmupRequest;
    withdrawModelServer(this, this.server);
    this.server = this.deploy(script);
    return this;
  }

  /**
   * Measures the service after it is deployed: which load one replica bears, and what CPU and memory it needs for it. A Job
   * calls a copy of the server that nobody else calls, on the pool of the service, where it needs a place and GPUs of its
   * own, and leaves its report in the model store. The service's output has the command that fetches it.
   *
   * NVIDIA's perf_analyzer makes the calls over gRPC; with a scoring script before Triton, the script is called over HTTP.
   *
   * @returns the profile
   */
  public addProfile(options: TritonProfileOptions = {}): ServiceProfile {
    if (this.profile !== undefined) {
      refuse(this, ['a service has one profile; got a second; give one the levels of both']);
      return this.profile;
    }
    this.profile = this.measure(options);
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

/** The options with the defaults of Triton where they are not those of a scoring script. */
function resolved(props: TritonServiceProps): TritonWebServiceOptions & typeof DEFAULTS {
  const { cpuCores, memoryGb, gpuCores, initialDelaySeconds, replicaMaxConcurrentRequests } = props;
  const gpus = gpuCores ?? DEFAULTS.gpuCores;
  const contents = loadedModels(modelsForTriton(props.models), props.modelControl).map(({ content }) => content);
  return {
    ...props,
    // the constructs' own, and no name
    namespace: undefined,
    cpuCores: cpuCores ?? DEFAULTS.cpuCores,
    memoryGb: memoryGb ?? DEFAULTS.memoryGb,
    gpuCores: gpus,
    initialDelaySeconds:
      initialDelaySeconds ??
      DEFAULTS.initialDelaySeconds + extraLoadSeconds(props.models.map(({ content }) => content)),
    replicaMaxConcurrentRequests: replicaMaxConcurrentRequests ?? concurrentRequests(contents, gpus),
  };
}

function placementProblems(
  pool: INodePool,
  gpuCores: number,
  shortages: readonly string[],
  script: TritonScript['request'] | undefined,
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
  const besides =
    script === undefined
      ? ''
      : `; its scoring script takes ${script.cpuCores} cores and ${script.memoryGiB} GiB besides`;
  return [
    ...broken([wholeNumber('gpuCores', gpuCores, 1, 1000)]),
    ...shortages.map((problem) => `${problem}${besides}`),
  ];
}
