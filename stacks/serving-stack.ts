import { Lazy, TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import type { IApplicationInsights } from '../constructs/application-insights';
import { ClusterConnection } from '../constructs/cluster-connection';
import type { IImageBuilder } from '../constructs/image-builder';
import type { IInferenceCluster } from '../constructs/inference-cluster-options';
import type { IKeyVault } from '../constructs/key-vault';
import type { IModelStore } from '../constructs/model-store';
import { freeId } from '../constructs/private/free-id';
import type { ServiceSummary } from '../constructs/private/service-summary';
import { sharedChild } from '../constructs/private/shared-child';
import { ScoringImage, type ScoringImageOptions } from '../constructs/scoring-image';
import { ScoringService, type ScoringServiceOptions } from '../constructs/scoring-service';
import { ServingNamespace } from '../constructs/serving-namespace';
import { TritonService } from '../constructs/triton-service';
import type { TritonServiceOptions } from '../constructs/triton-service-options';
import { ClusterAccess } from '../src/azure/cluster-access';
import { shortHash } from '../src/digest';
import { type AlertOptions, actionGroupProblems, joinedActionGroupProblem } from '../src/monitoring/alert-options';
import { refuse } from '../src/validation';
import { provideHelm, provideKubernetes } from './kubernetes-access';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Ids of what the stack gets when its first service is added and when it is synthesized. */
const LATER_PARTS = ['models', 'images', 'namespaces', 'services', 'charts', 'backend'];

/** Options of serving that a whole platform passes on. */
export interface ServingOptions {
  /**
   * Namespace of the services. Changing it replaces them all.
   *
   * @default serving
   */
  readonly namespace?: string;

  /**
   * Namespaces whose pods may call the services.
   *
   * @default - none: only pods of the services' own namespace may
   */
  readonly callerNamespaces?: readonly string[];

  /**
   * As whom Terraform talks to the cluster.
   *
   * @default ClusterAccess.AZURE_CLI
   */
  readonly access?: ClusterAccess;

  /**
   * Ids of the action groups of Azure Monitor that are told of every alert. Refused but with `Monitoring.AZURE_MANAGED`.
   *
   * @default - none: alerts are shown in the portal and told to nobody
   */
  readonly alertActionGroupIds?: readonly string[];
}

/** Properties of `ServingStack`. */
export interface ServingStackProps extends PlatformStackOptions, ServingOptions {
  /** Cluster to deploy to. */
  readonly cluster: IInferenceCluster;

  /**
   * Vault for the keys of the services. Changing it makes new keys. Whoever plans or deploys the stack must be allowed
   * to read and write its secrets, as Key Vault Secrets Officer is.
   *
   * @default - none: services have `ServiceAuth.keyVault(…)` or `ServiceAuth.none()`; others are refused
   */
  readonly keyVault?: IKeyVault;

  /**
   * What builds images with scoring scripts. Changing it builds them anew.
   *
   * @default - none: `addScoringImage` is refused, and scripts run in images that exist
   */
  readonly imageBuilder?: IImageBuilder;

  /**
   * Where telemetry of scoring scripts is sent.
   *
   * @default - none: `enableAppInsights` is refused
   */
  readonly applicationInsights?: IApplicationInsights;

  /**
   * Where inputs and outputs of scoring scripts are written, and reports of profiles of services without models.
   *
   * @default - none: `collectModelData` is refused, and so is such a profile without a store
   */
  readonly models?: IModelStore;
}

/** The models and the services of one team: what changes daily. A platform has as many of these stacks as teams. */
export class ServingStack extends PlatformStack {
  /** Namespace of the services. */
  public readonly namespace: ServingNamespace;

  /** Vault for the keys of the services; nothing where each names its own. */
  public readonly keyVault?: IKeyVault;

  /** What builds images with scoring scripts; nothing where none was given. */
  public readonly imageBuilder?: IImageBuilder;

  private readonly watchers: { readonly applicationInsights?: IApplicationInsights; readonly store?: IModelStore };
  private readonly connection: ClusterConnection;
  private readonly alertActionGroupIds: readonly string[];

  private readonly services = new Map<
    string,
    { namespace: ServingNamespace; service: TritonService | ScoringService }
  >();

  constructor(scope: Construct, id: string, props: ServingStackProps) {
    super(scope, id, props);
    this.keyVault = props.keyVault;
    this.imageBuilder = props.imageBuilder;
    this.watchers = { applicationInsights: props.applicationInsights, store: props.models };
    const actionGroupIds = props.alertActionGroupIds ?? [];
    const problems = actionGroupProblems('alertActionGroupIds', actionGroupIds, props.cluster.monitoring);
    refuse(this, problems);
    // what the stack is refused for is not said of each of its services again
    this.alertActionGroupIds = problems.length === 0 ? actionGroupIds : [];
    this.connection = new ClusterConnection(this, 'cluster', { cluster: props.cluster });
    const access = props.access ?? ClusterAccess.AZURE_CLI;
    provideKubernetes(this, this.connection, access);
    provideHelm(this, this.connection, access);
    this.namespace = new ServingNamespace(this, 'namespace', {
      namespaceName: props.namespace ?? 'serving',
      callerNamespaces: props.callerNamespaces,
    });
  }

  /**
   * Serves models with NVIDIA Triton Inference Server on the GPUs of a pool.
   *
   * @param name 1 to 45 lowercase letters, digits and hyphens, the first a letter; callers find the service under it
   */
  public addTritonService(name: string, options: TritonServiceOptions): TritonService {
    const namespace = this.namespaceOf(options.namespace);
    const id = this.idFor(name);
    const service = new TritonService(this, id, {
      ...options,
      alerts: this.alertsOf(name, options.alerts),
      serviceName: this.freeName(name, id),
      connection: this.connection,
      namespace,
      keyVault: this.keyVault,
      imageBuilder: this.imageBuilder,
      ...this.watchers,
    });
    this.publish(service, name, namespace);
    return service;
  }

  /**
   * Serves a scoring script, as Azure ML's web services did.
   *
   * @param name 1 to 45 lowercase letters, digits and hyphens, the first a letter; callers find the service under it
   */
  public addScoringService(name: string, options: ScoringServiceOptions): ScoringService {
    const namespace = this.namespaceOf(options.namespace);
    const id = this.idFor(name);
    const service = new ScoringService(this, id, {
      ...options,
      alerts: this.alertsOf(name, options.alerts),
      serviceName: this.freeName(name, id),
      connection: this.connection,
      namespace,
      keyVault: this.keyVault,
      ...this.watchers,
    });
    this.publish(service, name, namespace);
    return service;
  }

  /**
   * Builds an image with a scoring script inside the registry, for `addScoringService`; once, however many services run
   * it.
   *
   * @param name 1 to 63 lowercase letters, digits and hyphens, the first a letter; part of the image's name in the registry
   */
  public addScoringImage(name: string, options: ScoringImageOptions): ScoringImage {
    const images = sharedChild(this, 'images', () => new Construct(this, 'images'));
    const taken = images.node.tryFindChild(name) !== undefined;
    const id = freeId(images, name, 'again');
    const image = new ScoringImage(images, id, { ...options, imageName: name, builder: this.imageBuilder });
    refuse(image, [
      taken ? `the stack has two scoring images of the name '${name}'; give each a name of its own` : undefined,
    ]);
    new TerraformOutput(image, 'output', {
      value: image.summary,
      description: `The image '${name}' in the registry, and how to look at its build and its versions.`,
    }).overrideLogicalId(`image_${id}`);
    return image;
  }

  private idFor(name: string): string {
    return freeId(this, name, 'service', LATER_PARTS);
  }

  /** The alerts of a service, told to the action groups of the stack as well. */
  private alertsOf(name: string, alerts: AlertOptions | undefined): AlertOptions | undefined {
    const ids = this.alertActionGroupIds;
    const own = alerts?.actionGroupIds ?? [];
    const problem = joinedActionGroupProblem(name, own, ids);
    refuse(this, [problem]);
    if (ids.length === 0) {
      return alerts;
    }
    return { ...alerts, actionGroupIds: problem === undefined ? [...ids, ...own] : ids };
  }

  /** A second service of one name is refused for that, and has a name of its own lest all it is made of be refused, too. */
  private freeName(name: string, id: string): string {
    return this.services.has(name) ? `again-${shortHash([id])}` : name;
  }

  /** A namespace of the stack, made when the first service asks for it. */
  private namespaceOf(name: string | undefined): ServingNamespace {
    if (name === undefined || name === this.namespace.namespaceName) {
      return this.namespace;
    }
    const others = sharedChild(this, 'namespaces', () => new Construct(this, 'namespaces'));
    // a construct must have an id, and one that no namespace can have: the empty name is refused with all other mistakes
    const id = name || 'unnamed-';
    const { callerNamespaces } = this.namespace;
    return sharedChild(others, id, () => new ServingNamespace(others, id, { namespaceName: name, callerNamespaces }));
  }

  /** Says after a deployment where a service answers, by itself and in the list of all. */
  private publish(service: TritonService | ScoringService, name: string, namespace: ServingNamespace): void {
    const taken = this.services.has(name);
    refuse(service, [taken ? `the name '${name}' is taken in this stack; give each service its own` : undefined]);
    // a scoring script may be put before Triton later on
    new TerraformOutput(service, 'output', {
      value: Lazy.anyValue({ produce: () => service.summary }),
      description: `Where the service '${name}' answers, what it runs and how to look at it.`,
    }).overrideLogicalId(`service_${taken ? service.node.id : name}`);
    if (this.services.size === 0) {
      new TerraformOutput(this, 'services', {
        value: Lazy.anyValue({ produce: () => this.listed() }),
        description: 'All services of this stack, by name.',
      });
    }
    this.services.set(name, { namespace, service });
  }

  /** All services by name, without commands and programs, which each has in its own output. */
  private listed(): { [name: string]: ServiceSummary } {
    const entries = [...this.services].map(([name, { namespace, service }]) => {
      const { commands: _, client: __, ...summary } = service.summary;
      return [name, { namespace: namespace.namespaceName, ...summary }];
    });
    return Object.fromEntries(entries);
  }
}
