// What examples/gpu-triton deploys, written by hand on cdktf and the provider bindings: the yardstick for what the
// library costs. Its names are the ones the library generates, so that both programs can be compared word for word.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { KeyVaultSecret } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { KubernetesClusterNodePool } from '@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool';
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { Release } from '@cdktf/provider-helm/lib/release';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import {
  App,
  AssetType,
  Fn,
  LocalBackend,
  TerraformAsset,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
} from 'cdktf';
import type { Construct } from 'constructs';

const SUBSCRIPTION_ID = process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000';
const LOCATION = 'westeurope';
const GROUP = 'rg-digits';
const GROUP_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${GROUP}`;
const REGISTRY = 'digitsregistrye82deb1e';
const MODEL_ACCOUNT = 'digitsmodels0dc9bbf1';
const CLUSTER = 'aks-digits-cluster';
const SERVICE_KEYS = 'digits-service-757a5e0f';
const TEXTS = join(__dirname, '..', '..', 'bench', 'texts');
const KUBELOGIN = {
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  command: 'kubelogin',
  args: ['get-token', '--login', 'azurecli', '--server-id', '6dae42f8-4368-4678-94ff-3960e28e3630'],
};

class FoundationStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    const client = new DataAzurermClientConfig(this, 'client', {});
    const group = new ResourceGroup(this, 'group', {
      name: GROUP,
      location: LOCATION,
      lifecycle: { preventDestroy: true },
    });
    const logs = new LogAnalyticsWorkspace(this, 'logs', {
      name: 'log-digits-logs',
      resourceGroupName: group.name,
      location: LOCATION,
      sku: 'PerGB2018',
      retentionInDays: 30,
      localAuthenticationEnabled: false,
      lifecycle: { preventDestroy: true },
    });
    const insights = new ApplicationInsights(this, 'insights', {
      name: 'appi-digits-insights',
      resourceGroupName: group.name,
      location: LOCATION,
      workspaceId: logs.id,
      applicationType: 'web',
      localAuthenticationDisabled: true,
    });
    const registry = new ContainerRegistry(this, 'registry', {
      name: REGISTRY,
      resourceGroupName: group.name,
      location: LOCATION,
      sku: 'Standard',
      adminEnabled: false,
      anonymousPullEnabled: false,
      lifecycle: { preventDestroy: true },
    });

    const vault = {
      resourceGroupName: group.name,
      location: LOCATION,
      tenantId: client.tenantId,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: 90,
      lifecycle: { preventDestroy: true },
    };
    new KeyVault(this, 'service-keys', { ...vault, name: SERVICE_KEYS });
    const workspaceVault = new KeyVault(this, 'workspace-vault', { ...vault, name: 'digits-workspac-824b4bc9' });

    const account = {
      resourceGroupName: group.name,
      location: LOCATION,
      accountTier: 'Standard',
      accountKind: 'StorageV2',
      accountReplicationType: 'LRS',
      defaultToOauthAuthentication: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      httpsTrafficOnlyEnabled: true,
      minTlsVersion: 'TLS1_2',
      lifecycle: { preventDestroy: true },
    };
    const models = new StorageAccount(this, 'models', {
      ...account,
      name: MODEL_ACCOUNT,
      sharedAccessKeyEnabled: false,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: 30 },
        containerDeleteRetentionPolicy: { days: 30 },
      },
    });
    const container = new StorageContainer(this, 'model-container', {
      name: 'models',
      storageAccountId: models.id,
      containerAccessType: 'private',
      lifecycle: { preventDestroy: true },
    });
    const workspaceStorage = new StorageAccount(this, 'workspace-storage', {
      ...account,
      name: 'digitsworkspacesd79d2fb5',
      sharedAccessKeyEnabled: true,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: 7 },
        containerDeleteRetentionPolicy: { days: 7 },
      },
    });

    const builder = new UserAssignedIdentity(this, 'image-builder', {
      name: 'id-digits-image-builder-identity',
      resourceGroupName: group.name,
      location: LOCATION,
    });
    new RoleAssignment(this, 'builder-push', {
      scope: registry.id,
      roleDefinitionName: 'AcrPush',
      principalId: builder.principalId,
      principalType: 'ServicePrincipal',
    });
    new RoleAssignment(this, 'builder-read-models', {
      scope: container.id,
      roleDefinitionName: 'Storage Blob Data Reader',
      principalId: builder.principalId,
      principalType: 'ServicePrincipal',
    });

    const identity = new UserAssignedIdentity(this, 'workspace-identity', {
      name: 'id-digits-workspace-identity',
      resourceGroupName: group.name,
      location: LOCATION,
    });
    const principal = { principalId: identity.principalId, principalType: 'ServicePrincipal' };
    const storageRole = new RoleAssignment(this, 'workspace-storage-contributor', {
      ...principal,
      scope: workspaceStorage.id,
      roleDefinitionName: 'Contributor',
    });
    const blobRole = new RoleAssignment(this, 'workspace-blob-contributor', {
      ...principal,
      scope: workspaceStorage.id,
      roleDefinitionName: 'Storage Blob Data Contributor',
    });
    const vaultRole = new RoleAssignment(this, 'workspace-vault-contributor', {
      ...principal,
      scope: workspaceVault.id,
      roleDefinitionName: 'Contributor',
    });
    const secretsRole = new RoleAssignment(this, 'workspace-vault-administrator', {
      ...principal,
      scope: workspaceVault.id,
      roleDefinitionName: 'Key Vault Administrator',
    });
    const registryRole = new RoleAssignment(this, 'workspace-registry-contributor', {
      ...principal,
      scope: registry.id,
      roleDefinitionName: 'Contributor',
    });
    const insightsRole = new RoleAssignment(this, 'workspace-insights-contributor', {
      ...principal,
      scope: insights.id,
      roleDefinitionName: 'Contributor',
    });
    const pause = addPause(this, 'workspace-roles', {
      storage: storageRole.id,
      blobs: blobRole.id,
      vault: vaultRole.id,
      secrets: secretsRole.id,
      registry: registryRole.id,
      insights: insightsRole.id,
    });
    const workspace = new MachineLearningWorkspace(this, 'workspace', {
      name: 'mlw-digits-workspace',
      resourceGroupName: group.name,
      location: LOCATION,
      applicationInsightsId: insights.id,
      containerRegistryId: registry.id,
      keyVaultId: workspaceVault.id,
      storageAccountId: workspaceStorage.id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      primaryUserAssignedIdentity: identity.id,
      publicNetworkAccessEnabled: true,
      lifecycle: { preventDestroy: true },
      dependsOn: [pause],
    });

    for (const role of [
      'Storage Blob Data Contributor',
      'Key Vault Secrets Officer',
      'Azure Kubernetes Service RBAC Cluster Admin',
    ]) {
      new RoleAssignment(this, `deployer ${role}`, {
        scope: group.id,
        roleDefinitionName: role,
        principalId: client.objectId,
        lifecycle: { ignoreChanges: ['principal_id'] },
      });
    }

    new TerraformOutput(this, 'workspace_name', {
      value: workspace.name,
      description: 'Name of the Azure ML workspace.',
    });
    new TerraformOutput(this, 'resource_group_name', {
      value: group.name,
      description: 'Name of the resource group of the platform.',
    });
    new TerraformOutput(this, 'location', {
      value: LOCATION,
      description: 'Region of the platform; callers belong here too.',
    });
    new TerraformOutput(this, 'subscription_id', {
      value: client.subscriptionId,
      description: 'Id of the subscription.',
    });
    new TerraformOutput(this, 'workspace_config', {
      value: Fn.jsonencode({
        subscription_id: client.subscriptionId,
        resource_group: group.name,
        workspace_name: workspace.name,
      }),
      description: "Text of the config.json that Azure ML's SDKs look for.",
    });
  }
}

class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    const client = new DataAzurermClientConfig(this, 'client', {});
    const controlPlane = new UserAssignedIdentity(this, 'control-plane', {
      name: 'id-digits-cluster-control-plane',
      resourceGroupName: GROUP,
      location: LOCATION,
    });
    const kubelet = new UserAssignedIdentity(this, 'kubelet', {
      name: 'id-digits-cluster-kubelet',
      resourceGroupName: GROUP,
      location: LOCATION,
    });
    const operator = new RoleAssignment(this, 'identity-operator', {
      scope: kubelet.id,
      roleDefinitionName: 'Managed Identity Operator',
      principalId: controlPlane.principalId,
      principalType: 'ServicePrincipal',
    });
    const pull = new RoleAssignment(this, 'pull', {
      scope: `${GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/${REGISTRY}`,
      roleDefinitionName: 'AcrPull',
      principalId: kubelet.principalId,
      principalType: 'ServicePrincipal',
    });
    const pause = addPause(this, 'roles', { operator: operator.id, pull: pull.id });
    const weekly = {
      frequency: 'Weekly',
      interval: 1,
      dayOfWeek: 'Sunday',
      startTime: '00:00',
      utcOffset: '+00:00',
      duration: 4,
    };
    const cluster = new KubernetesCluster(this, 'cluster', {
      name: CLUSTER,
      resourceGroupName: GROUP,
      location: LOCATION,
      dnsPrefix: CLUSTER,
      skuTier: 'Standard',
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      maintenanceWindowAutoUpgrade: weekly,
      maintenanceWindowNodeOs: weekly,
      identity: { type: 'UserAssigned', identityIds: [controlPlane.id] },
      kubeletIdentity: {
        clientId: kubelet.clientId,
        objectId: kubelet.principalId,
        userAssignedIdentityId: kubelet.id,
      },
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      localAccountDisabled: true,
      roleBasedAccessControlEnabled: true,
      azureActiveDirectoryRoleBasedAccessControl: { azureRbacEnabled: true, tenantId: client.tenantId },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        loadBalancerSku: 'standard',
      },
      workloadAutoscalerProfile: { kedaEnabled: true },
      defaultNodePool: {
        name: 'system',
        vmSize: 'Standard_D4s_v5',
        nodeCount: 3,
        onlyCriticalAddonsEnabled: true,
        osSku: 'Ubuntu',
        osDiskSizeGb: 128,
        temporaryNameForRotation: 'systemtmp',
        upgradeSettings: { maxSurge: '10%' },
      },
      dependsOn: [pause],
    });
    new KubernetesClusterNodePool(this, 'work', {
      name: 'work',
      kubernetesClusterId: cluster.id,
      mode: 'User',
      osType: 'Linux',
      osSku: 'Ubuntu',
      osDiskSizeGb: 128,
      vmSize: 'Standard_D4s_v5',
      priority: 'Regular',
      autoScalingEnabled: true,
      minCount: 0,
      maxCount: 3,
      temporaryNameForRotation: 'worktmp',
      upgradeSettings: { maxSurge: '10%' },
    });
    new KubernetesClusterNodePool(this, 'gpu', {
      name: 'gpu',
      kubernetesClusterId: cluster.id,
      mode: 'User',
      osType: 'Linux',
      osSku: 'Ubuntu',
      osDiskSizeGb: 128,
      vmSize: 'Standard_NC4as_T4_v3',
      gpuDriver: 'Install',
      priority: 'Regular',
      autoScalingEnabled: true,
      minCount: 0,
      maxCount: 2,
      nodeLabels: { sku: 'gpu' },
      nodeTaints: ['sku=gpu:NoSchedule'],
      temporaryNameForRotation: 'gputmp',
      upgradeSettings: { maxSurge: '10%' },
    });
    new TerraformOutput(this, 'cluster_name', { value: cluster.name, description: 'Name of the cluster.' });
    new TerraformOutput(this, 'kubeconfig_command', {
      value: `az aks get-credentials --resource-group ${GROUP} --name ${cluster.name} && kubelogin convert-kubeconfig -l azurecli`,
      description: 'The command that lets kubectl talk to the cluster.',
    });
  }
}

class AddonsStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    addHelm(this, readCluster(this));
    new Release(this, 'nvidia-device-plugin', {
      name: 'nvidia-device-plugin',
      repository: 'https://nvidia.github.io/k8s-device-plugin',
      chart: 'nvidia-device-plugin',
      version: '0.20.0',
      namespace: 'kube-system',
      atomic: true,
      values: [
        JSON.stringify({
          migStrategy: 'single',
          tolerations: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'kubernetes.azure.com/agentpool', operator: 'In', values: ['gpu'] }] },
                ],
              },
            },
          },
        }),
      ],
    });
  }
}

class ServingStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    const cluster = readCluster(this);
    addKubernetes(this, cluster);
    addHelm(this, cluster);
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name: 'serving',
        labels: {
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    });
    const namespaceName = namespace.metadata.name;
    new NetworkPolicyV1(this, 'ingress', {
      metadata: { name: 'default-deny-ingress', namespace: namespaceName },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    });

    // The library reads every file for a SHA-256 over the folder and the MD5 that blob storage keeps, and copies it.
    // So does this: cdktf's own hash reads the files once, the MD5 a second time. Fn.filemd5 would leave that to
    // Terraform and make the yardstick unfairly short; with a model of many gigabytes reading is all that counts.
    const asset = new TerraformAsset(this, 'digits', { path: 'models/digits', type: AssetType.DIRECTORY });
    const folder = `digits-serving/digits/${asset.assetHash}`;
    const description = 'Reads a handwritten digit of 8 by 8 pixels';
    const tags = { area: 'Computer vision', type: 'Image classification' };
    const blob = {
      storageAccountName: MODEL_ACCOUNT,
      storageContainerName: 'models',
      type: 'Block',
      contentType: 'application/octet-stream',
      metadata: { ...tags, description },
      lifecycle: { createBeforeDestroy: true },
    };
    const weights = new StorageBlob(this, 'weights', {
      ...blob,
      name: `${folder}/digits/1/model.onnx`,
      source: `${asset.path}/1/model.onnx`,
      contentMd5: md5('models/digits/1/model.onnx'),
    });
    const config = new StorageBlob(this, 'config', {
      ...blob,
      name: `${folder}/digits/config.pbtxt`,
      source: `${asset.path}/config.pbtxt`,
      contentMd5: md5('models/digits/config.pbtxt'),
    });
    const classes = new StorageBlob(this, 'classes', {
      ...blob,
      name: `${folder}/digits/labels.txt`,
      source: `${asset.path}/labels.txt`,
      contentMd5: md5('models/digits/labels.txt'),
    });

    const identity = new UserAssignedIdentity(this, 'identity', {
      name: 'id-digits-digit-reader-workload-identity',
      resourceGroupName: GROUP,
      location: LOCATION,
    });
    const trust = new FederatedIdentityCredential(this, 'trust', {
      name: 'serving-digit-reader',
      resourceGroupName: GROUP,
      parentId: identity.id,
      issuer: cluster.oidcIssuerUrl,
      subject: 'system:serviceaccount:serving:digit-reader',
      audience: ['api://AzureADTokenExchange'],
    });
    const read = new RoleAssignment(this, 'read-models', {
      scope: `${GROUP_ID}/providers/Microsoft.Storage/storageAccounts/${MODEL_ACCOUNT}/blobServices/default/containers/models`,
      roleDefinitionName: 'Storage Blob Data Reader',
      principalId: identity.principalId,
      principalType: 'ServicePrincipal',
    });
    const pause = addPause(this, 'roles', { read: read.id });
    const account = new ServiceAccountV1(this, 'account', {
      metadata: {
        name: 'digit-reader',
        namespace: namespaceName,
        annotations: { 'azure.workload.identity/client-id': identity.clientId },
      },
      automountServiceAccountToken: false,
    });

    const name = { 'app.kubernetes.io/name': 'digit-reader' };
    const labels = { ...name, 'app.kubernetes.io/component': 'triton' };
    const routerName = { 'app.kubernetes.io/name': 'digit-reader-router' };
    const routerLabels = {
      ...routerName,
      'app.kubernetes.io/component': 'router',
      'app.kubernetes.io/part-of': 'digit-reader',
    };
    const keys = addKeys(this, namespaceName, name);

    const routerConfig = addConfig(this, 'router', namespaceName, routerLabels);
    const replicas = new ServiceV1(this, 'replicas', {
      metadata: { name: 'digit-reader-replicas', namespace: namespaceName, labels: routerLabels },
      spec: {
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector: name,
        port: [{ name: 'requests', port: 8080, targetPort: '8080' }],
      },
    });
    const routers = new ServiceV1(this, 'routers', {
      metadata: { name: 'digit-reader-router', namespace: namespaceName, labels: routerLabels },
      spec: {
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector: routerName,
        port: [{ name: 'requests', port: 8090, targetPort: '8090' }],
      },
    });
    const routerIngress = new NetworkPolicyV1(this, 'router-ingress', {
      metadata: { name: 'digit-reader-router', namespace: namespaceName, labels: routerName },
      spec: {
        podSelector: { matchLabels: routerName },
        policyTypes: ['Ingress'],
        ingress: [
          { ports: [{ port: '8080', protocol: 'TCP' }] },
          {
            ports: [
              { port: '8090', protocol: 'TCP' },
              { port: '8405', protocol: 'TCP' },
            ],
            from: [{ podSelector: { matchLabels: routerName } }],
          },
        ],
      },
    });
    const routerSet = new StatefulSetV1(this, 'router', {
      metadata: { name: 'digit-reader-router', namespace: namespaceName, labels: routerLabels },
      spec: {
        replicas: '2',
        serviceName: 'digit-reader-router',
        podManagementPolicy: 'Parallel',
        revisionHistoryLimit: 10,
        selector: { matchLabels: routerName },
        updateStrategy: [{ type: 'RollingUpdate', rollingUpdate: [{ partition: 0 }] }],
        template: {
          metadata: { labels: routerLabels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerm: [
                    {
                      matchExpressions: [{ key: 'kubernetes.azure.com/mode', operator: 'NotIn', values: ['system'] }],
                    },
                  ],
                },
              },
            },
            topologySpreadConstraint: spread(routerName),
            terminationGracePeriodSeconds: 87,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            container: [haproxy('router', '/ready', '3904Mi', 8090)],
            volume: haproxyVolumes('router', routerConfig, keys),
          },
        },
      },
      waitForRollout: true,
      timeouts: { create: '30m', update: '30m' },
      dependsOn: [replicas, routers, routerIngress],
    });
    new PodDisruptionBudgetV1(this, 'router-disruption-budget', {
      metadata: { name: 'digit-reader-router', namespace: namespaceName, labels: routerLabels },
      spec: { maxUnavailable: '1', selector: { matchLabels: routerName } },
    });
    const address = new ServiceV1(this, 'service', {
      metadata: {
        name: 'digit-reader',
        namespace: namespaceName,
        labels,
        annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
      },
      spec: {
        type: 'LoadBalancer',
        selector: routerName,
        port: [
          { name: 'http', port: 8000, targetPort: 'requests' },
          { name: 'grpc', port: 8001, targetPort: 'requests' },
        ],
      },
      dependsOn: [routerSet],
    });
    const image = 'nvcr.io/nvidia/tritonserver:26.10-py3';
    const summary = describe(address.status.get(0).loadBalancer.get(0).ingress.get(0).ip, image);
    const gatewayConfig = addConfig(this, 'gateway', namespaceName, labels);
    new DeploymentV1(this, 'deployment', {
      metadata: {
        name: 'digit-reader',
        namespace: namespaceName,
        labels,
        annotations: {
          'azure-inference-cdktf/models': JSON.stringify([
            { name: 'digits', versions: [1], hash: asset.assetHash, description, tags },
          ]),
          'azure-inference-cdktf/service': JSON.stringify(summary),
        },
      },
      spec: {
        replicas: '2',
        progressDeadlineSeconds: 1800,
        minReadySeconds: 30,
        selector: { matchLabels: name },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '0', maxUnavailable: '1' } },
        template: {
          metadata: {
            labels: { ...labels, 'azure.workload.identity/use': 'true' },
            annotations: { 'azure.workload.identity/skip-containers': 'gateway' },
          },
          spec: {
            serviceAccountName: account.metadata.name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            nodeSelector: { 'kubernetes.azure.com/agentpool': 'gpu' },
            toleration: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
            topologySpreadConstraint: spread(name, ['pod-template-hash']),
            terminationGracePeriodSeconds: 101,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: '1000',
              runAsGroup: '1000',
              fsGroup: '1000',
              seccompProfile: { type: 'RuntimeDefault' },
            },
            container: [
              {
                name: 'triton',
                image,
                args: [
                  'tritonserver',
                  `--model-repository=as://${MODEL_ACCOUNT}/models/${folder}`,
                  '--model-control-mode=none',
                  '--strict-readiness=true',
                  '--http-address=127.0.0.1',
                  '--http-port=8000',
                  '--http-max-input-size=104857600',
                  '--grpc-address=127.0.0.1',
                  '--grpc-port=8001',
                  '--metrics-address=0.0.0.0',
                  '--metrics-port=8002',
                  '--exit-timeout-secs=30',
                ],
                env: [
                  { name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' },
                  { name: 'HOME', value: '/tmp' },
                  { name: 'CUDA_VISIBLE_DEVICES', value: '0' },
                ],
                port: [{ name: 'triton-metrics', containerPort: 8002, protocol: 'TCP' }],
                resources: {
                  requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
                  limits: { memory: '8Gi', 'nvidia.com/gpu': '1' },
                },
                startupProbe: { ...probe('/ready'), periodSeconds: 10, failureThreshold: 60 },
                livenessProbe: { ...probe('/live'), periodSeconds: 10, failureThreshold: 3 },
                readinessProbe: { ...probe('/ready'), periodSeconds: 5, successThreshold: 1, failureThreshold: 3 },
                lifecycle: { preStop: [{ exec: { command: ['sleep', '66'] } }] },
                securityContext: LOCKED,
                volumeMount: [
                  { name: 'tmp', mountPath: '/tmp' },
                  { name: 'shm', mountPath: '/dev/shm' },
                ],
              },
              haproxy('gateway', '/gateway', '712Mi'),
            ],
            volume: [
              { name: 'tmp', emptyDir: {} },
              { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
              ...haproxyVolumes('gateway', gatewayConfig, keys),
            ],
          },
        },
      },
      waitForRollout: true,
      timeouts: { create: '30m', update: '30m' },
      dependsOn: [weights, config, classes, pause, trust, keys],
    });
    new PodDisruptionBudgetV1(this, 'disruption-budget', {
      metadata: { name: 'digit-reader', namespace: namespaceName, labels },
      spec: { maxUnavailable: '1', selector: { matchLabels: name } },
    });
    new NetworkPolicyV1(this, 'service-ingress', {
      metadata: { name: 'digit-reader', namespace: namespaceName, labels: name },
      spec: {
        podSelector: { matchLabels: name },
        policyTypes: ['Ingress'],
        ingress: [
          {
            ports: [
              { port: '8080', protocol: 'TCP' },
              { port: '8405', protocol: 'TCP' },
            ],
            from: [{ podSelector: { matchLabels: routerName } }],
          },
        ],
      },
      dependsOn: [address],
    });
    new TerraformOutput(this, 'service_digit-reader', {
      value: summary,
      description: "Where the service 'digit-reader' answers, what it runs and how to look at it.",
    });
    const { commands: _, client: __, ...short } = summary;
    new TerraformOutput(this, 'services', {
      value: { 'digit-reader': { namespace: 'serving', ...short } },
      description: 'All services of this stack, by name.',
    });
  }
}

