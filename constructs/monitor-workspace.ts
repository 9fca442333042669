import { MonitorWorkspace as MonitorWorkspaceResource } from '@cdktf/provider-azurerm/lib/monitor-workspace';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { normalizeLocation } from '../src/azure/location';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

/** An Azure Monitor workspace of this app or made elsewhere. */
export interface IMonitorWorkspace extends IAzureResource {
  /** Name of the workspace, as a literal. */
  readonly monitorWorkspaceName: string;

  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;

  /** Region of the workspace, which that of its group need not be. */
  readonly location: string;
}

/** Properties of `MonitorWorkspace`. */
export interface MonitorWorkspaceProps {
  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the workspace. Changing it replaces the workspace and loses its metrics.
   *
   * @default - made of the construct's path
   */
  readonly monitorWorkspaceName?: string;

  /**
   * Whether Terraform refuses to destroy the workspace.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of an Azure Monitor workspace made elsewhere. */
export interface MonitorWorkspaceAttributes {
  /** Name of the workspace. */
  readonly monitorWorkspaceName: string;

  /** Group that holds the workspace. Whoever deploys makes rules of alerts and dashboards there. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Region of the workspace.
   *
   * @default - that of the group
   */
  readonly location?: string;
}

/** Where managed Prometheus keeps the metrics of a platform, for 18 months. Only Entra ID opens it. */
export class MonitorWorkspace extends Construct implements IMonitorWorkspace {
  /** Refers to a workspace made elsewhere. */
  public static fromMonitorWorkspaceAttributes(
    scope: Construct,
    id: string,
    attributes: MonitorWorkspaceAttributes,
  ): IMonitorWorkspace {
    return new ImportedMonitorWorkspace(scope, id, attributes);
  }

  public readonly monitorWorkspaceName: string;
  public readonly resourceGroup: IResourceGroup;
  public readonly location: string;

  private readonly resource: MonitorWorkspaceResource;

  constructor(scope: Construct, id: string, props: MonitorWorkspaceProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.location = props.resourceGroup.location;
    this.monitorWorkspaceName = props.monitorWorkspaceName ?? localName(this, AzureName.MONITOR_WORKSPACE, 'amw');
    refuse(this, [AzureName.MONITOR_WORKSPACE.problem(this.monitorWorkspaceName)]);

    this.resource = new MonitorWorkspaceResource(this, 'Resource', {
      name: this.monitorWorkspaceName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: this.location,
      lifecycle: { preventDestroy: props.protect ?? true },
    });
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, workspaceId(this));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.monitorWorkspaceName);
  }
}

class ImportedMonitorWorkspace extends Construct implements IMonitorWorkspace {
  public readonly monitorWorkspaceName: string;
  public readonly resourceGroup: IResourceGroup;
  public readonly location: string;

  constructor(scope: Construct, id: string, attributes: MonitorWorkspaceAttributes) {
    super(scope, id);
    this.monitorWorkspaceName = attributes.monitorWorkspaceName;
    this.resourceGroup = attributes.resourceGroup;
    this.location = normalizeLocation(attributes.location ?? attributes.resourceGroup.location);
    refuse(this, [AzureName.MONITOR_WORKSPACE.problem(attributes.monitorWorkspaceName)]);
  }

  public idFor(): string {
    return workspaceId(this);
  }

  public nameFor(): string {
    return this.monitorWorkspaceName;
  }
}

function workspaceId({ resourceGroup, monitorWorkspaceName }: IMonitorWorkspace): string {
  return resourceId(resourceGroup, 'Microsoft.Monitor/accounts', monitorWorkspaceName);
}
