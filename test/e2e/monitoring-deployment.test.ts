import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { kubectl } from './cluster';
import type { Manifest } from './manifests';
import { Project, ROOT } from './terraform';
import {
  DEFINITIONS,
  DEFINITIONS_FOLDER,
  describeWith,
  HELM,
  KUBERNETES,
  STAND_IN_PROVIDERS,
  TERRAFORM,
} from './tools';

const MINUTES = 60_000;
const PROGRAM = join(ROOT, 'test/e2e/monitored-platform.cjs');

interface Chart {
  readonly folder: string;
  readonly release: string;
  readonly values: string;
}

/** The charts that a stack installs with the alerts of services, or of the platform. */
function chartsOf(project: Project, stack: string): Chart[] {
  const stackFolder = join(project.folder, 'cdktf.out/stacks', stack);
  const { resource } = JSON.parse(readFileSync(join(stackFolder, 'cdk.tf.json'), 'utf8'));
  const releases: { name: string; chart: string; values: string[] }[] = Object.values(resource.helm_release ?? {});
  return releases
    .filter(({ chart }) => chart.includes('alert-rules'))
    .map(({ name, chart, values }) => {
      const file = join(project.folder, `${name}.json`);
      writeFileSync(file, values[0] ?? '');
      return { folder: join(stackFolder, chart), release: name, values: file };
    });
}

