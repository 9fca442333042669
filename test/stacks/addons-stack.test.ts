import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { DataAzurermMonitorWorkspace } from '@cdktf/provider-azurerm/lib/data-azurerm-monitor-workspace';
import { Release } from '@cdktf/provider-helm/lib/release';
import {
  AcceleratorKind,
  AcceleratorVendor,
  AddonsStack,
  ClusterAccess,
  GpuDriver,
  InferenceCluster,
  type InferencePlatformProps,
  MigProfile,
  MigStrategy,
  Monitoring,
  NodePool,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { env, messagesOf, sharedGroup, testApp, testPlatform } from '../fixtures';

const T4 = { size: VmSize.NC4AS_T4_V3, maxNodes: 1 };

const AMD = VmSize.of('Standard_ND96isr_MI300X_v5', {
  vcpus: 96,
  memoryGiB: 1850,
  accelerator: {
    kind: AcceleratorKind.GPU,
    vendor: AcceleratorVendor.AMD,
    model: 'MI300X',
    count: 8,
    memoryGiBEach: 192,
  },
});

/** The releases of a stack, by name. */
const byName = (stack: AddonsStack) =>
  new Map(
    Template.of(stack)
      .resources(Release)
      .map((release) => [release.name as string, release]),
  );

const valuesOf = (release: { readonly [name: string]: unknown } | undefined) =>
  JSON.parse((release?.values as string[] | undefined)?.[0] ?? '{}');

/** What the device plugins of a platform are given. */
const releases = (platform: ReturnType<typeof testPlatform>) =>
  [...byName(platform.addonsStack)]
    .filter(([name]) => name.startsWith('nvidia-device-plugin'))
    .map(([, release]) => valuesOf(release));

describe('the device plugin', () => {
  test('is not there without pools that need it', () => {
    const platform = testPlatform();
    platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
    platform.cluster.addGpuPool('operator', { ...T4, gpuDriver: GpuDriver.NONE });
    platform.cluster.addGpuPool('amd', { size: AMD, maxNodes: 1 });

    expect(releases(platform)).toEqual([]);
  });

  test('runs once, on the pools that need it and nowhere else, whenever they were added', () => {
    const platform = testPlatform();
    platform.cluster.addGpuPool('t4', T4);
    platform.cluster.addGpuPool('operator', { ...T4, gpuDriver: GpuDriver.NONE });
    platform.cluster.addGpuPool('spare', { ...T4, spot: true });

    const [values, ...others] = releases(platform);
    expect(others).toEqual([]);
    expect(JSON.stringify(values.affinity)).toContain('"operator":"In","values":["t4","spare"]');
    expect(values.tolerations).toEqual([
      { key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' },
      { key: 'kubernetes.azure.com/scalesetpriority', operator: 'Equal', value: 'spot', effect: 'NoSchedule' },
    ]);
  });

  test('comes twice where pools count partitions in both ways, each on its own pools', () => {
    const platform = testPlatform();
    const a100 = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G, minNodes: 1, maxNodes: 1 };
    platform.cluster.addGpuPool('named', { ...a100, migStrategy: MigStrategy.MIXED });
    platform.cluster.addGpuPool('t4', T4);
    platform.cluster.addGpuPool('alike', a100);
    const template = Template.of(platform.addonsStack);

    const release = (id: string) => {
      const { name, values } = template.resource(Release, id);
      const { migStrategy, affinity } = JSON.parse((values as string[])[0] ?? '');
      return { name, migStrategy, pools: JSON.stringify(affinity).match(/"values":(\[.*?\])/)?.[1] };
    };
    expect(releases(platform)).toHaveLength(2);
    expect(release('nvidia-device-plugin')).toEqual({
      name: 'nvidia-device-plugin',
      migStrategy: 'single',
      pools: '["t4","alike"]',
    });
    expect(release('nvidia-device-plugin-mixed')).toEqual({
      name: 'nvidia-device-plugin-mixed',
      migStrategy: 'mixed',
      pools: '["named"]',
    });
  });

  test('comes for the pools of a cluster made elsewhere that say so', () => {
    const app = testApp();
    const pool = (poolName: string, needsNvidiaDevicePlugin?: boolean) =>
      NodePool.fromNodePoolAttributes(app, poolName, { ...T4, poolName, needsNvidiaDevicePlugin });
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'theirs',
      resourceGroup: sharedGroup(app),
      pools: [pool('bare', true), pool('ready')],
    });
    const addons = new AddonsStack(app, 'addons', { ...env, cluster });

    const release = Template.of(addons).resource(Release);
    expect(String(release.values)).toContain('"values":["bare"]');
    expect(Template.of(addons).dataSource(DataAzurermKubernetesCluster)).toMatchObject({ name: 'theirs' });
    expect(addons.dependencies).toEqual([]);
  });
});

test('a pool that is added after a first synthesis counts in the next', () => {
  const platform = testPlatform();
  platform.cluster.addGpuPool('first', T4);
  Template.of(platform.addonsStack);
  platform.cluster.addGpuPool('second', T4);

  for (const name of ['nvidia-device-plugin', 'dcgm-exporter']) {
    expect(JSON.stringify(valuesOf(byName(platform.addonsStack).get(name)))).toContain('"values":["first","second"]');
  }
});

