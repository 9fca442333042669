import { ApplicationInsights as ApplicationInsightsResource } from '@cdktf/provider-azurerm/lib/application-insights';
import { Fn, TerraformStack, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { refuse } from '../src/validation';
import type { IAzureResource, IGrantee } from './azure-resource';
import type { ILogAnalyticsWorkspace } from './log-analytics-workspace';
import { acrossStacks } from './private/across-stacks';
import type * as ConnectionString from './private/connection-string';
import { localName } from './private/generated-name';
import { assignRole } from './private/role-assignment';
import type { IResourceGroup } from './resource-group';

// most programs read no component of another stack, and bindings take long to load
const connectionStrings = (): typeof ConnectionString => require('./private/connection-string');

/** An Application Insights component of this app or made elsewhere. */
export interface IApplicationInsights extends IAzureResource {
  /** Name of the component, as a literal. */
  readonly applicationInsightsName: string;

  /** Lets an identity send telemetry to the component and nothing else. */
  grantPublish(grantee: IGrantee): void;

  /**
   * Where telemetry is sent to, as `scope` has to write it: the component's connection string, which the stack of `scope`
   * reads from Azure. It is no secret, since the key in it opens nothing without local authentication.
   */
  connectionStringFor(scope: IConstruct): string;
}

/** Properties of `ApplicationInsights`. */
export interface ApplicationInsightsProps {
  /** Group that holds the component. */
  readonly resourceGroup: IResourceGroup;

  /** Where the component keeps what it receives. */
  readonly logAnalytics: ILogAnalyticsWorkspace;

  /**
   * Name of the component. Changing it replaces the component and the Azure ML workspace that uses it.
   *
   * @default - made of the construct's path
   */
  readonly applicationInsightsName?: string;
}

/** What is known of a component made elsewhere. */
export interface ApplicationInsightsAttributes {
  /** Name of the component. */
  readonly applicationInsightsName: string;

  /** Group that holds the component. */
  readonly resourceGroup: IResourceGroup;
}

/** The Application Insights component of a workspace. Telemetry needs Entra ID: its instrumentation key opens nothing. */
export class ApplicationInsights extends Construct implements IApplicationInsights {
  /**
   * Refers to a component made elsewhere. Whoever deploys must be allowed to assign roles on it. Its local authentication
   * belongs off: with it, whoever reads the cluster or the state of a service finds a key to send telemetry with.
   */
  public static fromApplicationInsightsAttributes(
    scope: Construct,
    id: string,
    attributes: ApplicationInsightsAttributes,
  ): IApplicationInsights {
    return new ImportedApplicationInsights(scope, id, attributes);
  }

  public readonly applicationInsightsName: string;

  private readonly resource: ApplicationInsightsResource;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: ApplicationInsightsProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.applicationInsightsName =
      props.applicationInsightsName ?? localName(this, AzureName.APPLICATION_INSIGHTS, 'appi');
    refuse(this, [AzureName.APPLICATION_INSIGHTS.problem(this.applicationInsightsName)]);

    this.resource = new ApplicationInsightsResource(this, 'Resource', {
      name: this.applicationInsightsName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      workspaceId: props.logAnalytics.idFor(this),
      applicationType: 'web',
      localAuthenticationDisabled: true,
    });
  }

  public grantPublish(grantee: IGrantee): void {
    assignRole(grantee, BuiltInRole.MONITORING_METRICS_PUBLISHER, this);
  }

  public connectionStringFor(scope: IConstruct): string {
    return TerraformStack.of(this) === TerraformStack.of(scope)
      ? Token.asString(Fn.nonsensitive(this.resource.connectionString))
      : connectionStrings().existingConnectionString(this, this.resourceGroup, scope);
  }

  public idFor(scope: IConstruct): string {
    const literal = applicationInsightsId(this.resourceGroup, this.applicationInsightsName);
    return acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.applicationInsightsName);
  }
}

class ImportedApplicationInsights extends Construct implements IApplicationInsights {
  public readonly applicationInsightsName: string;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: ApplicationInsightsAttributes) {
    super(scope, id);
    this.applicationInsightsName = attributes.applicationInsightsName;
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.APPLICATION_INSIGHTS.problem(attributes.applicationInsightsName)]);
  }

  public grantPublish(grantee: IGrantee): void {
    assignRole(grantee, BuiltInRole.MONITORING_METRICS_PUBLISHER, this);
  }

  public connectionStringFor(scope: IConstruct): string {
    return connectionStrings().existingConnectionString(this, this.resourceGroup, scope);
  }

  public idFor(): string {
    return applicationInsightsId(this.resourceGroup, this.applicationInsightsName);
  }

  public nameFor(): string {
    return this.applicationInsightsName;
  }
}

function applicationInsightsId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.Insights/components', name);
}
