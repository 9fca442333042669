import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import {
  Exposure,
  type INodePool,
  InferenceCluster,
  NodePool,
  ScoringImage,
  type ScoringServiceOptions,
  ServiceAuth,
  ServingStack,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { SCORING_PROTOCOL } from '../../../src/gateway/protocol';
import { routerConfig } from '../../../src/gateway/router-config';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { env, messagesOf, sharedGroup, testApp, testPlatform } from '../../fixtures';

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');

/** A service of two replicas, on a pool of its own. */
function served(service: Partial<ScoringServiceOptions> = {}) {
  const platform = testPlatform({ callerNamespaces: ['shop'] });
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 9 });
  platform.serving.addScoringService('reader', { pool, image, numReplicas: 2, ...service });
  return { platform, template: Template.of(platform.serving) };
}

const routers = (service?: Partial<ScoringServiceOptions>) =>
  served(service).template.resource(StatefulSetV1) as unknown as Parts;
const pod = (service?: Partial<ScoringServiceOptions>) => routers(service).spec?.template?.spec;
const NAME = { 'app.kubernetes.io/name': 'reader-router' };
const NAMESPACE = expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespace_/);

describe('routers', () => {
  test('are none before a single replica: the service leads to its gateway', () => {
    const { template } = served({ numReplicas: 1 });

    expect(template.resources(StatefulSetV1)).toEqual([]);
    expect(template.resources(PodDisruptionBudgetV1)).toHaveLength(1);
    expect(template.resource(ServiceV1)).toMatchObject({
      metadata: { name: 'reader' },
      spec: { selector: { 'app.kubernetes.io/name': 'reader' } },
    });
  });

  test('are two before several replicas, and the service leads to them', () => {
    const { template } = served();

    expect(template.resource(StatefulSetV1)).toMatchObject({
      metadata: {
        name: 'reader-router',
        namespace: NAMESPACE,
        labels: { ...NAME, 'app.kubernetes.io/component': 'router', 'app.kubernetes.io/part-of': 'reader' },
      },
      spec: {
        replicas: '2',
        service_name: 'reader-router',
        pod_management_policy: 'Parallel',
        revision_history_limit: 10,
        selector: { match_labels: NAME },
        update_strategy: [{ type: 'RollingUpdate', rolling_update: [{ partition: 0 }] }],
        template: { metadata: { labels: NAME } },
      },
    });
    expect(template.resource(ServiceV1, 'reader/address')).toMatchObject({ spec: { selector: NAME } });
  });

  test('find each other and the replicas by names that stand for the pods themselves, ready or not', () => {
    const { template } = served();
    const headless = (name: string, selector: object, port: number) => ({
      metadata: { name, namespace: NAMESPACE },
      spec: {
        cluster_ip: 'None',
        publish_not_ready_addresses: true,
        selector,
        port: [{ name: 'requests', port, target_port: String(port) }],
      },
    });

    expect(template.resource(ServiceV1, 'router/Replicas')).toMatchObject(
      headless('reader-replicas', { 'app.kubernetes.io/name': 'reader' }, 8080),
    );
    expect(template.resource(ServiceV1, 'router/Routers')).toMatchObject(headless('reader-router', NAME, 8090));
    expect(template.resource(StatefulSetV1).depends_on).toEqual([
      expect.stringMatching(/^kubernetes_service_v1\.reader_router_Replicas_/),
      expect.stringMatching(/^kubernetes_service_v1\.reader_router_Routers_/),
      expect.stringMatching(/^kubernetes_network_policy_v1\.reader_router_NetworkPolicy_/),
    ]);
  });

  test('are ready before callers are sent to them, and callers are before replicas turn them away', () => {
    const { template } = served();

    expect(template.resource(ServiceV1, 'reader/address').depends_on).toEqual([
      expect.stringMatching(/^kubernetes_stateful_set_v1\.reader_router_/),
    ]);
    expect(template.resource(NetworkPolicyV1, 'reader/NetworkPolicy').depends_on).toEqual([
      expect.stringMatching(/^kubernetes_service_v1\.reader_address_/),
    ]);
  });

  test('are waited for by nothing where there are none', () => {
    const { template } = served({ numReplicas: 1 });

    expect(template.resource(ServiceV1)).not.toHaveProperty('depends_on');
    expect(template.resource(NetworkPolicyV1, 'reader/NetworkPolicy')).not.toHaveProperty('depends_on');
  });

  test('are never both taken away for a node’s sake', () => {
    expect(served().template.resource(PodDisruptionBudgetV1, 'router/DisruptionBudget')).toMatchObject({
      metadata: { name: 'reader-router', namespace: NAMESPACE },
      spec: { max_unavailable: '1', selector: { match_labels: NAME } },
    });
  });

  test.each([
    [undefined, '30m'],
    [45, '45m'],
  ])('have as long to be rolled out as the replicas: %s', (rolloutTimeoutMinutes, timeout) => {
    expect(routers({ rolloutTimeoutMinutes })).toMatchObject({
      wait_for_rollout: true,
      timeouts: { create: timeout, update: timeout },
    });
  });
});

