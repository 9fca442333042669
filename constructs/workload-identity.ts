import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { Construct } from 'constructs';
import { AzureName } from '../src/azure/azure-name';
import type { IGrantee } from './azure-resource';
import type { ClusterConnection } from './cluster-connection';
import { joinedName } from './private/generated-name';
import type { ServingNamespace } from './serving-namespace';
import { UserAssignedIdentity } from './user-assigned-identity';

/** Properties of `WorkloadIdentity`. */
export interface WorkloadIdentityProps {
  /** Cluster whose pods get the identity. */
  readonly connection: ClusterConnection;

  /** Namespace of the service account. */
  readonly namespace: ServingNamespace;

  /** Name of the service account. */
  readonly serviceAccountName: string;
}

/**
 * An identity in Azure for the pods of one service account, without a key: Azure trusts the tokens that the cluster
 * signs for this account and no other.
 */
export class WorkloadIdentity extends Construct implements IGrantee {
  /** Label that a pod must carry to get the identity. */
  public static readonly POD_LABEL = 'azure.workload.identity/use';

  /** Annotation that names the containers of such a pod that do not get it. */
  public static readonly SKIP_ANNOTATION = 'azure.workload.identity/skip-containers';

  public readonly principalId: string;

  /** Id of the identity for those who sign in as it, a reference. */
  public readonly clientId: string;

  /** Name of the service account, a reference. */
  public readonly serviceAccountName: string;

  /**
   * Why Azure believes the cluster, for `dependsOn`.
   *
   * @internal
   */
  public readonly trust: FederatedIdentityCredential;

  constructor(scope: Construct, id: string, props: WorkloadIdentityProps) {
    super(scope, id);
    const { resourceGroup } = props.connection.cluster;
    const identity = new UserAssignedIdentity(this, 'identity', { resourceGroup });
    this.principalId = identity.principalId;
    this.clientId = identity.clientId;

    this.trust = new FederatedIdentityCredential(this, 'Trust', {
      name: joinedName(AzureName.FEDERATED_CREDENTIAL, [props.namespace.namespaceName, props.serviceAccountName]),
      resourceGroupName: resourceGroup.nameFor(this),
      parentId: identity.idFor(this),
      issuer: props.connection.oidcIssuerUrl,
      subject: `system:serviceaccount:${props.namespace.namespaceName}:${props.serviceAccountName}`,
      audience: ['api://AzureADTokenExchange'],
    });
    const account = new ServiceAccountV1(this, 'Resource', {
      metadata: {
        name: props.serviceAccountName,
        namespace: props.namespace.name,
        annotations: { 'azure.workload.identity/client-id': identity.clientId },
      },
      automountServiceAccountToken: false,
    });
    this.serviceAccountName = account.metadata.name;
  }
}
