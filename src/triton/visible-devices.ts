import type { MigProfile } from '../azure/mig-profile';
import type { VmSize } from '../azure/vm-size';
import { AcceleratorKind, AcceleratorVendor } from '../azure/vm-size-spec';

/** A variable of a container's environment. */
export interface DeviceVariable {
  readonly name: string;
  readonly value: string;
}

/** The pool of a replica, as far as it matters here. */
interface Pool {
  readonly size: VmSize;
  readonly migProfile?: MigProfile;
}

/** More GPUs than any node has; what is above is refused where it was given. */
const MOST_GPUS = 1000;

/** The numbers that a container's GPUs have in it, whatever their numbers on the node: from 0 up, without a gap. */
export function gpuNumbers(gpus: number): number[] {
  return Array.from({ length: Math.min(gpus, MOST_GPUS) }, (_, gpu) => gpu);
}

/**
 * What tells CUDA in a container which of the container's GPUs it sees, and in which order: all, as they are numbered.
 *
 * NVIDIA's device plugin decides which GPUs of the node a container gets, and inside it they count from 0
 * (https://github.com/NVIDIA/nvidia-docker/issues/907), which is what `gpus` of an `instance_group` and Triton's own flags
 * mean. Without the variable CUDA sees the same; with it no setting of the image hides one of them or changes their order.
 *
 * It is left out
 * - where GPUs are partitioned: the plugin hands over an instance by its UUID, and CUDA lists one instance whatever there is,
 *   while a number in the variable means a whole GPU;
 * - on GPUs of other vendors, which CUDA does not know.
 *
 * The container's `NVIDIA_VISIBLE_DEVICES` is left alone: in it the plugin says what it hands over.
 *
 * @param pool where the replica runs
 * @param gpus number of GPUs of the container
 * @see https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/mig-device-names.html
 */
export function visibleDevices({ size, migProfile }: Pool, gpus: number): DeviceVariable[] {
  const { accelerator } = size;
  const numbers = gpuNumbers(gpus);
  const isCuda = accelerator?.kind === AcceleratorKind.GPU && accelerator.vendor === AcceleratorVendor.NVIDIA;
  return isCuda && migProfile === undefined && numbers.length > 0
    ? [{ name: 'CUDA_VISIBLE_DEVICES', value: numbers.join() }]
    : [];
}

/**
 * What keeps the GPUs of a node from a container that has asked for none.
 *
 * NVIDIA's images set `NVIDIA_VISIBLE_DEVICES=all`, and where its runtime is the node's default, as on AKS, it then hands
 * every GPU of the node to the container, those of other pods as well: the device plugin is not asked about a container
 * without GPUs (https://github.com/NVIDIA/k8s-device-plugin/issues/61). With `void` the container gets neither GPUs nor the driver's
 * files, while with `none` it would get the latter. Nodes without NVIDIA's runtime take no notice.
 *
 * @see https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
 * @see https://github.com/Azure/AgentBaker/blob/main/aks-node-controller/parser/templates/containerd_v2.toml.gtpl
 */
export const NO_VISIBLE_DEVICES: readonly DeviceVariable[] = [{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' }];
