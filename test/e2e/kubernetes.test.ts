import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addNodes, kubectl, listed, node, pods, waitUntilReady } from './cluster';
import { type Manifest, manifestsOf } from './manifests';
import { synthesizeExample, synthesizeProgram } from './terraform';
import { describeWith, KUBERNETES } from './tools';

const MINUTE = 60_000;

/** The examples whose services are deployed here. */
const SERVICES = [
  {
    example: 'gpu-triton',
    stack: 'digits-serving',
    namespace: 'serving',
    service: 'digit-reader',
    // the fewest: nothing scales it here
    replicas: 1,
    routed: true,
  },
  {
    example: 'scoring-script',
    stack: 'scripts-serving',
    namespace: 'serving',
    service: 'digit-script',
    replicas: 2,
    routed: true,
  },
  {
    example: 'triton-multi-model',
    stack: 'readers-serving',
    namespace: 'serving',
    service: 'digit-ensemble',
    replicas: 2,
    routed: true,
  },
  {
    example: 'triton-pre-post-processing',
    stack: 'pictures-serving',
    namespace: 'serving',
    service: 'picture-reader',
    replicas: 1,
    routed: false,
  },
  {
    example: 'two-teams',
    stack: 'shared-archive',
    namespace: 'archive',
    service: 'page-reader',
    // the one that a service which may have none begins with
    replicas: 1,
    routed: true,
  },
] as const;
const ROUTED = SERVICES.filter(({ routed }) => routed);
const ALONE = SERVICES.filter(({ routed }) => !routed);

/** Nodes that the examples need besides those of a cluster for tests, and one of the system's that keeps nobody away. */
const NODES = [
  node('cpu-0', { cpu: '3' }),
  node('cpu-1', { cpu: '3' }),
  node('pair-0', { cpu: '47', devices: { 'nvidia.com/gpu': '2' } }),
  node('pair-1', { cpu: '47', devices: { 'nvidia.com/gpu': '2' } }),
  node('t4-0', { cpu: '3', devices: { 'nvidia.com/gpu': '1' } }),
  node('slices-0', { cpu: '23', devices: { 'nvidia.com/gpu': '4' } }),
  node('bare-0', { cpu: '64', isSystem: true }),
];