const LOCKED = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

function spread(matchLabels: Record<string, string>, matchLabelKeys?: string[]) {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: [{ matchLabels }],
    matchLabelKeys,
  }));
}

function probe(path: string) {
  return { httpGet: { path, port: '8405' }, timeoutSeconds: 2 };
}

/** The container of a gateway or a router. */
function haproxy(role: string, readyPath: string, memoryLimit: string, choicePort?: number) {
  return {
    name: role,
    image: 'docker.io/library/haproxy:3.2.25',
    command: ['haproxy', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
    port: [
      { name: 'requests', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 8404, protocol: 'TCP' },
      { name: 'health', containerPort: 8405, protocol: 'TCP' },
      ...(choicePort === undefined ? [] : [{ name: 'choice', containerPort: choicePort, protocol: 'TCP' }]),
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: memoryLimit } },
    livenessProbe: probe('/gateway'),
    readinessProbe: { ...probe(readyPath), periodSeconds: 5 },
    lifecycle: { preStop: [{ exec: { command: ['sleep', '5'] } }] },
    securityContext: { ...LOCKED, runAsUser: '99', runAsGroup: '99' },
    volumeMount: [
      { name: `${role}-config`, mountPath: '/usr/local/etc/haproxy', readOnly: true },
      { name: 'keys', mountPath: '/etc/service-keys', readOnly: true },
    ],
  };
}

