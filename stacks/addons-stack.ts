import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { ClusterConnection } from '../constructs/cluster-connection';
import { DcgmExporter } from '../constructs/dcgm-exporter';
import type { IInferenceCluster } from '../constructs/inference-cluster-options';
import { Keda } from '../constructs/keda';
import type { INodePool } from '../constructs/node-pool';
import { NvidiaDevicePlugin } from '../constructs/nvidia-device-plugin';
import { PlatformMonitoring } from '../constructs/private/platform-monitoring';
import { MONITORS_API_GROUP } from '../constructs/private/prometheus-access';
import { PrometheusStack, type PrometheusStackOptions } from '../constructs/prometheus-stack';
import { ClusterAccess } from '../src/azure/cluster-access';
import { MigStrategy } from '../src/azure/mig-strategy';
import { Monitoring } from '../src/monitoring/monitoring';
import { refuse } from '../src/validation';
import { provideHelm } from './kubernetes-access';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Options of the add-ons that a whole platform passes on. */
export interface AddonsOptions {
  /**
   * What Prometheus inside the cluster is given; refused unless it collects the metrics.
   *
   * @default - what `PrometheusStack` has by default, with Monitoring.IN_CLUSTER
   */
  readonly prometheus?: PrometheusStackOptions;
}

/** Properties of `AddonsStack`. */
export interface AddonsStackProps extends PlatformStackOptions, AddonsOptions {
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

/** Ids of what the stack gets when it is synthesized, each after those that it needs. */
const PARTS = [
  'prometheus',
  'keda',
  'nvidia-device-plugin',
  'nvidia-device-plugin-mixed',
  'dcgm-exporter',
  'platform',
  'platform_dashboard',
] as const;

/** What a cluster and its pools need once, whoever serves on them. */
export class AddonsStack extends PlatformStack {
  private readonly connection: ClusterConnection;
  private readonly prometheus?: PrometheusStackOptions;
  private readonly alertActionGroupIds?: readonly string[];

  constructor(scope: Construct, id: string, props: AddonsStackProps) {
    super(scope, id, props);
    this.prometheus = props.prometheus;
    this.alertActionGroupIds = props.alertActionGroupIds;
    this.connection = new ClusterConnection(this, 'cluster', { cluster: props.cluster });
    provideHelm(this, this.connection, props.access ?? ClusterAccess.AZURE_CLI);
    refuse(this, [
      props.prometheus !== undefined && props.cluster.monitoring !== Monitoring.IN_CLUSTER
        ? 'Prometheus runs inside the cluster with Monitoring.IN_CLUSTER alone; got prometheus: { … } with another ' +
          'monitoring; leave one of them out'
        : undefined,
    ]);
  }

  /** Adds what the pools need, which is known only now: programs add pools after they made this stack. */
  public override prepareStack(): void {
    for (const part of PARTS) {
      // a program that is synthesized again, as tests do, may have more pools than before
      this.node.tryRemoveChild(part);
    }
    const { connection } = this;
    const { monitoring, kedaAddon, pools } = connection.cluster;
    const inCluster = monitoring === Monitoring.IN_CLUSTER;
    const prometheus = inCluster ? new PrometheusStack(this, 'prometheus', this.prometheus) : undefined;
    if (!kedaAddon && monitoring !== Monitoring.NONE) {
      new Keda(this, 'keda', { connection });
    }
    const nvidia = pools.filter((pool) => pool.needsNvidiaDevicePlugin);
    const isMixed = (pool: INodePool) => pool.migStrategy === MigStrategy.MIXED;
    this.addDevicePlugin(
      'nvidia-device-plugin',
      nvidia.filter((pool) => !isMixed(pool)),
    );
    this.addDevicePlugin('nvidia-device-plugin-mixed', nvidia.filter(isMixed));
    const monitorsApiGroup = MONITORS_API_GROUP[monitoring];
    if (nvidia.length > 0 && monitorsApiGroup !== undefined) {
      new DcgmExporter(this, 'dcgm-exporter', { pools: nvidia, monitorsApiGroup, prometheus });
    }
    this.monitorPlatform(prometheus);
    super.prepareStack();
  }

  /** Alerts and a dashboard of the platform; where its metrics are collected, an output says where the latter is. */
  private monitorPlatform(prometheus: PrometheusStack | undefined): void {
    const { cluster } = this.connection;
    const { dashboardUrl } = new PlatformMonitoring(this, 'platform', {
      cluster,
      alertActionGroupIds: this.alertActionGroupIds,
      dependsOn: prometheus && [prometheus.release],
    });
    if (dashboardUrl !== undefined) {
      new TerraformOutput(this, 'platform_dashboard', {
        value: dashboardUrl,
        description: 'Where Grafana shows all services and nodes of the platform.',
      });
    }
  }

  private addDevicePlugin(id: (typeof PARTS)[number], pools: readonly INodePool[]): void {
    if (pools.length > 0) {
      new NvidiaDevicePlugin(this, id, { pools });
    }
  }
}
