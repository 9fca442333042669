import type { VmSize } from '../azure/vm-size';

/** What one node has for the pods of services. */
export interface NodeCapacity {
  /** CPU, in thousandths of a core. */
  readonly cpuMillicores: number;

  /** Main memory, in MiB. */
  readonly memoryMiB: number;

  /** Number of GPUs, or of their instances where they are partitioned. */
  readonly gpus: number;

  /** Number of pods. */
  readonly pods: number;
}

/**
 * Pods that a node of AKS takes with Azure CNI overlay where the pool does not say otherwise.
 *
 * @see https://learn.microsoft.com/azure/aks/node-auto-provisioning-aksnodeclass
 */
const MAX_PODS = 250;

/**
 * Share of a machine's memory that firmware and kernel keep, so that a node never shows all of it: the share that
 * Azure's own node provisioner expects. It covers the sizes of which Azure publishes two figures, too.
 *
 * @see https://github.com/Azure/karpenter-provider-azure/blob/main/pkg/operator/options/options.go
 */
const MACHINE_OVERHEAD = 0.075;

/** Free memory below which the kubelet evicts pods, in MiB. */
const EVICTION_MIB = 100;

/**
 * What the pods of AKS itself and NVIDIA's device plugin take on every node: Cilium, Azure CNS, IP masquerading, the
 * node manager and the drivers of Azure Disks and Files.
 *
 * Azure publishes no figures, and several of these pods ask for nothing at all (https://github.com/Azure/AKS/issues/5244),
 * so this is an allowance of ours, meant to be rather too large.
 */
const SYSTEM_PODS: NodeCapacity = { cpuMillicores: 300, memoryMiB: 600, gpus: 0, pods: 10 };

/**
 * CPU that AKS keeps for the kubelet and the container runtime, in thousandths of a core.
 *
 * Azure publishes 60, 100, 140, 180, 260, 420 and 740 for 1, 2, 4, 8, 16, 32 and 64 cores. Between and above them its own
 * node provisioner goes on along the same line, 10 for every core after the fourth, which meets all published figures.
 *
 * @see https://learn.microsoft.com/azure/aks/node-resource-reservations
 * @see https://github.com/Azure/karpenter-provider-azure/blob/main/pkg/providers/instancetype/instancetype.go
 */
export function reservedCpuMillicores(vcpus: number): number {
  const within = (from: number, to: number) => Math.max(0, Math.min(vcpus, to) - from);
  return within(0, 1) * 60 + within(1, 2) * 40 + within(2, 4) * 20 + within(4, Number.POSITIVE_INFINITY) * 10;
}

/**
 * Memory that AKS keeps from Kubernetes 1.29 on, in MiB: 20 for every pod that the node may take and 50 besides, but no
 * more than a quarter of the machine, and what must be free lest pods are evicted. Azure writes MB; the larger unit is
 * the safer reading.
 *
 * @see https://learn.microsoft.com/azure/aks/node-resource-reservations
 */
export function reservedMemoryMiB(memoryGiB: number): number {
  return Math.min(20 * MAX_PODS + 50, (memoryGiB * 1024) / 4) + EVICTION_MIB;
}

/**
 * What one node of a size has for the pods of services, after what AKS reserves and what its own pods take. Where Azure
 * publishes no exact figure it is rather too little: a request that fits here fits there.
 *
 * @param size the size, whose vCPUs and memory are known
 * @param gpus number of GPUs that a node hands out, with partitions counted
 */
export function nodeCapacity(size: VmSize, gpus: number = size.gpusPerNode): NodeCapacity {
  const cpu = size.vcpus * 1000 - reservedCpuMillicores(size.vcpus) - SYSTEM_PODS.cpuMillicores;
  const visible = size.memoryGiB * 1024 * (1 - MACHINE_OVERHEAD);
  const memory = visible - reservedMemoryMiB(size.memoryGiB) - SYSTEM_PODS.memoryMiB;
  return {
    cpuMillicores: Math.max(0, Math.floor(cpu)),
    memoryMiB: Math.max(0, Math.floor(memory)),
    gpus,
    pods: MAX_PODS - SYSTEM_PODS.pods,
  };
}
