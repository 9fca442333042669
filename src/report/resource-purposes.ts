import type { SynthesizedResource } from './synthesized-output';
import { named } from './words';

/** Stands for a release of a chart that lies in the output: those of add-ons come from a repository. */
const OWN_RELEASE = 'helm_release of a service';

/** Stand for the templates of what the azurerm provider has no resource for, by what Azure calls it. */
const TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['Microsoft.Dashboard/dashboards', 'template of a dashboard'],
  ['Microsoft.Dashboard/grafana', 'template of Grafana'],
]);

/** What a Terraform type is in words. */
export interface ResourcePurpose {
  /** What one of them is called, such as `storage account`. */
  readonly one: string;

  /** What several of them are called. */
  readonly many: string;

  /** What it is there for, as half a sentence. */
  readonly purpose: string;

  /** Whether a stack is described by having it; the fittings of other resources are not. */
  readonly notable: boolean;
}

/** The types a stack is described by, the most telling first. */
const NOTABLE: readonly (readonly [type: string, one: string, many: string, purpose: string])[] = [
  ['azurerm_machine_learning_workspace', 'Azure ML workspace', 'Azure ML workspaces', 'registers models and jobs'],
  ['azurerm_kubernetes_cluster', 'AKS cluster', 'AKS clusters', 'runs the model servers'],
  [
    'azurerm_kubernetes_cluster_node_pool',
    'node pool',
    'node pools',
    'nodes of one size that grow and shrink with load',
  ],
  ['kubernetes_deployment_v1', 'service', 'services', 'runs the replicas of a service'],
  ['azurerm_container_group', 'container group', 'container groups', 'runs a service without a cluster'],
  ['azurerm_storage_account', 'storage account', 'storage accounts', 'keeps models and other files'],
  ['azurerm_container_registry', 'container registry', 'container registries', 'keeps container images'],
  ['azurerm_key_vault', 'key vault', 'key vaults', 'keeps secrets and certificates'],
  ['azurerm_virtual_network', 'virtual network', 'virtual networks', 'private addresses of nodes and stores'],
  ['azurerm_log_analytics_workspace', 'log store', 'log stores', 'keeps logs of the platform'],
  ['azurerm_monitor_workspace', 'metrics store', 'metrics stores', 'keeps Prometheus metrics of the cluster'],
  ['helm_release', 'cluster add-on', 'cluster add-ons', 'installs software that the cluster needs once'],
  ['azurerm_storage_blob', 'uploaded file', 'uploaded files', 'a file of a model, as the servers read it'],
];

/** Everything else that the library makes. */
const FITTINGS: readonly (readonly [type: string, one: string, many: string, purpose: string])[] = [
  [
    OWN_RELEASE,
    'scaling and metrics',
    'scaling and metrics',
    'scales a service by its load, and lets Prometheus read it',
  ],
  [
    'azurerm_application_insights',
    'Application Insights',
    'Application Insights',
    'collects requests, errors and traces',
  ],
  ['azurerm_container_registry_task', 'image build', 'image builds', 'builds an image inside the registry'],
  [
    'azurerm_container_registry_task_schedule_run_now',
    'image build run',
    'image build runs',
    'runs an image build during the deployment',
  ],
  [
    'azurerm_federated_identity_credential',
    'trust in a service account',
    'trusts in service accounts',
    'lets the pods of a service act as their identity, without a key',
  ],
  ['azurerm_key_vault_certificate', 'certificate', 'certificates', 'a certificate of a service'],
  ['azurerm_key_vault_secret', 'secret', 'secrets', 'keeps a key or another secret; its value is not in the state'],
  [
    'azurerm_monitor_alert_prometheus_rule_group',
    'group of alerts',
    'groups of alerts',
    'tells somebody when a service or its nodes are in trouble',
  ],
  ['azurerm_monitor_data_collection_endpoint', 'collection endpoint', 'collection endpoints', 'where metrics arrive'],
  [
    'azurerm_monitor_data_collection_rule',
    'collection rule',
    'collection rules',
    'says which metrics or logs are kept where',
  ],
  [
    'azurerm_monitor_data_collection_rule_association',
    'collection rule association',
    'collection rule associations',
    'makes a cluster send its metrics or logs',
  ],
  [
    'azurerm_log_analytics_saved_search',
    'saved query',
    'saved queries',
    'finds lines of a service among all logs of the platform',
  ],
  ['azurerm_monitor_diagnostic_setting', 'diagnostic setting', 'diagnostic settings', 'sends logs to the log store'],
  [
    'azurerm_network_security_group',
    'network security group',
    'network security groups',
    'says who may reach a subnet',
  ],
  ['azurerm_private_dns_zone', 'private DNS zone', 'private DNS zones', 'names of private endpoints'],
  ['azurerm_private_endpoint', 'private endpoint', 'private endpoints', 'private address of a store'],
  ['azurerm_public_ip', 'public address', 'public addresses', 'address on the internet'],
  ['azurerm_resource_group', 'resource group', 'resource groups', 'holds the Azure resources of the platform'],
  [
    'azurerm_resource_group_template_deployment',
    'template deployment',
    'template deployments',
    'makes what the azurerm provider has no resource for',
  ],
  ['azurerm_role_assignment', 'role', 'roles', 'lets somebody do something somewhere'],
  [
    'azurerm_storage_container',
    'blob container',
    'blob containers',
    'folder of a storage account with rights of its own',
  ],
  ['azurerm_subnet', 'subnet', 'subnets', 'part of a virtual network'],
  ['azurerm_user_assigned_identity', 'identity', 'identities', 'a name that software signs in with, without a key'],
  ['kubernetes_config_map_v1', 'config map', 'config maps', 'configuration of gateways, routers and servers'],
  [
    'kubernetes_horizontal_pod_autoscaler_v2',
    'autoscaler',
    'autoscalers',
    'adds and removes replicas of a service with load',
  ],
  ['kubernetes_ingress_v1', 'ingress', 'ingresses', 'lets callers outside the cluster reach a service'],
  ['kubernetes_job_v1', 'job', 'jobs', 'runs once'],
  ['kubernetes_namespace_v1', 'namespace', 'namespaces', 'part of the cluster with names and rules of its own'],
  [
    'kubernetes_network_policy_v1',
    'network policy',
    'network policies',
    'says who may call the pods of a service or of its routers',
  ],
  [
    'kubernetes_pod_disruption_budget_v1',
    'disruption budget',
    'disruption budgets',
    'keeps replicas and routers running while nodes are drained',
  ],
  ['kubernetes_secret_v1', 'Kubernetes secret', 'Kubernetes secrets', 'digests of the keys that callers show'],
  ['kubernetes_service_account_v1', 'service account', 'service accounts', 'who the pods are, inside the cluster'],
  [
    'kubernetes_service_v1',
    'address',
    'addresses',
    'where callers find a service, and routers its replicas and each other',
  ],
  [
    'kubernetes_stateful_set_v1',
    'set of routers',
    'sets of routers',
    'finds a free replica for each call to a service of several',
  ],
  ['template of Grafana', 'Grafana', 'Grafanas', 'shows the metrics of the platform'],
  ['template of a dashboard', 'dashboard', 'dashboards', 'draws what happens in a service, or on the nodes'],
  ['time_sleep', 'pause', 'pauses', 'waits until Azure has spread new roles'],
];