function haproxyVolumes(role: string, config: ConfigMapV1, keys: SecretV1) {
  return [
    { name: `${role}-config`, configMap: { name: config.metadata.name } },
    { name: 'keys', secret: { secretName: keys.metadata.name } },
  ];
}

function addConfig(
  stack: TerraformStack,
  role: string,
  namespace: string,
  labels: { [name: string]: string },
): ConfigMapV1 {
  const data = {
    'haproxy.cfg': readFileSync(join(TEXTS, `${role}.cfg`), 'utf8'),
    'metrics.lua': readFileSync(join(TEXTS, `${role}-metrics.lua`), 'utf8'),
    'keys.lua': readFileSync(join(TEXTS, 'keys.lua'), 'utf8'),
    'keys.map': '# filled by keys.lua\n',
  };
  const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 8);
  return new ConfigMapV1(stack, `${role}-config`, {
    metadata: { name: `digit-reader-${role}-${hash}`, namespace, labels },
    immutable: true,
    data,
    lifecycle: { createBeforeDestroy: true },
  });
}

/** Two keys in the vault and their digests in the cluster. cdktf has no ephemeral blocks, hence the override. */
function addKeys(stack: TerraformStack, namespace: string, labels: { [name: string]: string }): SecretV1 {
  stack.addOverride('terraform.required_version', '>= 1.11.0');
  stack.addOverride('terraform.required_providers.random', { source: 'hashicorp/random', version: '3.7.2' });
  const keyVaultId = `${GROUP_ID}/providers/Microsoft.KeyVault/vaults/${SERVICE_KEYS}`;
  const secrets = ['primary', 'secondary'].map((key) => {
    stack.addOverride(`ephemeral.random_password.${key}`, { length: 64, special: false });
    const name = `serving-digit-reader-${key}`;
    const secret = new KeyVaultSecret(stack, `${key}-key`, {
      keyVaultId,
      name,
      contentType: `${key} key of 'digit-reader' in 'serving'`,
      valueWo: `\${ephemeral.random_password.${key}.result}`,
      valueWoVersion: 1,
    });
    stack.addOverride(`ephemeral.azurerm_key_vault_secret.${key}`, {
      name,
      key_vault_id: keyVaultId,
      version: secret.version,
    });
    return secret;
  });
  return new SecretV1(stack, 'keys', {
    metadata: { name: 'digit-reader-keys', namespace, labels },
    type: 'Opaque',
    immutable: false,
    dataWo: {
      primary: '${sha256(ephemeral.azurerm_key_vault_secret.primary.value)}',
      secondary: '${sha256(ephemeral.azurerm_key_vault_secret.secondary.value)}',
    },
    dataWoRevision: 10001,
    lifecycle: {
      replaceTriggeredBy: secrets.map(({ friendlyUniqueId }) => {
        return `azurerm_key_vault_secret.${friendlyUniqueId}.versionless_id`;
      }),
    },
  });
}

