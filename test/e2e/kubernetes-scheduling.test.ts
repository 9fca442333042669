import {
  type GpuPoolOptions,
  type INodePool,
  type InferencePlatform,
  MigProfile,
  MigStrategy,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messagesOf, testApp, testModel, testPlatform } from '../fixtures';
import { addNodes, kubectl, listed, node, pods, waitUntilReady } from './cluster';
import { type Manifest, manifestsOf } from './manifests';
import { describeWith, KUBERNETES } from './tools';

const MINUTE = 60_000;
const ZONE_1 = 'westeurope-1';
const ZONE_2 = 'westeurope-2';
const T4 = { 'nvidia.com/gpu': '1' };
const FOUR_T4 = { 'nvidia.com/gpu': '4' };

/** A service in a namespace of its own, on a pool of its own, whose nodes are as AKS would make them. */
interface Scenario {
  readonly namespace: string;
  readonly pool: GpuPoolOptions;
  readonly nodes: readonly Manifest[];
  readonly service: Partial<TritonServiceOptions>;
}

/** The only node of a pool with an A100 cut into seven. */
const SEVENTH = { size: VmSize.NC24ADS_A100_V4, maxNodes: 1, minNodes: 1, migProfile: MigProfile.MIG1G };

const SCENARIOS = {
  pair: {
    namespace: 'on-two-nodes',
    pool: { size: VmSize.NC4AS_T4_V3, maxNodes: 2 },
    nodes: [0, 1].map((index) => node(`pair-${index}`, { cpu: '3', devices: T4 })),
    service: { numReplicas: 2 },
  },
  spare: {
    namespace: 'with-a-spare',
    pool: { size: VmSize.NC4AS_T4_V3, maxNodes: 2 },
    nodes: [0, 1].map((index) => node(`spare-${index}`, { cpu: '3', devices: T4 })),
    service: { numReplicas: 1 },
  },
  quad: {
    namespace: 'two-gpus-each',
    pool: { size: VmSize.NC64AS_T4_V3, maxNodes: 1 },
    nodes: [node('quad-0', { cpu: '63', devices: FOUR_T4 })],
    service: { gpuCores: 2, numReplicas: 2 },
  },
  single: {
    namespace: 'mig-single',
    pool: SEVENTH,
    nodes: [node('single-0', { cpu: '23', devices: { 'nvidia.com/gpu': '7' } })],
    service: { numReplicas: 7 },
  },
  mixed: {
    namespace: 'mig-mixed',
    pool: { ...SEVENTH, migStrategy: MigStrategy.MIXED },
    nodes: [node('mixed-0', { cpu: '23', devices: { 'nvidia.com/mig-1g.10gb': '7' } })],
    service: { numReplicas: 7 },
  },
  zoned: {
    namespace: 'in-two-zones',
    pool: { size: VmSize.NC64AS_T4_V3, maxNodes: 3, zones: ['1', '2'] },
    // by its cores alone, the scheduler would take the second zone last
    nodes: [
      node('zoned-0', { cpu: '63', devices: FOUR_T4, zone: ZONE_1 }),
      node('zoned-1', { cpu: '63', devices: FOUR_T4, zone: ZONE_1 }),
      node('zoned-2', { cpu: '15', devices: FOUR_T4, zone: ZONE_2 }),
    ],
    service: { numReplicas: 2 },
  },
  lone: {
    namespace: 'in-one-zone',
    pool: { size: VmSize.NC64AS_T4_V3, maxNodes: 1, zones: ['1'] },
    nodes: [node('lone-0', { cpu: '63', devices: FOUR_T4, zone: ZONE_1 })],
    service: { numReplicas: 2 },
  },
} satisfies { readonly [pool: string]: Scenario };

type PoolName = keyof typeof SCENARIOS;
const POOL_NAMES = Object.keys(SCENARIOS) as PoolName[];

/** Nodes for routers. Spare capacity, so that the routers of other tests keep away. */
const EDGE = [
  node('edge-0', { cpu: '15', zone: ZONE_1, isSpot: true }),
  node('edge-1', { cpu: '15', zone: ZONE_1, isSpot: true }),
  node('edge-2', { cpu: '3', zone: ZONE_2, isSpot: true }),
];

const NODES = [...EDGE, ...Object.values(SCENARIOS).flatMap(({ nodes }) => nodes)];

function zoneOf(name?: string): unknown {
  return (NODES.find(({ metadata }) => metadata.name === name)?.metadata.labels as Manifest['metadata'])?.[
    'topology.kubernetes.io/zone'
  ];
}

/** Synthesizes a service `reader` for each scenario; returns what its stack applies, by the name of the pool. */
function synthesized(changes: Partial<TritonServiceOptions> = {}): Map<PoolName, Manifest[]> {
  const app = testApp();
  const platform = testPlatform({}, app);
  const models = [testModel(platform)];
  const routerPool = platform.cluster.addCpuPool('edge', { size: VmSize.D4S_V5, maxNodes: 3, spot: true });
  for (const name of POOL_NAMES) {
    const { namespace, pool: options, service }: Scenario = SCENARIOS[name];
    const pool = platform.cluster.addGpuPool(name, options);
    const serving = platform.addServingStack(namespace);
    serving.addTritonService('reader', { pool, models, routerPool, ...service, ...changes });
  }
  app.synth();
  return new Map(POOL_NAMES.map((name) => [name, manifestsOf(app.outdir, `prod-${SCENARIOS[name].namespace}`)]));
}

