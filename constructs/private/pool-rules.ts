import { AzureName } from '../../src/azure/azure-name';
import { GpuDriver } from '../../src/azure/gpu-driver';
import { MigStrategy } from '../../src/azure/mig-strategy';
import { AcceleratorVendor } from '../../src/azure/vm-size-spec';
import { partitionProblems } from '../../src/kubernetes/gpu-devices';
import { broken, wholeNumber } from '../../src/validation';
import type { INodePool, NodePoolProps } from '../node-pool';

/** The most nodes AKS lets a pool have. */
const MAX_NODES = 1000;

/** What is wrong with a pool, whatever its size and region. */
export function poolProblems(props: NodePoolProps): (string | undefined)[] {
  const { size, migProfile, migStrategy, gpuDriver, maxNodes, poolName } = props;
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
        broken: accelerator?.vendor === AcceleratorVendor.AMD && gpuDriver === GpuDriver.INSTALL,
        message: `AKS installs no driver on the AMD size ${size.name}; leave gpuDriver out or give GpuDriver.NONE`,
      },
    ]),
    ...partitionProblems(size, migProfile, migStrategy),
  ];
}

/** What may keep a pool from growing by itself. */
export function scalingWarnings({ migStrategy, minNodes, gpuResourceName }: INodePool): string[] {
  return migStrategy === MigStrategy.MIXED && minNodes === 0
    ? [
        `the cluster autoscaler does not know '${gpuResourceName}' before the pool has a node, so it may never start one; ` +
          'got minNodes 0; give 1 or more, or MigStrategy.SINGLE',
      ]
    : [];
}