describeWith([KUBERNETES], "the examples' Kubernetes objects", () => {
  const manifests = new Map<string, Manifest[]>();
  let namespaces: Manifest[];

  beforeAll(() => {
    for (const { example, stack } of SERVICES) {
      manifests.set(example, manifestsOf(synthesizeExample(example), stack));
    }
    namespaces = [...manifests.values()].flat().filter(({ kind }) => kind === 'Namespace');
    addNodes(NODES);
    kubectl(['apply', '-f', '-'], namespaces);
  }, MINUTE);

  afterAll(() => {
    kubectl(['delete', '--ignore-not-found', '--wait=true', '-f', '-'], namespaces);
    kubectl(['delete', '--ignore-not-found', '-f', '-'], NODES);
  }, MINUTE);

  const accepted = (example: string) =>
    kubectl(
      ['apply', '--validate=strict', '--warnings-as-errors', '--output=name', '-f', '-'],
      manifests.get(example) ?? [],
    )
      .trim()
      .split('\n')
      .map((name) => name.replace(/^((?:configmap|job).*)-[0-9a-f]{8}$/, '$1-HASH'))
      .sort();

  test.each(ROUTED)(
    'of $example are accepted by a real API server, without a warning',
    ({ example, namespace, service }) => {
      expect(accepted(example)).toEqual(
        [
          `configmap/${service}-gateway-HASH`,
          `configmap/${service}-router-HASH`,
          ...(example === 'scoring-script'
            ? [
                `configmap/${service}-profile-HASH`,
                `configmap/${service}-server-HASH`,
                `job.batch/${service}-profile-HASH`,
              ]
            : []),
          `deployment.apps/${service}`,
          `namespace/${namespace}`,
          'networkpolicy.networking.k8s.io/default-deny-ingress',
          `networkpolicy.networking.k8s.io/${service}`,
          `networkpolicy.networking.k8s.io/${service}-router`,
          `poddisruptionbudget.policy/${service}`,
          `poddisruptionbudget.policy/${service}-router`,
          `secret/${service}-keys`,
          `service/${service}`,
          `service/${service}-replicas`,
          `service/${service}-router`,
          `serviceaccount/${service}`,
          `statefulset.apps/${service}-router`,
        ].sort(),
      );
    },
  );

  test.each(ALONE)('of $example are accepted, and have no routers', ({ example, namespace, service }) => {
    expect(accepted(example)).toEqual(
      [
        `configmap/${service}-gateway-HASH`,
        ...(example === 'triton-pre-post-processing' ? [`configmap/${service}-server-HASH`] : []),
        `deployment.apps/${service}`,
        `namespace/${namespace}`,
        'networkpolicy.networking.k8s.io/default-deny-ingress',
        `networkpolicy.networking.k8s.io/${service}`,
        `poddisruptionbudget.policy/${service}`,
        `secret/${service}-keys`,
        `service/${service}`,
        `serviceaccount/${service}`,
      ].sort(),
    );
  });

  test.each(SERVICES)(
    'of $example make ready pods in a namespace that enforces the restricted standard',
    { timeout: 3 * MINUTE },
    ({ namespace, service, replicas, routed }) => {
      const { labels } = JSON.parse(kubectl(['get', 'namespace', namespace, '--output=json'])).metadata;
      expect(labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });

      waitUntilReady(namespace, `deployment/${service}`, replicas);
      if (routed) {
        waitUntilReady(namespace, `statefulset/${service}-router`, 2);
      }
      expect(pods(namespace, service)).toHaveLength(replicas);
      expect(pods(namespace, `${service}-router`)).toHaveLength(routed ? 2 : 0);
    },
  );

  test('measure a service in one more pod, which stands on the pool of the service and is no replica', async () => {
    await expect
      .poll(() => pods('serving', 'digit-script-profile').map((pod) => pod.node?.replace(/-\d$/, '')), {
        timeout: MINUTE,
      })
      .toEqual(['aks-cpu']);
    const [{ spec }] = listed('serving', 'pods', 'app.kubernetes.io/name=digit-script-profile');

    expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['scoring', 'load']);
    expect(pods('serving', 'digit-script')).toHaveLength(2);
  });

  test('place every replica on the pool of its service', () => {
    const pools = SERVICES.map(({ namespace, service }) =>
      pods(namespace, service).map((pod) => pod.node?.replace(/-\d$/, '')),
    );

    expect(pools).toEqual([['aks-gpu'], ['aks-cpu', 'aks-cpu'], ['aks-pair', 'aks-pair'], ['aks-t4'], ['aks-slices']]);
  });

  test('place replicas of two GPUs on nodes of their own, which have no more', () => {
    const nodes = pods('serving', 'digit-ensemble').map((pod) => pod.node);

    expect(nodes.sort()).toEqual(['aks-pair-0', 'aks-pair-1']);
  });

  test.each(ROUTED)(
    'place the routers of $example apart, on nodes that are neither the system’s nor have accelerators',
    ({ namespace, service }) => {
      const nodes = pods(namespace, `${service}-router`).map((pod) => pod.node);

      expect(new Set(nodes).size).toBe(2);
      for (const each of nodes) {
        expect(['aks-cpu-0', 'aks-cpu-1', 'aks-work-0']).toContain(each);
      }
    },
  );

  test.each(SERVICES)(
    'let no more than one pod of a kind of $example be taken away at a time',
    async ({ namespace, service, replicas, routed }) => {
      const budget = (name: string) => {
        const { status } = JSON.parse(kubectl(['--namespace', namespace, 'get', 'pdb', name, '--output=json']));
        return { expected: status.expectedPods, healthy: status.currentHealthy, allowed: status.disruptionsAllowed };
      };

      await expect
        .poll(() => budget(service), { timeout: MINUTE })
        .toEqual({
          expected: replicas,
          healthy: replicas,
          allowed: 1,
        });
      if (routed) {
        await expect
          .poll(() => budget(`${service}-router`), { timeout: MINUTE })
          .toEqual({
            expected: 2,
            healthy: 2,
            allowed: 1,
          });
      }
    },
  );

  /** The pods behind each Service of a service, and their port, by the Service's name. */
  const endpoints = (namespace: string, service: string) =>
    Object.fromEntries(
      listed(namespace, 'endpointslices')
        .map((slice) => ({ ...slice, name: slice.metadata.labels['kubernetes.io/service-name'] as string }))
        .filter(({ name }) => name.startsWith(service))
        .map(({ name, endpoints: found, ports }) => [
          name,
          {
            pods: (found as { targetRef: { name: string } }[]).map(({ targetRef }) => targetRef.name).sort(),
            ports: [...new Set((ports as { port: number }[]).map(({ port }) => port))],
          },
        ]),
    );

  test.each(ROUTED)(
    'of $example send callers to routers, and routers to replicas and to each other',
    async ({ namespace, service }) => {
      const replicas = pods(namespace, service).map(({ name }) => name);
      const routers = [`${service}-router-0`, `${service}-router-1`];

      await expect
        .poll(() => endpoints(namespace, service), { timeout: MINUTE })
        .toEqual({
          [service]: { pods: routers, ports: [8080] },
          [`${service}-replicas`]: { pods: replicas.sort(), ports: [8080] },
          [`${service}-router`]: { pods: routers, ports: [8090] },
        });
    },
  );

  test('of a service of one replica send callers to its gateway', async () => {
    const [replica] = pods('serving', 'picture-reader').map(({ name }) => name);

    await expect
      .poll(() => endpoints('serving', 'picture-reader'), { timeout: MINUTE })
      .toEqual({
        'picture-reader': { pods: [replica], ports: [8080] },
      });
  });

  test.each(SERVICES)('of $example have every configuration and secret that a pod mounts', ({ namespace, service }) => {
    const sources = [service, `${service}-router`]
      .flatMap((name) => listed(namespace, 'pods', `app.kubernetes.io/name=${name}`))
      .flatMap(({ spec }) => spec.volumes);
    const names = (kind: string) => listed(namespace, kind).map(({ metadata }) => metadata.name);
    const configs = sources.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name]));
    const secrets = sources.flatMap(({ secret }) => (secret === undefined ? [] : [secret.secretName]));

    expect(names('configmaps')).toEqual(expect.arrayContaining(configs));
    expect(new Set(secrets)).toEqual(new Set([`${service}-keys`]));
    const [keys] = listed(namespace, 'secrets').filter(({ metadata }) => metadata.name === `${service}-keys`);
    for (const key of ['primary', 'secondary']) {
      expect(Buffer.from(keys.data[key], 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(keys.data.primary).not.toBe(keys.data.secondary);
  });

  test.each(SERVICES)('of $example are found by the commands that the service names', ({ namespace, service }) => {
    const [{ metadata }] = listed(namespace, 'deployments', `app.kubernetes.io/name=${service}`);
    const { commands } = JSON.parse(metadata.annotations['azure-inference-cdktf/service']);
    const run = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    const parts = [service, `${service}-router`].flatMap((name) => pods(namespace, name)).map(({ name }) => name);

    const described = run(commands.state).stdout.matchAll(/^Name: +(.+)$/gm);
    expect([...described].map(([, name]) => name).sort()).toEqual(parts.sort());

    const containers = listed(namespace, 'pods')
      .filter((pod) => parts.includes(pod.metadata.name))
      .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
      .map((container) => container.name);
    expect(new Set(Object.keys(commands.logs))).toEqual(new Set(containers));
    expect(Object.keys(commands.previous_logs)).toEqual(Object.keys(commands.logs));
    for (const command of [...Object.values<string>(commands.logs), ...Object.values<string>(commands.previous_logs)]) {
      // asked of a node last, once pods and container are found; these nodes are no machines
      expect(run(command).stderr).toMatch(/^Error from server: no preferred addresses found/);
    }
  });
});

