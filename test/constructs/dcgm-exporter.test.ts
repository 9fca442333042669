import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { DcgmExporter, NodePool, type NodePoolAttributes, PrometheusStack, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { testKubernetesStack } from '../fixtures';

function exporter(pools: readonly Partial<NodePoolAttributes>[] = [{}], chartVersion?: string, inCluster = false) {
  const stack = testKubernetesStack();
  const nodes = pools.map((attributes, index) =>
    NodePool.fromNodePoolAttributes(stack, `pool${index}`, {
      poolName: `gpu${index}`,
      size: VmSize.NC4AS_T4_V3,
      maxNodes: 1,
      ...attributes,
    }),
  );
  const construct = new DcgmExporter(stack, 'exporter', {
    pools: nodes,
    monitorsApiGroup: 'azmonitoring.coreos.com',
    prometheus: inCluster ? new PrometheusStack(stack, 'prometheus') : undefined,
    chartVersion,
  });
  const release = (id = 'exporter') => Template.of(stack).resource(Release, id);
  const values = (id?: string) => JSON.parse((release(id).values as string[])[0] ?? '');
  return { stack, construct, release, values };
}

const MONITOR = 'exporter/Monitor';

test('defaultChild is the release of the exporter', () => {
  expect(exporter().construct.node.defaultChild).toBeInstanceOf(Release);
});

test('is NVIDIA’s chart, at the version that pools are tried with, all or nothing', () => {
  expect(exporter().release()).toMatchObject({
    name: 'dcgm-exporter',
    repository: 'https://nvidia.github.io/dcgm-exporter/helm-charts',
    chart: 'dcgm-exporter',
    version: '4.8.2',
    namespace: 'kube-system',
    atomic: true,
  });
  expect(exporter([{}], '4.9.0').release()).toMatchObject({ version: '4.9.0' });
});

describe('the values', () => {
  test('let it run on the nodes of its pools and nowhere else', () => {
    const team = { key: 'team', value: 'vision', effect: 'NoExecute' };
    const gpu = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };
    const { affinity, tolerations } = exporter([{ taints: [gpu, team] }, { taints: [gpu] }]).values();

    expect(JSON.stringify(affinity)).toContain(
      '{"key":"kubernetes.azure.com/agentpool","operator":"In","values":["gpu0","gpu1"]}',
    );
    expect(tolerations).toEqual([
      { key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' },
      { key: 'team', operator: 'Equal', value: 'vision', effect: 'NoExecute' },
    ]);
  });

  test('let it see the GPUs and who holds them, and tell what is asked for', () => {
    const values = exporter().values();

    expect(values).toMatchObject({
      kubeletPath: '/var/lib/kubelet/pod-resources',
      securityContext: { runAsNonRoot: false, runAsUser: 0, capabilities: { add: ['SYS_ADMIN'] } },
      serviceMonitor: { enabled: false },
      service: { port: 9400, address: ':9400' },
      resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    });
    const lines = String(values.customMetrics).trim().split('\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(
      expect.arrayContaining(['DCGM_FI_DEV_GPU_UTIL', 'DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_FB_FREE']),
    );
    // the exporter splits its lines at commas
    expect(lines.filter((line) => !/^DCGM_FI_(DEV|PROF)_[A-Z_]+, gauge, [^,]+$/.test(line))).toEqual([]);
  });
});

describe('its monitor', () => {
  test('is of the group that Prometheus heeds, and tells each GPU by the pod that holds it', () => {
    const { release, values } = exporter();

    expect(release(MONITOR)).toMatchObject({ name: 'dcgm-exporter-monitor', namespace: 'kube-system', atomic: true });
    expect(values(MONITOR)).toEqual({
      apiGroup: 'azmonitoring.coreos.com',
      podLabels: { 'app.kubernetes.io/name': 'dcgm-exporter' },
      port: 'metrics',
      interval: '15s',
      honorLabels: true,
      dropLabels: 'pod|namespace|container',
    });
  });

  test('is a chart of this package, by a path from where Terraform runs', () => {
    const { stack, release } = exporter();
    const { chart } = release(MONITOR);
    const app = App.of(stack);
    app.synth();

    const folder = join(app.outdir, 'stacks', 'test', String(chart));
    expect(chart).toMatch(/^assets\/charts_pod-monitor_[0-9A-F]{8}\/[0-9a-f]{32}\/?$/);
    expect(readFileSync(join(folder, 'Chart.yaml'), 'utf8')).toContain('name: pod-monitor');
    expect(existsSync(join(folder, 'templates', 'pod-monitor.yaml'))).toBe(true);
  });

  test('takes no value that its chart does not know', () => {
    const schema = JSON.parse(
      readFileSync(join(__dirname, '../../constructs/charts/pod-monitor/values.schema.json'), 'utf8'),
    );
    const { values } = exporter();

    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(values(MONITOR))));
    expect(schema.properties.apiGroup.enum).toContain(values(MONITOR).apiGroup);
  });

  test('follows the exporter, and the chart that brings its kind', () => {
    expect(exporter().release(MONITOR).depends_on).toEqual([expect.stringContaining('helm_release.exporter_')]);
    expect(exporter([{}], undefined, true).release(MONITOR).depends_on).toEqual([
      expect.stringContaining('helm_release.exporter_'),
      expect.stringContaining('helm_release.prometheus_'),
    ]);
  });
});
