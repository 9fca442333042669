import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { StatefulSetV1, type StatefulSetV1SpecTemplateSpec } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import { Construct } from 'constructs';
import type { Admission } from '../../src/gateway/admission';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { haproxyMemoryLimitMiB } from '../../src/gateway/resources';
import { routerConfig, routerSlots } from '../../src/gateway/router-config';
import { ENDPOINT_SECONDS, routerDrainSeconds } from '../../src/gateway/timeouts';
import { holdAction } from '../../src/gateway/waking';
import { clusterHost } from '../../src/kubernetes/cluster-host';
import { COMPONENT_LABEL, NAME_LABEL, PART_OF_LABEL } from '../../src/kubernetes/labels';
import type { INodePool } from '../node-pool';
import type { ServingNamespace } from '../serving-namespace';
import { HAPROXY_FILES, Haproxy } from './haproxy';
import { type Allowed, networkPolicy, podsWith, scrapedBy } from './network-policy';
import { OFF_SYSTEM_TERMS } from './off-system-nodes';
import { placeOn } from './placement';
import type { ServiceKeys } from './service-keys';
import { topologySpread } from './topology-spread';

/** What routers differ in. */
export interface RouterProps extends Admission {
  /** Namespace of the service. */
  readonly namespace: ServingNamespace;

  /** The most replicas to find a free one among. */
  readonly replicas: number;

  /** Labels of the replicas. */
  readonly replicaLabels: { readonly [name: string]: string };

  /** Keys that callers must show; nothing when they need none. */
  readonly keys?: ServiceKeys;

  /** Pool that the routers run on; nothing for any nodes that take pods without accelerators. */
  readonly pool?: INodePool;

  /** Image of HAProxy. */
  readonly image: string;

  /** The longest that a router may take to go. */
  readonly drainTimeoutSeconds: number;

  /** How long their rollout may take. */
  readonly rolloutTimeoutMinutes: number;

  /** Who may call the service. */
  readonly callers: Allowed['from'];

  /** Who may read its metrics; nothing for nobody. */
  readonly scrapers?: Allowed['from'];

  /** How often calls in progress are counted, in seconds; nothing for every second. */
  readonly refreshSeconds?: number;

  /** How long a call is held while there is no replica, in milliseconds; nothing where it is refused then. */
  readonly wakeTimeoutMs?: number;

  /** Networks that its pods may call; nothing for all. */
  readonly egressRanges?: readonly string[];
}

/** Routers of a service: one that chooses, and one that takes over. */
const ROUTERS = 2;

/**
 * The two routers of a service of several replicas.
 *
 * They are a stateful set because they must agree who chooses: their names stay when their addresses change.
 */
export class Router extends Construct {
  /** Labels of the routers, for the service that callers reach. */
  public readonly labels: { readonly [name: string]: string };

  /** The routers, to be ready before callers are sent to them. */
  public readonly resource: StatefulSetV1;

