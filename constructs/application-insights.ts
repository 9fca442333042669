import { ApplicationInsights as ApplicationInsightsResource } from '@cdktf/provider-azurerm/lib/application-insights';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import type { ILogAnalyticsWorkspace } from './log-analytics-workspace';
import { acrossStacks } from './private/across-stacks';
import { localName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

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

/** The Application Insights component of a workspace. Telemetry needs Entra ID: its instrumentation key opens nothing. */
export class ApplicationInsights extends Construct implements IAzureResource {
  /** Name of the component, as a literal. */
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

  public idFor(scope: IConstruct): string {
    const literal = resourceId(this.resourceGroup, 'Microsoft.Insights/components', this.applicationInsightsName);
    return acrossStacks(this, scope, this.resource.id, literal);
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.applicationInsightsName);
  }
}
