import { Release } from '@cdktf/provider-helm/lib/release';
import {
  MigProfile,
  MigStrategy,
  NodePool,
  type NodePoolAttributes,
  NvidiaDevicePlugin,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, testKubernetesStack } from '../fixtures';

function plugin(pools: readonly Partial<NodePoolAttributes>[], chartVersion?: string) {
  const stack = testKubernetesStack();
  const nodes = pools.map((attributes, index) =>
    NodePool.fromNodePoolAttributes(stack, `pool${index}`, {
      poolName: `gpu${index}`,
      size: VmSize.NC4AS_T4_V3,
      maxNodes: 1,
      ...attributes,
    }),
  );
  const construct = new NvidiaDevicePlugin(stack, 'plugin', { pools: nodes, chartVersion });
  const release = () => Template.of(stack).resource(Release);
  return { stack, construct, release, values: () => JSON.parse((release().values as string[])[0] ?? '') };
}

const GPU = { key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' };

test('defaultChild is the release', () => {
  expect(plugin([{}]).construct.node.defaultChild).toBeInstanceOf(Release);
});

test('is NVIDIA’s chart, at the version that services are tried with, all or nothing', () => {
  expect(plugin([{}]).release()).toMatchObject({
    name: 'nvidia-device-plugin',
    repository: 'https://nvidia.github.io/k8s-device-plugin',
    chart: 'nvidia-device-plugin',
    version: '0.20.0',
    namespace: 'kube-system',
    atomic: true,
  });
});

test('takes another version', () => {
  expect(plugin([{}], '0.21.0').release()).toMatchObject({ version: '0.21.0' });
});

describe('the values', () => {
  test('let it run on the nodes of its pools and nowhere else, with partitions counted as GPUs', () => {
    expect(plugin([{}, { poolName: 'a100' }]).values()).toEqual({
      migStrategy: 'single',
      tolerations: [GPU],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [{ key: 'kubernetes.azure.com/agentpool', operator: 'In', values: ['gpu0', 'a100'] }],
              },
            ],
          },
        },
      },
    });
  });

  test('tolerate every taint of the pools, each once', () => {
    const team = { key: 'team', value: 'vision', effect: 'NoExecute' };
    const gpu = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };

    expect(plugin([{ taints: [gpu, team] }, { taints: [gpu] }]).values().tolerations).toEqual([
      GPU,
      { key: 'team', operator: 'Equal', value: 'vision', effect: 'NoExecute' },
    ]);
  });
});

describe('partitions', () => {
  const a100 = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G };
  const mixed = { ...a100, migStrategy: MigStrategy.MIXED };

  test('count as GPUs where their pools say nothing else', () => {
    expect(plugin([a100, {}]).values()).toMatchObject({ migStrategy: 'single' });
  });

  test('count under their own names where their pools say so, in a release of its own name', () => {
    const { release, values } = plugin([mixed, {}]);

    expect(release()).toMatchObject({ name: 'nvidia-device-plugin-mixed' });
    expect(values()).toMatchObject({ migStrategy: 'mixed' });
  });

  test('fails for pools that count them in both ways', () => {
    expect(messagesOf(plugin([mixed, {}, a100]).stack)).toEqual([
      "one device plugin counts instances in one way; got the pool 'gpu0' with 'mixed' and the pool 'gpu2' with 'single'; " +
        'make a plugin for each',
    ]);
  });
});