describe('the exporter of GPU metrics', () => {
  const exporters = (props: Partial<InferencePlatformProps>) => {
    const platform = testPlatform(props);
    platform.cluster.addGpuPool('t4', T4);
    platform.cluster.addGpuPool('operator', { ...T4, gpuDriver: GpuDriver.NONE });
    return byName(platform.addonsStack);
  };

  test.each([
    [Monitoring.AZURE_MANAGED, 'azmonitoring.coreos.com'],
    [Monitoring.IN_CLUSTER, 'monitoring.coreos.com'],
  ])('runs on the pools where AKS installs the driver, for %s', (monitoring, apiGroup) => {
    const found = exporters({ monitoring });

    expect(JSON.stringify(valuesOf(found.get('dcgm-exporter')).affinity)).toContain('"values":["t4"]');
    expect(valuesOf(found.get('dcgm-exporter-monitor'))).toMatchObject({ apiGroup });
  });

  test('is not there with nobody to ask it', () => {
    expect([...exporters({ monitoring: Monitoring.NONE }).keys()]).toEqual(['nvidia-device-plugin']);
  });

  test('is not there without GPUs', () => {
    const platform = testPlatform();

    expect([...byName(platform.addonsStack).keys()]).toEqual([]);
  });

  test('waits for the chart that brings the kind of its monitor', () => {
    const found = exporters({ monitoring: Monitoring.IN_CLUSTER });

    expect(found.get('dcgm-exporter-monitor')?.depends_on).toEqual([
      expect.stringContaining('helm_release.dcgm-exporter'),
      expect.stringContaining('helm_release.prometheus'),
    ]);
  });

  test('reads nothing in Azure for it', () => {
    const platform = testPlatform();
    platform.cluster.addGpuPool('t4', T4);

    expect(Template.of(platform.addonsStack).dataSources(DataAzurermMonitorWorkspace)).toEqual([]);
  });
});

describe('Prometheus inside the cluster', () => {
  test('is there with Monitoring.IN_CLUSTER alone, and beside it what it shows and tells of the platform', () => {
    const names = (monitoring?: Monitoring) => [...byName(testPlatform({ monitoring }).addonsStack).keys()];

    expect(names(Monitoring.IN_CLUSTER)).toEqual(['inference-platform', 'prometheus']);
    expect([names(), names(Monitoring.AZURE_MANAGED), names(Monitoring.NONE)]).toEqual([[], [], []]);
  });

  test('takes what the platform gives it', () => {
    const platform = testPlatform({ monitoring: Monitoring.IN_CLUSTER, prometheus: { storageGiB: 256 } });
    const { prometheusSpec } = valuesOf(byName(platform.addonsStack).get('prometheus')).prometheus;

    expect(prometheusSpec.storageSpec.volumeClaimTemplate.spec.resources).toEqual({ requests: { storage: '256Gi' } });
  });

  test('fails to take anything where it is not', () => {
    expect(messagesOf(testPlatform({ prometheus: {} }).addonsStack)).toEqual([
      'Prometheus runs inside the cluster with Monitoring.IN_CLUSTER alone; got prometheus: { … } with another monitoring; ' +
        'leave one of them out',
    ]);
  });
});

describe('KEDA', () => {
  const keda = (props: Partial<InferencePlatformProps>) => byName(testPlatform(props).addonsStack).get('keda');

  test('comes with the cluster', () => {
    expect(keda({})).toBeUndefined();
  });

  test('comes as a chart where the cluster’s add-on is off', () => {
    expect(valuesOf(keda({ kedaAddon: false })).podIdentity.azureWorkload).toMatchObject({ enabled: true });
    expect(valuesOf(keda({ kedaAddon: false, monitoring: Monitoring.IN_CLUSTER })).podIdentity).toEqual({
      azureWorkload: { enabled: false },
    });
  });

  test('does not come where there are no metrics to scale by', () => {
    expect(keda({ kedaAddon: false, monitoring: Monitoring.NONE })).toBeUndefined();
  });
});

describe('Terraform talks to the cluster', () => {
  const exec = (login: string) => ({
    api_version: 'client.authentication.k8s.io/v1beta1',
    command: 'kubelogin',
    args: ['get-token', '--login', login, '--server-id', '6dae42f8-4368-4678-94ff-3960e28e3630'],
  });
  const attribute = (name: string) => expect.stringMatching(new RegExp(`kube_config\\[0\\]\\.${name}`));

  test.each([
    ['azurecli', undefined],
    ['workloadidentity', ClusterAccess.WORKLOAD_IDENTITY],
    ['msi', ClusterAccess.MANAGED_IDENTITY],
  ])('through kubelogin as %s', (login, access) => {
    const { addonsStack } = testPlatform({ access });

    expect(Template.of(addonsStack).json).toMatchObject({
      provider: {
        helm: [
          {
            kubernetes: {
              host: attribute('host'),
              cluster_ca_certificate: attribute('cluster_ca_certificate'),
              exec: exec(login),
            },
          },
        ],
      },
    });
  });
});
