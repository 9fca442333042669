import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { Annotations } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { AzureName } from '../src/azure/azure-name';
import { GpuDriver } from '../src/azure/gpu-driver';
import type { MigProfile } from '../src/azure/mig-profile';
import type { MigStrategy } from '../src/azure/mig-strategy';
import type { VmSize } from '../src/azure/vm-size';
import { sizeProblems, sizeWarnings } from '../src/azure/vm-size-rules';
import { AcceleratorVendor } from '../src/azure/vm-size-spec';
import { shortHash } from '../src/digest';
import { gpuDevices, partitionProblems } from '../src/kubernetes/gpu-devices';
import { type PodRequest, type PoolFit, poolFit } from '../src/kubernetes/pool-fit';
import { GPU_TAINT, renderTaint, SPOT_TAINT, type Taint } from '../src/kubernetes/taint';
import { refuse } from '../src/validation';
import type { IInferenceCluster } from './inference-cluster-options';
import { poolProblems, scalingWarnings } from './private/pool-rules';

/** A pool of nodes of this app or made elsewhere: the one source of where a pod runs and what it may ask for. */
export interface INodePool extends IConstruct {
  /** Name of the pool; its nodes carry it as label `kubernetes.azure.com/agentpool`. */
  readonly poolName: string;

  /** Size of the nodes. */
  readonly size: VmSize;

  /** The fewest nodes the pool shrinks to. */
  readonly minNodes: number;

  /** The most nodes the pool grows to. */
  readonly maxNodes: number;

  /** What a pod must tolerate to run in the pool. */
  readonly taints: readonly Taint[];

  /** Number of GPUs, or of their instances where they are partitioned, that Kubernetes hands out on one node. */
  readonly gpusPerNode: number;

  /**
   * Name under which Kubernetes counts them, such as `nvidia.com/gpu` or `nvidia.com/mig-1g.5gb`; nothing on a pool
   * without GPUs.
   */
  readonly gpuResourceName?: string;

  /** How every GPU is partitioned; nothing where GPUs are whole. */
  readonly migProfile?: MigProfile;

  /** How instances are counted; nothing where GPUs are whole. */
  readonly migStrategy?: MigStrategy;

  /** Size of the disk of a node that holds images and the files of pods; nothing where it is not known. */
  readonly osDiskGiB?: number;

  /** The GPU driver that AKS installs, such as `grid 570.211.01`; nothing where it is not known or AKS installs none. */
  readonly gpuDriverVersion?: string;

  /** Whether the nodes need NVIDIA's device plugin from this library: with another owner of the driver they do not. */
  readonly needsNvidiaDevicePlugin: boolean;

  /** Whether the pool can hold what is asked of it, after what AKS reserves on every node; what is short where not. */
  fits(request: PodRequest): PoolFit;
}

/** Options of every kind of pool. */
export interface NodePoolOptions {
  /**
   * The fewest nodes, from 0 up. Nodes below this number are paid for even when nobody calls.
   *
   * @default 0
   */
  readonly minNodes?: number;

  /** The most nodes, 1 to 1000. */
  readonly maxNodes: number;

  /**
   * Whether the nodes are spare capacity at a lower price, which Azure may take away at any time.
   *
   * @default false
   */
  readonly spot?: boolean;

  /**
   * Availability zones of the nodes, such as `['1', '2', '3']`. Not every region has zones, and not every zone has
   * every size. Replicas and routers spread over the zones where there is room. Changing the zones deletes and
   * re-creates every node.
   *
   * @default - Azure chooses, without a promise about zones
   */
  readonly zones?: readonly string[];

  /**
   * Size of the disk that holds node image, container images and `emptyDir` volumes. Changing it deletes and
   * re-creates every node.
   *
   * @default 128
   */
  readonly osDiskGiB?: number;
}

/** Options of `addCpuPool`. */
export interface CpuPoolOptions extends NodePoolOptions {
  /** Size of the nodes. Changing it deletes and re-creates every node. */
  readonly size: VmSize;
}

/** Options of `addGpuPool`. */
export interface GpuPoolOptions extends NodePoolOptions {
  /** Size of the nodes. Changing it deletes and re-creates every node. */
  readonly size: VmSize;

