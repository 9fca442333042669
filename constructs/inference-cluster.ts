import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { Annotations } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { VmSize } from '../src/azure/vm-size';
import { existenceProblems, sizeWarnings } from '../src/azure/vm-size-rules';
import { VmSizeStatus } from '../src/azure/vm-size-spec';
import { Logs } from '../src/monitoring/logs';
import { Monitoring } from '../src/monitoring/monitoring';
import { broken, refuse, wholeNumber } from '../src/validation';
import {
  ClusterTier,
  type IInferenceCluster,
  type InferenceClusterAttributes,
  type InferenceClusterOptions,
  type InferenceClusterProps,
} from './inference-cluster-options';
import type { ILogAnalyticsWorkspace } from './log-analytics-workspace';
import type { IMonitorWorkspace } from './monitor-workspace';
import { type CpuPoolOptions, type GpuPoolOptions, type INodePool, NodePool, type NodePoolProps } from './node-pool';
import { acrossStacks } from './private/across-stacks';
import { clientConfig } from './private/client-config';
import { LogCollection, MetricsCollection } from './private/data-collection';
import { freeId } from './private/free-id';
import { joinedName, localName } from './private/generated-name';
import { KEDA_NAMESPACES, KEDA_SERVICE_ACCOUNT } from './private/prometheus-access';
import { assignRole } from './private/role-assignment';
import { RolePropagation } from './private/role-propagation';
import type { IResourceGroup } from './resource-group';
import { type IUserAssignedIdentity, UserAssignedIdentity } from './user-assigned-identity';

/**
 * A managed Kubernetes cluster for model servers.
 *
 * Nobody has a password for it: its API takes Entra ID tokens only, with Azure roles as rights, and pods that need
 * Azure get tokens of their own. Control plane and kubelets run as two identities which have their roles first.
 */
export class InferenceCluster extends Construct implements IInferenceCluster {
  /**
   * Refers to a cluster made elsewhere. It needs the OIDC issuer, workload identity, and local accounts off: reading a
   * cluster that has local accounts would put their credentials into the state, and is refused while planning.
   */
  public static fromClusterAttributes(
    scope: Construct,
    id: string,
    attributes: InferenceClusterAttributes,
  ): IInferenceCluster {
    return new ImportedCluster(scope, id, attributes);
  }

  public readonly clusterName: string;
  public readonly resourceGroup: IResourceGroup;
  public readonly blobDriver: boolean;
  public readonly monitoring: Monitoring;
  public readonly monitorWorkspace?: IMonitorWorkspace;
  public readonly scalerIdentity?: UserAssignedIdentity;
  public readonly kedaAddon: boolean;
  public readonly logAnalytics?: ILogAnalyticsWorkspace;

  private readonly resource: KubernetesCluster;

  /** The CPU pool that the cluster has until the program adds one of its own. */
  private workPool?: NodePool;

