import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { IContainerRegistry } from '../constructs/container-registry';
import { InferenceCluster, type InferenceClusterProps } from '../constructs/inference-cluster';
import type { IResourceGroup } from '../constructs/resource-group';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Options of the cluster that a whole platform passes on. */
export type ClusterOptions = Omit<InferenceClusterProps, 'resourceGroup' | 'registry'>;

/** Properties of `ClusterStack`. */
export interface ClusterStackProps extends PlatformStackOptions, ClusterOptions {
  /** Group that holds the cluster. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Registry that the nodes may pull images from.
   *
   * @default - none: images come from public registries
   */
  readonly registry?: IContainerRegistry;
}

/** The cluster and its pools. It holds no data and may be replaced. */
export class ClusterStack extends PlatformStack {
  /** The cluster; pools are added to it. */
  public readonly cluster: InferenceCluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    const { resourceGroup, registry, clusterName, kubernetesVersion, tier, systemNodeSize, systemNodes } = props;
    this.cluster = new InferenceCluster(this, 'cluster', {
      resourceGroup,
      registry,
      clusterName,
      kubernetesVersion,
      tier,
      systemNodeSize,
      systemNodes,
    });
    const name = this.cluster.nameFor(this);
    new TerraformOutput(this, 'cluster_name', { value: name, description: 'Name of the cluster.' });
    new TerraformOutput(this, 'kubeconfig_command', {
      value: `az aks get-credentials --resource-group ${resourceGroup.nameFor(this)} --name ${name} && kubelogin convert-kubeconfig -l azurecli`,
      description: 'The command that lets kubectl talk to the cluster.',
    });
  }
}
