import type { MigProfile } from '../azure/mig-profile';
import { MigStrategy } from '../azure/mig-strategy';
import type { VmSize } from '../azure/vm-size';
import { AcceleratorKind, AcceleratorVendor } from '../azure/vm-size-spec';

/** How the nodes of a pool hand out their GPUs. */
export interface GpuDevices {
  /** Number of GPUs, or of their instances, on one node. */
  readonly perNode: number;

  /** Name under which Kubernetes counts them; nothing without GPUs. */
  readonly resourceName?: string;

  /** How instances are counted; nothing where GPUs are whole. */
  readonly migStrategy?: MigStrategy;
}

/** How nodes of a size hand out their GPUs, whole or partitioned. */
export function gpuDevices(size: VmSize, profile?: MigProfile, strategy?: MigStrategy): GpuDevices {
  const { accelerator } = size;
  if (accelerator?.kind !== AcceleratorKind.GPU) {
    return { perNode: 0 };
  }
  const perNode = size.gpusPerNode * (profile?.instancesPerGpu ?? 1);
  const whole = accelerator.vendor === AcceleratorVendor.AMD ? 'amd.com/gpu' : 'nvidia.com/gpu';
  if (profile === undefined || accelerator.vendor !== AcceleratorVendor.NVIDIA) {
    return { perNode, resourceName: whole };
  }
  const migStrategy = strategy ?? MigStrategy.SINGLE;
  // a pool whose instances have no known name is refused; its services are not, for the same mistake
  return { perNode, resourceName: profile.resourceName(migStrategy, accelerator) ?? whole, migStrategy };
}

/** What keeps the GPUs of a size from being partitioned and counted so. */
export function partitionProblems(size: VmSize, profile?: MigProfile, strategy?: MigStrategy): string[] {
  const { accelerator } = size;
  if (profile === undefined) {
    return strategy === undefined
      ? []
      : [
          `migStrategy says how the instances of partitioned GPUs are counted; got '${strategy}' without a migProfile; ` +
            'give one, or leave migStrategy out',
        ];
  }
  if (accelerator?.mig !== true) {
    return [
      `the size ${size.name} cannot be partitioned, so it takes no MIG profile; got ${profile.name}; ` +
        'A100, H100 and H200 sizes can',
    ];
  }
  return profile.resourceName(strategy ?? MigStrategy.SINGLE, accelerator) === undefined
    ? [
        `nobody told the library what Kubernetes calls an instance ${profile.name} of the ${accelerator.model} with ` +
          `${accelerator.memoryGiBEach} GiB; got migStrategy '${strategy}'; with MigStrategy.SINGLE it is 'nvidia.com/gpu'`,
      ]
    : [];
}
