import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { Annotations } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { AzureName } from '../src/azure/azure-name';
import { GpuDriver } from '../src/azure/gpu-driver';
import type { MigProfile } from '../src/azure/mig-profile';
import type { VmSize } from '../src/azure/vm-size';
import { sizeProblems, sizeWarnings } from '../src/azure/vm-size-rules';
import { AcceleratorKind, AcceleratorVendor } from '../src/azure/vm-size-spec';
import { shortHash } from '../src/digest';
import { GPU_TAINT, renderTaint, SPOT_TAINT, type Taint } from '../src/kubernetes/taint';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IInferenceCluster } from './inference-cluster';

/** The most nodes AKS lets a pool have. */
const MAX_NODES = 1000;

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

  /** Name under which Kubernetes counts them, such as `nvidia.com/gpu`; nothing on a pool without GPUs. */
  readonly gpuResourceName?: string;

  /** Whether the nodes need NVIDIA's device plugin from this library: with another owner of the driver they do not. */
  readonly needsNvidiaDevicePlugin: boolean;
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
   * every size. Changing them deletes and re-creates every node.
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
    this.gpusPerNode = size.gpusPerNode * (migProfile?.instancesPerGpu ?? 1);
    this.gpuResourceName = gpuResourceName(size);
    this.needsNvidiaDevicePlugin = nvidia && driver === GpuDriver.INSTALL;
    const { location } = props.cluster.resourceGroup;
    refuse(this, [...sizeProblems(size, location, props.gpuDriver), ...poolProblems(props)]);
    for (const warning of sizeWarnings(size, location)) {
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
      osDiskSizeGb: props.osDiskGiB ?? 128,
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
}

class ImportedNodePool extends Construct implements INodePool {
  public readonly poolName: string;
  public readonly size: VmSize;
  public readonly minNodes: number;
  public readonly maxNodes: number;
  public readonly taints: readonly Taint[];
  public readonly gpusPerNode: number;
  public readonly gpuResourceName?: string;
  public readonly needsNvidiaDevicePlugin: boolean;

  constructor(scope: Construct, id: string, attributes: NodePoolAttributes) {
    super(scope, id);
    const { size, migProfile } = attributes;
    this.poolName = attributes.poolName;
    this.size = size;
    this.minNodes = attributes.minNodes ?? 0;
    this.maxNodes = attributes.maxNodes;
    this.taints = attributes.taints ?? (size.gpusPerNode > 0 ? [GPU_TAINT] : []);
    this.gpusPerNode = size.gpusPerNode * (migProfile?.instancesPerGpu ?? 1);
    this.gpuResourceName = gpuResourceName(size);
    this.needsNvidiaDevicePlugin = attributes.needsNvidiaDevicePlugin ?? false;
    refuse(this, [AzureName.NODE_POOL.problem(attributes.poolName)]);
  }
}

function poolProblems(props: NodePoolProps): (string | undefined)[] {
  const { size, migProfile, gpuDriver, maxNodes, poolName } = props;
  const minNodes = props.minNodes ?? 0;
  const { accelerator } = size;
  return [
    AzureName.NODE_POOL.problem(poolName),
    ...broken([
      wholeNumber('minNodes', minNodes, 0, MAX_NODES),
      wholeNumber('maxNodes', maxNodes, 1, MAX_NODES),
      {
        broken: maxNodes < minNodes,
        message: `maxNodes must not be below minNodes; got maxNodes ${maxNodes} and minNodes ${minNodes}`,
      },
      {
        broken: migProfile !== undefined && accelerator?.mig !== true,
        message:
          `the size ${size.name} cannot be partitioned, so it takes no MIG profile; got ${migProfile?.name}; ` +
          'A100, H100 and H200 sizes can',
      },
      {
        broken: accelerator?.vendor === AcceleratorVendor.AMD && gpuDriver === GpuDriver.INSTALL,
        message: `AKS installs no driver on the AMD size ${size.name}; leave gpuDriver out or give GpuDriver.NONE`,
      },
    ]),
  ];
}

/** The name under which Kubernetes counts the GPUs of a size. Partitions count as GPUs: one profile a pool. */
function gpuResourceName(size: VmSize): string | undefined {
  if (size.accelerator?.kind !== AcceleratorKind.GPU) {
    return undefined;
  }
  return size.accelerator.vendor === AcceleratorVendor.AMD ? 'amd.com/gpu' : 'nvidia.com/gpu';
}

/** A name for the nodes that stand in while the pool's own are re-created; no other pool's, whatever they are called. */
function rotationName(poolName: string): string {
  return `tmp${shortHash([poolName])}`;
}
