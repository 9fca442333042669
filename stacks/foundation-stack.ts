import { Fn, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { ApplicationInsights, type IApplicationInsights } from '../constructs/application-insights';
import { ContainerRegistry, type IContainerRegistry, type RegistrySku } from '../constructs/container-registry';
import { DeployerAccess } from '../constructs/deployer-access';
import { ImageBuilder } from '../constructs/image-builder';
import { type IKeyVault, KeyVault } from '../constructs/key-vault';
import { type ILogAnalyticsWorkspace, LogAnalyticsWorkspace } from '../constructs/log-analytics-workspace';
import { ManagedGrafana } from '../constructs/managed-grafana';
import { type IModelStore, ModelStore } from '../constructs/model-store';
import { type IMonitorWorkspace, MonitorWorkspace } from '../constructs/monitor-workspace';
import { clientConfig } from '../constructs/private/client-config';
import { type IResourceGroup, ResourceGroup } from '../constructs/resource-group';
import { Workspace } from '../constructs/workspace';
import { normalizeLocation } from '../src/azure/location';
import { Monitoring } from '../src/monitoring/monitoring';
import { broken, refuse } from '../src/validation';
import { PlatformStack, type PlatformStackOptions } from './platform-stack';

/** Options of the foundation that a whole platform passes on. */
export interface FoundationOptions {
  /** Region of the platform, such as `westeurope`. Callers belong in the same region. */
  readonly location: string;

  /**
   * Group that everything of the platform is put into.
   *
   * @default - a new one
   */
  readonly resourceGroup?: IResourceGroup;

  /**
   * Registry that the cluster pulls images from.
   *
   * @default - a new one
   */
  readonly registry?: IContainerRegistry;

  /**
   * What a new registry costs and can do.
   *
   * @default RegistrySku.STANDARD
   */
  readonly registrySku?: RegistrySku;

  /**
   * Where the logs are kept.
   *
   * @default - a new workspace
   */
  readonly logAnalytics?: ILogAnalyticsWorkspace;

  /**
   * Who collects the metrics of the cluster's pods, which services scale by and dashboards show.
   *
   * `Monitoring.AZURE_MANAGED` puts an Azure Monitor workspace and a managed Grafana into the foundation. Azure takes
   * money for each sample of a metric that it keeps or is asked for, for Grafana by the hour, and for each person who uses
   * Grafana by the month.
   *
   * @default Monitoring.AZURE_MANAGED
   * @see https://azure.microsoft.com/pricing/details/monitor/
   * @see https://azure.microsoft.com/pricing/details/managed-grafana/
   */
  readonly monitoring?: Monitoring;

  /**
   * Where managed Prometheus keeps the metrics; refused unless it collects them.
   *
   * @default - a new workspace with Monitoring.AZURE_MANAGED
   */
  readonly monitorWorkspace?: IMonitorWorkspace;

  /**
   * Whether a managed Grafana shows the metrics, which those who deploy administer; refused unless managed Prometheus
   * collects them. Leave it out where there is one already, linked to the workspace.
   *
   * @default - true with Monitoring.AZURE_MANAGED
   */
  readonly grafana?: boolean;

  /**
   * Where the models lie.
   *
   * @default - a new store
   */
  readonly models?: IModelStore;

  /**
   * Object ids in Entra ID of the users, groups and service principals who deploy: they get the roles to write blobs,
   * secrets and Kubernetes objects of this platform.
   *
   * @default - whoever deploys the foundation first
   */
  readonly deployers?: readonly string[];

  /**
   * Whether Terraform refuses to destroy what holds data. Turn it off only for platforms that are thrown away.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** Properties of `FoundationStack`. */
export interface FoundationStackProps extends PlatformStackOptions, FoundationOptions {}

/**
 * What a platform stands on and what holds its data: resource group, logs, metrics with Grafana, two Key Vaults, registry,
 * model store, identity of image builds and Azure ML workspace. It changes rarely, and Terraform refuses to destroy it.
 */
export class FoundationStack extends PlatformStack {
  /** Group that everything of the platform is put into. */
  public readonly resourceGroup: IResourceGroup;

  /** Where the logs are kept. */
  public readonly logAnalytics: ILogAnalyticsWorkspace;

  /** Where managed Prometheus keeps the metrics; nothing where it does not collect them. */
  public readonly monitorWorkspace?: IMonitorWorkspace;

  /** What shows the metrics; nothing where they are shown elsewhere. */
  public readonly grafana?: ManagedGrafana;

  /** Vault for the keys of services; the workspace's identity has no right in it. */
  public readonly keyVault: IKeyVault;

  /** Registry that the cluster pulls images from. */
  public readonly registry: IContainerRegistry;

  /** Where the models lie. */
  public readonly models: IModelStore;

  /** What builds images with scoring scripts inside the registry. */
  public readonly imageBuilder: ImageBuilder;

  /** Where the workspace and scoring scripts send their telemetry. */
  public readonly applicationInsights: IApplicationInsights;

  /** The Azure ML workspace. */
  public readonly workspace: Workspace;

  constructor(scope: Construct, id: string, props: FoundationStackProps) {
    super(scope, id, { ...props, resourceProviders: resourceProvidersFor(props) });
    const { protect, subscriptionId, location } = props;
    const monitoring = props.monitoring ?? Monitoring.AZURE_MANAGED;
    refuse(this, [...groupProblems(props), ...monitoringProblems(monitoring, props)]);
    const resourceGroup =
      props.resourceGroup ?? new ResourceGroup(this, 'resource-group', { subscriptionId, location, protect });
    this.resourceGroup = resourceGroup;
    this.logAnalytics = props.logAnalytics ?? new LogAnalyticsWorkspace(this, 'logs', { resourceGroup, protect });
    if (monitoring === Monitoring.AZURE_MANAGED) {
      const monitorWorkspace =
        props.monitorWorkspace ?? new MonitorWorkspace(this, 'metrics', { resourceGroup, protect });
      this.monitorWorkspace = monitorWorkspace;
      if (props.grafana ?? true) {
        this.grafana = new ManagedGrafana(this, 'grafana', { resourceGroup, monitorWorkspace, protect });
      }
    }
    this.registry =
      props.registry ?? new ContainerRegistry(this, 'registry', { resourceGroup, sku: props.registrySku, protect });
    this.keyVault = new KeyVault(this, 'service-keys', { resourceGroup, protect });
    this.models = props.models ?? new ModelStore(this, 'models', { resourceGroup, protect });
    this.imageBuilder = new ImageBuilder(this, 'image-builder', {
      resourceGroup,
      registry: this.registry,
      store: this.models,
    });
    const workspaceVault = new KeyVault(this, 'workspace-vault', { resourceGroup, protect });
    this.applicationInsights = new ApplicationInsights(this, 'insights', {
      resourceGroup,
      logAnalytics: this.logAnalytics,
    });
    this.workspace = new Workspace(this, 'workspace', {
      resourceGroup,
      registry: this.registry,
      keyVault: workspaceVault,
      applicationInsights: this.applicationInsights,
      protect,
    });
    new DeployerAccess(this, 'deployers', {
      resourceGroup,
      deployers: props.deployers,
      grafana: this.grafana !== undefined,
      metrics: this.monitorWorkspace?.resourceGroup === resourceGroup,
    });
    this.addOutputs();
  }

  private addOutputs(): void {
    const subscription = clientConfig(this).subscriptionId;
    const group = this.resourceGroup.nameFor(this);
    const workspace = this.workspace.nameFor(this);
    const outputs = {
      workspace_name: { value: workspace, description: 'Name of the Azure ML workspace.' },
      resource_group_name: { value: group, description: 'Name of the resource group of the platform.' },
      location: { value: this.resourceGroup.location, description: 'Region of the platform; callers belong here too.' },
      subscription_id: { value: subscription, description: 'Id of the subscription.' },
      workspace_config: {
        value: Fn.jsonencode({ subscription_id: subscription, resource_group: group, workspace_name: workspace }),
        description: "Text of the config.json that Azure ML's SDKs look for.",
      },
    };
    for (const [id, output] of Object.entries(outputs)) {
      new TerraformOutput(this, id, output);
    }
    if (this.grafana !== undefined) {
      new TerraformOutput(this, 'grafana_command', {
        value: `az resource show --ids ${this.grafana.idFor(this)} --query properties.endpoint --output tsv`,
        description: 'The command that prints the address of Grafana.',
      });
    }
  }
}

/** What azurerm does not register by itself; dashboards and alerts of later stacks need the last two. */
function resourceProvidersFor({ monitoring }: FoundationStackProps): string[] | undefined {
  const managed = (monitoring ?? Monitoring.AZURE_MANAGED) === Monitoring.AZURE_MANAGED;
  return managed ? ['Microsoft.Monitor', 'Microsoft.Dashboard', 'Microsoft.AlertsManagement'] : undefined;
}

/** What the platform is given for managed Prometheus without having it. */
function monitoringProblems(monitoring: Monitoring, { monitorWorkspace, grafana }: FoundationStackProps): string[] {
  const managed = monitoring === Monitoring.AZURE_MANAGED;
  const given = monitoring === Monitoring.NONE ? 'NONE' : 'IN_CLUSTER';
  return broken([
    {
      broken: !managed && monitorWorkspace !== undefined,
      message:
        'only managed Prometheus keeps metrics in an Azure Monitor workspace; got a monitorWorkspace with monitoring: ' +
        `Monitoring.${given}; leave one of them out`,
    },
    {
      broken: !managed && grafana === true,
      message:
        'a managed Grafana shows what managed Prometheus collects; got grafana: true with monitoring: ' +
        `Monitoring.${given}; leave one of them out`,
    },
  ]);
}

function groupProblems({ location, subscriptionId, resourceGroup }: FoundationStackProps): string[] {
  const region = normalizeLocation(location);
  if (resourceGroup === undefined) {
    return [];
  }
  const group = `its resource group '${resourceGroup.resourceGroupName}'`;
  return broken([
    {
      broken: resourceGroup.location !== region,
      message:
        `the platform is created in the region of ${group}, '${resourceGroup.location}'; got location '${location}'; ` +
        'give the same region to both',
    },
    {
      broken: resourceGroup.subscriptionId !== subscriptionId,
      message:
        `the platform is created in the subscription of ${group}, '${resourceGroup.subscriptionId}'; got subscriptionId ` +
        `'${subscriptionId}'; give the same subscription to both`,
    },
  ]);
}
