import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { clusterHost } from '../../src/kubernetes/cluster-host';
import { Exposure } from '../../src/kubernetes/exposure';
import { INTERNAL_ADDRESS_ANNOTATION } from '../../src/kubernetes/labels';
import type { ServingNamespace } from '../serving-namespace';

/** What the addresses of services differ in. */
export interface ServiceAddressProps {
  readonly serviceName: string;
  readonly namespace: ServingNamespace;
  readonly labels: { readonly [name: string]: string };

  /** Labels of the pods that calls go to. */
  readonly selector: { readonly [name: string]: string };

  /** Ports by name. */
  readonly ports: { readonly [name: string]: number };

  readonly exposure: Exposure;

  /** Networks that may reach the address; nothing for all. */
  readonly sourceRanges?: readonly string[];

  /** What must be there before calls are sent to these pods. */
  readonly dependsOn?: ITerraformDependable[];
}

/** Port that addresses of web services leave out. */
const HTTP_PORT = 80;

/** Where callers find a service. */
export class ServiceAddress extends Construct {
  /** Name inside the cluster, or the address of the load balancer, a reference. */
  public readonly host: string;

  /** The Service, for what must not happen before calls are sent to these pods. */
  public readonly resource: ServiceV1;

  private readonly ports: { readonly [name: string]: number };

  constructor(scope: Construct, id: string, props: ServiceAddressProps) {
    super(scope, id);
    const { serviceName, namespace, exposure } = props;
    this.ports = props.ports;
    const balanced = exposure !== Exposure.CLUSTER;
    this.resource = new ServiceV1(this, 'Resource', {
      metadata: {
        name: serviceName,
        namespace: namespace.name,
        labels: props.labels,
        annotations: exposure === Exposure.INTERNAL ? { [INTERNAL_ADDRESS_ANNOTATION]: 'true' } : undefined,
      },
      spec: {
        type: balanced ? 'LoadBalancer' : 'ClusterIP',
        loadBalancerSourceRanges: props.sourceRanges === undefined ? undefined : [...props.sourceRanges],
        selector: props.selector,
        // no appProtocol: Azure's load balancer would probe '/' by it and take the 401 for a dead service
        port: Object.entries(props.ports).map(([name, port]) => ({ name, port, targetPort: 'requests' })),
      },
      dependsOn: props.dependsOn,
    });
    this.host = balanced
      ? this.resource.status.get(0).loadBalancer.get(0).ingress.get(0).ip
      : clusterHost(serviceName, namespace.namespaceName);
  }

  /** Host and port of one of the ports, the port left out where it goes without saying. */
  public authority(name: string): string {
    const port = this.ports[name];
    return port === HTTP_PORT ? this.host : `${this.host}:${port}`;
  }
}
