import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { ServingNamespace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { type PodConfigProps, podConfig } from '../../../constructs/private/pod-config';
import { testKubernetesStack } from '../../fixtures';

function configOf(files: Pick<PodConfigProps, 'data' | 'binaryData'>) {
  const stack = testKubernetesStack();
  const namespace = new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' });
  podConfig(stack, { namespace, name: 'reader', labels: {}, ...files });
  return Template.of(stack).resource(ConfigMapV1) as {
    readonly metadata: { readonly name: string };
    readonly data: object;
    readonly binary_data?: object;
  };
}

describe('the files of a pod', () => {
  const data = { 'server.conf': 'one\n' };
  const binaryData = { request: Buffer.from([0xff, 0, 0x24, 0x7b]) };

  test('are text, and bytes where they are given', () => {
    expect(configOf({ data })).not.toHaveProperty('binary_data');
    expect(configOf({ data, binaryData })).toMatchObject({ data, binary_data: { request: '/wAkew==' } });
  });

  test('have a name that changes with each of them', () => {
    const names = [
      configOf({ data }),
      configOf({ data: { 'server.conf': 'two\n' } }),
      configOf({ data, binaryData }),
      configOf({ data, binaryData: { request: Buffer.from([0xff, 0, 0x24, 0x7c]) } }),
      configOf({ data, binaryData: { other: binaryData.request } }),
    ].map(({ metadata }) => metadata.name);

    expect(new Set(names).size).toBe(names.length);
    expect(configOf({ data, binaryData }).metadata.name).toBe(names[2]);
  });
});
