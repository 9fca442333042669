import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { MigStrategy } from '../src/azure/mig-strategy';
import { refuse } from '../src/validation';
import type { INodePool } from './node-pool';
import { placeOnPools } from './private/placement';

/** The chart of NVIDIA's device plugin that services are tried with. */
const CHART = {
  repository: 'https://nvidia.github.io/k8s-device-plugin',
  name: 'nvidia-device-plugin',
  version: '0.20.0',
};

/** Properties of `NvidiaDevicePlugin`. */
export interface NvidiaDevicePluginProps {
  /**
   * The pools whose nodes get the plugin: those where AKS installs the driver. Pools of partitioned GPUs must all count
   * their instances in the same way; for others there is another plugin.
   */
  readonly pools: readonly INodePool[];

  /**
   * Version of the chart.
   *
   * @default 0.20.0
   */
  readonly chartVersion?: string;
}

/**
 * NVIDIA's device plugin, which tells Kubernetes how many GPUs a node has; AKS installs the driver but not this.
 *
 * It runs on the nodes of its pools and nowhere else: on a pool of the GPU Operator there would be two. It counts the
 * instances of partitioned GPUs as its pools say, so a cluster with both `MigStrategy` has two of it.
 *
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
export class NvidiaDevicePlugin extends Construct {
  constructor(scope: Construct, id: string, props: NvidiaDevicePluginProps) {
    super(scope, id);
    const counted = props.pools.filter((pool) => pool.migStrategy !== undefined);
    const strategy = counted[0]?.migStrategy ?? MigStrategy.SINGLE;
    const other = counted.find((pool) => pool.migStrategy !== strategy);
    refuse(this, [
      other &&
        `one device plugin counts instances in one way; got the pool '${counted[0]?.poolName}' with '${strategy}' and the ` +
          `pool '${other.poolName}' with '${other.migStrategy}'; make a plugin for each`,
    ]);
    new Release(this, 'Resource', {
      // the chart names everything after the release, and a cluster may have one for each strategy
      name: strategy === MigStrategy.SINGLE ? 'nvidia-device-plugin' : `nvidia-device-plugin-${strategy}`,
      repository: CHART.repository,
      chart: CHART.name,
      version: props.chartVersion ?? CHART.version,
      namespace: 'kube-system',
      atomic: true,
      values: [
        JSON.stringify({
          migStrategy: strategy,
          ...placeOnPools(props.pools),
        }),
      ],
    });
  }
}
