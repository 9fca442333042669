import type { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { BuiltInRole } from '../src/azure/built-in-role';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import type { IMonitorWorkspace } from './monitor-workspace';
import { acrossStacks } from './private/across-stacks';
import { ARM_PLACE, armTemplate } from './private/arm-template';
import { globalName } from './private/generated-name';
import { assignRole } from './private/role-assignment';
import type { IResourceGroup } from './resource-group';
import { UserAssignedIdentity } from './user-assigned-identity';

/** Properties of `ManagedGrafana`. */
export interface ManagedGrafanaProps {
  /** Group that holds Grafana, and whose resources its data source of Azure Monitor shows. */
  readonly resourceGroup: IResourceGroup;

  /** Where managed Prometheus keeps the metrics that it shows. */
  readonly monitorWorkspace: IMonitorWorkspace;

  /**
   * Name of Grafana, which starts its address. Changing it makes another one beside it and deletes this one, with the
   * dashboards that people made in it.
   *
   * @default - made of the construct's path, ended by a hash
   */
  readonly grafanaName?: string;

  /**
   * Whether Terraform refuses to destroy Grafana.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * Azure Managed Grafana, linked to the metrics of a platform. Only Entra ID opens it: API keys are off, and it reads as an
 * identity of its own. Azure chooses its version and raises it. It is paid for by the hour as long as it is there, and by
 * the month for each person who uses it.
 *
 * It comes as a template of Azure Resource Manager: azurerm 4.55 knows the major versions 10 and 11 alone, and Azure
 * makes none of these any more. Destroying the template's deployment deletes Grafana.
 *
 * @see https://azure.microsoft.com/pricing/details/managed-grafana/
 * @see https://github.com/hashicorp/terraform-provider-azurerm/pull/32777
 */
export class ManagedGrafana extends Construct implements IAzureResource {
  /** Name of Grafana, as a literal. */
  public readonly grafanaName: string;

  /** The identity that it reads as, for roles on what it is to show besides. */
  public readonly identity: UserAssignedIdentity;

  private readonly resource: ResourceGroupTemplateDeployment;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: ManagedGrafanaProps) {
    super(scope, id);
    const { resourceGroup, monitorWorkspace } = props;
    this.resourceGroup = resourceGroup;
    this.grafanaName = props.grafanaName ?? globalName(this, AzureName.GRAFANA, resourceGroup);
    refuse(this, [AzureName.GRAFANA.problem(this.grafanaName)]);

    this.identity = new UserAssignedIdentity(this, 'identity', { resourceGroup });
    const roles = [
      assignRole(this.identity, BuiltInRole.MONITORING_DATA_READER, monitorWorkspace),
      assignRole(this.identity, BuiltInRole.MONITORING_READER, resourceGroup),
    ];
    this.resource = armTemplate(this, 'Resource', {
      name: this.grafanaName,
      resourceGroup,
      resources: RESOURCES,
      values: { identityId: this.identity.idFor(this), monitorWorkspaceId: monitorWorkspace.idFor(this) },
      lifecycle: { preventDestroy: props.protect ?? true },
      dependsOn: roles,
    });
  }

  public idFor(scope: IConstruct): string {
    // the deployment has an id of its own
    const type = 'Microsoft.Dashboard/grafana';
    const group = this.resourceGroup;
    return acrossStacks(
      this,
      scope,
      `${group.idFor(this)}/providers/${type}/${this.resource.name}`,
      resourceId(group, type, this.grafanaName),
    );
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.grafanaName);
  }
}

/** Left to Azure: the version, which it raises by itself; a deployment that names an older one would fail then. */
const RESOURCES = [
  {
    type: 'Microsoft.Dashboard/grafana',
    apiVersion: '2024-10-01',
    ...ARM_PLACE,
    sku: { name: 'Standard' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { "[parameters('identityId')]": {} } },
    properties: {
      apiKey: 'Disabled',
      deterministicOutboundIP: 'Disabled',
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      grafanaIntegrations: {
        azureMonitorWorkspaceIntegrations: [{ azureMonitorWorkspaceResourceId: "[parameters('monitorWorkspaceId')]" }],
      },
    },
  },
];
