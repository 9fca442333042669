import type {
  DeploymentV1,
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { Scaling } from '../../src/monitoring/scaling';
import type { MeasuredService, ServiceMetrics } from '../../src/monitoring/service-metrics';
import type { RequestLimits } from '../../src/scoring/request-limits';
import type { ClusterConnection } from '../cluster-connection';
import type { IKeyVault } from '../key-vault';
import type { Model } from '../model';
import type { ModelServiceOptions } from '../model-service';
import type { ServingNamespace } from '../serving-namespace';
import type { PodServers } from './server-containers';
import type { ServiceAddress } from './service-address';
import type { ServiceKeys } from './service-keys';
import type { MetricsEndpoint } from './service-monitors';
import type { ServiceSummary } from './service-summary';

/** A model that a server serves. */
export interface ServedModel {
  readonly model: Model;

  /** The versions that callers may ask for; none where it holds others. */
  readonly versions: readonly number[];

  /** What callers ask for in its place, where it is a folder of several. */
  readonly holds?: readonly { readonly name: string; readonly versions: readonly number[] }[];
}

/** What the services of this library differ in, once they are more than their options. */
export interface ModelServerProps extends PodServers {
  readonly options: ModelServiceOptions;
  readonly serviceName: string;
  readonly connection: ClusterConnection;
  readonly namespace: ServingNamespace;
  readonly keyVault?: IKeyVault;

  /** What the server is, such as `triton`. */
  readonly component: string;

  /** Ports at which callers find it, by name. */
  readonly servicePorts: { readonly [name: string]: number };

  readonly limits: Required<RequestLimits>;

  /** How many replicas there are, and how their number follows the load. */
  readonly scaling: Pick<Scaling, 'replicas' | 'autoscale' | 'option'>;

  readonly gpus: number;

  /** Whether the pool holds one replica more than there ever are. */
  readonly hasSpare: boolean;

  /** What the pod is besides: user, containers that run before. */
  readonly pod: Omit<DeploymentV1SpecTemplateSpec, 'container' | 'volume'>;

  /** The volumes of the pod, besides the gateway's. */
  readonly volumes: readonly DeploymentV1SpecTemplateSpecVolume[];

  /** How long the server itself takes to end once it is told to. */
  readonly exitTimeoutSeconds: number;

  /**
   * Pages of metrics that the replicas have besides their gateways'.
   *
   * @default - none
   */
  readonly metricsPages?: readonly MetricsEndpoint[];

  /** Ports of these pages that are not the gateways'. */
  readonly metricsPorts?: readonly number[];

  /** What the service says of itself, given where it answers. */
  readonly describe: (found: Pick<ModelServer, 'address' | 'keys'>) => ServiceSummary;

  /** The models that are served. */
  readonly models: readonly ServedModel[];

  /**
   * Of how many steps each ensemble in Triton is made, by its name.
   *
   * @default - there are no ensembles
   */
  readonly ensembleSteps?: MeasuredService['ensembleSteps'];

  /** What must be there before the pods start. */
  readonly dependsOn: ITerraformDependable[];
}

/** A model server, once it is part of a service. */
export interface ModelServer {
  /** Where it answers. */
  readonly address: ServiceAddress;

  /** What callers must show; nothing when they need nothing. */
  readonly keys?: ServiceKeys;

  /** What the service says of itself after a deployment. */
  readonly summary: ServiceSummary;

  /** Its figures, as Prometheus works them out. */
  readonly metrics: ServiceMetrics;

  /** What its pods are made of, for those that measure a copy. */
  readonly props: ModelServerProps;

  /** What makes its pods. */
  readonly deployment: DeploymentV1;

  /** Everything that it added to the service. */
  readonly parts: readonly IConstruct[];
}