function helm(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function rendered({ folder, release, values }: Chart): Manifest[] {
  const { stdout, stderr, status } = helm('template', release, folder, '--namespace', 'serving', '--values', values);
  if (status !== 0) {
    throw new Error(stderr);
  }
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

describeWith([HELM], 'the chart with alerts and dashboards', () => {
  const project = new Project(PROGRAM);
  let charts: Chart[];

  beforeAll(() => {
    project.synthesize({ MONITORING: 'IN_CLUSTER' });
    charts = ['shop-serving', 'shop-addons'].flatMap((stack) => chartsOf(project, stack));
  });

  test('is installed once for each service and once for the platform', () => {
    expect(charts.map(({ release }) => release)).toEqual(['reader-alerts', 'vision-alerts', 'inference-platform']);
  });

  test('is right to the letter for Helm', () => {
    for (const { folder, values } of charts) {
      expect(helm('lint', '--strict', folder, '--values', values).stdout).toContain('0 chart(s) failed');
    }
  });

  test('renders what it was given, however it is written', () => {
    for (const chart of charts) {
      const { groups, dashboards } = JSON.parse(readFileSync(chart.values, 'utf8'));
      const [configMap, rules] = ['ConfigMap', 'PrometheusRule'].map((kind) =>
        rendered(chart).find((each) => each.kind === kind),
      ) as [Manifest & { data: object }, Manifest & { spec: object }];
      const [[name, text]] = Object.entries(dashboards) as [[string, string]];

      expect(rules.spec).toEqual({ groups });
      expect(configMap.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
      expect(configMap.data).toEqual({ [`${name}.json`]: text });
    }
  });

  test('renders nothing where there is nothing', () => {
    const [{ folder }] = charts as [Chart];

    expect(helm('template', 'nothing', folder).stdout.trim()).toBe('');
  });

  test.each([
    { what: 'a group without a name', set: 'groups[0].name=""' },
    { what: 'an alert whose name Prometheus refuses', set: 'groups[0].rules[0].alert="two words"' },
    { what: 'a time without a unit', set: 'groups[0].rules[0].for="5"' },
    { what: 'a label that is no text', set: 'labels.app=1' },
    { what: 'a value that it does not know', set: 'unknown=1' },
  ])('refuses $what', ({ set }) => {
    const [{ folder, values }] = charts as [Chart];
    const path = set.slice(0, set.indexOf('='));
    const { status, stderr } = helm('template', 'x', folder, '--values', values, '--set-json', set);

    expect(status).toBe(1);
    expect(stderr).toContain("don't meet the specifications of the schema");
    expect(stderr).toContain(path.split('.').at(-1));
  });
});

describeWith([HELM, KUBERNETES, DEFINITIONS], 'Kubernetes with the kinds of the Prometheus operator', () => {
  const project = new Project(PROGRAM);
  const kind = join(DEFINITIONS_FOLDER, 'monitoring.coreos.com_prometheusrules.yaml');

  beforeAll(() => {
    project.synthesize({ MONITORING: 'IN_CLUSTER' });
    execFileSync('kubectl', ['apply', '--server-side', '--force-conflicts', '-f', kind]);
    execFileSync('kubectl', ['wait', '--for=condition=Established', '--timeout=60s', '-f', kind]);
  }, MINUTES);

  afterAll(() => {
    execFileSync('kubectl', ['delete', 'namespace', 'alert-rules', '--ignore-not-found', '--wait=true']);
  }, MINUTES);

  test('takes the alerts and dashboards of services and platform', () => {
    kubectl(['apply', '-f', '-'], [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'alert-rules' } }]);
    const manifests = ['shop-serving', 'shop-addons'].flatMap((stack) => chartsOf(project, stack).flatMap(rendered));
    const here = manifests.map((each) => ({ ...each, metadata: { ...each.metadata, namespace: 'alert-rules' } }));
    const names = kubectl(['apply', '--server-side', '-o', 'name', '-f', '-'], here).trim().split('\n');

    expect(names.filter((name) => name.startsWith('prometheusrule'))).toHaveLength(3);
    expect(names.filter((name) => name.startsWith('configmap'))).toHaveLength(3);
  });
});

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'dashboards and alerts', () => {
  describe.each(['AZURE_MANAGED', 'IN_CLUSTER'])('with Monitoring.%s', (MONITORING) => {
    const project = new Project(PROGRAM);

    beforeAll(() => {
      project.synthesize({ MONITORING });
      for (const stack of ['shop-foundation', 'shop-cluster', 'shop-addons', 'shop-serving']) {
        execFileSync('terraform', ['init', '-input=false'], {
          cwd: join(project.folder, 'cdktf.out/stacks', stack),
          env: { ...process.env, CHECKPOINT_DISABLE: '1' },
        });
        project.apply(stack);
      }
    }, 10 * MINUTES);

    test('leave nothing to a second plan', { timeout: 5 * MINUTES }, () => {
      for (const stack of ['shop-addons', 'shop-serving']) {
        expect(project.plan(stack)).toBe('');
      }
    });

    test('change in place', { timeout: 5 * MINUTES }, () => {
      project.synthesize({ MONITORING, ERROR_PERCENT: '1' });
      const changed = project.apply('shop-serving').map(({ what }) => what);

      expect(changed.filter((what) => what.includes('_monitoring_'))).toEqual(
        MONITORING === 'IN_CLUSTER'
          ? ['update helm_release.vision_monitoring_chart']
          : expect.arrayContaining([
              'update azurerm_monitor_alert_prometheus_rule_group.vision_monitoring_alerts',
              'update azurerm_resource_group_template_deployment.vision_monitoring_dashboard',
            ]),
      );
      expect(changed.filter((what) => /^(create|delete|replace) /.test(what))).toEqual([]);
    });

    test('are found by who deployed them', () => {
      const state = execFileSync('terraform', ['output', '-json'], {
        cwd: join(project.folder, 'cdktf.out/stacks/shop-serving'),
        encoding: 'utf8',
      });
      const { dashboard } = parse(state).service_vision.value;

      expect(dashboard).toMatch(
        MONITORING === 'IN_CLUSTER'
          ? /^http:\/\/localhost:3000\/d\/inference-\w{16} while 'kubectl .*' runs$/
          : /^https:\/\/portal\.azure\.com\/#resource\/subscriptions\/.*\/dashboards\/vision-serving-\w{8}$/,
      );
    });
  });
});
