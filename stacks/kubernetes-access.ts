import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { TerraformStack } from 'cdktf';
import type { ClusterConnection } from '../constructs/cluster-connection';
import type { ClusterAccess } from '../src/azure/cluster-access';

/** Lets a stack create Kubernetes objects. */
export function provideKubernetes(stack: TerraformStack, connection: ClusterConnection, access: ClusterAccess): void {
  const { host, clusterCaCertificate } = connection;
  new KubernetesProvider(stack, 'kubernetes', { host, clusterCaCertificate, exec: [kubelogin(access)] });
}

/** Lets a stack create Helm releases. */
export function provideHelm(stack: TerraformStack, connection: ClusterConnection, access: ClusterAccess): void {
  const { host, clusterCaCertificate } = connection;
  new HelmProvider(stack, 'helm', { kubernetes: { host, clusterCaCertificate, exec: kubelogin(access) } });
}

/** A token that is fetched when it is needed, and kept nowhere. */
function kubelogin(access: ClusterAccess): { apiVersion: string; command: string; args: string[] } {
  return {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'kubelogin',
    args: [...access.kubeloginArguments],
  };
}