  constructor(scope: Construct, id: string, props: InferenceClusterProps) {
    super(scope, id);
    const systemNodes = props.systemNodes ?? 3;
    const systemNodeSize = props.systemNodeSize ?? VmSize.D4S_V5;
    this.resourceGroup = props.resourceGroup;
    this.clusterName = props.clusterName ?? localName(this, AzureName.CLUSTER, 'aks');
    this.blobDriver = props.blobDriver ?? false;
    this.monitorWorkspace = props.monitorWorkspace;
    this.monitoring =
      props.monitoring ?? (props.monitorWorkspace === undefined ? Monitoring.NONE : Monitoring.AZURE_MANAGED);
    this.kedaAddon = props.kedaAddon ?? true;
    this.logAnalytics = props.logs === Logs.NONE ? undefined : props.logAnalytics;
    refuse(this, [
      AzureName.CLUSTER.problem(this.clusterName),
      ...broken([wholeNumber('systemNodes', systemNodes, 1, 1000)]),
      ...systemSizeProblems(systemNodeSize),
      blobDriverProblem(props),
      ...monitoringProblems(this),
      props.logs === Logs.CONTAINER_INSIGHTS && props.logAnalytics === undefined
        ? 'Container insights keeps logs in a Log Analytics workspace; got logs: Logs.CONTAINER_INSIGHTS and no ' +
          'logAnalytics; give both, or Logs.NONE'
        : undefined,
    ]);
    for (const warning of sizeWarnings(systemNodeSize, props.resourceGroup.location)) {
      Annotations.of(this).addWarning(warning);
    }

    const controlPlane = new UserAssignedIdentity(this, 'control-plane', { resourceGroup: props.resourceGroup });
    const kubelet = new UserAssignedIdentity(this, 'kubelet', { resourceGroup: props.resourceGroup });
    const roles = new RolePropagation(this, 'Roles', [
      assignRole(controlPlane, BuiltInRole.MANAGED_IDENTITY_OPERATOR, kubelet),
      ...(props.registry ? [assignRole(kubelet, BuiltInRole.ACR_PULL, props.registry)] : []),
    ]);

    const weekly = { frequency: 'Weekly', interval: 1, dayOfWeek: 'Sunday', startTime: '00:00', utcOffset: '+00:00' };
    this.resource = new KubernetesCluster(this, 'Resource', {
      name: this.clusterName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      dnsPrefix: dnsPrefix(this.clusterName),
      kubernetesVersion: props.kubernetesVersion,
      skuTier: props.tier ?? ClusterTier.STANDARD,
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      maintenanceWindowAutoUpgrade: { ...weekly, duration: 4 },
      maintenanceWindowNodeOs: { ...weekly, duration: 4 },
      identity: { type: 'UserAssigned', identityIds: [controlPlane.idFor(this)] },
      kubeletIdentity: {
        clientId: kubelet.clientId,
        objectId: kubelet.principalId,
        userAssignedIdentityId: kubelet.idFor(this),
      },
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      localAccountDisabled: true,
      roleBasedAccessControlEnabled: true,
      azureActiveDirectoryRoleBasedAccessControl: {
        azureRbacEnabled: true,
        tenantId: clientConfig(this).tenantId,
      },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        loadBalancerSku: 'standard',
      },
      workloadAutoscalerProfile: { kedaEnabled: this.kedaAddon },
      monitorMetrics: this.monitoring === Monitoring.AZURE_MANAGED ? {} : undefined,
      omsAgent: this.logAnalytics && {
        logAnalyticsWorkspaceId: this.logAnalytics.idFor(this),
        msiAuthForMonitoringEnabled: true,
      },
      storageProfile: props.blobDriver === undefined ? undefined : { blobDriverEnabled: props.blobDriver },
      defaultNodePool: {
        name: 'system',
        vmSize: systemNodeSize.name,
        nodeCount: systemNodes,
        onlyCriticalAddonsEnabled: true,
        osSku: 'Ubuntu',
        osDiskSizeGb: 128,
        temporaryNameForRotation: 'systemtmp',
        upgradeSettings: { maxSurge: '10%' },
      },
      dependsOn: [roles],
    });