describe('their configuration', () => {
  const config = (service?: Partial<ScoringServiceOptions>) =>
    (served(service).template.resource(ConfigMapV1, 'router/haproxy/Config') as unknown as Parts).data?.['haproxy.cfg'];
  const settings = {
    serviceName: 'reader',
    protocol: SCORING_PROTOCOL,
    limits: SCORING_REQUEST_LIMITS,
    keyMap: '/usr/local/etc/haproxy/keys.map',
    keysTaskFile: '/usr/local/etc/haproxy/keys.lua',
    metricsTaskFile: '/usr/local/etc/haproxy/metrics.lua',
    replicasHost: 'reader-replicas.serving.svc.cluster.local',
    maxReplicas: 16,
    routerHosts: [
      'reader-router-0.reader-router.serving.svc.cluster.local',
      'reader-router-1.reader-router.serving.svc.cluster.local',
    ],
    drainTimeoutSeconds: 77,
  };

  test('names the replicas, and the routers in the order in which they choose', () => {
    expect(config()).toBe(routerConfig(settings));
  });

  test('holds the limits of the service, and room for its replicas', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 3, scoringTimeoutMs: 1000 };
    const service = { numReplicas: 20, replicaMaxConcurrentRequests: 3, scoringTimeoutMs: 1000 };

    expect(config(service)).toBe(routerConfig({ ...settings, limits, maxReplicas: 64, drainTimeoutSeconds: 18 }));
  });

  test('asks for no key where callers need none', () => {
    expect(config({ auth: ServiceAuth.none() })).toBe(
      routerConfig({ ...settings, keyMap: undefined, keysTaskFile: undefined }),
    );
  });

  test('cuts what is left when the time to drain is over', () => {
    expect(config({ drainTimeoutSeconds: 60 })).toBe(routerConfig({ ...settings, drainTimeoutSeconds: 55 }));
  });
});

describe('their pods', () => {
  test('have HAProxy and nothing else, without root, rights or a token', () => {
    expect(pod()).toMatchObject({
      automount_service_account_token: false,
      enable_service_links: false,
      security_context: { run_as_non_root: true, seccomp_profile: { type: 'RuntimeDefault' } },
      container: [
        {
          name: 'router',
          image: 'docker.io/library/haproxy:3.2.25',
          security_context: {
            run_as_non_root: true,
            run_as_user: '99',
            run_as_group: '99',
            allow_privilege_escalation: false,
            read_only_root_filesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: { cpu: '100m', memory: '128Mi' },
            limits: { memory: `${256 + 8 * 2 * 101}Mi` },
          },
        },
      ],
    });
    expect(pod()?.service_account_name).toBeUndefined();
  });

  test('stay as they are when a few replicas come or go', () => {
    expect(routers({ numReplicas: 8 })).toEqual(routers({ numReplicas: 2 }));
    expect(routers({ numReplicas: 9 })).not.toEqual(routers({ numReplicas: 8 }));
  });

  test('have the image that the service names', () => {
    expect(pod({ haproxyImage: 'contoso.azurecr.io/haproxy:2.8.5' })?.container?.[0]?.image).toBe(
      'contoso.azurecr.io/haproxy:2.8.5',
    );
  });

  test('mount the digests of the keys; none where callers need none', () => {
    const volumes = (service?: Partial<ScoringServiceOptions>) =>
      [...(pod(service)?.volume ?? [])].map(({ name }) => name);

    expect(volumes()).toEqual(['router-config', 'keys']);
    expect(volumes({ auth: ServiceAuth.none() })).toEqual(['router-config']);
  });

  test('end when every request that they have may have its answer', () => {
    expect(pod()?.termination_grace_period_seconds).toBe(82 + 5);
    expect(pod({ drainTimeoutSeconds: 60 })?.termination_grace_period_seconds).toBe(60 + 5);
  });

  test('are in two zones and on two nodes where they can be', () => {
    expect(pod()?.topology_spread_constraint).toEqual(
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((key) => ({
        max_skew: 1,
        topology_key: key,
        when_unsatisfiable: 'ScheduleAnyway',
        label_selector: [{ match_labels: NAME }],
      })),
    );
  });
});