function apply(manifests: readonly Manifest[] = []): void {
  kubectl(['apply', '--validate=strict', '--warnings-as-errors', '-f', '-'], manifests);
}

describe('what no scheduler could place is refused before it is deployed:', () => {
  const message = (poolOf: (platform: InferencePlatform) => INodePool, service: Partial<TritonServiceOptions> = {}) => {
    const platform = testPlatform();
    const pool = poolOf(platform);
    platform.serving.addTritonService('reader', { pool, models: [testModel(platform)], ...service });
    return messagesOf(platform.serving);
  };

  test('a Triton service on a pool without GPUs', () => {
    expect(message(({ cluster }) => cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 2 }))).toEqual([
      "a Triton service runs on GPUs, and the pool 'cpu' of Standard_D4s_v5 has none; place it on a pool made with " +
        "'addGpuPool'",
    ]);
  });

  test('more GPUs a replica than a node has', () => {
    const { pool } = SCENARIOS.pair;

    expect(message(({ cluster }) => cluster.addGpuPool('pair', pool), { gpuCores: 2 })).toEqual([
      "a node of the pool 'pair' (Standard_NC4as_T4_v3) hands out 1 of 'nvidia.com/gpu', and a replica runs on one node; " +
        'got gpuCores 2; Standard_NC64as_T4_v3 is the smallest size of its family that would do',
    ]);
  });

  test.each(['single', 'mixed'] as const)('more instances a replica than a process of CUDA sees: %s', (name) => {
    const { pool } = SCENARIOS[name];

    expect(message(({ cluster }) => cluster.addGpuPool(name, pool), { gpuCores: 2 })).toEqual([
      `the pool '${name}' cuts its GPUs into instances (MIG1g), and a process of CUDA sees one of them, so a replica asks ` +
        'for one; got gpuCores 2; ask for more replicas, or take a larger profile or a pool of whole GPUs',
    ]);
  });
});