  constructor(scope: Construct, id: string, props: RouterProps) {
    super(scope, id);
    const { namespace, serviceName, protocol, keys, limits, egressRanges, wakeTimeoutMs } = props;
    const name = `${serviceName}-router`;
    const selector = { [NAME_LABEL]: name };
    const labels = { ...selector, [COMPONENT_LABEL]: 'router', [PART_OF_LABEL]: serviceName };
    this.labels = selector;
    const hostOf = (service: string) => clusterHost(service, namespace.namespaceName);
    const replicas = new ServiceV1(this, 'Replicas', {
      metadata: { name: `${serviceName}-replicas`, namespace: namespace.name, labels },
      spec: headless(props.replicaLabels, GATEWAY_PORTS.requests),
    });
    const routers = new ServiceV1(this, 'Routers', {
      metadata: { name, namespace: namespace.name, labels },
      spec: headless(selector, GATEWAY_PORTS.choice),
    });
    const slots = routerSlots(props.replicas);
    const drainSeconds = routerDrainSeconds(limits, props.drainTimeoutSeconds, wakeTimeoutMs);
    const haproxy = new Haproxy(this, 'haproxy', {
      role: 'router',
      namespace,
      serviceName,
      labels,
      keys,
      image: props.image,
      // by slots, so that a replica more does not replace the routers
      memoryLimitMiB: haproxyMemoryLimitMiB(limits, slots / 2),
      metrics: { protocol, limits, refreshSeconds: props.refreshSeconds },
      holdAction: wakeTimeoutMs === undefined ? undefined : holdAction({ limits, wakeTimeoutMs }),
      config: routerConfig({
        serviceName,
        protocol,
        limits,
        keyMap: props.keyMap,
        keysTaskFile: keys === undefined ? undefined : HAPROXY_FILES.keysTask,
        metricsTaskFile: HAPROXY_FILES.metricsTask,
        waking: wakeTimeoutMs === undefined ? undefined : { wakeTimeoutMs, holdActionFile: HAPROXY_FILES.holdAction },
        certificateFile: props.certificateFile,
        replicasHost: hostOf(`${serviceName}-replicas`),
        maxReplicas: slots,
        routerHosts: [...Array(ROUTERS).keys()].map((index) => `${name}-${index}.${hostOf(name)}`),
        drainTimeoutSeconds: drainSeconds - ENDPOINT_SECONDS,
      }),
    });
    const placement: typeof OFF_SYSTEM_NODES = props.pool === undefined ? OFF_SYSTEM_NODES : placeOn(props.pool, 0);
    const timeout = `${props.rolloutTimeoutMinutes}m`;
    const policy = networkPolicy(this, 'NetworkPolicy', {
      namespace,
      name,
      labels: selector,
      ingress: [
        { ports: [GATEWAY_PORTS.requests], from: props.callers },
        { ports: [GATEWAY_PORTS.choice, GATEWAY_PORTS.health], from: podsWith(selector) },
        ...scrapedBy(props.scrapers, [GATEWAY_PORTS.metrics]),
      ],
      egressRanges,
      egressPods: [selector, props.replicaLabels],
    });
    this.resource = new StatefulSetV1(this, 'Resource', {
      metadata: { name, namespace: namespace.name, labels },
      spec: {
        replicas: String(ROUTERS),
        serviceName: name,
        podManagementPolicy: 'Parallel',
        // left out, the provider sends 0, and nothing could be rolled back to
        revisionHistoryLimit: 10,
        selector: { matchLabels: selector },
        updateStrategy: [{ type: 'RollingUpdate', rollingUpdate: [{ partition: 0 }] }],
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            nodeSelector: placement.nodeSelector,
            toleration: placement.toleration,
            affinity: placement.affinity,
            // one follows the other in a rollout, so each is kept apart from what the other is by then
            topologySpreadConstraint: topologySpread(selector),
            terminationGracePeriodSeconds: drainSeconds + 5,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            container: [haproxy.container],
            volume: haproxy.volumes,
          },
        },
      },
      waitForRollout: true,
      timeouts: { create: timeout, update: timeout },
      dependsOn: [replicas, routers, policy],
    });
    new PodDisruptionBudgetV1(this, 'DisruptionBudget', {
      metadata: { name, namespace: namespace.name, labels },
      spec: { maxUnavailable: '1', selector: { matchLabels: selector } },
    });
  }
}

/** Not where the cluster's own parts run, which traffic must not disturb. Nodes with accelerators have a taint. */
const OFF_SYSTEM_NODES: Pick<StatefulSetV1SpecTemplateSpec, 'nodeSelector' | 'toleration' | 'affinity'> = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerm: OFF_SYSTEM_TERMS,
      },
    },
  },
};

/** A name in the DNS for the addresses of pods, those that are not ready among them: routers find out for themselves. */
function headless(selector: { readonly [name: string]: string }, port: number) {
  return {
    clusterIp: 'None',
    publishNotReadyAddresses: true,
    selector,
    port: [{ name: 'requests', port, targetPort: String(port) }],
  };
}