  /**
   * Who installs the GPU driver. Changing it replaces the pool.
   *
   * @default - AKS on NVIDIA sizes; nobody on AMD sizes, where AKS installs none, and on sizes without GPUs
   */
  readonly gpuDriver?: GpuDriver;

  /**
   * How every GPU is partitioned. Changing it replaces the pool. Refused on sizes without multi-instance GPU.
   *
   * @default - GPUs are whole
   */
  readonly migProfile?: MigProfile;

  /**
   * Under which names Kubernetes counts the instances of partitioned GPUs. Refused without `migProfile`.
   *
   * @default - MigStrategy.SINGLE where GPUs are partitioned
   */
  readonly migStrategy?: MigStrategy;
}

/** Properties of `NodePool`. */
export interface NodePoolProps extends GpuPoolOptions {
  /** Cluster that the pool belongs to. */
  readonly cluster: IInferenceCluster;

  /** Name of the pool. Changing it replaces the pool. */
  readonly poolName: string;
}

/** What is known of a pool made elsewhere. */
export interface NodePoolAttributes {
  /** Name of the pool. */
  readonly poolName: string;

  /** Size of the nodes. */
  readonly size: VmSize;

  /**
   * The fewest nodes the pool shrinks to.
   *
   * @default 0
   */
  readonly minNodes?: number;

  /** The most nodes the pool grows to. */
  readonly maxNodes: number;

  /**
   * What a pod must tolerate to run in the pool.
   *
   * @default - `sku=gpu:NoSchedule` where the size has GPUs, else nothing
   */
  readonly taints?: readonly Taint[];

  /**
   * How every GPU is partitioned.
   *
   * @default - GPUs are whole
   */
  readonly migProfile?: MigProfile;

  /**
   * Under which names Kubernetes counts the instances of partitioned GPUs. Refused without `migProfile`.
   *
   * @default - MigStrategy.SINGLE where GPUs are partitioned
   */
  readonly migStrategy?: MigStrategy;

  /**
   * Size of the disk that holds node image, container images and `emptyDir` volumes.
   *
   * @default - unknown: no model is judged by it
   */
  readonly osDiskGiB?: number;

  /**
   * Who installs the GPU driver.
   *
   * @default - nobody knows: no image is judged by its driver
   */
  readonly gpuDriver?: GpuDriver;

  /**
   * Whether the nodes need NVIDIA's device plugin from this library.
   *
   * @default false
   */
  readonly needsNvidiaDevicePlugin?: boolean;
}

/** A pool of nodes that grows and shrinks with the pods that need it. */
export class NodePool extends Construct implements INodePool {
  /** Refers to a pool made elsewhere. */
  public static fromNodePoolAttributes(scope: Construct, id: string, attributes: NodePoolAttributes): INodePool {
    return new ImportedNodePool(scope, id, attributes);
  }

  public readonly poolName: string;
  public readonly size: VmSize;
  public readonly minNodes: number;
  public readonly maxNodes: number;
  public readonly taints: readonly Taint[];
  public readonly gpusPerNode: number;
  public readonly gpuResourceName?: string;
  public readonly migProfile?: MigProfile;
  public readonly migStrategy?: MigStrategy;
  public readonly osDiskGiB: number;
  public readonly gpuDriverVersion?: string;
  public readonly needsNvidiaDevicePlugin: boolean;

