import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { ClusterConnection } from '../constructs/cluster-connection';
import type { IInferenceCluster } from '../constructs/inference-cluster';
import type { INodePool } from '../constructs/node-pool';
import { NvidiaDevicePlugin } from '../constructs/nvidia-device-plugin';
import { PlatformMonitoring } from '../constructs/private/platform-monitoring';
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

  /**
   * Ids of the action groups of Azure Monitor that are told of the alerts of the platform. Refused but with
   * `Monitoring.AZURE_MANAGED`.
   *
   * @default - none: alerts are shown in the portal and told to nobody
   */
  readonly alertActionGroupIds?: readonly string[];
}

/** What the pools of a cluster need once, whoever serves on them. */
export class AddonsStack extends PlatformStack {
  private readonly cluster: IInferenceCluster;
  private readonly alertActionGroupIds?: readonly string[];

  constructor(scope: Construct, id: string, props: AddonsStackProps) {
    super(scope, id, props);
    this.cluster = props.cluster;
    this.alertActionGroupIds = props.alertActionGroupIds;
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
    this.monitorPlatform();
    super.prepareStack();
  }

  /** Alerts and a dashboard of the platform; where its metrics are collected, an output says where the latter is. */
  private monitorPlatform(): void {
    this.node.tryRemoveChild('platform');
    this.node.tryRemoveChild('platform_dashboard');
    const { cluster, alertActionGroupIds } = this;
    const { dashboardUrl } = new PlatformMonitoring(this, 'platform', { cluster, alertActionGroupIds });
    if (dashboardUrl !== undefined) {
      new TerraformOutput(this, 'platform_dashboard', {
        value: dashboardUrl,
        description: 'Where Grafana shows all services and nodes of the platform.',
      });
    }
  }

  private addDevicePlugin(id: string, pools: readonly INodePool[]): void {
    // a program that is synthesized again, as tests do, may have more pools than before
    this.node.tryRemoveChild(id);
    if (pools.length > 0) {
      new NvidiaDevicePlugin(this, id, { pools });
    }
  }
}