    this.workPool = this.addPool('work', { size: VmSize.D4S_V5, maxNodes: 3 });
    if (this.monitoring === Monitoring.AZURE_MANAGED && props.monitorWorkspace !== undefined) {
      new MetricsCollection(this, 'metrics-collection', this, props.monitorWorkspace);
      this.scalerIdentity = this.scalerFor(props.monitorWorkspace);
    }
    if (this.logAnalytics !== undefined) {
      new LogCollection(this, 'log-collection', this, this.logAnalytics);
    }
  }

  public get pools(): readonly NodePool[] {
    return this.node.children.filter((child): child is NodePool => child instanceof NodePool);
  }

  /**
   * Adds nodes for everything that needs no accelerator. The first one takes the place of the pool `work`, up to three
   * nodes of 4 vCPUs and 16 GiB, that the cluster has without it.
   *
   * @param name 1 to 12 lowercase letters and digits, the first a letter
   */
  public addCpuPool(name: string, options: CpuPoolOptions): NodePool {
    if (this.workPool !== undefined) {
      this.node.tryRemoveChild(this.workPool.node.id);
      this.workPool = undefined;
    }
    const pool = this.addPool(name, options);
    refuse(pool, [
      options.size.accelerator === undefined
        ? undefined
        : `the size ${options.size.name} has accelerators that a CPU pool leaves idle; add it with 'addGpuPool'`,
    ]);
    return pool;
  }

  /**
   * Adds nodes that take only pods which ask for a GPU: tainted `sku=gpu:NoSchedule`, none while nobody needs one.
   *
   * @param name 1 to 12 lowercase letters and digits, the first a letter
   */
  public addGpuPool(name: string, options: GpuPoolOptions): NodePool {
    const pool = this.addPool(name, options);
    refuse(pool, [
      options.size.gpusPerNode > 0 || options.size.status === VmSizeStatus.UNKNOWN
        ? undefined
        : `the size ${options.size.name} has no GPU; choose one that has, such as VmSize.NC4AS_T4_V3, or call 'addCpuPool'`,
    ]);
    return pool;
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, clusterId(this.resourceGroup, this.clusterName));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.clusterName);
  }

  /** The identity as which KEDA reads the metrics: Azure trusts the cluster's tokens for its service account. */
  private scalerFor(workspace: IMonitorWorkspace): UserAssignedIdentity {
    const { resourceGroup } = this;
    const scaler = new UserAssignedIdentity(this, 'scaler', { resourceGroup });
    assignRole(scaler, BuiltInRole.MONITORING_DATA_READER, workspace);
    const namespace = this.kedaAddon ? KEDA_NAMESPACES.addon : KEDA_NAMESPACES.chart;
    new FederatedIdentityCredential(scaler, 'Trust', {
      name: joinedName(AzureName.FEDERATED_CREDENTIAL, [namespace, KEDA_SERVICE_ACCOUNT]),
      resourceGroupName: resourceGroup.nameFor(this),
      parentId: scaler.idFor(this),
      issuer: this.resource.oidcIssuerUrl,
      subject: `system:serviceaccount:${namespace}:${KEDA_SERVICE_ACCOUNT}`,
      audience: ['api://AzureADTokenExchange'],
    });
    return scaler;
  }

  private addPool(name: string, options: Omit<NodePoolProps, 'cluster' | 'poolName'>): NodePool {
    const taken = this.pools.some((pool) => pool.poolName === name) || name === 'system';
    const pool = new NodePool(this, freeId(this, name, 'again'), { ...options, cluster: this, poolName: name });
    refuse(pool, [taken ? `the cluster has two pools of the name '${name}'; give each a name of its own` : undefined]);
    return pool;
  }
}

class ImportedCluster extends Construct implements IInferenceCluster {
  public readonly clusterName: string;
  public readonly resourceGroup: IResourceGroup;
  public readonly pools: readonly INodePool[];
  public readonly blobDriver?: boolean;
  public readonly monitoring: Monitoring;
  public readonly monitorWorkspace?: IMonitorWorkspace;
  public readonly scalerIdentity?: IUserAssignedIdentity;
  public readonly kedaAddon: boolean;
  public readonly logAnalytics?: ILogAnalyticsWorkspace;

  constructor(scope: Construct, id: string, attributes: InferenceClusterAttributes) {
    super(scope, id);
    this.clusterName = attributes.clusterName;
    this.resourceGroup = attributes.resourceGroup;
    this.pools = [...(attributes.pools ?? [])];
    this.blobDriver = attributes.blobDriver;
    this.monitoring = attributes.monitoring ?? Monitoring.NONE;
    this.monitorWorkspace = attributes.monitorWorkspace;
    this.scalerIdentity = attributes.scalerIdentity;
    this.kedaAddon = attributes.kedaAddon ?? true;
    this.logAnalytics = attributes.logAnalytics;
    refuse(this, [
      AzureName.CLUSTER.problem(attributes.clusterName),
      ...monitoringProblems(this),
      this.monitoring === Monitoring.AZURE_MANAGED && this.scalerIdentity === undefined
        ? 'KEDA reads the metrics of managed Prometheus as an identity, and the cluster has none for it; got monitoring: ' +
          'Monitoring.AZURE_MANAGED without a scalerIdentity; give one with the role and the trust that it needs'
        : undefined,
    ]);
  }

