import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { Construct } from 'constructs';
import { dnsLabelProblem } from '../src/kubernetes/dns-label';
import { refuse } from '../src/validation';

/** Properties of `ServingNamespace`. */
export interface ServingNamespaceProps {
  /** Name of the namespace. Changing it replaces the namespace and everything in it. */
  readonly namespaceName: string;

  /**
   * Namespaces whose pods may call the services of this one.
   *
   * @default - none: only pods of the namespace itself may
   */
  readonly callerNamespaces?: readonly string[];
}

/**
 * A namespace for model services, closed unless opened: pods run under Kubernetes' restricted security standard, and
 * nothing reaches them but what a service lets in.
 */
export class ServingNamespace extends Construct {
  /** Name of the namespace, as a literal. */
  public readonly namespaceName: string;

  /** Name of the namespace, a reference. */
  public readonly name: string;

  /** Namespaces whose pods may call the services of this one. */
  public readonly callerNamespaces: readonly string[];

  constructor(scope: Construct, id: string, props: ServingNamespaceProps) {
    super(scope, id);
    const callers = props.callerNamespaces ?? [];
    this.namespaceName = props.namespaceName;
    this.callerNamespaces = [...callers];
    refuse(this, [
      dnsLabelProblem('namespace', props.namespaceName),
      /^(default|kube-.*)$/.test(props.namespaceName)
        ? `a namespace of the name '${props.namespaceName}' is part of Kubernetes, so it cannot be made; give it another name`
        : undefined,
      ...callers.map((caller) => dnsLabelProblem('namespace', caller)),
    ]);

    const namespace = new NamespaceV1(this, 'Resource', {
      metadata: {
        name: props.namespaceName,
        labels: {
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    });
    this.name = namespace.metadata.name;

    // what a service's callers need is opened service by service
    new NetworkPolicyV1(this, 'Ingress', {
      metadata: { name: 'default-deny-ingress', namespace: this.name },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    });
  }
}
