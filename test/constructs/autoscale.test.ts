import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import {
  Exposure,
  Model,
  Monitoring,
  type NodePoolAttributes,
  ScoringImage,
  ScoringService,
  type ScoringServiceOptions,
  ServiceAuth,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { filesIn, folderWith, messagesOf, modelSource, monitoredServing, outputOf, warningsOf } from '../fixtures';

interface Given {
  readonly monitoring?: Monitoring;
  readonly pool?: Partial<NodePoolAttributes>;
}

const COMMON = { auth: ServiceAuth.none(), exposure: Exposure.CLUSTER };

/** A Triton service on four nodes of one GPU each. */
function triton(service: Partial<TritonServiceOptions> = {}, { monitoring, pool }: Given = {}) {
  const { serving, gpu, models } = monitoredServing(monitoring, pool);
  const made = serving.addTritonService('reader', { pool: gpu, models, ...COMMON, ...service });
  return { serving, service: made, template: () => Template.of(serving) };
}

/** A scoring service on four nodes, each of which holds several replicas. */
function scoring(service: Partial<ScoringServiceOptions> = {}, { monitoring, pool }: Given = {}) {
  const { serving, cpu } = monitoredServing(monitoring, pool);
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  const made = serving.addScoringService('reader', { pool: cpu, image, ...COMMON, ...service });
  return { serving, service: made, template: () => Template.of(serving) };
}

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const deploymentOf = (template: Template) => template.resource(DeploymentV1) as unknown as Parts;
/** The release of what a service needs of its cluster's add-ons; alerts and dashboard in the cluster are another. */
const releaseOf = (template: Template, name = 'reader') => template.resource(Release, `${name}/chart`);
const valuesOf = (template: Template) => {
  const { values } = releaseOf(template) as { values: readonly string[] };
  return JSON.parse(values[0] ?? '');
};
const summaryOf = (template: Template) => template.output('service_reader') as { replicas: unknown; commands: object };

describe('a service that says nothing of replicas', () => {
  test('is autoscaled to as many as its pool holds, and Terraform leaves their number alone', () => {
    const { service, template } = triton();
    const deployment = deploymentOf(template());

    expect(deployment.spec?.replicas).toBe('1');
    expect(deployment.lifecycle).toEqual({ ignore_changes: ['spec[0].replicas'] });
    expect(valuesOf(template()).scaling).toMatchObject({ minReplicas: 1, maxReplicas: 4 });
    expect(warningsOf(service)).toEqual([
      "the service is autoscaled to 4 replicas at most, not to 10, since the pool 'gpu' holds no more; raise its maxNodes, or " +
        'give autoscale: { maxReplicas: 4 }',
    ]);
  });

  test('is autoscaled to ten where the pool holds them, without a warning', () => {
    const { service, template } = scoring();

    expect(valuesOf(template()).scaling).toMatchObject({ minReplicas: 1, maxReplicas: 10 });
    expect(warningsOf(service)).toEqual([]);
  });

  test.each([
    ['has a spare place', { maxReplicas: 3 }, { max_surge: '1', max_unavailable: '0' }],
    // a quarter of three or fewer is none, and of four one
    ['is full at the most of them', { maxReplicas: 4 }, { max_surge: '1', max_unavailable: '25%' }],
  ])('keeps the only replica in a rollout, where its pool %s', (_, autoscale, rollingUpdate) => {
    const { strategy } = deploymentOf(triton({ autoscale }).template()).spec ?? {};

    expect(strategy?.rolling_update).toEqual(rollingUpdate);
  });

  test('has routers, since there may be several replicas', () => {
    expect(triton().template().resources(StatefulSetV1)).toHaveLength(1);
  });

  test('is one replica without routers where the pool holds one', () => {
    const { template } = triton({}, { pool: { maxNodes: 1 } });
    const deployment = deploymentOf(template());

    expect(template().resources(StatefulSetV1)).toEqual([]);
    expect(deployment.lifecycle).toBeUndefined();
    expect(valuesOf(template())).not.toHaveProperty('scaling');
  });

  test('is one replica where nobody collects metrics, with a warning, and nothing is scraped', () => {
    const { service, template } = triton({}, { monitoring: Monitoring.NONE });

    expect(deploymentOf(template()).spec?.replicas).toBe('1');
    expect(deploymentOf(template()).lifecycle).toBeUndefined();
    expect(template().resources(Release)).toEqual([]);
    expect(warningsOf(service)).toEqual([expect.stringMatching(/^the service has one replica, whatever its load:/)]);
  });

  test('is what Azure ML’s autoscaler says in its file', () => {
    const file = join(
      folderWith({
        'deploymentconfig.json': JSON.stringify({
          computeType: 'aks',
          autoScaler: { autoscaleEnabled: true, minReplicas: 2, maxReplicas: 3, targetUtilization: 50 },
          containerResourceRequirements: { memoryInGBLimit: 0.5 },
          maxConcurrentRequestsPerContainer: 4,
        }),
      }),
      'deploymentconfig.json',
    );
    const { template } = scoring({ ...ScoringService.fromDeploymentConfig(file), workerCount: 4 });

    expect(deploymentOf(template()).spec?.replicas).toBe('2');
    expect(valuesOf(template()).scaling).toMatchObject({ minReplicas: 2, maxReplicas: 3, metric: { threshold: 2 } });
  });
});

describe('an autoscaled service', () => {
  const autoscale = { minReplicas: 2, maxReplicas: 3 };

  test('is deployed with the fewest replicas, and routers and rollouts are made for the most', () => {
    const { template } = triton({ autoscale });
    const router = template().resource(ConfigMapV1, 'router/haproxy/Config') as { data: { 'haproxy.cfg': string } };
    const deployment = deploymentOf(template());

    expect(deployment.spec?.replicas).toBe('2');
    expect(deployment.spec?.min_ready_seconds).toBe(30);
    expect(deployment.spec?.template?.spec?.topology_spread_constraint).toHaveLength(2);
    expect(router.data['haproxy.cfg']).toContain('server-template replica 1-16 ');
    expect(template().resource(PodDisruptionBudgetV1, 'reader/DisruptionBudget')).toMatchObject({
      spec: { max_unavailable: '1' },
    });
  });

  test('has routers that know the most replicas apart', () => {
    const { template } = scoring({ autoscale: { maxReplicas: 20 } });
    const router = template().resource(ConfigMapV1, 'router/haproxy/Config') as { data: { 'haproxy.cfg': string } };

    expect(router.data['haproxy.cfg']).toContain('server-template replica 1-64 ');
  });

  test('may take the time that its most replicas take to roll out', () => {
    const minutes = (maxReplicas: number) =>
      (deploymentOf(scoring({ autoscale: { maxReplicas } }).template()).timeouts as unknown as { update: string })
        .update;

    expect(minutes(10)).toBe('30m');
    expect(minutes(20)).toBe('40m');
  });

  test('says how many replicas it has, from the fewest to the most', () => {
    const annotations = (template: Template) => {
      const all = deploymentOf(template).metadata?.annotations as unknown as { readonly [name: string]: string };
      return JSON.parse(all['azure-inference-cdktf/service'] ?? '');
    };
    const { template } = triton({ autoscale });

    expect(summaryOf(template()).replicas).toEqual({ min: 2, max: 3 });
    expect(annotations(template()).replicas).toEqual({ min: 2, max: 3 });
    expect(summaryOf(triton({ numReplicas: 2 }).template()).replicas).toBe(2);
  });

  test('has its metrics as expressions of those that callers reach', () => {
    const requests = (service: { metrics: { requestsPerSecond: { expression: string } } }) =>
      service.metrics.requestsPerSecond.expression;

    expect(requests(triton({ autoscale }).service)).toContain('inference_service="reader",part="router"');
    expect(requests(triton({ numReplicas: 1 }).service)).toContain('inference_service="reader",part="gateway"');
    expect(requests(scoring({ autoscale }).service)).toContain(
      'namespace="serving",inference_service="reader",part="router"',
    );
  });
});

describe('the release of a service', () => {
  test('is of the chart that lies in the output, in the namespace of the service, once the deployment is there', () => {
    const { template } = triton({ autoscale: { maxReplicas: 4 } });

    expect(releaseOf(template())).toMatchObject({
      name: 'reader-service',
      namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\./),
      chart: expect.stringMatching(/^assets\/charts_model-service_[0-9A-F]{8}\/[0-9a-f]{32}\/?$/),
      atomic: true,
      depends_on: [expect.stringMatching(/^kubernetes_deployment_v1\.reader_/)],
    });
  });

  test('has no longer a name than Helm takes', () => {
    const { serving, gpu, models } = monitoredServing();
    const name = 'a'.repeat(45);
    serving.addTritonService(name, { pool: gpu, models, ...COMMON, numReplicas: 1 });

    expect(String(releaseOf(Template.of(serving), name).name)).toHaveLength(53);
  });

  test('does not care what the service is called', () => {
    const { serving, gpu, models } = monitoredServing();
    serving.addTritonService('charts', { pool: gpu, models, ...COMMON, numReplicas: 1 });

    expect(releaseOf(Template.of(serving), 'charts-service').name).toBe('charts-service');
  });

  test('brings the chart once a stack, the same for every service', () => {
    const { serving, gpu, models } = monitoredServing();
    serving.addTritonService('one', { pool: gpu, models, ...COMMON, numReplicas: 1 });
    serving.addTritonService('two', { pool: gpu, models, ...COMMON, numReplicas: 1 });
    const output = outputOf(App.of(serving));
    const charts = Object.keys(output).filter((path) => /\/charts_model-service_.*\/Chart\.yaml$/.test(path));
    const chart = join(__dirname, '../../constructs/charts/model-service');

    expect(charts).toHaveLength(1);
    const [folder = ''] = charts.map((path) => path.replace(/Chart\.yaml$/, ''));
    expect(
      Object.fromEntries(
        Object.entries(output).flatMap(([path, text]) =>
          path.startsWith(folder) ? [[path.slice(folder.length), text]] : [],
        ),
      ),
    ).toEqual(filesIn(chart));
  });

  test('scales by the calls in progress, as Azure ML did, and looks as often as metrics are read', () => {
    const { template } = scoring({
      autoscale: { minReplicas: 2, targetUtilizationPercent: 50 },
      replicaMaxConcurrentRequests: 8,
    });

    expect(valuesOf(template()).scaling).toEqual({
      minReplicas: 2,
      maxReplicas: 10,
      pollingSeconds: 15,
      metric: {
        type: 'AverageValue',
        query:
          'sum(inference_requests_in_progress{namespace="serving",inference_service="reader",part="router"}) + ' +
          'sum(inference_requests_in_progress{namespace="serving",inference_service="reader",part="gateway"})',
        threshold: 4,
      },
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 10, periodSeconds: 15 }] },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }] },
      },
    });
  });

  test('counts the calls of this cluster alone where Prometheus is one for many, by the name that Azure writes', () => {
    const query = (made: { template: () => Template }): string => valuesOf(made.template()).scaling.metric.query;
    const managed = { monitoring: Monitoring.AZURE_MANAGED };
    const kinds = [{}, { scaleOnRequests: { secondsPerRequest: 0.1 } }, { scaleOnQueueTime: { targetMs: 25 } }];

    for (const autoscale of kinds) {
      const [shared, own] = [query(triton({ autoscale }, managed)), query(triton({ autoscale }))];

      expect(shared.match(/\{cluster="shop-aks",namespace="serving",/g)).toHaveLength(own.match(/\{/g)?.length ?? 0);
      expect(own).not.toContain('cluster=');
      expect(shared.replaceAll('cluster="shop-aks",', '')).toBe(own);
    }
    expect(query(scoring({}, managed))).toContain(
      '{cluster="shop-aks",namespace="serving",inference_service="reader",',
    );
    expect(query(scoring())).not.toContain('cluster=');
  });

  test('scales a Triton service by what its models compute at once', () => {
    // one model of a batch of 4, twice
    expect(valuesOf(triton().template()).scaling.metric.threshold).toBe(5.6);
  });

  test('scales by requests or by Triton’s queues where it is told so', () => {
    const metric = (autoscale: TritonServiceOptions['autoscale']) =>
      valuesOf(triton({ autoscale }).template()).scaling.metric;

    expect(metric({ scaleOnRequests: { secondsPerRequest: 0.1 } })).toMatchObject({
      type: 'AverageValue',
      threshold: 56,
    });
    expect(metric({ scaleOnQueueTime: { targetMs: 25 } })).toMatchObject({ type: 'Value', threshold: 25 });
  });

  test('counts what an ensemble asks of its models as one request of its caller', () => {
    const { serving, gpu, models } = monitoredServing();
    const step = (from: string, to: string) =>
      `{ model_name: "part" model_version: -1 input_map { key: "a" value: "${from}" } output_map { key: "b" value: "${to}" } }`;
    const ports = (from: string, to: string) =>
      `input { name: "${from}" data_type: TYPE_FP32 dims: [ 1 ] } output { name: "${to}" data_type: TYPE_FP32 dims: [ 1 ] }`;
    const source = modelSource({
      'triton/part/1/model.onnx': 'weights',
      'triton/part/config.pbtxt': ports('a', 'b'),
      'triton/whole/1/README.md': 'no file of its own',
      'triton/whole/config.pbtxt': `platform: "ensemble" ${ports('in', 'out')}
        ensemble_scheduling { step [ ${step('in', 'between')}, ${step('between', 'out')} ] }`,
    });
    const model = new Model(serving, 'both', { store: (models[0] as Model).store, source });
    const service = serving.addTritonService('reader', {
      pool: gpu,
      models: [model],
      autoscale: { maxReplicas: 2, scaleOnQueueTime: { targetMs: 25 } },
      ...COMMON,
    });
    const { query } = valuesOf(Template.of(serving)).scaling.metric;

    const selector = 'namespace="serving",inference_service="reader",part="triton",model="whole"';
    expect(query).toContain(`-1 * rate(nv_inference_request_success{${selector}}[1m])`);
    expect(query).toContain(service.metrics.triton?.queueTimePerRequest.expression);
    expect(service.metrics.triton?.batchSize.expression).toContain('model!="whole"');
  });

  test('waits with the last replica for as long as one may take to start on a new node', () => {
    const cooldown = (given: Given, more: Partial<TritonServiceOptions> = {}) =>
      valuesOf(triton({ autoscale: { minReplicas: 0 }, ...more }, given).template()).scaling.cooldownSeconds;

    // 600 s to start Triton, and ten minutes for the node of a pool that shrinks to none
    expect(cooldown({})).toBe(1200);
    expect(cooldown({ pool: { minNodes: 1 } })).toBe(600);
    expect(cooldown({ pool: { minNodes: 1 } }, { initialDelaySeconds: 60 })).toBe(300);
  });

  test('asks Azure’s Prometheus as an identity, without a key', () => {
    const { template } = triton({}, { monitoring: Monitoring.AZURE_MANAGED });

    expect(valuesOf(template()).prometheus).toEqual({
      monitorsApiGroup: 'azmonitoring.coreos.com',
      serverAddress: expect.stringMatching(/^\$\{data\.azurerm_monitor_workspace\..*\.query_endpoint\}$/),
      scalerClientId: expect.stringMatching(/^\$\{data\.azurerm_user_assigned_identity\..*\.client_id\}$/),
    });
  });

  test('asks the Prometheus of the cluster, which everybody in it may', () => {
    expect(valuesOf(triton().template()).prometheus).toEqual({
      monitorsApiGroup: 'monitoring.coreos.com',
      serverAddress: 'http://prometheus-operated.monitoring.svc.cluster.local:9090',
    });
  });
});