const PURPOSES = new Map<string, ResourcePurpose>([
  ...NOTABLE.map(([type, one, many, purpose]) => [type, { one, many, purpose, notable: true }] as const),
  ...FITTINGS.map(([type, one, many, purpose]) => [type, { one, many, purpose, notable: false }] as const),
]);

/** What a Terraform type is in words; a type that the library does not make is told by its name. */
export function purposeOf(type: string): ResourcePurpose {
  const known = PURPOSES.get(type);
  if (known !== undefined) {
    return known;
  }
  const words = type.replace(/^[a-z0-9]+_/, '').replace(/_v\d+$/, '');
  const one = words.replaceAll('_', ' ');
  return { one, many: /s$/.test(one) ? one : `${one}s`, purpose: `${one} (${type.split('_')[0]})`, notable: false };
}

/**
 * What a resource is told as: its type, but for what a service brings itself and the cluster does not need, and for
 * templates, whose type says nothing of what they make.
 */
export function toldTypeOf({ type, arguments: given }: Pick<SynthesizedResource, 'type' | 'arguments'>): string {
  if (type === 'helm_release' && given.repository === undefined) {
    return OWN_RELEASE;
  }
  return TEMPLATES.get(madeByTemplate(given.template_content) ?? '') ?? type;
}

/** Azure's type of what a template makes first. */
function madeByTemplate(template: unknown): string | undefined {
  return typeof template === 'string' ? /"type":\s*"(Microsoft\.[^"]+)"/.exec(template)?.[1] : undefined;
}

/** What one resource of a Terraform type is called. */
export function kindOf(type: string): string {
  return purposeOf(type).one;
}

/** The types of which a reader wants the names more than the number. */
const TOLD_BY_NAME = new Set(['azurerm_kubernetes_cluster_node_pool', 'kubernetes_deployment_v1', 'helm_release']);

/** More names than this are told by their number. */
const MOST_NAMES = 3;

/**
 * What a stack is for: its notable types with their number or names, the most telling first; where it has none, all
 * there is.
 */
export function describeResources(resources: readonly { readonly type: string; readonly name: string }[]): string {
  if (resources.length === 0) {
    return 'nothing yet';
  }
  const types = new Set(resources.map(({ type }) => type));
  const notable = NOTABLE.map(([type]) => type).filter((type) => types.has(type));
  return (notable.length > 0 ? notable : [...types])
    .map((type) =>
      describeType(
        type,
        resources.filter((resource) => resource.type === type).map(({ name }) => name),
      ),
    )
    .join(', ');
}

function describeType(type: string, names: readonly string[]): string {
  const { one, many } = purposeOf(type);
  if (TOLD_BY_NAME.has(type) && names.length <= MOST_NAMES) {
    return named(names, one, many);
  }
  return names.length === 1 ? one : `${names.length} ${many}`;
}