describe('they run', () => {
  const OFF_SYSTEM_NODES = {
    node_affinity: {
      required_during_scheduling_ignored_during_execution: {
        node_selector_term: [
          { match_expressions: [{ key: 'kubernetes.azure.com/mode', operator: 'NotIn', values: ['system'] }] },
        ],
      },
    },
  };
  const placeOf = (parts: Parts | undefined) => ({
    selector: parts?.node_selector,
    tolerations: parts?.toleration,
    affinity: parts?.affinity,
  });
  const anywhere = { selector: undefined, tolerations: undefined, affinity: OFF_SYSTEM_NODES };

  test('anywhere but on the nodes of the cluster’s own parts, and off GPUs, which they do not tolerate', () => {
    const { platform } = served({ numReplicas: 1 });
    const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
    platform.serving.addScoringService('other', { pool: gpu, image, numReplicas: 2 });
    const { spec } = Template.of(platform.serving).resource(StatefulSetV1) as unknown as Parts;

    expect(placeOf(pod())).toEqual(anywhere);
    expect(placeOf(spec?.template?.spec)).toEqual(anywhere);
  });

  test('on the pool that the service names for them', () => {
    const { platform } = served({ numReplicas: 1 });
    const routerPool = platform.cluster.addCpuPool('edge', { size: VmSize.D4S_V5, maxNodes: 2, spot: true });
    const [pool] = platform.cluster.pools as [INodePool];
    platform.serving.addScoringService('other', { pool, image, numReplicas: 2, routerPool });
    const { spec } = Template.of(platform.serving).resource(StatefulSetV1) as unknown as Parts;

    expect(placeOf(spec?.template?.spec)).toEqual({
      selector: { 'kubernetes.azure.com/agentpool': 'edge' },
      tolerations: [
        { key: 'kubernetes.azure.com/scalesetpriority', operator: 'Equal', value: 'spot', effect: 'NoSchedule' },
      ],
      affinity: undefined,
    });
  });

  /** The routers of a service on a cluster that somebody else made. */
  function onTheirCluster(
    pools: (pool: (poolName: string, size: VmSize, tainted?: boolean) => INodePool) => INodePool[],
  ) {
    const app = testApp();
    const made = pools((poolName, size, tainted = false) =>
      NodePool.fromNodePoolAttributes(app, poolName, {
        poolName,
        size,
        maxNodes: 4,
        taints: tainted ? [{ key: 'team', value: 'a', effect: 'NoSchedule' }] : undefined,
      }),
    );
    const [pool] = made as [INodePool];
    const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
      clusterName: 'aks',
      resourceGroup: sharedGroup(app),
      pools: made,
    });
    const stack = new ServingStack(app, 'team', { ...env, cluster });
    stack.addScoringService('reader', { pool, image, numReplicas: 2, auth: ServiceAuth.none() });
    expect(messagesOf(stack)).toEqual([]);
    const { spec } = Template.of(stack).resource(StatefulSetV1) as unknown as Parts;
    return spec?.template?.spec;
  }

  test('on the pool of the service, and without a GPU, on somebody else’s cluster that names no other', () => {
    const parts = onTheirCluster((pool) => [pool('gpu', VmSize.NC4AS_T4_V3), pool('theirs', VmSize.D4S_V5, true)]);

    expect(placeOf(parts)).toEqual({
      selector: { 'kubernetes.azure.com/agentpool': 'gpu' },
      tolerations: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
      affinity: undefined,
    });
    expect(JSON.stringify(parts)).not.toContain('nvidia.com/gpu');
  });

  test('anywhere but on system nodes on somebody else’s cluster that has nodes for everyone', () => {
    const parts = onTheirCluster((pool) => [pool('gpu', VmSize.NC4AS_T4_V3), pool('work', VmSize.D4S_V5)]);

    expect(placeOf(parts)).toEqual(anywhere);
  });
});

