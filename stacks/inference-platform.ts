import { App } from 'cdktf';
import { Construct } from 'constructs';
import type { InferenceCluster } from '../constructs/inference-cluster';
import type { InferenceClusterOptions } from '../constructs/inference-cluster-options';
import type { IModelStore } from '../constructs/model-store';
import { freeId } from '../constructs/private/free-id';
import { ValidationError } from '../src/errors';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import { actionGroupProblems } from '../src/monitoring/alert-options';
import { Monitoring } from '../src/monitoring/monitoring';
import { refuse } from '../src/validation';
import { type AddonsOptions, AddonsStack } from './addons-stack';
import { ClusterStack } from './cluster-stack';
import { type FoundationOptions, FoundationStack } from './foundation-stack';
import type { PlatformStackOptions } from './platform-stack';
import { type ServingOptions, ServingStack } from './serving-stack';

/** Properties of `InferencePlatform`. */
export interface InferencePlatformProps
  extends PlatformStackOptions,
    FoundationOptions,
    InferenceClusterOptions,
    AddonsOptions,
    ServingOptions {}

/**
 * A platform for serving models: foundation, cluster, add-ons and serving, as four stacks that know each other.
 *
 * The stacks stand in the App as `<id>-foundation`, `<id>-cluster`, `<id>-addons` and `<id>-serving`, and are deployed
 * in this order.
 */
export class InferencePlatform extends Construct {
  /** What holds the data. */
  public readonly foundationStack: FoundationStack;

  /** The cluster and its pools. */
  public readonly clusterStack: ClusterStack;

  /** What the pools need once. */
  public readonly addonsStack: AddonsStack;

  /** The models and the services; other teams get a stack of their own with `addServingStack`. */
  public readonly serving: ServingStack;

  private readonly shared: PlatformStackOptions & ServingOptions;

  constructor(scope: Construct, id: string, props: InferencePlatformProps) {
    super(scope, id);
    if (!App.isApp(scope)) {
      throw new ValidationError([
        {
          path: this.node.path,
          message: `a platform stands directly in the App, as its stacks do; got one inside '${scope.node.path}'`,
        },
      ]);
    }
    const { subscriptionId, backend, tags, access, monitoring = Monitoring.AZURE_MANAGED } = props;
    const { alertActionGroupIds: given = [] } = props;
    // wrong ones are refused by the add-ons, which get them as they are, and not by each stack of services again
    const alertActionGroupIds =
      actionGroupProblems('alertActionGroupIds', given, monitoring).length === 0 ? given : undefined;
    this.shared = { subscriptionId, backend, tags, access, alertActionGroupIds };
    this.foundationStack = new FoundationStack(scope, `${id}-foundation`, props);
    const { resourceGroup, registry, logAnalytics, monitorWorkspace } = this.foundationStack;
    const { keyVault, imageBuilder, applicationInsights, models } = this.foundationStack;
    this.clusterStack = new ClusterStack(scope, `${id}-cluster`, {
      ...props,
      resourceGroup,
      registry,
      logAnalytics,
      monitorWorkspace,
      monitoring,
    });
    const { cluster } = this.clusterStack;
    this.addonsStack = new AddonsStack(scope, `${id}-addons`, { ...props, cluster });
    this.serving = new ServingStack(scope, `${id}-serving`, {
      ...props,
      alertActionGroupIds,
      cluster,
      keyVault,
      imageBuilder,
      applicationInsights,
      models,
    });
    // services start on nodes that the add-ons made ready
    this.serving.addDependency(this.addonsStack);
  }

  /**
   * Adds a stack for the models and services of another team, with a state and a namespace of its own. It stands in the
   * App as `<platform>-<name>`.
   *
   * @param name 1 to 63 lowercase letters, digits and hyphens, the first a letter; also the namespace, unless the options
   *   name another
   */
  public addServingStack(name: string, options: ServingOptions = {}): ServingStack {
    const app = App.of(this);
    // cdktf itself throws for a stack whose id it cannot write, and the other mistakes would go unsaid
    const id = `${this.node.id}-${name.replaceAll(/[^\w-]/g, '-')}`;
    const taken = app.node.tryFindChild(id) !== undefined;
    const stack = new ServingStack(app, freeId(app, id, 'again'), {
      ...this.shared,
      namespace: name,
      ...options,
      cluster: this.cluster,
      keyVault: this.foundationStack.keyVault,
      imageBuilder: this.foundationStack.imageBuilder,
      applicationInsights: this.foundationStack.applicationInsights,
      models: this.foundationStack.models,
    });
    refuse(stack, [
      dnsLabelProblem('serving stack', name),
      taken ? `the App has a stack '${id}' already; give the stack of each team a name of its own` : undefined,
    ]);
    stack.addDependency(this.addonsStack);
    return stack;
  }

  /** The cluster; pools are added to it. */
  public get cluster(): InferenceCluster {
    return this.clusterStack.cluster;
  }

  /** Where the models lie; models are added to it. */
  public get models(): IModelStore {
    return this.foundationStack.models;
  }
}
