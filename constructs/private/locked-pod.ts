import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainerSecurityContext,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';

/** What every container is denied: more rights than it has, and to write into its image. */
export const LOCKED_CONTAINER: DeploymentV1SpecTemplateSpecContainerSecurityContext = {
  // left out, the provider says `false` here, which overrides the pod and which the restricted standard refuses
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A pod without root and without a Kubernetes token. */
export function lockedPod(user: string): Pick<DeploymentV1SpecTemplateSpec, 'securityContext'> {
  return {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}
