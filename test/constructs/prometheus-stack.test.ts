import { Release } from '@cdktf/provider-helm/lib/release';
import { PrometheusStack, type PrometheusStackOptions } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, testKubernetesStack } from '../fixtures';

function prometheus(options?: PrometheusStackOptions) {
  const stack = testKubernetesStack();
  const construct = new PrometheusStack(stack, 'prometheus', options);
  const release = () => Template.of(stack).resource(Release);
  return { stack, construct, release, values: () => JSON.parse((release().values as string[])[0] ?? '') };
}

const OFF_SYSTEM = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.azure.com/mode', operator: 'NotIn', values: ['system'] }] },
      ],
    },
  },
};

test('defaultChild is the release', () => {
  expect(prometheus().construct.node.defaultChild).toBeInstanceOf(Release);
});

test('is the community’s chart in the namespace where others look for it, all or nothing', () => {
  expect(prometheus().release()).toMatchObject({
    name: 'prometheus',
    repository: 'https://prometheus-community.github.io/helm-charts',
    chart: 'kube-prometheus-stack',
    version: '91.9.0',
    namespace: 'monitoring',
    create_namespace: true,
    atomic: true,
    timeout: 900,
  });
  expect(prometheus({ chartVersion: '92.0.0' }).release()).toMatchObject({ version: '92.0.0' });
});

describe('Prometheus', () => {
  const spec = (options?: PrometheusStackOptions) => prometheus(options).values().prometheus.prometheusSpec;

  test('heeds what anybody installed, not what this chart did alone', () => {
    expect(spec()).toMatchObject({
      podMonitorSelectorNilUsesHelmValues: false,
      serviceMonitorSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
    });
  });

  test('keeps metrics for 15 days on a disk of 64 GiB, which it does not fill', () => {
    expect(spec()).toMatchObject({
      scrapeInterval: '30s',
      evaluationInterval: '30s',
      retention: '15d',
      retentionSize: '51GiB',
      storageSpec: {
        volumeClaimTemplate: {
          spec: {
            storageClassName: 'managed-csi',
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '64Gi' } },
          },
        },
      },
      resources: { requests: { cpu: '250m', memory: '3Gi' }, limits: { memory: '3Gi' } },
    });
  });

  test('takes other days, another disk and other memory', () => {
    expect(spec({ retentionDays: 90, storageGiB: 512, memoryGiB: 8 })).toMatchObject({
      retention: '90d',
      retentionSize: '409GiB',
      storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '512Gi' } } } } },
      resources: { requests: { memory: '8Gi' }, limits: { memory: '8Gi' } },
    });
  });

  test('leaves alone what AKS keeps to itself', () => {
    expect(prometheus().values()).toMatchObject({
      kubeControllerManager: { enabled: false },
      kubeEtcd: { enabled: false },
      kubeScheduler: { enabled: false },
      kubeProxy: { enabled: false },
    });
  });
});

describe('Grafana', () => {
  test('shows the dashboards of all namespaces', () => {
    expect(prometheus().values().grafana.sidecar.dashboards).toEqual({
      enabled: true,
      label: 'grafana_dashboard',
      labelValue: '1',
      searchNamespace: 'ALL',
    });
  });

  test('has no password that the program or Terraform knows', () => {
    expect(prometheus().values().grafana.adminPassword).toBe('');
    expect(String(prometheus().release().values)).not.toMatch(/prom-operator|[pP]assword":"[^"]/);
  });
});

test('all of it keeps off the nodes of the cluster’s own parts, but for what measures every node', () => {
  const values = prometheus().values();

  expect([
    values.prometheus.prometheusSpec.affinity,
    values.prometheusOperator.affinity,
    values.prometheusOperator.admissionWebhooks.patch.affinity,
    values.alertmanager.alertmanagerSpec.affinity,
    values.grafana.affinity,
    values['kube-state-metrics'].affinity,
  ]).toEqual(Array(6).fill(OFF_SYSTEM));
  expect(values['prometheus-node-exporter']).toMatchObject({ tolerations: [{ operator: 'Exists' }] });
});

test('fails for what cannot be kept, all of it at once', () => {
  expect(messagesOf(prometheus({ retentionDays: 0, storageGiB: 7.5, memoryGiB: 2000 }).stack)).toEqual([
    'retentionDays must be a whole number from 1 to 3650; got 0',
    'storageGiB must be a whole number from 8 to 32767; got 7.5',
    'memoryGiB must be a whole number from 1 to 1024; got 2000',
  ]);
});
