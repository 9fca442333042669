import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { InferenceCluster } from '../constructs/inference-cluster';
import type { InferenceClusterProps } from '../constructs/inference-cluster-options';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Properties of `ClusterStack`. */
export interface ClusterStackProps extends PlatformStackOptions, InferenceClusterProps {}

/** The cluster and its pools. It holds no data and may be replaced. */
export class ClusterStack extends PlatformStack {
  /** The cluster; pools are added to it. */
  public readonly cluster: InferenceCluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    this.cluster = new InferenceCluster(this, 'cluster', props);
    const name = this.cluster.nameFor(this);
    new TerraformOutput(this, 'cluster_name', { value: name, description: 'Name of the cluster.' });
    new TerraformOutput(this, 'kubeconfig_command', {
      value: `az aks get-credentials --resource-group ${props.resourceGroup.nameFor(this)} --name ${name} && kubelogin convert-kubeconfig -l azurecli`,
      description: 'The command that lets kubectl talk to the cluster.',
    });
  }
}
