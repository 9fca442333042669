import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { refuse } from '../src/validation';
import type { IApplicationInsights } from './application-insights';
import type { IAzureResource } from './azure-resource';
import type { IContainerRegistry } from './container-registry';
import type { IKeyVault } from './key-vault';
import { acrossStacks } from './private/across-stacks';
import { globalName, localName } from './private/generated-name';
import { assignRole } from './private/role-assignment';
import { RolePropagation } from './private/role-propagation';
import { safeStorageAccount } from './private/safe-storage-account';
import type { IResourceGroup } from './resource-group';
import { UserAssignedIdentity } from './user-assigned-identity';

/** Properties of `Workspace`. */
export interface WorkspaceProps {
  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;

  /** Where the workspace keeps its secrets. Its identity administers the vault, so service keys belong in another. */
  readonly keyVault: IKeyVault;

  /** Where the workspace keeps its images. */
  readonly registry: IContainerRegistry;

  /** Where the workspace sends its telemetry. */
  readonly applicationInsights: IApplicationInsights;

  /**
   * Name of the workspace. Changing it replaces the workspace.
   *
   * @default - made of the construct's path
   */
  readonly workspaceName?: string;

  /**
   * Name of the workspace's own storage account, unique in all of Azure. Changing it replaces account and workspace.
   *
   * @default - made of the construct's path and a hash of path, subscription, group and region
   */
  readonly storageAccountName?: string;

  /**
   * Whether Terraform refuses to destroy the workspace and its storage.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * An Azure Machine Learning workspace that runs as an identity of its own.
 *
 * The identity has its roles before the workspace is made; this is what lets the registry's admin user stay off. The
 * workspace's own storage account is the one place where shared keys stay on: azurerm cannot yet give a workspace
 * datastores that use an identity. Models that are served do not lie there but in the `ModelStore`.
 */
export class Workspace extends Construct implements IAzureResource {
  /** Name of the workspace, as a literal. */
  public readonly workspaceName: string;

  private readonly resource: MachineLearningWorkspace;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    const protect = props.protect ?? true;
    this.resourceGroup = props.resourceGroup;
    this.workspaceName = props.workspaceName ?? localName(this, AzureName.WORKSPACE, 'mlw');
    refuse(this, [AzureName.WORKSPACE.problem(this.workspaceName)]);

    const identity = new UserAssignedIdentity(this, 'identity', { resourceGroup: props.resourceGroup });
    const storage = new WorkspaceStorage(this, 'storage', {
      resourceGroup: props.resourceGroup,
      storageAccountName: props.storageAccountName,
      protect,
    });
    const roles = new RolePropagation(this, 'Roles', [
      assignRole(identity, BuiltInRole.CONTRIBUTOR, storage),
      assignRole(identity, BuiltInRole.CONTRIBUTOR, props.keyVault),
      assignRole(identity, BuiltInRole.CONTRIBUTOR, props.registry),
      assignRole(identity, BuiltInRole.CONTRIBUTOR, props.applicationInsights),
      assignRole(identity, BuiltInRole.STORAGE_BLOB_DATA_CONTRIBUTOR, storage),
      assignRole(identity, BuiltInRole.KEY_VAULT_ADMINISTRATOR, props.keyVault),
    ]);

    this.resource = new MachineLearningWorkspace(this, 'Resource', {
      name: this.workspaceName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      applicationInsightsId: props.applicationInsights.idFor(this),
      containerRegistryId: props.registry.idFor(this),
      keyVaultId: props.keyVault.idFor(this),
      storageAccountId: storage.idFor(this),
      publicNetworkAccessEnabled: true,
      identity: { type: 'UserAssigned', identityIds: [identity.idFor(this)] },
      primaryUserAssignedIdentity: identity.idFor(this),
      dependsOn: [roles],
      lifecycle: { preventDestroy: protect },
    });
  }

  public idFor(scope: IConstruct): string {
    const literal = resourceId(this.resourceGroup, 'Microsoft.MachineLearningServices/workspaces', this.workspaceName);
    return acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.workspaceName);
  }
}

interface WorkspaceStorageProps {
  readonly resourceGroup: IResourceGroup;
  readonly storageAccountName?: string;
  readonly protect: boolean;
}

/** The account that the workspace writes its own things to: experiments, snapshots, logs. */
class WorkspaceStorage extends Construct implements IAzureResource {
  private readonly accountName: string;
  private readonly resource;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: WorkspaceStorageProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.accountName = props.storageAccountName ?? globalName(this, AzureName.STORAGE_ACCOUNT, props.resourceGroup);
    refuse(this, [AzureName.STORAGE_ACCOUNT.problem(this.accountName)]);
    this.resource = safeStorageAccount(this, 'Resource', {
      name: this.accountName,
      resourceGroup: props.resourceGroup,
      sharedKeys: true,
      softDeleteDays: 7,
      protect: props.protect,
    });
  }

  public idFor(scope: IConstruct): string {
    const literal = resourceId(this.resourceGroup, 'Microsoft.Storage/storageAccounts', this.accountName);
    return acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.accountName);
  }
}
