import { normalizeLocation } from '../azure/location';
import { MigProfile } from '../azure/mig-profile';
import { VmSize } from '../azure/vm-size';
import { AcceleratorKind } from '../azure/vm-size-spec';
import { gpuDevices } from '../kubernetes/gpu-devices';
import type { Targets } from './arm-target';
import type { References } from './references';
import type { SynthesizedOutput, SynthesizedResource } from './synthesized-output';
import { blockOf, type JsonObject, numberOf, textOf, textsOf } from './terraform-json';

/** A cluster that the program creates, or one made elsewhere that it deploys to. */
export interface ClusterSummary {
  /** Name of the cluster. */
  readonly name: string;

  /** Path of the construct; nothing for a cluster made elsewhere. */
  readonly path?: string;

  /** Azure's name of its region; nothing where only the deployment will know it. */
  readonly location?: string;

  /** Its pools, the system pool first. */
  readonly pools: readonly PoolSummary[];
}

/** The devices of one node. */
export interface PoolAccelerator {
  /** What kind of device it is. */
  readonly kind: AcceleratorKind;

  /** Model with its memory, such as `T4 (16 GiB)`; nothing for a size the library does not know. */
  readonly model?: string;

  /** Devices of one node, below one for a share of a device; nothing for a size the library does not know. */
  readonly count?: number;
}

/** A pool of nodes of one size. */
export interface PoolSummary {
  /** Name of the pool. */
  readonly name: string;

  /** Name of the cluster. */
  readonly cluster: string;

  /** Path of the construct. */
  readonly path: string;

  /** Whether it runs the cluster's own pods. */
  readonly system: boolean;

  /** Azure's name of the size of the nodes. */
  readonly vmSize: string;

  /** The fewest nodes; nothing when only the deployment will know. */
  readonly minNodes?: number;

  /** The most nodes; nothing when only the deployment will know. */
  readonly maxNodes?: number;

  /** What a pod must tolerate, such as `sku=gpu:NoSchedule`. */
  readonly taints: readonly string[];

  /** Whether Azure may take the nodes away at any time. */
  readonly spot: boolean;

  /** Partitioning of every GPU, such as `MIG1g`. */
  readonly mig?: string;

  /** The devices of one node; nothing for a pool of CPUs. */
  readonly accelerator?: PoolAccelerator;

  /** Devices that Kubernetes hands out on one node, parts of them counted; nothing where the size is not known. */
  readonly devicesPerNode?: number;

  /** Price of one node per hour in East US, in US dollars, where it is known. */
  readonly usdPerHour?: number;
}

/** The clusters of a program with their pools, in deployment order. */
export function clustersOf(output: SynthesizedOutput, references: References, targets: Targets): ClusterSummary[] {
  const resources = output.stacks.flatMap((stack) => stack.resources);
  const pools = resources
    .filter(({ type }) => type === 'azurerm_kubernetes_cluster_node_pool')
    .map((resource) => {
      const cluster = targets.find(resource.stack, resource.arguments.kubernetes_cluster_id).name;
      return poolOf(references.nameOf(resource), cluster, resource.path, resource.arguments);
    });
  const created = resources
    .filter(({ type }) => type === 'azurerm_kubernetes_cluster')
    .map((resource) => {
      const name = references.nameOf(resource);
      const location = references.literal(resource.stack, resource.arguments.location);
      return {
        name,
        path: resource.path,
        location: location && normalizeLocation(location),
        pools: [...systemPool(resource, name), ...poolsOn(name, pools)],
      };
    });
  const names = new Set(created.map(({ name }) => name));
  const elsewhere = [
    ...pools.map(({ cluster }) => cluster),
    ...output.stacks
      .flatMap((stack) => stack.dataSources)
      .filter(({ type }) => type === 'azurerm_kubernetes_cluster')
      .map((source) => references.nameOf(source)),
  ].filter((name, index, all) => !names.has(name) && all.indexOf(name) === index);
  return [...created, ...elsewhere.map((name) => ({ name, pools: poolsOn(name, pools) }))];
}

/**
 * Name of the cluster that the Kubernetes resources of a stack are deployed to.
 *
 * @param stack name of the stack
 */
export function clusterOfStack(output: SynthesizedOutput, references: References, stack: string): string | undefined {
  const found = output.stacks.find(({ name }) => name === stack);
  const provider = blockOf(found?.providers.kubernetes);
  const viaProvider = references.target(stack, provider.host)?.resource;
  const source = viaProvider ?? found?.dataSources.find(({ type }) => type === 'azurerm_kubernetes_cluster');
  return source && references.nameOf(source);
}

function poolsOn(cluster: string, pools: readonly PoolSummary[]): PoolSummary[] {
  return pools.filter((pool) => pool.cluster === cluster);
}

/** The pool that a cluster is created with is a block of the cluster and no resource of its own. */
function systemPool(cluster: SynthesizedResource, clusterName: string): PoolSummary[] {
  const block = blockOf(cluster.arguments.default_node_pool);
  const name = textOf(block.name);
  if (name === undefined) {
    return [];
  }
  const taints = block.only_critical_addons_enabled === true ? ['CriticalAddonsOnly=true:NoSchedule'] : [];
  const pool = poolOf(name, clusterName, cluster.path, block);
  return [{ ...pool, system: true, taints: [...pool.taints, ...taints] }];
}

function poolOf(name: string, cluster: string, path: string, from: JsonObject): PoolSummary {
  const vmSize = textOf(from.vm_size) ?? 'chosen by Azure';
  const fixed = numberOf(from.node_count);
  const scaled = from.auto_scaling_enabled === true;
  return {
    name,
    cluster,
    path,
    system: from.mode === 'System',
    vmSize,
    minNodes: scaled ? numberOf(from.min_count) : fixed,
    maxNodes: scaled ? numberOf(from.max_count) : fixed,
    taints: textsOf(from.node_taints),
    spot: from.priority === 'Spot',
    mig: textOf(from.gpu_instance),
    accelerator: acceleratorOf(vmSize, from),
    devicesPerNode: devicesPerNode(vmSize, textOf(from.gpu_instance)),
    usdPerHour: VmSize.tryNamed(vmSize)?.usdPerHour,
  };
}

function devicesPerNode(vmSize: string, mig: string | undefined): number | undefined {
  const size = VmSize.tryNamed(vmSize);
  const profile = mig === undefined ? undefined : MigProfile.tryNamed(mig);
  if (size === undefined || size.gpusPerNode === 0 || (mig !== undefined && profile === undefined)) {
    return undefined;
  }
  return gpuDevices(size, profile).perNode;
}

function acceleratorOf(vmSize: string, from: JsonObject): PoolAccelerator | undefined {
  const size = VmSize.tryNamed(vmSize);
  if (size !== undefined) {
    const { accelerator } = size;
    return (
      accelerator && {
        kind: accelerator.kind,
        model: `${accelerator.model} (${accelerator.memoryGiBEach} GiB)`,
        count: accelerator.count,
      }
    );
  }
  return from.gpu_driver === undefined && from.gpu_instance === undefined ? undefined : { kind: AcceleratorKind.GPU };
}
