import { App } from 'cdktf';
import { Construct } from 'constructs';
import type { InferenceCluster, InferenceClusterOptions } from '../constructs/inference-cluster';
import type { IModelStore } from '../constructs/model-store';
import { ValidationError } from '../src/errors';
import { AddonsStack } from './addons-stack';
import { ClusterStack } from './cluster-stack';
import { type FoundationOptions, FoundationStack } from './foundation-stack';
import type { PlatformStackOptions } from './platform-stack';
import { type ServingOptions, ServingStack } from './serving-stack';

/** Properties of `InferencePlatform`. */
export interface InferencePlatformProps
  extends PlatformStackOptions,
    FoundationOptions,
    InferenceClusterOptions,
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

  /** The models and the services; other teams get a `ServingStack` of their own. */
  public readonly serving: ServingStack;

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
    this.foundationStack = new FoundationStack(scope, `${id}-foundation`, props);
    const { resourceGroup, registry } = this.foundationStack;
    this.clusterStack = new ClusterStack(scope, `${id}-cluster`, { ...props, resourceGroup, registry });
    const { cluster } = this.clusterStack;
    this.addonsStack = new AddonsStack(scope, `${id}-addons`, { ...props, cluster });
    this.serving = new ServingStack(scope, `${id}-serving`, { ...props, cluster });
    // services start on nodes that the add-ons made ready
    this.serving.addDependency(this.addonsStack);
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
