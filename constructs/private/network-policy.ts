import {
  NetworkPolicyV1,
  type NetworkPolicyV1SpecEgress,
  type NetworkPolicyV1SpecIngressFrom,
} from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { ServingNamespace } from '../serving-namespace';

/** Labels by which pods are chosen. */
type Labels = { readonly [name: string]: string };

/** Who may reach some ports of a pod. */
export interface Allowed {
  /** The ports. */
  readonly ports: readonly number[];

  /** Pods that may; nothing for everyone, as where a load balancer decides who gets here. */
  readonly from?: NetworkPolicyV1SpecIngressFrom[];
}

/** What the pods of one part of a service may be called by, and may call. */
export interface NetworkPolicyProps {
  /** Namespace of the pods. */
  readonly namespace: ServingNamespace;

  /** Name of the policy. */
  readonly name: string;

  /** Labels of the pods, which the policy carries, too. */
  readonly labels: Labels;

  /** Who may call them; all others may not. */
  readonly ingress: readonly Allowed[];

  /** Networks that they may call; nothing for all. */
  readonly egressRanges?: readonly string[];

  /** Pods that they may call besides. */
  readonly egressPods?: readonly Labels[];

  /** What must happen before callers are turned away. */
  readonly dependsOn?: ITerraformDependable[];
}

/** Opens what is needed of pods in a namespace that is closed. */
export function networkPolicy(scope: Construct, id: string, props: NetworkPolicyProps): NetworkPolicyV1 {
  const { namespace, name, labels, egressRanges } = props;
  return new NetworkPolicyV1(scope, id, {
    metadata: { name, namespace: namespace.name, labels },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: egressRanges === undefined ? ['Ingress'] : ['Ingress', 'Egress'],
      ingress: props.ingress.map(({ ports, from }) => ({
        ports: ports.map((port) => ({ port: String(port), protocol: 'TCP' })),
        from,
      })),
      egress: egressRanges === undefined ? undefined : egressRules(egressRanges, props.egressPods ?? []),
    },
    dependsOn: props.dependsOn,
  });
}

/** The pods of a namespace and of those that may call it. */
export function callersOf(namespace: ServingNamespace): NetworkPolicyV1SpecIngressFrom[] {
  return [
    { podSelector: {} },
    ...namespace.callerNamespaces.map((caller) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': caller } },
    })),
  ];
}

/** Lets metrics be read by those who are named, and by nobody where nobody is. */
export function scrapedBy(scrapers: Allowed['from'], ports: readonly number[]): Allowed[] {
  // a rule that names nobody would let everyone in
  return scrapers === undefined || scrapers.length === 0 ? [] : [{ ports, from: scrapers }];
}

/** The pods with these labels. */
export function podsWith(labels: Labels): NetworkPolicyV1SpecIngressFrom[] {
  return [{ podSelector: { matchLabels: labels } }];
}

function egressRules(ranges: readonly string[], pods: readonly Labels[]): NetworkPolicyV1SpecEgress[] {
  const dns = [
    { port: '53', protocol: 'UDP' },
    { port: '53', protocol: 'TCP' },
  ];
  return [
    { ports: dns, to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }] },
    ...(pods.length === 0 ? [] : [{ to: pods.map((matchLabels) => ({ podSelector: { matchLabels } })) }]),
    ...(ranges.length === 0 ? [] : [{ to: ranges.map((cidr) => ({ ipBlock: { cidr } })) }]),
  ];
}
