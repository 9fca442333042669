import { Release } from '@cdktf/provider-helm/lib/release';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { addAzure, addBackend, addHelm, CLUSTER, readCluster } from './azure';
import { addAlerts, addChart, addDashboard } from './monitoring';
import { text } from './texts';

export class AddonsStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addBackend(this);
    addAzure(this);
    addHelm(this, readCluster(this));
    const onGpuNodes = {
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
    };
    new Release(this, 'nvidia-device-plugin', {
      name: 'nvidia-device-plugin',
      repository: 'https://nvidia.github.io/k8s-device-plugin',
      chart: 'nvidia-device-plugin',
      version: '0.20.0',
      namespace: 'kube-system',
      atomic: true,
      values: [JSON.stringify({ migStrategy: 'single', ...onGpuNodes })],
    });
    const exporter = new Release(this, 'dcgm-exporter', {
      name: 'dcgm-exporter',
      repository: 'https://nvidia.github.io/dcgm-exporter/helm-charts',
      chart: 'dcgm-exporter',
      version: '4.8.2',
      namespace: 'kube-system',
      atomic: true,
      values: [
        JSON.stringify({
          serviceMonitor: { enabled: false },
          service: { port: 9400, address: ':9400' },
          kubeletPath: '/var/lib/kubelet/pod-resources',
          customMetrics: text('dcgm-metrics.csv'),
          securityContext: { runAsNonRoot: false, runAsUser: 0, capabilities: { add: ['SYS_ADMIN'] } },
          resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
          ...onGpuNodes,
        }),
      ],
    });
    addChart(this, 'pod-monitor', {
      name: 'dcgm-exporter-monitor',
      namespace: 'kube-system',
      values: {
        apiGroup: 'azmonitoring.coreos.com',
        podLabels: { 'app.kubernetes.io/name': 'dcgm-exporter' },
        port: 'metrics',
        interval: '15s',
        honorLabels: true,
        dropLabels: 'pod|namespace|container',
      },
      dependsOn: [exporter],
    });
    addAlerts(
      this,
      `${CLUSTER}-inference-platform`,
      `Alerts of the nodes and GPUs of ${CLUSTER}.`,
      'platform-alerts.json',
    );
    new TerraformOutput(this, 'platform_dashboard', {
      value: addDashboard(this, `${CLUSTER}-fb5e5ba2`, 'platform', 'platform-dashboard.json'),
      description: 'Where Grafana shows all services and nodes of the platform.',
    });
  }
}
