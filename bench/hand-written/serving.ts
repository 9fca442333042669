import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DataAzurermMonitorWorkspace } from '@cdktf/provider-azurerm/lib/data-azurerm-monitor-workspace';
import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { LogAnalyticsSavedSearch } from '@cdktf/provider-azurerm/lib/log-analytics-saved-search';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import { AssetType, TerraformAsset, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import {
  addAzure,
  addBackend,
  addHelm,
  addKubernetes,
  addPause,
  addRole,
  CLUSTER,
  CLUSTER_ID,
  GROUP,
  GROUP_ID,
  LOCATION,
  LOGS_ID,
  METRICS,
  MODEL_ACCOUNT,
  readCluster,
  SCALER,
} from './azure';
import { addConfig, haproxy, haproxyVolumes, LOCKED, probe, spread } from './haproxy';
import { addKeys } from './keys';
import { addAlerts, addChart, addDashboard } from './monitoring';
import { describe } from './summary';
import { text } from './texts';

export class ServingStack extends TerraformStack {
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
    const read = addRole(
      this,
      'read-models',
      identity,
      'Storage Blob Data Reader',
      `${GROUP_ID}/providers/Microsoft.Storage/storageAccounts/${MODEL_ACCOUNT}/blobServices/default/containers/models`,
    );
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
          { ports: [{ port: '8404', protocol: 'TCP' }], from: [PROMETHEUS] },
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
    const dashboard = addDashboard(this, 'digit-reader-serving-22fd588f', 'service', 'service-dashboard.json');
    const summary = describe(address.status.get(0).loadBalancer.get(0).ingress.get(0).ip, image, dashboard);
    const gatewayConfig = addConfig(this, 'gateway', namespaceName, labels);
    const deployment = new DeploymentV1(this, 'deployment', {
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
        replicas: '1',
        progressDeadlineSeconds: 1800,
        minReadySeconds: 30,
        selector: { matchLabels: name },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '25%' } },
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
      lifecycle: { ignoreChanges: ['spec[0].replicas'] },
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
          {
            ports: [
              { port: '8404', protocol: 'TCP' },
              { port: '8002', protocol: 'TCP' },
            ],
            from: [PROMETHEUS],
          },
        ],
      },
      dependsOn: [address],
    });
    addServiceChart(this, namespaceName, deployment);
    addQueries(this);
    addAlerts(
      this,
      `${CLUSTER}-serving-digit-reader`,
      'Alerts of the model service digit-reader in serving.',
      'service-alerts.json',
    );
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

/** Where managed Prometheus runs. */
const PROMETHEUS = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };

/** What the cluster's add-ons define: the monitors of the pods. */
function addServiceChart(stack: TerraformStack, namespace: string, deployment: DeploymentV1): void {
  const metrics = new DataAzurermMonitorWorkspace(stack, 'metrics', { name: METRICS, resourceGroupName: GROUP });
  const scaler = new DataAzurermUserAssignedIdentity(stack, 'scaler', { name: SCALER, resourceGroupName: GROUP });
  const haproxyEndpoints = (part: string) => [
    { port: 'metrics', path: '/metrics', part, keep: 'haproxy_backend_active_servers|haproxy_backend_current_queue' },
    { port: 'metrics', path: '/service-metrics', part },
  ];
  const inProgress = (part: string) =>
    `sum(inference_requests_in_progress{cluster="${CLUSTER}",namespace="serving",inference_service="digit-reader",part="${part}"})`;
  addChart(stack, 'model-service', {
    name: 'digit-reader-service',
    namespace,
    values: {
      service: { name: 'digit-reader' },
      prometheus: {
        monitorsApiGroup: 'azmonitoring.coreos.com',
        serverAddress: metrics.queryEndpoint,
        scalerClientId: scaler.clientId,
      },
      scraping: {
        intervalSeconds: 15,
        monitors: [
          {
            name: 'digit-reader',
            matchLabels: { 'app.kubernetes.io/name': 'digit-reader' },
            endpoints: [...haproxyEndpoints('gateway'), { port: 'triton-metrics', path: '/metrics', part: 'triton' }],
          },
          {
            name: 'digit-reader-router',
            matchLabels: { 'app.kubernetes.io/name': 'digit-reader-router' },
            endpoints: haproxyEndpoints('router'),
          },
        ],
      },
      scaling: {
        minReplicas: 1,
        maxReplicas: 4,
        pollingSeconds: 15,
        metric: {
          type: 'AverageValue',
          query: `${inProgress('router')} + ${inProgress('gateway')}`,
          // 128 calls at once, 70 % of them
          threshold: 89.6,
        },
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] },
          scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }] },
        },
      },
    },
    dependsOn: [deployment],
  });
}

/** Queries that Log Analytics keeps. */
function addQueries(stack: TerraformStack): void {
  const titles = {
    log: 'log',
    'init-failures': 'init failures',
    errors: 'answers with 5xx and the lines of the server',
  };
  for (const [name, title] of Object.entries(titles)) {
    new LogAnalyticsSavedSearch(stack, `query-${name}`, {
      name: `${CLUSTER}-serving-digit-reader-${name}`,
      logAnalyticsWorkspaceId: LOGS_ID,
      category: 'Inference services',
      displayName: `digit-reader in serving of ${CLUSTER}: ${title}`,
      query: text(`${name}.kql`).replaceAll('CLUSTER_ID', CLUSTER_ID),
    });
  }
}

function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}
