import type { VmSize } from '../src/azure/vm-size';
import type { Logs } from '../src/monitoring/logs';
import type { Monitoring } from '../src/monitoring/monitoring';
import type { IAzureResource } from './azure-resource';
import type { IContainerRegistry } from './container-registry';
import type { ILogAnalyticsWorkspace } from './log-analytics-workspace';
import type { IMonitorWorkspace } from './monitor-workspace';
import type { INodePool } from './node-pool';
import type { IResourceGroup } from './resource-group';
import type { IUserAssignedIdentity } from './user-assigned-identity';

/** A cluster of this app or made elsewhere. */
export interface IInferenceCluster extends IAzureResource {
  /** Name of the cluster, as a literal. */
  readonly clusterName: string;

  /** Group that holds the cluster. */
  readonly resourceGroup: IResourceGroup;

  /** The pools that pods may be placed on, in the order in which they were added; the system pool is not among them. */
  readonly pools: readonly INodePool[];

  /** Whether its nodes can mount containers of blobs; unknown where nobody says so. */
  readonly blobDriver?: boolean;

  /** Who collects the metrics of its pods. */
  readonly monitoring: Monitoring;

  /** Where managed Prometheus keeps these metrics, with `Monitoring.AZURE_MANAGED`. */
  readonly monitorWorkspace?: IMonitorWorkspace;

  /** The identity as which KEDA reads these metrics, with `Monitoring.AZURE_MANAGED`. */
  readonly scalerIdentity?: IUserAssignedIdentity;

  /** Whether KEDA is there as AKS's add-on; if not, the stack of add-ons brings it. */
  readonly kedaAddon: boolean;

  /** Where the logs of its containers arrive; nothing where nobody collects them. */
  readonly logAnalytics?: ILogAnalyticsWorkspace;
}

/** What Azure promises about the control plane. */
export enum ClusterTier {
  /** No promise; for trying things out, up to ten nodes. */
  FREE = 'Free',

  /** An uptime agreement, for production. */
  STANDARD = 'Standard',

  /** Long-term support besides. */
  PREMIUM = 'Premium',
}

/** Options of a cluster, whoever makes it. */
export interface InferenceClusterOptions {
  /**
   * Name of the cluster. Changing it replaces the cluster.
   *
   * @default - made of the construct's path
   */
  readonly clusterName?: string;

  /**
   * Kubernetes version, a minor version such as `1.34` or a full one.
   *
   * @default - the version AKS recommends on the day the cluster is created; patches come by themselves
   */
  readonly kubernetesVersion?: string;

  /**
   * What Azure promises about the control plane.
   *
   * @default ClusterTier.STANDARD
   */
  readonly tier?: ClusterTier;

  /**
   * Size of the nodes that run the cluster's own parts: 2 vCPUs and 4 GiB or more, no B-series and no accelerator.
   *
   * @default VmSize.D4S_V5
   */
  readonly systemNodeSize?: VmSize;

  /**
   * Number of nodes that run the cluster's own parts, 1 to 1000. They are paid for as long as the cluster is there.
   *
   * @default 3
   */
  readonly systemNodes?: number;

  /**
   * Whether the nodes can mount containers of blobs, which `ModelLoading.MOUNT` needs: Azure's blob driver
   * (`blob.csi.azure.com`) then runs on each of them. Refused with Kubernetes before 1.34, whose driver mounts with a key
   * of the storage account, which the model store does not have. Changing it leaves nodes and pods as they are; say false
   * to turn it off again, since leaving it out keeps what is there.
   *
   * @default - false on a new cluster
   * @see https://learn.microsoft.com/azure/aks/azure-blob-csi
   */
  readonly blobDriver?: boolean;

  /**
   * Whether Azure runs KEDA, which scales services, as an add-on of the cluster, in the version that comes with its
   * Kubernetes. Without it, the stack of add-ons installs KEDA's own chart, unless there are no metrics to scale by
   * (`Monitoring.NONE`). Where the add-on was on, turn it off first and deploy the other stack after that: a cluster has
   * one KEDA.
   *
   * @default true
   * @see https://learn.microsoft.com/azure/aks/keda-about
   */
  readonly kedaAddon?: boolean;

  /**
   * Who collects the logs of the containers. They are paid for by the gigabyte; those of Azure's own namespaces are left
   * out.
   *
   * @default - Logs.CONTAINER_INSIGHTS with a Log Analytics workspace to keep them, as a platform has one, else Logs.NONE
   * @see https://azure.microsoft.com/pricing/details/monitor/
   */
  readonly logs?: Logs;
}

/** Properties of `InferenceCluster`. */
export interface InferenceClusterProps extends InferenceClusterOptions {
  /** Group that holds the cluster. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Registry that the nodes may pull images from.
   *
   * @default - none: images come from public registries
   */
  readonly registry?: IContainerRegistry;

  /**
   * Who collects the metrics of its pods. Services scale by them, and are refused what needs them without.
   *
   * @default - Monitoring.AZURE_MANAGED with a monitorWorkspace, else Monitoring.NONE
   */
  readonly monitoring?: Monitoring;

  /**
   * Where managed Prometheus keeps these metrics; needed for `Monitoring.AZURE_MANAGED`, and refused with others.
   *
   * @default - none
   */
  readonly monitorWorkspace?: IMonitorWorkspace;

  /**
   * Where the logs of its containers are kept; needed for `Logs.CONTAINER_INSIGHTS`.
   *
   * @default - none
   */
  readonly logAnalytics?: ILogAnalyticsWorkspace;
}

/** What is known of a cluster made elsewhere. */
export interface InferenceClusterAttributes {
  /** Name of the cluster. */
  readonly clusterName: string;

  /** Group that holds the cluster. */
  readonly resourceGroup: IResourceGroup;

  /**
   * The pools that pods may be placed on.
   *
   * @default - none
   */
  readonly pools?: readonly INodePool[];

  /**
   * Whether its nodes can mount containers of blobs, without a key of the storage account.
   *
   * @default - unknown: services that need it are not refused
   */
  readonly blobDriver?: boolean;

  /**
   * Who collects the metrics of its pods. With `Monitoring.IN_CLUSTER` that is the Prometheus of an operator in the namespace
   * `monitoring`, at `prometheus-operated:9090`, and it heeds the monitors and rules of all namespaces.
   *
   * @default Monitoring.NONE
   */
  readonly monitoring?: Monitoring;

  /**
   * Where managed Prometheus keeps these metrics.
   *
   * @default - none
   */
  readonly monitorWorkspace?: IMonitorWorkspace;

  /**
   * The identity as which KEDA reads these metrics; needed for `Monitoring.AZURE_MANAGED`. It is Monitoring Data Reader of
   * the workspace, and trusts the cluster's `system:serviceaccount:kube-system:keda-operator`, or
   * `system:serviceaccount:keda:keda-operator` without the add-on.
   *
   * @default - none
   */
  readonly scalerIdentity?: IUserAssignedIdentity;

  /**
   * Whether KEDA is there already, as AKS's add-on or otherwise. If not, the stack of add-ons installs it.
   *
   * @default true
   */
  readonly kedaAddon?: boolean;

  /**
   * Where the logs of its containers arrive, as ContainerLogV2 of Container insights.
   *
   * @default - unknown: services save no queries for them
   */
  readonly logAnalytics?: ILogAnalyticsWorkspace;
}