function describe(ip: string, image: string) {
  const httpUrl = `http://${ip}:8000`;
  const kubectl = 'kubectl --namespace serving';
  const logs = (part: string, container: string, more = '') =>
    `${kubectl} logs --selector app.kubernetes.io/name=${part} --container ${container} --prefix --tail 200${more}`;
  const keyCommand = (key: string) =>
    `az keyvault secret show --vault-name ${SERVICE_KEYS} --name serving-digit-reader-${key} --query value --output tsv`;
  const curl = (options: string, path: string) =>
    `${keyCommand('primary')} | sed 's/^/Authorization: Bearer /' | curl ${options} --header @- ${httpUrl}${path}`;
  const client = (protocol: string) =>
    readFileSync(join(TEXTS, `client-${protocol}.py`), 'utf8').replace('ADDRESS', () => ip);
  return {
    http_url: httpUrl,
    grpc_address: `${ip}:8001`,
    scoring_uris: { digits: `${httpUrl}/v2/models/digits/infer` },
    metadata_urls: { digits: `${httpUrl}/v2/models/digits` },
    health_urls: { live: `${httpUrl}/v2/health/live`, ready: `${httpUrl}/v2/health/ready` },
    region: LOCATION,
    auth: 'key',
    replicas: 2,
    models: [{ name: 'digits', versions: [1] }],
    image,
    commands: {
      query:
        `npx azure-inference query ${httpUrl}/v2/models/digits/infer request.json --key-vault ${SERVICE_KEYS} ` +
        '--secret serving-digit-reader-primary',
      ready: curl('--fail --include', '/v2/health/ready'),
      metadata: { digits: curl('--fail', '/v2/models/digits') },
      state: `${kubectl} describe pods --selector 'app.kubernetes.io/name in (digit-reader, digit-reader-router)'`,
      logs: {
        triton: logs('digit-reader', 'triton'),
        gateway: logs('digit-reader', 'gateway'),
        router: logs('digit-reader-router', 'router'),
      },
      previous_logs: {
        triton: logs('digit-reader', 'triton', ' --previous'),
        gateway: logs('digit-reader', 'gateway', ' --previous'),
        router: logs('digit-reader-router', 'router', ' --previous'),
      },
      keys: { primary: keyCommand('primary'), secondary: keyCommand('secondary') },
    },
    client: { http: client('http'), grpc: client('grpc') },
  };
}

