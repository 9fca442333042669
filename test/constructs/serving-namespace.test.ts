import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { ServingNamespace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, testKubernetesStack, token, written } from '../fixtures';

function namespace(namespaceName: string, callerNamespaces?: readonly string[]) {
  const stack = testKubernetesStack();
  const serving = new ServingNamespace(stack, 'namespace', { namespaceName, callerNamespaces });
  return { stack, serving, template: () => Template.of(stack) };
}

const NAME = /^\$\{kubernetes_namespace_v1\.namespace_[0-9A-F]{8}\.metadata\[0\]\.name\}$/;

test('defaultChild is the namespace', () => {
  expect(namespace('vision').serving.node.defaultChild).toBeInstanceOf(NamespaceV1);
});

test('runs pods under the restricted standard only', () => {
  expect(namespace('vision').template().resource(NamespaceV1)).toEqual({
    metadata: {
      name: 'vision',
      labels: {
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  });
});

test('is known by its literal name and by a reference', () => {
  const { stack, serving } = namespace('vision');

  expect(serving.namespaceName).toBe('vision');
  expect(written(stack, serving.name)).toMatch(NAME);
});

describe('its pods', () => {
  test('are reached by nothing but what services let in', () => {
    expect(namespace('vision', ['shop']).template().resource(NetworkPolicyV1)).toEqual({
      metadata: { name: 'default-deny-ingress', namespace: expect.stringMatching(NAME) },
      spec: { pod_selector: {}, policy_types: ['Ingress'] },
    });
  });

  test('are called from the namespaces that are named, as far as services let them in', () => {
    const callers = ['shop', 'batch'];
    const { serving } = namespace('vision', callers);
    callers.push('later');

    expect(serving.callerNamespaces).toEqual(['shop', 'batch']);
    expect(namespace('vision').serving.callerNamespaces).toEqual([]);
  });
});

describe('a name', () => {
  test.each(['a', 'vision-2', 'defaults', 'kubernetes', 'x'.repeat(63), token('vision')])('may be %j', (name) => {
    expect(messagesOf(namespace(name).stack)).toEqual([]);
  });

  test.each(['', 'Vision', '2nd', 'vision-', '-vision', 'a.b', 'x'.repeat(64)])('fails to be %j', (name) => {
    expect(messagesOf(namespace(name).stack)).toEqual([
      expect.stringContaining(
        'a namespace name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or ' +
          `digit; got '${name}'`,
      ),
    ]);
  });

  test.each(['default', 'kube-system', 'kube-'])('fails to be one of Kubernetes’ own: %s', (name) => {
    expect(messagesOf(namespace(name).stack)).toContain(
      `a namespace of the name '${name}' is part of Kubernetes, so it cannot be made; give it another name`,
    );
  });

  test('may be one of Kubernetes’ own where its pods are callers', () => {
    expect(messagesOf(namespace('vision', ['default', 'kube-system']).stack)).toEqual([]);
  });

  test('fails for callers by the same rule', () => {
    expect(messagesOf(namespace('vision', ['Shop', 'batch', '9']).stack)).toEqual([
      expect.stringMatching(/; got 'Shop'; 'shop' would do$/),
      expect.stringMatching(/; got '9'$/),
    ]);
  });
});