  public idFor(): string {
    return clusterId(this.resourceGroup, this.clusterName);
  }

  public nameFor(): string {
    return this.clusterName;
  }
}

function clusterId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.ContainerService/managedClusters', name);
}

/** What does not go together of who collects the metrics and where they are kept. */
function monitoringProblems({ monitoring, monitorWorkspace, resourceGroup }: IInferenceCluster): string[] {
  const managed = monitoring === Monitoring.AZURE_MANAGED;
  const subscription = monitorWorkspace?.resourceGroup.subscriptionId ?? resourceGroup.subscriptionId;
  return broken([
    {
      broken: managed && monitorWorkspace === undefined,
      message:
        'managed Prometheus keeps its metrics in an Azure Monitor workspace; got monitoring: Monitoring.AZURE_MANAGED ' +
        "without a monitorWorkspace; give one, such as the foundation's, or choose another monitoring",
    },
    {
      broken: !managed && monitorWorkspace !== undefined,
      message:
        'only managed Prometheus keeps metrics in an Azure Monitor workspace; got a monitorWorkspace with monitoring: ' +
        `Monitoring.${monitoring === Monitoring.NONE ? 'NONE' : 'IN_CLUSTER'}; leave one of them out`,
    },
    {
      broken: subscription !== resourceGroup.subscriptionId,
      message:
        'alerts and dashboards stand beside the Azure Monitor workspace, which must be in the subscription of the cluster, ' +
        `'${resourceGroup.subscriptionId}'; got a monitorWorkspace in '${subscription}'; give one of the cluster's subscription`,
    },
  ]);
}

/**
 * What keeps AKS from running the cluster's own parts on a size.
 *
 * @see https://learn.microsoft.com/azure/aks/quotas-skus-regions
 */
function systemSizeProblems(size: VmSize): string[] {
  const gone = existenceProblems(size);
  if (gone.length > 0) {
    return gone;
  }
  return broken([
    {
      broken: size.accelerator !== undefined,
      message:
        `system nodes leave accelerators idle, and changing those later replaces the cluster; got ${size.name}; choose a ` +
        "CPU size and add the accelerators with 'addGpuPool'",
    },
    {
      broken: size.vcpus < 2 || size.memoryGiB < 4 || /^Standard_B/i.test(size.name),
      message: `system nodes need 2 vCPUs and 4 GiB or more, and no B-series; got ${size.name}`,
    },
  ]);
}

/**
 * Why the blob driver that comes with a version of Kubernetes does not help: those before 1.27 of the driver's own mount
 * with a key only, and AKS has 1.27 from Kubernetes 1.34 on.
 *
 * @see https://github.com/kubernetes-sigs/blob-csi-driver/blob/master/docs/workload-identity-static-pv-mount.md
 */
function blobDriverProblem({ blobDriver, kubernetesVersion }: InferenceClusterOptions): string | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.|$)/.exec(kubernetesVersion ?? '') ?? [];
  return blobDriver === true && major === '1' && Number(minor) < 34
    ? `the blob driver of Kubernetes before 1.34 mounts with a key of the storage account, and the model store has none; got ` +
        `blobDriver: true and kubernetesVersion '${kubernetesVersion}'; give 1.34 or later, or leave out one of them`
    : undefined;
}

/** Azure allows fewer characters in the prefix than in the name of a cluster, and no underscore. */
function dnsPrefix(clusterName: string): string {
  return joinedName(AzureName.DNS_PREFIX, [clusterName.replaceAll('_', '-')]);
}
