import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { Fn, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../src/validation';
import type { IInferenceCluster } from './inference-cluster-options';

/** Azure hands out an administrator's kubeconfig, with a key in it, exactly while a cluster has local accounts. */
const NO_LOCAL_ACCOUNTS = '${!can(yamldecode(self.kube_admin_config_raw).users)}';

/** Properties of `ClusterConnection`. */
export interface ClusterConnectionProps {
  /** Cluster to deploy to. */
  readonly cluster: IInferenceCluster;
}

/**
 * A cluster as seen from a stack that deploys to it: read with a data source, since Terraform configures its
 * Kubernetes provider before it creates anything.
 */
export class ClusterConnection extends Construct {
  /** Cluster to deploy to. */
  public readonly cluster: IInferenceCluster;

  /** Address of the cluster's API, a reference. */
  public readonly host: string;

  /** Certificate of the authority that the API's own certificate comes from, PEM, a reference. */
  public readonly clusterCaCertificate: string;

  /** Who issues the tokens of the cluster's service accounts, a reference. */
  public readonly oidcIssuerUrl: string;

  constructor(scope: Construct, id: string, props: ClusterConnectionProps) {
    super(scope, id);
    this.cluster = props.cluster;
    refuse(this, [sameStackProblem(this, props.cluster)]);

    const data = new DataAzurermKubernetesCluster(this, 'Resource', {
      name: props.cluster.nameFor(this),
      resourceGroupName: props.cluster.resourceGroup.nameFor(this),
      lifecycle: {
        postcondition: [
          {
            condition: NO_LOCAL_ACCOUNTS,
            errorMessage:
              `The cluster ${props.cluster.clusterName} has local accounts, and reading it would keep their credentials ` +
              "in this stack's state. Turn them off: az aks update --disable-local-accounts.",
          },
        ],
      },
    });
    this.host = data.kubeConfig.get(0).host;
    this.clusterCaCertificate = Fn.base64decode(data.kubeConfig.get(0).clusterCaCertificate);
    this.oidcIssuerUrl = data.oidcIssuerUrl;
  }
}

function sameStackProblem(connection: ClusterConnection, cluster: IInferenceCluster): string | undefined {
  const stack = TerraformStack.of(connection);
  // what refers to a cluster made elsewhere has no resource, wherever in the tree it stands
  if (cluster.node.defaultChild === undefined || !stack.node.findAll().includes(cluster)) {
    return undefined;
  }
  return (
    `the cluster '${cluster.clusterName}' is created in this stack, '${stack.node.id}', and cannot be deployed to from ` +
    'it: Terraform configures its Kubernetes provider before it creates anything; connect from a stack of its own'
  );
}
