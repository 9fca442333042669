import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith } from '../fixtures';
import { kubectl, listed } from './cluster';
import { ROOT } from './terraform';
import { DEFINITIONS, DEFINITIONS_FOLDER, describeWith, HELM, KUBERNETES } from './tools';

const MINUTE = 60_000;
const CHART = join(ROOT, 'constructs/charts/model-service');
const CLIENT_ID = '11111111-2222-3333-4444-555555555555';

/** Services of each way to be scaled. */
const SERVICES = {
  steady: { numReplicas: 1 },
  busy: { autoscale: { minReplicas: 2 } },
  counted: { autoscale: { scaleOnRequests: { secondsPerRequest: 0.3 } } },
  sleeper: { autoscale: { minReplicas: 0, maxReplicas: 2 } },
};

type Values = { readonly [name: string]: object };

/** The values of each service, as Terraform would fill them in. */
function synthesizedValues(monitoring: string): { [service: string]: Values } {
  const outdir = folderWith({});
  const env = { ...process.env, CDKTF_OUTDIR: outdir, MONITORING: monitoring, SERVICES: JSON.stringify(SERVICES) };
  const { status, stderr } = spawnSync('node', [join(__dirname, 'scaled-services.cjs')], { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const file = join(outdir, 'stacks/shop-serving/cdk.tf.json');
  const releases: { name: string; values: [string] }[] = Object.values(
    JSON.parse(readFileSync(file, 'utf8')).resource.helm_release,
  );
  const filled = (text: string) =>
    text
      .replaceAll(/\$\{data\.[^}]*\.query_endpoint\}/g, 'https://shop-abcd.westeurope.prometheus.monitor.azure.com')
      .replaceAll(/\$\{data\.[^}]*\.client_id\}/g, CLIENT_ID);
  return Object.fromEntries(
    releases.map(({ name, values }) => [name.replace(/-service$/, ''), JSON.parse(filled(values[0]))]),
  );
}

