import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { SCRIPT_BEFORE_TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { dnsLabelProblem } from '../../src/kubernetes/dns-label';
import { TRITON_ENVIRONMENT } from '../../src/scoring/base-images';
import { environmentVariableProblems } from '../../src/scoring/environment-variables';
import { rangeProblems } from '../../src/scoring/number-range';
import { ScoringEnvironment } from '../../src/scoring/scoring-environment';
import {
  ceilingProblem,
  collectModelDataProblems,
  type ResolvedScoringOptions,
  resolveScoringOptions,
  SCORING_RANGES,
} from '../../src/scoring/scoring-options';
import { readWarmupRequest } from '../../src/scoring/warmup-request';
import { refuse } from '../../src/validation';
import type { IApplicationInsights } from '../application-insights';
import type { ClusterConnection } from '../cluster-connection';
import type { IImageBuilder } from '../image-builder';
import type { Model } from '../model';
import type { IModelStore } from '../model-store';
import { ScoringImage } from '../scoring-image';
import type { ServingNamespace } from '../serving-namespace';
import type { TritonScriptOptions } from '../triton-script-options';
import type { WorkloadIdentity } from '../workload-identity';
import { scoringModels } from './scoring-models';
import { ScoringPod } from './scoring-pod';
import { watchScript } from './script-watch';
import type { Probes } from './server-containers';

/** What the scripts of Triton services differ in. */
export interface TritonScriptProps extends TritonScriptOptions {
  readonly serviceName: string;
  readonly namespace: ServingNamespace;
  readonly builder?: IImageBuilder;
  readonly identity: WorkloadIdentity;
  readonly connection: ClusterConnection;
  readonly applicationInsights?: IApplicationInsights;
  readonly store?: IModelStore;

  /** The models that Triton serves. */
  readonly servedModels: readonly Model[];

  /** The options of the service, of which limits, probes and log level hold for the script, too. */
  readonly service: ResolvedScoringOptions;

  /** How long Triton may take to start, which the script waits for. */
  readonly startup: Probes['startup'];
}

/** What a script gets that asks for nothing: numpy and a client of Triton would not fit into the web service's 0.5 GiB. */
const DEFAULTS = { cpuCores: 0.5, memoryGb: 1 };

/** The numbers that a script has of its own; the others are the service's. */
const OWN_NUMBERS = [
  'workerCount',
  'cpuCores',
  'cpuCoresLimit',
  'memoryGb',
  'memoryGbLimit',
  'initialDelaySeconds',
] as const;

/** A scoring script beside a Triton server: its image, and its container in the server's pod. */
export class TritonScript extends Construct {
  /** The image of the script. */
  public readonly image: ScoringImage;

  /** The scoring server as a container, with what it needs of the pod. */
  public readonly pod: ScoringPod;

  /** How it is asked whether it is well. */
  public readonly probes: Probes;

  /** What the script is promised of a node. */
  public readonly request: { readonly cpuCores: number; readonly memoryGiB: number };

  /** What must be there before the pods start. */
  public readonly dependsOn: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: TritonScriptProps) {
    super(scope, id);
    const { service, serviceName, namespace, cpuCoresLimit, memoryGbLimit, warmupRequest } = props;
    const { cpuCores = DEFAULTS.cpuCores, memoryGb = DEFAULTS.memoryGb } = props;
    const { initialDelaySeconds, workerCount, environmentVariables, enableAppInsights, collectModelData } = props;
    const { environment = ScoringEnvironment.curated(TRITON_ENVIRONMENT) } = props;
    const own = { cpuCores, cpuCoresLimit, memoryGb, memoryGbLimit, initialDelaySeconds, workerCount, warmupRequest };
    const watched = { enableAppInsights, collectModelData };
    const options = resolveScoringOptions({ ...service, ...own, ...watched }, { gpusPerNode: 0 });
    const warmup = warmupRequest === undefined ? {} : readWarmupRequest(warmupRequest);
    const ranges = Object.fromEntries(OWN_NUMBERS.map((name) => [name, SCORING_RANGES[name]]));
    refuse(this, [
      ...rangeProblems(own, ranges),
      ceilingProblem('cpuCoresLimit', cpuCoresLimit, 'cpuCores', cpuCores),
      ceilingProblem('memoryGbLimit', memoryGbLimit, 'memoryGb', memoryGb),
      warmup.problem,
      ...collectModelDataProblems(collectModelData),
      ...environmentVariableProblems(environmentVariables ?? {}, options.enableAppInsights),
      environment.enableGpu === true
        ? "a scoring script before Triton gets no GPU: they are Triton's; got an environment with enableGpu: true; take one " +
          `without GPUs, such as ScoringEnvironment.curated('${TRITON_ENVIRONMENT}')`
        : undefined,
    ]);
    this.request = { cpuCores, memoryGiB: memoryGb };
    this.image = new ScoringImage(this, 'image', {
      ...props,
      imageName: imageNameOf(serviceName),
      environment,
    });
    const watch = watchScript(this, { ...props, options, models: props.servedModels, image: this.image });
    this.dependsOn = [...this.image.bind(this), ...watch.dependsOn];
    this.pod = new ScoringPod(this, 'server', {
      serviceName,
      namespace,
      options,
      image: this.image.reference,
      models: scoringModels([], this.image.models),
      warmupRequest: warmup.request,
      serviceAccountName: props.identity.serviceAccountName,
      entryScript: this.image.entryScript,
      environmentVariables,
      triton: SCRIPT_BEFORE_TRITON_PROTOCOL.behind,
      hidesGpus: true,
      watch,
    });
    this.probes = {
      ...options,
      startup: {
        ...props.startup,
        seconds: props.startup.seconds + options.startupBudgetSeconds,
        option:
          'the initialDelaySeconds + periodSeconds × failureThreshold of Triton and of its scoring script together',
      },
    };
  }
}

/** The name of a script's image; a service whose own name is refused is not refused once more for it. */
function imageNameOf(serviceName: string): string {
  const name = `${serviceName}-script`;
  return dnsLabelProblem('scoring image', name) === undefined ? name : 'script';
}
