import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { Release } from '@cdktf/provider-helm/lib/release';
import {
  AcceleratorKind,
  AcceleratorVendor,
  AddonsStack,
  ClusterAccess,
  GpuDriver,
  InferenceCluster,
  MigProfile,
  MigStrategy,
  NodePool,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { env, sharedGroup, testApp, testPlatform } from '../fixtures';

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

const releases = (platform: ReturnType<typeof testPlatform>) =>
  Template.of(platform.addonsStack)
    .resources(Release)
    .map((release) => JSON.parse((release.values as string[])[0] ?? ''));

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
    expect(template.resources(Release)).toHaveLength(2);
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

  const [values] = Template.of(platform.addonsStack).resource(Release).values as string[];

  expect(values).toContain('"values":["first","second"]');
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
