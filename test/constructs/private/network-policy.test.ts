import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { ServingNamespace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import {
  callersOf,
  type NetworkPolicyProps,
  networkPolicy,
  podsWith,
  scrapedBy,
} from '../../../constructs/private/network-policy';
import { testKubernetesStack } from '../../fixtures';

const LABELS = { 'app.kubernetes.io/name': 'reader' };

function policy(props: Partial<NetworkPolicyProps>) {
  const stack = testKubernetesStack();
  const namespace = new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' });
  networkPolicy(stack, 'policy', { namespace, name: 'reader', labels: LABELS, ingress: [], ...props });
  return Template.of(stack).resource(NetworkPolicyV1, 'policy');
}

test('is about the pods with its labels, and lets nobody in by itself', () => {
  expect(policy({})).toEqual({
    metadata: {
      name: 'reader',
      namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespace_/),
      labels: LABELS,
    },
    spec: { pod_selector: { match_labels: LABELS }, policy_types: ['Ingress'], ingress: [] },
  });
});

test('lets each into the ports that are meant for it', () => {
  const other = { 'app.kubernetes.io/name': 'reader-router' };

  expect(policy({ ingress: [{ ports: [8080] }, { ports: [8090, 8405], from: podsWith(other) }] })).toMatchObject({
    spec: {
      ingress: [
        { ports: [{ port: '8080', protocol: 'TCP' }] },
        {
          ports: [
            { port: '8090', protocol: 'TCP' },
            { port: '8405', protocol: 'TCP' },
          ],
          from: [{ pod_selector: { match_labels: other } }],
        },
      ],
    },
  });
});

test('names nobody where everyone may come, since an empty list would be nobody', () => {
  const { spec } = policy({ ingress: [{ ports: [8080] }] }) as { spec?: { ingress: readonly object[] } };

  expect(spec?.ingress).toEqual([{ ports: [{ port: '8080', protocol: 'TCP' }] }]);
});

test('lets those who are named read metrics, and nobody where nobody is: a rule without names would be for everyone', () => {
  expect(scrapedBy(podsWith(LABELS), [8404, 8002])).toEqual([{ ports: [8404, 8002], from: podsWith(LABELS) }]);
  expect(scrapedBy(undefined, [8404])).toEqual([]);
  expect(scrapedBy([], [8404])).toEqual([]);
});

test('callers are the pods of the namespace, and of those that may call it', () => {
  const callers = (...callerNamespaces: string[]) =>
    callersOf(new ServingNamespace(testKubernetesStack(), 'namespace', { namespaceName: 'vision', callerNamespaces }));
  const selector = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

  expect(callers()).toEqual([{ podSelector: {} }]);
  expect(callers('shop', 'batch')).toEqual([{ podSelector: {} }, selector('shop'), selector('batch')]);
});

describe('what its pods may call', () => {
  const dns = {
    ports: [
      { port: '53', protocol: 'UDP' },
      { port: '53', protocol: 'TCP' },
    ],
    to: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  };

  test('is everything by default', () => {
    const { spec } = policy({ egressPods: [LABELS] }) as { spec?: object };

    expect(spec).not.toHaveProperty('egress');
    expect(spec).toMatchObject({ policy_types: ['Ingress'] });
  });

  test('is the given networks, and names are resolved all the same', () => {
    expect(policy({ egressRanges: ['10.1.0.0/16', '10.2.0.0/16'] })).toMatchObject({
      spec: {
        policy_types: ['Ingress', 'Egress'],
        egress: [dns, { to: [{ ip_block: { cidr: '10.1.0.0/16' } }, { ip_block: { cidr: '10.2.0.0/16' } }] }],
      },
    });
  });

  test('is no network where none is given: an empty list would be all of them', () => {
    expect(policy({ egressRanges: [] })).toMatchObject({ spec: { egress: [dns] } });
  });

  test('is the pods of the service besides', () => {
    expect(policy({ egressRanges: [], egressPods: [LABELS] })).toMatchObject({
      spec: { egress: [dns, { to: [{ pod_selector: { match_labels: LABELS } }] }] },
    });
  });
});
