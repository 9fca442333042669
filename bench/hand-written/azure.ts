// Names, providers and backend of every stack, and what several of them add.
import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import {
  ResourceGroupTemplateDeployment,
  type ResourceGroupTemplateDeploymentConfig,
} from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn, LocalBackend, TerraformResource, type TerraformStack } from 'cdktf';

export const SUBSCRIPTION_ID = process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000';
export const LOCATION = 'westeurope';
export const GROUP = 'rg-digits';
export const GROUP_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${GROUP}`;
export const REGISTRY = 'digitsregistrye82deb1e';
export const MODEL_ACCOUNT = 'digitsmodels0dc9bbf1';
export const CLUSTER = 'aks-digits-cluster';
export const CLUSTER_ID = `${GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/${CLUSTER}`;
export const LOGS = 'log-digits-logs';
export const LOGS_ID = `${GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/${LOGS}`;
export const METRICS = 'amw-digits-metrics';
export const METRICS_ID = `${GROUP_ID}/providers/Microsoft.Monitor/accounts/${METRICS}`;
export const SCALER = 'id-digits-cluster-scaler';
export const SERVICE_KEYS = 'digits-service-757a5e0f';
const KUBELOGIN = {
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  command: 'kubelogin',
  args: ['get-token', '--login', 'azurecli', '--server-id', '6dae42f8-4368-4678-94ff-3960e28e3630'],
};

export function addBackend(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
}

/** The provider of Azure; it registers the most common resource providers by itself, others are to be named. */
export function addAzure(stack: TerraformStack, resourceProvidersToRegister?: string[]): void {
  new AzurermProvider(stack, 'azurerm', {
    subscriptionId: SUBSCRIPTION_ID,
    storageUseAzuread: true,
    resourceProvidersToRegister,
    features: [
      {
        storage: [{ dataPlaneAvailable: false }],
        resourceGroup: [{ preventDeletionIfContainsResources: true }],
        machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: false }],
      },
    ],
  });
}

export function readCluster(stack: TerraformStack): DataAzurermKubernetesCluster {
  return new DataAzurermKubernetesCluster(stack, 'cluster', {
    name: CLUSTER,
    resourceGroupName: GROUP,
    lifecycle: {
      postcondition: [
        {
          condition: '${!can(yamldecode(self.kube_admin_config_raw).users)}',
          errorMessage:
            `The cluster ${CLUSTER} has local accounts, and reading it would keep their credentials in this stack's ` +
            'state. Turn them off: az aks update --disable-local-accounts.',
        },
      ],
    },
  });
}

export function addKubernetes(stack: TerraformStack, cluster: DataAzurermKubernetesCluster): void {
  new KubernetesProvider(stack, 'kubernetes', { ...addressOf(cluster), exec: [KUBELOGIN] });
}

export function addHelm(stack: TerraformStack, cluster: DataAzurermKubernetesCluster): void {
  new HelmProvider(stack, 'helm', { kubernetes: { ...addressOf(cluster), exec: KUBELOGIN } });
}

function addressOf(cluster: DataAzurermKubernetesCluster): { host: string; clusterCaCertificate: string } {
  const { host, clusterCaCertificate } = cluster.kubeConfig.get(0);
  return { host, clusterCaCertificate: Fn.base64decode(clusterCaCertificate) };
}

/** A pause between role assignments and what uses them. hashicorp/time has no prebuilt binding, hence the overrides. */
export function addPause(stack: TerraformStack, id: string, triggers: { [name: string]: string }): TerraformResource {
  stack.addOverride('terraform.required_providers.time', { source: 'hashicorp/time', version: '0.13.1' });
  const pause = new TerraformResource(stack, id, { terraformResourceType: 'time_sleep' });
  pause.addOverride('create_duration', '60s');
  pause.addOverride('triggers', triggers);
  return pause;
}

/** Gives an identity a role. */
export function addRole(
  stack: TerraformStack,
  id: string,
  { principalId }: { principalId: string },
  roleDefinitionName: string,
  scope: string,
): RoleAssignment {
  return new RoleAssignment(stack, id, { scope, roleDefinitionName, principalId, principalType: 'ServicePrincipal' });
}

/** Deploys by a template what azurerm has no resource for. Its parameters are name, location, tags and the texts of `values`. */
export function addTemplate(
  stack: TerraformStack,
  id: string,
  template: Pick<ResourceGroupTemplateDeploymentConfig, 'name' | 'resourceGroupName' | 'lifecycle' | 'dependsOn'> & {
    tags: { [name: string]: string };
    values: { [parameter: string]: string };
    resources: object[];
  },
): ResourceGroupTemplateDeployment {
  const { tags, values, resources, ...deployment } = template;
  const texts = Object.keys(values).map((parameter) => [parameter, { type: 'string' }]);
  const given = Object.entries(values).map(([parameter, value]) => [parameter, { value }]);
  return new ResourceGroupTemplateDeployment(stack, id, {
    ...deployment,
    deploymentMode: 'Incremental',
    templateContent: JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters: {
        name: { type: 'string' },
        location: { type: 'string' },
        tags: { type: 'object' },
        ...Object.fromEntries(texts),
      },
      resources,
    }),
    parametersContent: JSON.stringify({
      name: { value: deployment.name },
      location: { value: LOCATION },
      tags: { value: tags },
      ...Object.fromEntries(given),
    }),
  });
}