describe('what Prometheus reads', () => {
  const page = (part: string) => [
    {
      port: 'metrics',
      path: '/metrics',
      part,
      keep: 'haproxy_backend_active_servers|haproxy_backend_current_queue',
    },
    { port: 'metrics', path: '/service-metrics', part },
  ];
  const gateway = (...more: object[]) => ({
    name: 'reader',
    matchLabels: { 'app.kubernetes.io/name': 'reader' },
    endpoints: [...page('gateway'), ...more],
  });
  const router = {
    name: 'reader-router',
    matchLabels: { 'app.kubernetes.io/name': 'reader-router' },
    endpoints: page('router'),
  };
  const scraping = (made: { template: () => Template }) => valuesOf(made.template()).scraping;

  test('are gateways and routers, every 15 seconds', () => {
    expect(scraping(scoring())).toEqual({ intervalSeconds: 15, monitors: [gateway(), router] });
  });

  test('is Triton besides', () => {
    const own = { port: 'triton-metrics', path: '/metrics', part: 'triton' };

    expect(scraping(triton()).monitors).toEqual([gateway(own), router]);
  });

  test('is Triton through its gateway where only a script reaches it', () => {
    const { service } = triton({ numReplicas: 1 });
    const sourceDirectory = folderWith({ 'score.py': 'def init():\n    pass\n\n\ndef run(data):\n    return data\n' });
    service.withScoringScript({ sourceDirectory, entryScript: 'score.py' });
    // the stack is refused, since it builds no images: what it would be all the same is in the construct
    const [values = ''] = (service.node.findChild('chart') as Release).valuesInput ?? [];

    expect(JSON.parse(values).scraping.monitors).toEqual([
      gateway({ port: 'metrics', path: '/triton/metrics', part: 'triton' }),
    ]);
  });

  test('is told before a fixed number of replicas is set, since what scaled them goes with it', () => {
    const template = scoring({ numReplicas: 2 }).template();
    const before = (deploymentOf(template).depends_on ?? []) as unknown as string[];

    expect(before).toContainEqual(expect.stringMatching(/^helm_release\.reader_chart_/));
    expect(releaseOf(template).depends_on ?? []).toEqual([]);
  });

  test('are services of a fixed number of replicas, too', () => {
    expect(scraping(scoring({ numReplicas: 1 })).monitors).toEqual([gateway()]);
    expect(scraping(scoring({ numReplicas: 2 })).monitors).toEqual([gateway(), router]);
  });

  const ingress = (made: { template: () => Template }, name: string) =>
    (made.template().resource(NetworkPolicyV1, name) as unknown as Parts).spec?.ingress;
  const FROM_PROMETHEUS = [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
  const ports = (...numbers: number[]) => numbers.map((port) => ({ port: String(port), protocol: 'TCP' }));

  test('is open to the pods of Prometheus, and to no others', () => {
    expect(ingress(triton(), 'reader/NetworkPolicy')).toContainEqual({
      from: FROM_PROMETHEUS,
      ports: ports(8404, 8002),
    });
    expect(ingress(scoring(), 'reader/NetworkPolicy')).toContainEqual({ from: FROM_PROMETHEUS, ports: ports(8404) });
    expect(ingress(scoring(), 'router/NetworkPolicy')).toContainEqual({ from: FROM_PROMETHEUS, ports: ports(8404) });
  });

  test('is open to Azure’s collector in kube-system', () => {
    expect(
      JSON.stringify(ingress(scoring({}, { monitoring: Monitoring.AZURE_MANAGED }), 'reader/NetworkPolicy')),
    ).toContain('"kubernetes.io/metadata.name":"kube-system"');
  });

  test('is open to nobody where nobody collects metrics', () => {
    expect(ingress(scoring({ numReplicas: 1 }, { monitoring: Monitoring.NONE }), 'reader/NetworkPolicy')).toHaveLength(
      1,
    );
  });
});

describe('fails', () => {
  const messages = (made: { serving: Parameters<typeof messagesOf>[0] }) => messagesOf(made.serving);

  test('for more replicas than the pool can hold', () => {
    expect(messages(triton({ autoscale: { maxReplicas: 5 } }))).toEqual([
      "the pool 'gpu' grows to 4 nodes and holds 4 replicas of 1 GPUs each; got maxReplicas 5; raise its maxNodes or ask for " +
        'fewer',
    ]);
    expect(messages(triton({ autoscale: { minReplicas: 5 } }))).toEqual([
      "the pool 'gpu' grows to 4 nodes and holds 4 replicas of 1 GPUs each; got minReplicas 5; raise its maxNodes or ask for " +
        'fewer',
    ]);
    expect(messages(triton({ autoscale: { maxReplicas: 4 } }))).toEqual([]);
    expect(messages(scoring({ autoscale: { maxReplicas: 5 }, memoryGb: 9 }))).toEqual([
      expect.stringMatching(/^the pool 'cpu' grows to 4 nodes and holds 4 replicas of 9 GiB each; got maxReplicas 5;/),
    ]);
  });

  test.each([
    ['numReplicas beside autoscale', { numReplicas: 2, autoscale: {} }, /^numReplicas and autoscale must not both/],
    ['no replicas at all', { numReplicas: 0 }, /; for a service that may have no replica give autoscale: /],
    ['a number that is none', { autoscale: { refreshSeconds: 0 } }, /^autoscale\.refreshSeconds must be/],
    ['a range that is crossed', { autoscale: { minReplicas: 3, maxReplicas: 2 } }, /^autoscale\.minReplicas must not/],
  ])('for %s, with one message', (_, service, message) => {
    expect(messages(triton(service))).toEqual([expect.stringMatching(message)]);
    expect(messages(scoring(service))).toEqual([expect.stringMatching(message)]);
  });

  test('for autoscale where nobody collects metrics, with the reason', () => {
    const none = { monitoring: Monitoring.NONE };

    expect(messages(triton({ autoscale: {} }, none))).toEqual([
      'autoscale reads metrics, and nobody collects those of the cluster (Monitoring.NONE); give the platform ' +
        'Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER, or the service numReplicas in the place of autoscale',
    ]);
    expect(messages(scoring({ autoscale: {} }, none))).toHaveLength(1);
  });

  test('for Triton’s queues before a scoring script, and not before Triton', () => {
    const autoscale = { scaleOnQueueTime: { targetMs: 20 } };

    expect(messages(scoring({ autoscale }))).toEqual([expect.stringMatching(/which a scoring script has none of;/)]);
    expect(messages(triton({ autoscale }))).toEqual([]);
  });
});

test('a Triton that shares its nodes with a script is autoscaled to what the pool holds of both', () => {
  const pool = { size: VmSize.NC64AS_T4_V3, maxNodes: 1 };
  const { serving, service } = triton({ memoryGb: 100 }, { pool });
  const sourceDirectory = folderWith({ 'score.py': 'def init():\n    pass\n\n\ndef run(data):\n    return data\n' });
  const most = (text: string) => Number(/autoscaled to (\d+) replica/.exec(text)?.[1]);

  const [alone = ''] = warningsOf(service);
  service.withScoringScript({ sourceDirectory, entryScript: 'score.py', memoryGb: 60 });
  const [, both = ''] = warningsOf(service);

  expect(most(both)).toBeLessThan(most(alone));
  expect(messagesOf(serving).filter((message) => message.includes('holds'))).toEqual([]);
});