function addBackend(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
}

function addAzure(stack: TerraformStack): void {
  new AzurermProvider(stack, 'azurerm', {
    subscriptionId: SUBSCRIPTION_ID,
    storageUseAzuread: true,
    features: [
      {
        storage: [{ dataPlaneAvailable: false }],
        resourceGroup: [{ preventDeletionIfContainsResources: true }],
        machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: false }],
      },
    ],
  });
}

function readCluster(stack: TerraformStack): DataAzurermKubernetesCluster {
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

function addKubernetes(stack: TerraformStack, cluster: DataAzurermKubernetesCluster): void {
  new KubernetesProvider(stack, 'kubernetes', { ...addressOf(cluster), exec: [KUBELOGIN] });
}

function addHelm(stack: TerraformStack, cluster: DataAzurermKubernetesCluster): void {
  new HelmProvider(stack, 'helm', { kubernetes: { ...addressOf(cluster), exec: KUBELOGIN } });
}

function addressOf(cluster: DataAzurermKubernetesCluster): { host: string; clusterCaCertificate: string } {
  const { host, clusterCaCertificate } = cluster.kubeConfig.get(0);
  return { host, clusterCaCertificate: Fn.base64decode(clusterCaCertificate) };
}

/** A pause between role assignments and what uses them. hashicorp/time has no prebuilt binding, hence the overrides. */
function addPause(stack: TerraformStack, id: string, triggers: { [name: string]: string }): TerraformResource {
  stack.addOverride('terraform.required_providers.time', { source: 'hashicorp/time', version: '0.13.1' });
  const pause = new TerraformResource(stack, id, { terraformResourceType: 'time_sleep' });
  pause.addOverride('create_duration', '60s');
  pause.addOverride('triggers', triggers);
  return pause;
}

function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}

const app = new App();
const foundation = new FoundationStack(app, 'digits-foundation');
const cluster = new ClusterStack(app, 'digits-cluster');
cluster.addDependency(foundation);
const addons = new AddonsStack(app, 'digits-addons');
addons.addDependency(cluster);
addons.addDependency(foundation);
const serving = new ServingStack(app, 'digits-serving');
serving.addDependency(foundation);
serving.addDependency(cluster);
serving.addDependency(addons);
app.synth();