  constructor(scope: Construct, id: string, props: NodePoolProps) {
    super(scope, id);
    const { size, migProfile } = props;
    const hasGpus = size.gpusPerNode > 0;
    const nvidia = hasGpus && size.accelerator?.vendor === AcceleratorVendor.NVIDIA;
    const driver = props.gpuDriver ?? (nvidia ? GpuDriver.INSTALL : GpuDriver.NONE);
    this.poolName = props.poolName;
    this.size = size;
    this.minNodes = props.minNodes ?? 0;
    this.maxNodes = props.maxNodes;
    this.taints = [...(hasGpus ? [GPU_TAINT] : []), ...(props.spot ? [SPOT_TAINT] : [])];
    const devices = gpuDevices(size, migProfile, props.migStrategy);
    this.gpusPerNode = devices.perNode;
    this.gpuResourceName = devices.resourceName;
    this.migProfile = migProfile;
    this.migStrategy = devices.migStrategy;
    this.osDiskGiB = props.osDiskGiB ?? 128;
    this.gpuDriverVersion = driver === GpuDriver.INSTALL ? size.aksDriver : undefined;
    this.needsNvidiaDevicePlugin = nvidia && driver === GpuDriver.INSTALL;
    const { location } = props.cluster.resourceGroup;
    refuse(this, [...sizeProblems(size, location, props.gpuDriver), ...poolProblems(props)]);
    for (const warning of [...sizeWarnings(size, location), ...scalingWarnings(this)]) {
      Annotations.of(this).addWarning(warning);
    }

    // AKS knows a pool's own labels while it has no node, so the autoscaler can start one for whoever selects them
    const labels = Object.fromEntries(this.taints.map(({ key, value }) => [key, value]));
    new KubernetesClusterNodePool(this, 'Resource', {
      name: this.poolName,
      kubernetesClusterId: props.cluster.idFor(this),
      mode: 'User',
      vmSize: size.name,
      osType: 'Linux',
      osSku: 'Ubuntu',
      osDiskSizeGb: this.osDiskGiB,
      autoScalingEnabled: true,
      minCount: this.minNodes,
      maxCount: this.maxNodes,
      zones: props.zones ? [...props.zones] : undefined,
      nodeLabels: this.taints.length > 0 ? labels : undefined,
      nodeTaints: this.taints.length > 0 ? this.taints.map(renderTaint) : undefined,
      // left out, the next plan replaces the pool: Azure answers with the driver it chose
      gpuDriver: hasGpus ? driver : undefined,
      gpuInstance: migProfile?.name,
      // needed by every change that re-creates the nodes, and asked for only when such a change is applied
      temporaryNameForRotation: rotationName(this.poolName),
      ...(props.spot
        ? { priority: 'Spot', evictionPolicy: 'Delete', spotMaxPrice: -1 }
        : { priority: 'Regular', upgradeSettings: { maxSurge: '10%' } }),
    });
  }

  public fits(request: PodRequest): PoolFit {
    return poolFit(this, request);
  }
}

class ImportedNodePool extends Construct implements INodePool {
  public readonly poolName: string;
  public readonly size: VmSize;
  public readonly minNodes: number;
  public readonly maxNodes: number;
  public readonly taints: readonly Taint[];
  public readonly gpusPerNode: number;
  public readonly gpuResourceName?: string;
  public readonly migProfile?: MigProfile;
  public readonly migStrategy?: MigStrategy;
  public readonly osDiskGiB?: number;
  public readonly gpuDriverVersion?: string;
  public readonly needsNvidiaDevicePlugin: boolean;

  constructor(scope: Construct, id: string, attributes: NodePoolAttributes) {
    super(scope, id);
    const { size, migProfile } = attributes;
    this.poolName = attributes.poolName;
    this.size = size;
    this.minNodes = attributes.minNodes ?? 0;
    this.maxNodes = attributes.maxNodes;
    this.taints = attributes.taints ?? (size.gpusPerNode > 0 ? [GPU_TAINT] : []);
    const devices = gpuDevices(size, migProfile, attributes.migStrategy);
    this.gpusPerNode = devices.perNode;
    this.gpuResourceName = devices.resourceName;
    this.migProfile = migProfile;
    this.migStrategy = devices.migStrategy;
    this.osDiskGiB = attributes.osDiskGiB;
    this.gpuDriverVersion = attributes.gpuDriver === GpuDriver.INSTALL ? size.aksDriver : undefined;
    this.needsNvidiaDevicePlugin = attributes.needsNvidiaDevicePlugin ?? false;
    refuse(this, [
      AzureName.NODE_POOL.problem(attributes.poolName),
      ...partitionProblems(size, migProfile, attributes.migStrategy),
    ]);
  }

  public fits(request: PodRequest): PoolFit {
    return poolFit(this, request);
  }
}

/** A name for the nodes that stand in while the pool's own are re-created; no other pool's, whatever they are called. */
function rotationName(poolName: string): string {
  return `tmp${shortHash([poolName])}`;
}