function helm(verb: 'lint' | 'template' | 'install' | 'upgrade', release: string, values: Values, ...more: string[]) {
  const file = join(folderWith({}), 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const args = [verb, ...(verb === 'lint' ? [] : [release]), CHART, '--values', file, ...more];
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
  return { status, stdout, stderr: stderr.replaceAll(/^WARNING: Kubernetes configuration.*\n/gm, '') };
}

describeWith([HELM], 'the chart of a service', () => {
  const managed = synthesizedValues('AzureManaged');
  const inCluster = synthesizedValues('InCluster');
  const [busy] = [managed.busy ?? {}];

  test.each(Object.keys(SERVICES))('finds nothing wrong with the values of %s', (service) => {
    for (const values of [managed[service], inCluster[service]]) {
      expect(helm('lint', service, values ?? {}, '--strict')).toMatchObject({ status: 0 });
    }
  });

  test.each([
    ['a service without a name', { service: { name: '' } }, '/service/name'],
    ['a name that no service has', { service: { name: 'Reader' } }, '/service/name'],
    [
      'a kind of monitors that nobody reads',
      { prometheus: { monitorsApiGroup: 'v1' } },
      '/prometheus/monitorsApiGroup',
    ],
    ['an address that is none', { prometheus: { serverAddress: 'prometheus' } }, '/prometheus/serverAddress'],
    ['a client id that is none', { prometheus: { scalerClientId: 'keda' } }, '/prometheus/scalerClientId'],
    ['fewer replicas than none', { scaling: { minReplicas: -1 } }, '/scaling/minReplicas'],
    ['more replicas than routers know', { scaling: { maxReplicas: 401 } }, '/scaling/maxReplicas'],
    ['half a replica', { scaling: { maxReplicas: 1.5 } }, '/scaling/maxReplicas'],
    ['a figure of no known type', { scaling: { metric: { type: 'Utilization' } } }, '/scaling/metric/type'],
    [
      'a threshold that Kubernetes rounds to zero',
      { scaling: { metric: { threshold: 0.0004 } } },
      '/scaling/metric/threshold',
    ],
    ['a figure without an expression', { scaling: { metric: { query: '' } } }, '/scaling/metric/query'],
    ['a name that the chart does not have', { scaling: { replicas: 3 } }, "'replicas' not allowed"],
    ['a part of the chart that there is not', { autoscaling: {} }, "'autoscaling' not allowed"],
    ['readings that are hours apart', { scraping: { intervalSeconds: 3600 } }, '/scraping/intervalSeconds'],
  ])('refuses %s, and names it', (_, wrong, named) => {
    const file = join(folderWith({ 'wrong.json': JSON.stringify(wrong) }), 'wrong.json');
    const { status, stderr } = helm('template', 'busy', busy, '--values', file);

    expect(status).not.toBe(0);
    expect(stderr).toContain(named);
  });

  test('makes nothing that scales of a fixed number of replicas', () => {
    const { stdout } = helm('template', 'steady', managed.steady ?? {});

    expect(stdout.match(/^kind: .*$/gm)).toEqual(['kind: PodMonitor']);
  });

  test('needs no identity to ask a Prometheus of the cluster', () => {
    const { stdout } = helm('template', 'busy', inCluster.busy ?? {});

    expect(stdout.match(/^kind: .*$/gm)?.sort()).toEqual([
      'kind: PodMonitor',
      'kind: PodMonitor',
      'kind: ScaledObject',
    ]);
    expect(stdout).not.toContain('authenticationRef');
  });
});

/**
 * Fields of a PodMonitor's spec and of its pages that Azure's own definition has, besides those of the Prometheus operator.
 *
 * @see https://github.com/Azure/prometheus-collector
 */
const FIELDS_AT_AZURE = {
  spec: ['labelLimit', 'labelNameLengthLimit', 'labelValueLengthLimit', 'podMetricsEndpoints', 'selector'],
  page: ['interval', 'metricRelabelings', 'path', 'port', 'relabelings'],
};

describeWith([HELM, KUBERNETES, DEFINITIONS], 'a release of the chart', () => {
  const NAMESPACE = 'scaling-test';
  const managed = synthesizedValues('AzureManaged');
  const inCluster = synthesizedValues('InCluster');
  const names = ['keda.sh_scaledobjects', 'keda.sh_triggerauthentications', 'monitoring.coreos.com_podmonitors'];

  beforeAll(() => {
    const definitions = names.map((name) => readFileSync(join(DEFINITIONS_FOLDER, `${name}.yaml`), 'utf8'));
    // Azure's definition is an older one of the operator's, under a group of its own
    const ofAzure = definitions
      .filter((text) => text.includes('group: monitoring.coreos.com'))
      .map((text) => text.replaceAll('monitoring.coreos.com', 'azmonitoring.coreos.com'));
    const folder = folderWith(Object.fromEntries([...definitions, ...ofAzure].map((text, n) => [`${n}.yaml`, text])));
    kubectl(['apply', '--server-side', '--force-conflicts', '--filename', folder]);
    kubectl(['wait', '--for=condition=Established', '--timeout=60s', '--filename', folder]);
    const meta = { name: NAMESPACE };
    kubectl(['apply', '-f', '-'], [{ apiVersion: 'v1', kind: 'Namespace', metadata: meta }]);
  }, 2 * MINUTE);

  afterAll(() => {
    kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=true']);
  }, 2 * MINUTE);

  const installed = (verb: 'install' | 'upgrade', service: string, values: Values) =>
    helm(verb, `${service}-service`, values, '--namespace', NAMESPACE, '--atomic', '--timeout', '60s');

  describe.each([
    ['azmonitoring.coreos.com', managed],
    ['monitoring.coreos.com', inCluster],
  ])('with monitors of %s', (group, values) => {
    const own = (service: string) => (group === 'monitoring.coreos.com' ? service : `${service}-of-azure`);

    test.each(Object.keys(SERVICES))('is accepted for %s by a real API server', { timeout: MINUTE }, (service) => {
      const { status, stderr } = installed('install', own(service), {
        ...values[service],
        service: { name: own(service) },
      });

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });

    test('has no field that the definitions do not know', { timeout: MINUTE }, () => {
      for (const service of Object.keys(SERVICES)) {
        const { stdout } = helm('template', service, values[service] ?? {}, '--namespace', NAMESPACE);
        const folder = folderWith({ 'all.yaml': stdout });

        expect(() =>
          kubectl(['apply', '--dry-run=server', '--validate=strict', '--warnings-as-errors', '--filename', folder]),
        ).not.toThrow();
      }
    });

    test('tells Prometheus which pages to read, as what', () => {
      const monitors = listed(NAMESPACE, `podmonitors.${group}`);
      const [sleeper] = monitors.filter(({ metadata }) => metadata.name === 'sleeper-router');

      expect(monitors).toHaveLength(7);
      expect(sleeper.spec.selector).toEqual({ matchLabels: { 'app.kubernetes.io/name': 'sleeper-router' } });
      expect(sleeper.spec.podMetricsEndpoints).toMatchObject([
        {
          port: 'metrics',
          path: '/metrics',
          interval: '15s',
          relabelings: expect.arrayContaining([
            expect.objectContaining({ targetLabel: 'inference_service', replacement: own('sleeper') }),
            expect.objectContaining({ targetLabel: 'part', replacement: 'router' }),
          ]),
          metricRelabelings: [expect.objectContaining({ action: 'keep', sourceLabels: ['__name__'] })],
        },
        { port: 'metrics', path: '/service-metrics', interval: '15s' },
      ]);
      for (const { spec } of monitors) {
        expect(FIELDS_AT_AZURE.spec).toEqual(expect.arrayContaining(Object.keys(spec)));
        for (const page of spec.podMetricsEndpoints) {
          expect(FIELDS_AT_AZURE.page).toEqual(expect.arrayContaining(Object.keys(page)));
        }
      }
    });
  });

  test('tells KEDA what to scale between which numbers, and by what', () => {
    const scaled = Object.fromEntries(
      listed(NAMESPACE, 'scaledobjects').map(({ metadata, spec }) => [metadata.name, spec]),
    );

    expect(Object.keys(scaled).sort()).toEqual(
      ['busy', 'counted', 'sleeper'].flatMap((name) => [name, `${name}-of-azure`]),
    );
    expect(scaled.sleeper).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sleeper' },
      minReplicaCount: 0,
      maxReplicaCount: 2,
      pollingInterval: 15,
      cooldownPeriod: 940,
      initialCooldownPeriod: 940,
    });
    expect(scaled.busy).not.toHaveProperty('cooldownPeriod');
    expect(scaled.busy).not.toHaveProperty('fallback');
    expect(scaled['counted-of-azure'].triggers).toEqual([
      {
        type: 'prometheus',
        metricType: 'AverageValue',
        metadata: {
          serverAddress: 'https://shop-abcd.westeurope.prometheus.monitor.azure.com',
          query: expect.stringContaining('/ 0.3'),
          threshold: '2.33333333333',
          activationThreshold: '0',
          ignoreNullValues: 'false',
        },
        authenticationRef: { name: 'counted-of-azure' },
      },
    ]);
  });

  test('asks Azure’s Prometheus as KEDA’s identity', () => {
    const found = listed(NAMESPACE, 'triggerauthentications');

    expect(found.map(({ metadata }) => metadata.name).sort()).toEqual([
      'busy-of-azure',
      'counted-of-azure',
      'sleeper-of-azure',
    ]);
    expect(found[0].spec).toEqual({ podIdentity: { provider: 'azure-workload', identityId: CLIENT_ID } });
  });

  test('takes its autoscaler along when the number of replicas is fixed', { timeout: MINUTE }, () => {
    const { scaling: _, ...fixed } = inCluster.busy ?? {};

    expect(installed('upgrade', 'busy', fixed)).toMatchObject({ status: 0 });
    expect(listed(NAMESPACE, 'scaledobjects').map(({ metadata }) => metadata.name)).not.toContain('busy');
  });
});
