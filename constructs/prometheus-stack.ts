import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { broken, refuse, wholeNumber } from '../src/validation';
import { OFF_SYSTEM_AFFINITY } from './private/off-system-nodes';
import { PROMETHEUS_NAMESPACE } from './private/prometheus-access';

/** The chart of Prometheus, its operator and Grafana that services are tried with. */
const CHART = {
  repository: 'https://prometheus-community.github.io/helm-charts',
  name: 'kube-prometheus-stack',
  version: '91.9.0',
};

/** What a pod asks for, and the most memory it gets. */
const SMALL = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };

/** Options of Prometheus inside the cluster, whoever makes it. */
export interface PrometheusStackOptions {
  /**
   * How long metrics are kept, 1 to 3650 days; less where they would fill the disk before.
   *
   * @default 15
   */
  readonly retentionDays?: number;

  /**
   * Size of the disk that the metrics lie on, 8 to 32,767 GiB: a managed disk of the class `managed-csi`, which is paid
   * for as it is made. A change is refused by Kubernetes; make the claim larger with kubectl first.
   *
   * @default 64
   */
  readonly storageGiB?: number;

  /**
   * Memory that Prometheus asks for and gets, 1 to 1024 GiB; about 3 GiB for a million series.
   *
   * @default 3
   */
  readonly memoryGiB?: number;

  /**
   * Version of the chart.
   *
   * @default 91.9.0
   */
  readonly chartVersion?: string;
}

/**
 * Prometheus, Alertmanager and Grafana inside the cluster, for platforms without Azure's managed ones.
 *
 * Prometheus heeds every PodMonitor, ServiceMonitor and PrometheusRule of the cluster, whoever installed it, and Grafana
 * shows every ConfigMap with the label `grafana_dashboard: "1"`. All of it runs off the nodes of the cluster's own parts,
 * and is reached from inside the cluster alone, by `kubectl port-forward`. The chart makes a password for Grafana's
 * `admin` inside the cluster, where neither Terraform nor this program sees it:
 *
 * ```sh
 * kubectl --namespace monitoring get secret prometheus-grafana -o jsonpath='{.data.admin-password}' | base64 -d
 * kubectl --namespace monitoring port-forward service/prometheus-grafana 3000:80
 * ```
 *
 * Destroying it leaves namespace, kinds and disk behind.
 *
 * @see https://github.com/prometheus-community/helm-charts/tree/main/charts/kube-prometheus-stack
 */
export class PrometheusStack extends Construct {
  /**
   * What brings the kinds of monitors, for `dependsOn`.
   *
   * @internal
   */
  public readonly release: Release;

  constructor(scope: Construct, id: string, options: PrometheusStackOptions = {}) {
    super(scope, id);
    const { retentionDays = 15, storageGiB = 64, memoryGiB = 3 } = options;
    refuse(
      this,
      broken([
        wholeNumber('retentionDays', retentionDays, 1, 3650),
        wholeNumber('storageGiB', storageGiB, 8, 32_767),
        wholeNumber('memoryGiB', memoryGiB, 1, 1024),
      ]),
    );
    const affinity = OFF_SYSTEM_AFFINITY;
    const memory = `${memoryGiB}Gi`;
    this.release = new Release(this, 'Resource', {
      name: 'prometheus',
      repository: CHART.repository,
      chart: CHART.name,
      version: options.chartVersion ?? CHART.version,
      namespace: PROMETHEUS_NAMESPACE,
      createNamespace: true,
      atomic: true,
      // a node may have to come first
      timeout: 900,
      values: [
        JSON.stringify({
          fullnameOverride: 'prometheus',
          // Azure runs these, and lets nobody scrape them
          ...Object.fromEntries(UNREACHABLE.map((part) => [part, { enabled: false }])),
          prometheusOperator: {
            affinity,
            resources: SMALL,
            admissionWebhooks: { patch: { affinity } },
          },
          prometheus: {
            prometheusSpec: {
              // else it heeds what this very chart installed alone
              ...Object.fromEntries(MONITORS.map((kind) => [`${kind}SelectorNilUsesHelmValues`, false])),
              scrapeInterval: '30s',
              evaluationInterval: '30s',
              retention: `${retentionDays}d`,
              // the rest is for what is being written
              retentionSize: `${Math.floor(storageGiB * 0.8)}GiB`,
              storageSpec: {
                volumeClaimTemplate: {
                  spec: {
                    storageClassName: 'managed-csi',
                    accessModes: ['ReadWriteOnce'],
                    resources: { requests: { storage: `${storageGiB}Gi` } },
                  },
                },
              },
              resources: { requests: { cpu: '250m', memory }, limits: { memory } },
              affinity,
            },
          },
          alertmanager: { alertmanagerSpec: { affinity, resources: SMALL } },
          grafana: {
            // none in values: the chart makes one inside the cluster, and keeps it
            adminPassword: '',
            affinity,
            resources: SMALL,
            sidecar: {
              dashboards: { enabled: true, label: 'grafana_dashboard', labelValue: '1', searchNamespace: 'ALL' },
            },
            'grafana.ini': { analytics: { check_for_updates: false, reporting_enabled: false } },
          },
          'kube-state-metrics': { affinity, resources: SMALL },
          'prometheus-node-exporter': {
            // on every node, those with accelerators among them
            tolerations: [{ operator: 'Exists' }],
            resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '128Mi' } },
          },
        }),
      ],
    });
  }
}

/** What Prometheus looks for in all namespaces. */
const MONITORS = ['podMonitor', 'serviceMonitor', 'probe', 'rule', 'scrapeConfig'];

/** Parts of Kubernetes that AKS keeps to itself; with Cilium there is no kube-proxy. */
const UNREACHABLE = ['kubeControllerManager', 'kubeEtcd', 'kubeScheduler', 'kubeProxy'];
