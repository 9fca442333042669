import { Exposure, ServiceAuth } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../src/report/html';
import { planPicture } from '../../../src/report/picture-plan';
import { summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { outputOf, summaryOf } from './synthesized';

describe('a service behind routers', () => {
  const summary = summaryOf(1, { numReplicas: 2 });
  const [service] = summary.services;

  test('is one service: routers are no services of their own', () => {
    expect(summary.services.map(({ name }) => name)).toEqual(['reader-0']);
    expect(service?.image).toContain('tritonserver');
  });

  test('has two routers on any pool, with what they hold', () => {
    expect(service?.routers).toEqual({
      replicas: 2,
      cluster: service?.cluster,
      pool: undefined,
      cpuMillicores: 100,
      memoryMiB: 128,
      devices: [],
    });
  });

  test('holds the CPU, memory and devices of server and gateway together', () => {
    expect(service).toMatchObject({
      replicas: 2,
      cpuMillicores: 2100,
      memoryMiB: 8 * 1024 + 128,
      devices: [{ resource: 'nvidia.com/gpu', count: 1 }],
    });
  });

  test('keeps a node for its routers', () => {
    const nodes = Object.fromEntries(summary.cost.pools.map(({ pool, nodes }) => [pool.name, nodes?.min]));

    expect(nodes).toEqual({ system: 3, gpu: 2, spare: 1, work: 1 });
  });

  test('is drawn on its pool, with its routers as a remark on theirs', () => {
    const pools = planPicture(summary).clusters[0]?.pools ?? [];

    expect(pools.find(({ title }) => title === 'pool gpu')?.services).toMatchObject([
      { title: 'reader-0', lines: expect.arrayContaining(['internal address, keys']) },
    ]);
    expect(pools.find(({ title }) => title === 'pool work')?.services).toMatchObject([
      { title: '', lines: ['2 routers of reader-0'] },
    ]);
  });

  test('tells on the page where it answers, what callers show and where its routers run', async () => {
    expect(await renderHtml(summary)).toContain(
      '<p>Answers inside the virtual network, at an internal load balancer, ports 8000 (http) and 8001 (grpc). Callers ' +
        'show one of two keys. 2 routers on pool work find a free replica for each call.</p>',
    );
  });

  test('tells the pool that routers were given', async () => {
    const chosen = summaryOf(1, { numReplicas: 2, routerPool: 'spare' });

    expect(chosen.services[0]?.routers?.pool).toBe('spare');
    expect(await renderHtml(chosen)).toContain('2 routers on pool spare find a free replica');
  });

  test('has its routers in the cluster at large where several pools take them', async () => {
    const clusters = summary.clusters.map((cluster) => {
      const work = cluster.pools.filter(({ name }) => name === 'work');
      return { ...cluster, pools: [...cluster.pools, ...work.map((pool) => ({ ...pool, name: 'more' }))] };
    });
    const page = await renderHtml({ ...summary, clusters });

    expect(planPicture({ ...summary, clusters }).clusters[0]?.services).toMatchObject([
      { title: '', lines: ['2 routers of reader-0'] },
    ]);
    expect(page).toContain('>2 routers of reader-0</text>');
    expect(page).toContain('2 routers on pools work and more find a free replica');
  });

  test('shows the routers of many services as one remark', () => {
    const pools = planPicture(summaryOf(3, { numReplicas: 2 })).clusters[0]?.pools ?? [];

    expect(pools.find(({ title }) => title === 'pool work')?.services).toMatchObject([
      { lines: ['6 routers of 3 services'] },
    ]);
  });
});

describe('a service with a scoring script before Triton', () => {
  const summary = summaryOf(1, { scripted: true });

  test('has the images of both', () => {
    expect(summary.services[0]).toMatchObject({
      image: expect.stringContaining('/tritonserver:'),
      scriptImage: expect.stringMatching(/\.azurecr\.io\/prod-serving\/reader-0-script:/),
    });
    expect(summaryOf(1).services[0]?.scriptImage).toBeUndefined();
  });

  test('shows both containers with their images on the page, as calls pass them', async () => {
    const page = (await renderHtml(summary)).replaceAll('<wbr>', '');
    const { image, scriptImage } = summary.services[0] ?? {};

    expect(page).toContain(
      '<p class="where">script before triton, 1 replica, 1 GPU each, on pool gpu, in namespace serving, from stack ' +
        `prod-serving<br>container scoring: <code>${scriptImage}</code><br>container triton: <code>${image}</code></p>`,
    );
  });

  test('is drawn as one', () => {
    const pools = planPicture(summary).clusters[0]?.pools ?? [];

    expect(pools.find(({ title }) => title === 'pool gpu')?.services).toMatchObject([
      { title: 'reader-0', lines: expect.arrayContaining(['script before triton, 1 replica']) },
    ]);
  });
});

describe('a service that is scaled by its load', () => {
  const said = { auth: 'key', replicas: { min: 0, max: 4 }, commands: '${"quoted"}' };
  const summary = summarize(
    readSynthesizedOutput(
      outputOf({
        serving: {
          resource: {
            kubernetes_deployment_v1: {
              reader: {
                metadata: {
                  name: 'reader',
                  namespace: 'serving',
                  annotations: { 'azure-inference-cdktf/service': JSON.stringify(said) },
                },
                spec: { replicas: '1', template: { spec: { container: [{ name: 'triton', image: 'triton' }] } } },
              },
            },
            helm_release: {
              reader: { name: 'reader-service', chart: 'assets/chart/0a' },
              plugin: { name: 'plugin', chart: 'plugin', repository: 'https://charts.example.com' },
            },
          },
        },
      }),
    ),
  );

  test('has the fewest and the most replicas, of which the fewest keep nodes', () => {
    expect(summary.services[0]).toMatchObject({ replicas: 0, maxReplicas: 4, auth: 'key' });
  });

  test('shows both on the page', async () => {
    expect(await renderHtml(summary)).toContain('<p class="where">0 to 4 replicas, on any pool,');
  });

  test('has a release of its own, which is no add-on of the cluster', () => {
    const [stack] = summary.stacks;

    expect(stack?.purpose).toBe('service reader, cluster add-on plugin');
    expect(stack?.resources.map(({ name, kind }) => [name, kind])).toEqual(
      expect.arrayContaining([
        ['reader-service', 'scaling and metrics'],
        ['plugin', 'cluster add-on'],
      ]),
    );
  });
});

describe('a service of one replica', () => {
  test('has no routers', async () => {
    const summary = summaryOf(1);

    expect(summary.services[0]?.routers).toBeUndefined();
    expect(await renderHtml(summary)).toContain('Callers show one of two keys.</p>');
  });

  test('is reached at an internal load balancer', () => {
    expect(summaryOf(1).services[0]?.address).toEqual({
      exposure: Exposure.INTERNAL,
      host: undefined,
      ports: [
        { number: 8000, name: 'http' },
        { number: 8001, name: 'grpc' },
      ],
      sourceRanges: [],
    });
  });

  test('names the networks that may call it', async () => {
    const summary = summaryOf(1, { sourceRanges: ['10.1.0.0/16'] });

    expect(await renderHtml(summary)).toContain('8001 (grpc), for callers in 10.1.0.0/16 alone.');
  });

  test('is reached by its name inside the cluster, by whoever can, where that is asked for', async () => {
    const summary = summaryOf(1, { exposure: Exposure.CLUSTER, auth: ServiceAuth.none() });

    expect(summary.services[0]).toMatchObject({
      auth: 'none',
      address: { exposure: Exposure.CLUSTER, host: 'reader-0.serving.svc.cluster.local' },
    });
    expect(await renderHtml(summary)).toContain(
      'Answers inside the cluster at reader-0.serving.svc.cluster.local, ports 8000 (http) and 8001 (grpc). Callers show ' +
        'nothing: whoever reaches it may call it.',
    );
  });
});

describe('a Deployment that is not of this library', () => {
  const labels = { app: 'web' };
  const deployment = (annotations = {}) => ({
    web: {
      metadata: { name: 'web', namespace: 'shop', annotations },
      spec: {
        replicas: '3',
        template: {
          metadata: { labels },
          spec: { container: [{ image: 'nginx', resources: { requests: { cpu: 0.5, memory: '1.5Gi' } } }] },
        },
      },
    },
  });
  const servicesOf = (resource: object) =>
    summarize(readSynthesizedOutput(outputOf({ one: { resource } }))).services[0];
  const balancer = (selector: object, namespace = 'shop', spec = {}) => ({
    front: {
      metadata: { name: 'front', namespace },
      spec: { type: 'LoadBalancer', selector, port: { port: 80 }, ...spec },
    },
  });

  test('is reached at the address that selects its pods', () => {
    const found = servicesOf({ kubernetes_deployment_v1: deployment(), kubernetes_service_v1: balancer(labels) });

    expect(found).toMatchObject({
      address: { exposure: Exposure.PUBLIC, host: undefined, ports: [{ number: 80 }] },
      auth: undefined,
      routers: undefined,
      cpuMillicores: 500,
      memoryMiB: 1536,
    });
  });

  test.each([
    ['of other pods', balancer({ app: 'other' })],
    ['of another namespace', balancer(labels, 'elsewhere')],
    ['of no pods', balancer({})],
    ['that is a name of single pods', balancer(labels, 'shop', { cluster_ip: 'None' })],
  ])('is not reached at an address %s', (_, address) => {
    expect(servicesOf({ kubernetes_deployment_v1: deployment(), kubernetes_service_v1: address })?.address).toBe(
      undefined,
    );
  });

  test.each(['no JSON', '[]', '{"auth":"magic"}', '{"auth":{}}'])(
    'says nothing of keys with the annotation %j',
    (text) => {
      const annotations = { 'azure-inference-cdktf/service': text };

      expect(servicesOf({ kubernetes_deployment_v1: deployment(annotations) })?.auth).toBeUndefined();
    },
  );

  test('may say what callers show beside values that only the deployment knows', () => {
    const annotations = {
      'azure-inference-cdktf/service': '{"url":"http://${split("/", azurerm_key_vault.one.id)[0]}","auth":"key"}',
    };

    expect(servicesOf({ kubernetes_deployment_v1: deployment(annotations) })?.auth).toBe('key');
  });

  test('has the routers that say so, in its namespace, and no others', () => {
    const web = deployment().web;
    const routersOf = (namespace: string, labels: object, itsLabels: object) =>
      servicesOf({
        kubernetes_deployment_v1: { web: { ...web, metadata: { ...web.metadata, labels: itsLabels } } },
        kubernetes_stateful_set_v1: {
          set: { metadata: { name: 'set', namespace, labels }, spec: { replicas: '2', template: { spec: {} } } },
        },
      })?.routers?.replicas;
    const name = { 'app.kubernetes.io/name': 'web' };
    const partOf = { 'app.kubernetes.io/part-of': 'web' };

    expect(routersOf('shop', partOf, name)).toBe(2);
    expect(routersOf('elsewhere', partOf, name)).toBeUndefined();
    expect(routersOf('shop', { 'app.kubernetes.io/part-of': 'other' }, name)).toBeUndefined();
    expect(routersOf('shop', {}, {})).toBeUndefined();
  });
});

describe('a folder of models', () => {
  const holds = [
    { name: 'digit-reader', versions: [1] },
    { name: 'digits', versions: [1, 2] },
  ];
  const deployment = {
    metadata: {
      name: 'web',
      annotations: { 'azure-inference-cdktf/models': JSON.stringify([{ name: 'all', holds }]) },
    },
    spec: [{ template: [{ spec: [{ container: [{ image: 'nginx' }] }] }] }],
  };
  const output = outputOf({ one: { resource: { kubernetes_deployment_v1: { web: deployment } } } });
  const summary = summarize(readSynthesizedOutput(output));

  test('is one model, which holds those that callers ask for', () => {
    expect(summary.services[0]?.models).toEqual([
      { name: 'all', versions: [], holds, description: undefined, tags: {} },
    ]);
  });

  test('counts as many models as it holds', () => {
    expect(summary.sentence).toMatch(/^1 service with 2 models/);
  });

  test('is listed on the page with what it holds', async () => {
    const page = await renderHtml(summary);

    expect(page).toContain(
      '<li>model <b>all</b><p>holds <b>digit-reader</b>, version 1; <b>digits</b>, versions 1 and 2</p></li>',
    );
    expect(page).toContain('2 models');
  });
});
