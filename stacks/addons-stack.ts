import type { Construct } from 'constructs';
import { ClusterConnection } from '../constructs/cluster-connection';
import type { IInferenceCluster } from '../constructs/inference-cluster';
import type { INodePool } from '../constructs/node-pool';
import { NvidiaDevicePlugin } from '../constructs/nvidia-device-plugin';
import { ClusterAccess } from '../src/azure/cluster-access';
import { MigStrategy } from '../src/azure/mig-strategy';
import { provideHelm } from './kubernetes-access';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Properties of `AddonsStack`. */
export interface AddonsStackProps extends PlatformStackOptions {
  /** Cluster that the add-ons are for. */
  readonly cluster: IInferenceCluster;

  /**
   * As whom Terraform talks to the cluster.
   *
   * @default ClusterAccess.AZURE_CLI
   */
  readonly access?: ClusterAccess;
}

/** What the pools of a cluster need once, whoever serves on them. */
export class AddonsStack extends PlatformStack {
  private readonly cluster: IInferenceCluster;

  constructor(scope: Construct, id: string, props: AddonsStackProps) {
    super(scope, id, props);
    this.cluster = props.cluster;
    const connection = new ClusterConnection(this, 'cluster', { cluster: props.cluster });
    provideHelm(this, connection, props.access ?? ClusterAccess.AZURE_CLI);
  }

  /** Adds what the pools need, which is known only now: programs add pools after they made this stack. */
  public override prepareStack(): void {
    const pools = this.cluster.pools.filter((pool) => pool.needsNvidiaDevicePlugin);
    const isMixed = (pool: INodePool) => pool.migStrategy === MigStrategy.MIXED;
    this.addDevicePlugin(
      'nvidia-device-plugin',
      pools.filter((pool) => !isMixed(pool)),
    );
    this.addDevicePlugin('nvidia-device-plugin-mixed', pools.filter(isMixed));
    super.prepareStack();
  }

  private addDevicePlugin(id: string, pools: readonly INodePool[]): void {
    // a program that is synthesized again, as tests do, may have more pools than before
    this.node.tryRemoveChild(id);
    if (pools.length > 0) {
      new NvidiaDevicePlugin(this, id, { pools });
    }
  }
}