describeWith([KUBERNETES], 'the pods of services that come by their models in different ways', () => {
  const NODE = node('loading-0', { cpu: '64', devices: { 'nvidia.com/gpu': '4' } });
  let manifests: Manifest[];

  beforeAll(() => {
    manifests = manifestsOf(synthesizeProgram('loading-platform'), 'loading-serving');
    kubectl(['apply', '-f', '-'], [NODE]);
    kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'node/aks-loading-0']);
    const isNamespace = ({ kind }: Manifest) => kind === 'Namespace';
    kubectl(['apply', '-f', '-'], manifests.filter(isNamespace));
  }, MINUTE);

  afterAll(() => {
    kubectl(['delete', '--ignore-not-found', '--wait=true', 'namespace', 'loading']);
    kubectl(['delete', '--ignore-not-found', '-f', '-'], [NODE]);
  }, MINUTE);

  test('are accepted without a warning, and become ready where the restricted standard is enforced', {
    timeout: 3 * MINUTE,
  }, () => {
    kubectl(['apply', '--validate=strict', '--warnings-as-errors', '-f', '-'], manifests);

    for (const service of ['reads', 'downloads', 'mounts']) {
      const wait = ['--namespace', 'loading', 'wait', '--timeout=60s', `deployment/${service}`];
      kubectl([...wait, '--for=jsonpath={.status.readyReplicas}=1']);
      expect(pods('loading', service)).toEqual([expect.objectContaining({ node: 'aks-loading-0' })]);
    }
  });

  test('have their models read-only where they have them', () => {
    const found = (service: string) => {
      const [{ spec }] = listed('loading', 'pods', `app.kubernetes.io/name=${service}`);
      const volumes = spec.volumes.filter(({ name }: { name: string }) => /^models(-\d)?$/.test(name));
      const names = volumes.map(({ name }: { name: string }) => name);
      const mounts = spec.containers[0].volumeMounts.filter(({ name }: { name: string }) => names.includes(name));
      return { volumes, isReadOnly: mounts.every(({ readOnly }: { readOnly?: boolean }) => readOnly) };
    };

    expect(found('reads')).toEqual({ volumes: [], isReadOnly: true });
    expect(found('downloads')).toMatchObject({ volumes: [{ emptyDir: { sizeLimit: '17Mi' } }], isReadOnly: true });
    expect(found('mounts')).toMatchObject({
      volumes: [{ csi: { driver: 'blob.csi.azure.com', readOnly: true } }],
      isReadOnly: true,
    });
  });
});
