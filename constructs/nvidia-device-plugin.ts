import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { tolerationOf } from '../src/kubernetes/taint';
import type { INodePool } from './node-pool';

/** The chart of NVIDIA's device plugin that services are tried with. */
const CHART = {
  repository: 'https://nvidia.github.io/k8s-device-plugin',
  name: 'nvidia-device-plugin',
  version: '0.20.0',
};

/** Properties of `NvidiaDevicePlugin`. */
export interface NvidiaDevicePluginProps {
  /** The pools whose nodes get the plugin: those where AKS installs the driver. */
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
 * It runs on the nodes of its pools and nowhere else: on a pool of the GPU Operator there would be two.
 *
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
export class NvidiaDevicePlugin extends Construct {
  constructor(scope: Construct, id: string, props: NvidiaDevicePluginProps) {
    super(scope, id);
    const taints = new Map(props.pools.flatMap((pool) => pool.taints).map((taint) => [JSON.stringify(taint), taint]));
    new Release(this, 'Resource', {
      name: 'nvidia-device-plugin',
      repository: CHART.repository,
      chart: CHART.name,
      version: props.chartVersion ?? CHART.version,
      namespace: 'kube-system',
      atomic: true,
      values: [
        JSON.stringify({
          // one profile a pool makes partitions look like GPUs, which is what services ask for
          migStrategy: 'single',
          tolerations: [...taints.values()].map(tolerationOf),
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      {
                        key: 'kubernetes.azure.com/agentpool',
                        operator: 'In',
                        values: props.pools.map((pool) => pool.poolName),
                      },
                    ],
                  },
                ],
              },
            },
          },
        }),
      ],
    });
  }
}
