import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Token } from 'cdktf';
import { Construct } from 'constructs';
import { BuiltInRole } from '../src/azure/built-in-role';
import { refuse } from '../src/validation';
import { clientConfig } from './private/client-config';
import type { IResourceGroup } from './resource-group';

/** What whoever deploys must be allowed inside the group, beyond creating resources. */
const ROLES = {
  blobs: BuiltInRole.STORAGE_BLOB_DATA_CONTRIBUTOR,
  secrets: BuiltInRole.KEY_VAULT_SECRETS_OFFICER,
  kubernetes: BuiltInRole.AKS_RBAC_CLUSTER_ADMIN,
};

/** Properties of `DeployerAccess`. */
export interface DeployerAccessProps {
  /** Group whose resources are deployed to. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Object ids in Entra ID of the users, groups and service principals who deploy.
   *
   * @default - whoever deploys the stack first; a later deployment by someone else leaves the grant where it is
   */
  readonly deployers?: readonly string[];

  /**
   * Whether the group holds a managed Grafana, which they administer then.
   *
   * @default false
   */
  readonly grafana?: boolean;

  /**
   * Whether the group holds an Azure Monitor workspace, whose metrics they read then: the dashboards in the portal show
   * what whoever looks may read.
   *
   * @default false
   */
  readonly metrics?: boolean;
}

/**
 * Lets those who deploy upload models, keep service keys and create Kubernetes objects: being owner of a subscription
 * is not enough, since keys and local accounts are off.
 *
 * The grants are used by stacks that are deployed later, when Azure has spread them.
 */
export class DeployerAccess extends Construct {
  constructor(scope: Construct, id: string, props: DeployerAccessProps) {
    super(scope, id);
    const { deployers } = props;
    refuse(this, (deployers ?? []).map(objectIdProblem));
    if (deployers === undefined) {
      this.grant('current', clientConfig(this).objectId, props, ['principal_id']);
      return;
    }
    for (const deployer of new Set(deployers)) {
      this.grant(deployer, deployer, props);
    }
  }

  private grant(id: string, principalId: string, props: DeployerAccessProps, remembered?: string[]): void {
    const deployer = new Construct(this, id);
    const roles = {
      ...ROLES,
      ...(props.grafana ? { grafana: BuiltInRole.GRAFANA_ADMIN } : {}),
      ...(props.metrics ? { metrics: BuiltInRole.MONITORING_DATA_READER } : {}),
    };
    for (const [subject, role] of Object.entries(roles)) {
      new RoleAssignment(deployer, subject, {
        scope: props.resourceGroup.idFor(this),
        roleDefinitionName: role,
        principalId,
        lifecycle: remembered ? { ignoreChanges: remembered } : undefined,
      });
    }
  }
}

function objectIdProblem(objectId: string): string | undefined {
  if (Token.isUnresolved(objectId) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(objectId)) {
    return undefined;
  }
  return (
    `a deployer is the object id of a user, group or service principal, a GUID; got '${objectId}'; ` +
    "'az ad signed-in-user show --query id' prints yours"
  );
}
