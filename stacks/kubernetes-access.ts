import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { TerraformStack } from 'cdktf';
import type { ClusterConnection } from '../constructs/cluster-connection';
import type { ClusterAccess } from '../src/azure/cluster-access';

/** Lets a stack create Kubernetes objects and Helm releases, with a token that `kubelogin` fetches when it is needed. */
export function accessKubernetes(stack: TerraformStack, connection: ClusterConnection, access: ClusterAccess): void {
  const { host, clusterCaCertificate } = connection;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'kubelogin',
    args: [...access.kubeloginArguments],
  };
  new KubernetesProvider(stack, 'kubernetes', { host, clusterCaCertificate, exec: [exec] });
  new HelmProvider(stack, 'helm', { kubernetes: { host, clusterCaCertificate, exec } });
}
