import { LogAnalyticsWorkspace as LogAnalyticsWorkspaceResource } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { broken, refuse, wholeNumber } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

/** A Log Analytics workspace of this app or made elsewhere. */
export interface ILogAnalyticsWorkspace extends IAzureResource {
  /** Name of the workspace, as a literal. */
  readonly logAnalyticsWorkspaceName: string;

  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;
}

/** Properties of `LogAnalyticsWorkspace`. */
export interface LogAnalyticsWorkspaceProps {
  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the workspace. Changing it replaces the workspace and loses its logs.
   *
   * @default - made of the construct's path
   */
  readonly logAnalyticsWorkspaceName?: string;

  /**
   * How long logs are kept, 30 to 730 days.
   *
   * @default 30
   */
  readonly retentionDays?: number;

  /**
   * Whether Terraform refuses to destroy the workspace.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of a Log Analytics workspace made elsewhere. */
export interface LogAnalyticsWorkspaceAttributes {
  /** Name of the workspace. */
  readonly logAnalyticsWorkspaceName: string;

  /** Group that holds the workspace. */
  readonly resourceGroup: IResourceGroup;
}

/** Where the logs of a platform are kept. Only Entra ID opens it: its shared keys are off. */
export class LogAnalyticsWorkspace extends Construct implements ILogAnalyticsWorkspace {
  /** Refers to a workspace made elsewhere. */
  public static fromLogAnalyticsWorkspaceAttributes(
    scope: Construct,
    id: string,
    attributes: LogAnalyticsWorkspaceAttributes,
  ): ILogAnalyticsWorkspace {
    return new ImportedLogAnalyticsWorkspace(scope, id, attributes);
  }

  public readonly logAnalyticsWorkspaceName: string;
  public readonly resourceGroup: IResourceGroup;

  private readonly resource: LogAnalyticsWorkspaceResource;

  constructor(scope: Construct, id: string, props: LogAnalyticsWorkspaceProps) {
    super(scope, id);
    const retentionDays = props.retentionDays ?? 30;
    this.resourceGroup = props.resourceGroup;
    this.logAnalyticsWorkspaceName =
      props.logAnalyticsWorkspaceName ?? localName(this, AzureName.LOG_ANALYTICS_WORKSPACE, 'log');
    refuse(this, [
      AzureName.LOG_ANALYTICS_WORKSPACE.problem(this.logAnalyticsWorkspaceName),
      ...broken([wholeNumber('retentionDays', retentionDays, 30, 730)]),
    ]);

    this.resource = new LogAnalyticsWorkspaceResource(this, 'Resource', {
      name: this.logAnalyticsWorkspaceName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      sku: 'PerGB2018',
      retentionInDays: retentionDays,
      localAuthenticationEnabled: false,
      lifecycle: { preventDestroy: props.protect ?? true },
    });
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(
      this,
      scope,
      this.resource.id,
      logAnalyticsId(this.resourceGroup, this.logAnalyticsWorkspaceName),
    );
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.logAnalyticsWorkspaceName);
  }
}

class ImportedLogAnalyticsWorkspace extends Construct implements ILogAnalyticsWorkspace {
  public readonly logAnalyticsWorkspaceName: string;
  public readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: LogAnalyticsWorkspaceAttributes) {
    super(scope, id);
    this.logAnalyticsWorkspaceName = attributes.logAnalyticsWorkspaceName;
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.LOG_ANALYTICS_WORKSPACE.problem(attributes.logAnalyticsWorkspaceName)]);
  }

  public idFor(): string {
    return logAnalyticsId(this.resourceGroup, this.logAnalyticsWorkspaceName);
  }

  public nameFor(): string {
    return this.logAnalyticsWorkspaceName;
  }
}

function logAnalyticsId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.OperationalInsights/workspaces', name);
}
