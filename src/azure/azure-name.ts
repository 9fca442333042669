import { NameRule, type NameRuleProps } from '../name-rule';

/**
 * The rules for names of Azure resources.
 *
 * Where Azure Resource Manager and the Terraform provider differ, the stricter one holds: a name that only the provider
 * accepts fails at apply, one that only Azure accepts fails while planning.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export class AzureName extends NameRule {
  /** A resource group; unique in its subscription. */
  public static readonly RESOURCE_GROUP = new AzureName({
    what: 'resource group name',
    minLength: 1,
    maxLength: 90,
    pattern: /^[\w.()-]*[\w()-]$/,
    wording: '1 to 90 letters, digits, hyphens, underscores, periods and parentheses, the last not a period',
    upper: true,
    separator: '-',
  });

  /** A managed cluster; unique in its resource group. The provider checks only that there is a name. */
  public static readonly CLUSTER = new AzureName({
    what: 'cluster name',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
    wording: '1 to 63 letters, digits, hyphens and underscores, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** What the address of a cluster's API starts with. Azure takes a single character, the provider does not. */
  public static readonly DNS_PREFIX = new AzureName({
    what: 'DNS prefix',
    minLength: 2,
    maxLength: 54,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '2 to 54 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A Linux node pool; unique in its cluster. */
  public static readonly NODE_POOL = new AzureName({
    what: 'node pool name',
    minLength: 1,
    maxLength: 12,
    pattern: /^[a-z][a-z0-9]*$/,
    wording: '1 to 12 lowercase letters and digits, the first a letter',
  });

  /**
   * A Windows node pool; unique in its cluster. The provider checks only the rule for Linux.
   *
   * @see https://learn.microsoft.com/azure/aks/create-node-pools#limitations
   */
  public static readonly WINDOWS_NODE_POOL = new AzureName({
    what: 'Windows node pool name',
    minLength: 1,
    maxLength: 6,
    pattern: /^[a-z][a-z0-9]*$/,
    wording: '1 to 6 lowercase letters and digits, the first a letter',
  });

  /** The pool that stands in for one whose nodes are re-created; unique in its cluster. */
  public static readonly ROTATION_NODE_POOL = new AzureName({
    what: 'temporary node pool name',
    minLength: 1,
    maxLength: 12,
    pattern: /^[a-z][a-z0-9]*$/,
    wording: '1 to 12 lowercase letters and digits, the first a letter',
  });

  /** A container registry; unique in all of Azure. */
  public static readonly CONTAINER_REGISTRY = new AzureName({
    what: 'registry name',
    minLength: 5,
    maxLength: 50,
    pattern: /^[a-zA-Z0-9]+$/,
    wording: '5 to 50 letters and digits',
    upper: true,
  });

  /** A task of a container registry; unique in its registry. */
  public static readonly REGISTRY_TASK = new AzureName({
    what: 'registry task name',
    minLength: 5,
    maxLength: 50,
    pattern: /^[\w-]+$/,
    wording: '5 to 50 letters, digits, hyphens and underscores',
    upper: true,
    separator: '-',
  });

  /**
   * A pool of machines that run the tasks of a registry; unique in its registry.
   *
   * @see https://learn.microsoft.com/azure/templates/microsoft.containerregistry/registries/agentpools
   */
  public static readonly REGISTRY_AGENT_POOL = new AzureName({
    what: 'registry agent pool name',
    minLength: 3,
    maxLength: 20,
    pattern: /^[a-zA-Z0-9-]+$/,
    wording: '3 to 20 letters, digits and hyphens',
    upper: true,
    separator: '-',
  });

  /** A storage account; unique in all of Azure. */
  public static readonly STORAGE_ACCOUNT = new AzureName({
    what: 'storage account name',
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z0-9]+$/,
    wording: '3 to 24 lowercase letters and digits',
  });

  /** A blob container; unique in its account. `$root` and `$web`, whose meaning Azure fixed, are refused. */
  public static readonly BLOB_CONTAINER = new AzureName({
    what: 'blob container name',
    minLength: 3,
    maxLength: 63,
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    wording: '3 to 63 lowercase letters, digits and single hyphens, the first and last a letter or digit',
    separator: '-',
  });

  /** A Key Vault; unique in all of Azure. The provider lets digits and hyphens stand anywhere. */
  public static readonly KEY_VAULT = new AzureName({
    what: 'Key Vault name',
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/,
    wording: '3 to 24 letters, digits and single hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * A secret of a Key Vault; unique in its vault.
   *
   * @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
   */
  public static readonly KEY_VAULT_SECRET = new AzureName({
    what: 'Key Vault secret name',
    minLength: 1,
    maxLength: 127,
    pattern: /^[a-zA-Z0-9-]+$/,
    wording: '1 to 127 letters, digits and hyphens',
    upper: true,
    separator: '-',
  });

  /** A Log Analytics workspace; unique in its resource group. */
  public static readonly LOG_ANALYTICS_WORKSPACE = new AzureName({
    what: 'Log Analytics workspace name',
    minLength: 4,
    maxLength: 63,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '4 to 63 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** An Azure Monitor workspace; unique in its resource group. */
  public static readonly MONITOR_WORKSPACE = new AzureName({
    what: 'Azure Monitor workspace name',
    minLength: 4,
    maxLength: 44,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '4 to 44 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A group of Prometheus rules; unique in its resource group. Azure takes more signs and letters than these. */
  public static readonly PROMETHEUS_RULE_GROUP = new AzureName({
    what: 'Prometheus rule group name',
    minLength: 1,
    maxLength: 100,
    pattern: /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
    wording: '1 to 100 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * A dashboard of Azure Monitor with Grafana; unique in its resource group.
   *
   * @see https://github.com/Azure/azure-rest-api-specs/blob/main/specification/dashboard/Dashboard.Management/ManagedDashboard.tsp
   */
  public static readonly GRAFANA_DASHBOARD = new AzureName({
    what: 'Grafana dashboard name',
    minLength: 2,
    maxLength: 30,
    pattern: /^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '2 to 30 letters, digits and hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * A managed Grafana; unique in its region. The name starts its address.
   *
   * @see https://learn.microsoft.com/azure/managed-grafana/quickstart-managed-grafana-portal
   */
  public static readonly GRAFANA = new AzureName({
    what: 'Grafana name',
    minLength: 2,
    maxLength: 23,
    pattern: /^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '2 to 23 letters, digits and hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A data collection rule or endpoint; unique in its resource group. Rules may be longer; these go by one name. */
  public static readonly DATA_COLLECTION = new AzureName({
    what: 'data collection name',
    minLength: 3,
    maxLength: 44,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '3 to 44 letters, digits and hyphens, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A saved query; unique in its Log Analytics workspace. Azure takes more; this is read in lists. */
  public static readonly SAVED_SEARCH = new AzureName({
    what: 'saved query name',
    minLength: 1,
    maxLength: 80,
    pattern: /^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
    wording: '1 to 80 letters, digits, hyphens and underscores, the first and last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * An Application Insights component; unique in its resource group. Azure takes more signs and letters; these
   * need no escaping in an id.
   */
  public static readonly APPLICATION_INSIGHTS = new AzureName({
    what: 'Application Insights name',
    minLength: 1,
    maxLength: 260,
    pattern: /^[\w.()-]*[\w()-]$/,
    wording: '1 to 260 letters, digits, hyphens, underscores, periods and parentheses, the last not a period',
    upper: true,
    separator: '-',
  });

  /** An Azure Machine Learning workspace; unique in its resource group. The provider takes underscores, too. */
  public static readonly WORKSPACE = new AzureName({
    what: 'workspace name',
    minLength: 3,
    maxLength: 33,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]*$/,
    wording: '3 to 33 letters, digits and hyphens, the first a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A compute cluster of an Azure Machine Learning workspace; unique in its workspace. */
  public static readonly COMPUTE_CLUSTER = new AzureName({
    what: 'compute cluster name',
    minLength: 3,
    maxLength: 32,
    pattern: /^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    wording: '3 to 32 letters, digits and hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * A Kubernetes cluster as a workspace knows it; unique in its workspace. Azure's pages disagree on the rule, and this
   * is what all of them allow.
   *
   * @see https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes
   */
  public static readonly ATTACHED_COMPUTE = new AzureName({
    what: 'attached compute name',
    minLength: 3,
    maxLength: 16,
    pattern: /^[a-zA-Z][a-zA-Z0-9-]*$/,
    wording: '3 to 16 letters, digits and hyphens, the first a letter',
    upper: true,
    separator: '-',
  });

  /**
   * A datastore of a workspace; unique in its workspace. The provider takes upper case and hyphens, too, but no
   * underscore at the start.
   */
  public static readonly DATASTORE = new AzureName({
    what: 'datastore name',
    minLength: 1,
    maxLength: 255,
    pattern: /^[a-z0-9][a-z0-9_]*$/,
    wording: '1 to 255 lowercase letters, digits and underscores, the first a letter or digit',
    separator: '_',
  });

  /**
   * An online endpoint of a workspace; unique in its region. On Kubernetes it and the name of a deployment have up to
   * 62 characters together.
   *
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
   */
  public static readonly ENDPOINT = new AzureName({
    what: 'endpoint name',
    minLength: 3,
    maxLength: 32,
    pattern: /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/,
    wording: '3 to 32 letters, digits and single hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * A deployment of an online endpoint; unique in its endpoint.
   *
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
   */
  public static readonly DEPLOYMENT = new AzureName({
    what: 'deployment name',
    minLength: 3,
    maxLength: 32,
    pattern: /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/,
    wording: '3 to 32 letters, digits and single hyphens, the first a letter, the last a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * The namespace of a web service that Azure Machine Learning deploys to Kubernetes.
   *
   * @see https://learn.microsoft.com/python/api/azureml-core/azureml.core.webservice.akswebservice
   */
  public static readonly WEB_SERVICE_NAMESPACE = new AzureName({
    what: 'web service namespace',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    wording: '1 to 63 lowercase letters, digits and hyphens, the first and last a letter or digit',
    separator: '-',
  });

  /** A container group; unique in its resource group. */
  public static readonly CONTAINER_GROUP = new AzureName({
    what: 'container group name',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    wording: '1 to 63 lowercase letters, digits and single hyphens, the first and last a letter or digit',
    separator: '-',
  });

  /** A user-assigned managed identity; unique in its resource group. */
  public static readonly IDENTITY = new AzureName({
    what: 'identity name',
    minLength: 3,
    maxLength: 128,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/,
    wording: '3 to 128 letters, digits, hyphens and underscores, the first a letter or digit',
    upper: true,
    separator: '-',
  });

  /**
   * Whose tokens stand for an identity; unique in its identity.
   *
   * @see https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials/create-or-update
   */
  public static readonly FEDERATED_CREDENTIAL = new AzureName({
    what: 'federated credential name',
    minLength: 3,
    maxLength: 120,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/,
    wording: '3 to 120 letters, digits, hyphens and underscores, the first a letter or digit',
    upper: true,
    separator: '-',
  });

  /** A private endpoint; unique in its resource group. */
  public static readonly PRIVATE_ENDPOINT = new AzureName({
    what: 'private endpoint name',
    minLength: 2,
    maxLength: 64,
    pattern: /^[a-zA-Z0-9][\w.-]*\w$/,
    wording:
      '2 to 64 letters, digits, hyphens, underscores and periods, the first a letter or digit, the last not a hyphen or ' +
      'period',
    upper: true,
    separator: '-',
  });

  /** A subnet; unique in its virtual network. */
  public static readonly SUBNET = new AzureName({
    what: 'subnet name',
    minLength: 1,
    maxLength: 80,
    pattern: /^[a-zA-Z0-9]([\w.-]*\w)?$/,
    wording:
      '1 to 80 letters, digits, hyphens, underscores and periods, the first a letter or digit, the last not a hyphen or ' +
      'period',
    upper: true,
    separator: '-',
  });

  private constructor(props: NameRuleProps) {
    super(props);
  }
}
