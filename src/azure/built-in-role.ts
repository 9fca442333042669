/**
 * The built-in Azure roles that the library assigns, each the narrowest that does its job.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export enum BuiltInRole {
  /** Pull images from a registry. */
  ACR_PULL = 'AcrPull',

  /** Pull images from a registry and push them to it. */
  ACR_PUSH = 'AcrPush',

  /** Every right inside a cluster's Kubernetes API, through Entra ID. */
  AKS_RBAC_CLUSTER_ADMIN = 'Azure Kubernetes Service RBAC Cluster Admin',

  /** Manage a resource, without the right to grant access to it. */
  CONTRIBUTOR = 'Contributor',

  /** Change the dashboards, data sources and users of a managed Grafana. */
  GRAFANA_ADMIN = 'Grafana Admin',

  /** Manage everything in a Key Vault, its secrets included. */
  KEY_VAULT_ADMINISTRATOR = 'Key Vault Administrator',

  /** Write and read the secrets of a Key Vault. */
  KEY_VAULT_SECRETS_OFFICER = 'Key Vault Secrets Officer',

  /** Assign an identity to a resource. */
  MANAGED_IDENTITY_OPERATOR = 'Managed Identity Operator',

  /** Read the metrics of an Azure Monitor workspace. */
  MONITORING_DATA_READER = 'Monitoring Data Reader',

  /** Send telemetry to an Application Insights component. */
  MONITORING_METRICS_PUBLISHER = 'Monitoring Metrics Publisher',

  /** Read metrics, logs and settings of resources. */
  MONITORING_READER = 'Monitoring Reader',

  /** Read, write and delete blobs. */
  STORAGE_BLOB_DATA_CONTRIBUTOR = 'Storage Blob Data Contributor',

  /** Read blobs. */
  STORAGE_BLOB_DATA_READER = 'Storage Blob Data Reader',
}