describeWith([KUBERNETES], 'the scheduler of Kubernetes', () => {
  let first: Map<PoolName, Manifest[]>;
  let namespaces: Manifest[];

  beforeAll(() => {
    first = synthesized();
    namespaces = [...first.values()].flat().filter(({ kind }) => kind === 'Namespace');
    addNodes(NODES);
    for (const manifests of first.values()) {
      apply(manifests);
    }
    for (const { namespace, service } of Object.values(SCENARIOS)) {
      waitUntilReady(namespace, 'deployment/reader', service.numReplicas);
    }
  }, 3 * MINUTE);

  afterAll(() => {
    kubectl(['delete', '--ignore-not-found', '--wait=true', '-f', '-'], namespaces);
    kubectl(['delete', '--ignore-not-found', '-f', '-'], NODES);
  }, 3 * MINUTE);

  const replicas = (name: PoolName) => pods(SCENARIOS[name].namespace, 'reader');
  const deployment = (name: PoolName) => listed(SCENARIOS[name].namespace, 'deployments')[0];
  const server = (name: PoolName) => deployment(name).spec.template.spec.containers[0];
  const scale = (name: PoolName, count: number) =>
    kubectl(['--namespace', SCENARIOS[name].namespace, 'scale', 'deployment/reader', `--replicas=${count}`]);
  const rolledOut = (name: PoolName) =>
    kubectl(['--namespace', SCENARIOS[name].namespace, 'rollout', 'status', 'deployment/reader', '--timeout=150s']);

  /** What the scheduler says of each pod that it has no node for. */
  const unplaced = (name: PoolName): string[] =>
    listed(SCENARIOS[name].namespace, 'pods')
      .filter(({ spec }) => spec.nodeName === undefined)
      .flatMap(({ status }) => status.conditions ?? [])
      .filter(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable')
      .map(({ message }) => message);

  test.each(POOL_NAMES)('places every replica on its pool, under the restricted standard: %s', (name) => {
    const { namespace, service, nodes } = SCENARIOS[name];
    const { labels } = JSON.parse(kubectl(['get', 'namespace', namespace, '--output=json'])).metadata;
    const names = nodes.map(({ metadata }) => metadata.name);

    expect(labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(replicas(name)).toHaveLength(service.numReplicas);
    for (const replica of replicas(name)) {
      expect(names).toContain(replica.node);
    }
  });

  test.each([
    ['pair', 'nvidia.com/gpu', '1', '0'],
    ['quad', 'nvidia.com/gpu', '2', '0,1'],
    ['single', 'nvidia.com/gpu', '1', undefined],
    ['mixed', 'nvidia.com/mig-1g.10gb', '1', undefined],
  ] as const)(
    'gives a replica its GPUs, and tells CUDA their numbers where they are whole: %s',
    (name, resource, count, visible) => {
      const { resources, env } = server(name);

      expect(resources.requests[resource]).toBe(count);
      expect(resources.limits[resource]).toBe(count);
      expect(env.find((each: { name: string }) => each.name === 'CUDA_VISIBLE_DEVICES')?.value).toBe(visible);
    },
  );

  test('places two replicas of one GPU on the two GPUs of a pool', () => {
    const nodes = replicas('pair').map((replica) => replica.node);

    expect(nodes.sort()).toEqual(['aks-pair-0', 'aks-pair-1']);
  });

  test.each([
    ['pair', 'nvidia.com/gpu'],
    ['quad', 'nvidia.com/gpu'],
    ['single', 'nvidia.com/gpu'],
    ['mixed', 'nvidia.com/mig-1g.10gb'],
  ] as const)('keeps one replica more than its GPUs hold waiting for one, and says so: %s', async (name, resource) => {
    const count = SCENARIOS[name].service.numReplicas;
    scale(name, count + 1);

    await expect
      .poll(() => unplaced(name), { timeout: MINUTE })
      .toEqual([expect.stringContaining(`Insufficient ${resource}`)]);
    expect(replicas(name).filter((replica) => replica.node !== undefined)).toHaveLength(count);

    scale(name, count);
    await expect.poll(() => replicas(name).length, { timeout: MINUTE }).toBe(count);
  });

  const zones = (service: string, name: PoolName) =>
    pods(SCENARIOS[name].namespace, service)
      .map((pod) => zoneOf(pod.node))
      .sort();

  test('spreads replicas and routers over zones where there are two', () => {
    waitUntilReady(SCENARIOS.zoned.namespace, 'statefulset/reader-router', 2);

    expect(zones('reader', 'zoned')).toEqual([ZONE_1, ZONE_2]);
    expect(zones('reader-router', 'zoned')).toEqual([ZONE_1, ZONE_2]);
  });

  test('places both replicas in one zone where there is no other', () => {
    expect(zones('reader', 'lone')).toEqual([ZONE_1, ZONE_1]);
  });

  describe('in a rollout', () => {
    let second: Map<PoolName, Manifest[]>;
    let before: string[];

    beforeAll(() => {
      second = synthesized({ metricsIntervalMs: 5000 });
      before = replicas('pair').map((replica) => replica.name);
      // both take a minute, since routers have to learn of each replica
      apply(second.get('pair'));
      apply(second.get('zoned'));
    });

    test('gives new replicas the GPUs of old ones on a full pool, one after the other', { timeout: 4 * MINUTE }, () => {
      rolledOut('pair');

      const after = replicas('pair');
      expect(after.map((replica) => replica.node).sort()).toEqual(['aks-pair-0', 'aks-pair-1']);
      expect(after.filter((replica) => before.includes(replica.name))).toEqual([]);
      expect(server('pair').args).toContain('--metrics-interval-ms=5000');
      expect(deployment('pair').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    });

    test('spreads the new replicas over zones, wherever the old ones are', { timeout: 4 * MINUTE }, () => {
      rolledOut('zoned');

      expect(zones('reader', 'zoned')).toEqual([ZONE_1, ZONE_2]);
    });

    test('would wait for ever on a full pool where the new replica comes first', async () => {
      const old = replicas('pair').map((replica) => replica.name);
      const change = {
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { annotations: { changed: 'yes' } } },
      };
      const namespace = ['--namespace', SCENARIOS.pair.namespace];
      kubectl([...namespace, 'patch', 'deployment/reader', `--patch=${JSON.stringify({ spec: change })}`]);

      await expect
        .poll(() => unplaced('pair'), { timeout: MINUTE })
        .toEqual([expect.stringContaining('Insufficient nvidia.com/gpu')]);
      expect(replicas('pair').map((replica) => replica.name)).toEqual(expect.arrayContaining(old));
    });

    test('places the new replica on a spare GPU before the old one goes', { timeout: 4 * MINUTE }, () => {
      const [old] = replicas('spare');
      expect(deployment('spare').spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });

      apply(second.get('spare'));
      rolledOut('spare');

      // on the other node: both were there at once
      const [after, ...others] = replicas('spare');
      expect(others).toEqual([]);
      expect([old?.node, after?.node].sort()).toEqual(['aks-spare-0', 'aks-spare-1']);
    });
  });

  test('spreads replicas over the nodes of one zone where the other has no room', async () => {
    scale('zoned', 0);
    await expect.poll(() => replicas('zoned'), { timeout: MINUTE }).toEqual([]);
    kubectl(['cordon', 'aks-zoned-2']);
    scale('zoned', 2);
    waitUntilReady(SCENARIOS.zoned.namespace, 'deployment/reader', 2);

    expect(
      replicas('zoned')
        .map((replica) => replica.node)
        .sort(),
    ).toEqual(['aks-zoned-0', 'aks-zoned-1']);
  });
});