describe('callers reach', () => {
  const policy = (name: string, service?: Partial<ScoringServiceOptions>) =>
    served(service).template.resource(NetworkPolicyV1, name) as unknown as Parts;
  const ports = (...numbers: number[]) => numbers.map((port) => ({ port: String(port), protocol: 'TCP' }));
  const from = (labels: object) => [{ pod_selector: { match_labels: labels } }];
  const fromCallers = [
    { pod_selector: {} },
    { namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'shop' } } },
  ];
  const fromScrapers = {
    ports: ports(8404),
    from: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  };
  const REPLICAS = { 'app.kubernetes.io/name': 'reader' };

  test('the routers, from wherever the load balancer lets them in; and routers each other', () => {
    expect(policy('router/NetworkPolicy')).toMatchObject({
      metadata: { name: 'reader-router', namespace: NAMESPACE },
      spec: {
        pod_selector: { match_labels: NAME },
        policy_types: ['Ingress'],
        ingress: [{ ports: ports(8080) }, { ports: ports(8090, 8405), from: from(NAME) }, fromScrapers],
      },
    });
    expect(policy('router/NetworkPolicy').spec?.ingress?.[0]).not.toHaveProperty('from');
  });

  test('the routers, from the namespaces that may call, where the service stays inside the cluster', () => {
    expect(policy('router/NetworkPolicy', { exposure: Exposure.CLUSTER }).spec?.ingress).toEqual([
      { ports: ports(8080), from: fromCallers },
      { ports: ports(8090, 8405), from: from(NAME) },
      fromScrapers,
    ]);
  });

  test('the replicas through the routers alone', () => {
    for (const exposure of [Exposure.CLUSTER, Exposure.INTERNAL]) {
      expect(policy('reader/NetworkPolicy', { exposure }).spec).toEqual({
        pod_selector: { match_labels: REPLICAS },
        policy_types: ['Ingress'],
        ingress: [{ ports: ports(8080, 8405), from: from(NAME) }, fromScrapers],
      });
    }
  });

  test('a single replica, from wherever the load balancer lets them in', () => {
    const { spec } = policy('reader/NetworkPolicy', { numReplicas: 1 });

    expect(spec?.ingress).toEqual([{ ports: ports(8080) }, fromScrapers]);
  });

  test('a single replica, from the namespaces that may call, where the service stays inside the cluster', () => {
    const { spec } = policy('reader/NetworkPolicy', { numReplicas: 1, exposure: Exposure.CLUSTER });

    expect(spec?.ingress).toEqual([{ ports: ports(8080), from: fromCallers }, fromScrapers]);
  });

  test('nothing of the namespace besides', () => {
    expect(served().template.resources(NetworkPolicyV1)).toHaveLength(3);
    expect(policy('namespace/Ingress').spec).toEqual({ pod_selector: {}, policy_types: ['Ingress'] });
  });

  test('pods that call the given networks alone, and routers the replicas and each other', () => {
    const service = { egressRanges: ['10.1.0.0/16'] };
    const dns = { to: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'kube-system' } } }] };
    const ranges = { to: [{ ip_block: { cidr: '10.1.0.0/16' } }] };

    expect(policy('reader/NetworkPolicy', service).spec).toMatchObject({
      policy_types: ['Ingress', 'Egress'],
      egress: [dns, ranges],
    });
    expect(policy('router/NetworkPolicy', service).spec).toMatchObject({
      policy_types: ['Ingress', 'Egress'],
      egress: [dns, { to: [...from(NAME), ...from(REPLICAS)] }, ranges],
    });
  });
});
