import { beforeAll, describe, expect, test } from 'vitest';
import { alertProblems, resolveAlerts } from '../../src/monitoring/alert-options';
import { type AlertRule, prometheusGroup, ruleGroups } from '../../src/monitoring/alert-rule';
import type { Dashboard } from '../../src/monitoring/dashboard';
import { LabeledMetric } from '../../src/monitoring/labeled-metric';
import { Monitoring } from '../../src/monitoring/monitoring';
import { platformAlerts } from '../../src/monitoring/platform-alerts';
import { platformDashboard } from '../../src/monitoring/platform-dashboard';
import { PlatformMetrics } from '../../src/monitoring/platform-metrics';
import { ScalarMetric } from '../../src/monitoring/scalar-metric';
import { serviceAlerts } from '../../src/monitoring/service-alerts';
import { serviceDashboard } from '../../src/monitoring/service-dashboard';
import { type MeasuredService, ServiceMetrics } from '../../src/monitoring/service-metrics';
import { SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import { changed, healthySeries } from './monitored-series';
import { always, growing, promtool, type Series } from './promtool';
import { describeWith, PROMETHEUS } from './tools';

/** What is judged of one platform: with Prometheus in the cluster, and with that of Azure, which names the cluster. */
const PLATFORMS = [{ cluster: undefined }, { cluster: 'prod-aks' }];

function monitored(cluster?: string, startSeconds?: number) {
  const vision: MeasuredService = {
    namespace: 'serving',
    serviceName: 'vision',
    routed: true,
    cluster,
    triton: true,
    grpc: true,
  };
  const reader = { ...vision, serviceName: 'reader', routed: false, triton: false, grpc: false };
  const limits = SCORING_REQUEST_LIMITS;
  const given = {};
  expect(alertProblems(given, Monitoring.IN_CLUSTER)).toEqual([]);
  const alerts = resolveAlerts(given, limits.scoringTimeoutMs);
  const services = [vision, reader].map((service) => {
    const metrics = new ServiceMetrics(service);
    const of = { service, metrics, limits, alerts, hasGpus: true, targetUtilizationPercent: 70 };
    const rules = alerts && serviceAlerts({ ...service, metrics, limits, alerts, startSeconds });
    return { service, metrics, dashboard: serviceDashboard(of), rules: rules ?? [] };
  });
  const platform = { cluster, pools: [{ poolName: 'a100', minNodes: 0, maxNodes: 2 }] };
  return {
    services,
    rules: [...services.flatMap(({ rules }) => rules), ...platformAlerts(platform)],
    platform: new PlatformMetrics(platform),
    platformDashboard: platformDashboard({ platform, clusterName: 'prod-aks' }),
  };
}

/** All figures that an object has, those of its facets among them. */
function figuresOf(object: object): (ScalarMetric | LabeledMetric)[] {
  const getters = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object)));
  return getters
    .filter(([, { get }]) => get !== undefined)
    .map(([name]) => (object as { readonly [name: string]: unknown })[name])
    .flatMap((value) => {
      if (value instanceof ScalarMetric || value instanceof LabeledMetric) {
        return [value];
      }
      return typeof value === 'object' && value !== null ? figuresOf(value) : [];
    });
}

function queriesOf(dashboard: Dashboard): string[] {
  const targets = dashboard.panels.flatMap((panel) => (panel.type === 'row' ? [] : panel.targets));
  return targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m'));
}

/** Alerts that series lead to, and no others. */
function firing(rules: readonly AlertRule[], series: Series, expected: readonly string[]): string {
  const names = [...new Set(rules.map(({ alert }) => alert))];
  const questions = names.map((name) => ({
    expression: `ALERTS{alertname="${name}",alertstate="firing"}`,
    answered: expected.includes(name),
  }));
  return promtool(ruleGroups('rules', rules).map(prometheusGroup), series, questions);
}

describeWith([PROMETHEUS], 'Prometheus', () => {
  describe.each(PLATFORMS)('with the cluster $cluster in its series', ({ cluster }) => {
    const series = healthySeries(cluster);
    let all: ReturnType<typeof monitored>;

    beforeAll(() => {
      all = monitored(cluster);
    });

    test('answers every figure of every service and of the platform', () => {
      const [vision] = all.services;
      const reader = all.services[1]?.metrics;
      const withoutAutoscaling = [reader?.pods.replicasMin, reader?.pods.replicasMax, reader?.pods.replicasDesired];
      const expressions = [vision?.metrics, reader, all.platform]
        .flatMap((metrics) => figuresOf(metrics as object))
        .map(({ expression }) => expression)
        .filter((expression) => !withoutAutoscaling.some((metric) => metric?.expression === expression));

      expect(expressions.length).toBeGreaterThan(70);
      const questions = expressions.map((expression) => ({ expression, answered: true }));
      expect(promtool([], series, questions)).toBe('');
    });

    test('leaves no panel of a dashboard empty', () => {
      const [vision] = all.services;
      const queries = [vision?.dashboard, all.platformDashboard].flatMap((each) => queriesOf(each as Dashboard));

      expect(queries.length).toBeGreaterThan(45);
      expect(
        promtool(
          [],
          series,
          queries.map((expression) => ({ expression, answered: true })),
        ),
      ).toBe('');
    });

    test('answers nothing of a service in another namespace, or of another name that starts alike', () => {
      const others: MeasuredService[] = [
        { namespace: 'other', serviceName: 'vision', routed: true, cluster },
        { namespace: 'serving', serviceName: 'vis', routed: true, cluster },
      ];
      const questions = others
        .flatMap((service) => figuresOf(new ServiceMetrics({ ...service, triton: true })))
        // what is 0 where there is nothing
        .filter(({ expression }) => !expression.startsWith('(sum') && !expression.startsWith('(sum(clamp_min'))
        .map(({ expression }) => ({ expression, answered: false }));

      expect(questions.length).toBeGreaterThan(40);
      expect(promtool([], series, questions)).toBe('');
    });

    test('fires no alert while all is well', () => {
      expect(firing(all.rules, series, [])).toBe('');
    });
  });

  const base = healthySeries();
  const FRONT = 'namespace="serving",inference_service="vision",part="router",pod="vision-router-0"';
  const more = (code: string, perSecond: number, grpc = '') => ({
    [`inference_requests_total{${FRONT},code="${code}"${grpc}}`]: growing(perSecond),
  });
  // counters are read every 15 seconds, and questions are asked after 360 of these
  const EVERY_OTHER_MINUTE = Array.from({ length: 400 }, (_, index) => Math.floor(index / 8)).join(' ');
  const everyOtherMinute = (code: string) => ({
    [`inference_requests_total{${FRONT},code="${code}"}`]: EVERY_OTHER_MINUTE,
  });
  const withoutCalls = changed(base, { '^inference_requests_total.*part="router"': always(0) });
  // read every 30 seconds, as managed Prometheus does: increase() adds what it may have missed at the ends of its window
  const ended = (times: number) =>
    Array.from({ length: 400 }, (_, index) =>
      index % 2 === 0 ? '_' : Math.min(times, Math.max(0, Math.floor((index - 310) / 10))),
    ).join(' ');
  const full = { ...base, 'kube_node_info{node="aks-a100-12345678-vmss000001"}': always(1) };
  const slow = { '^inference_request_duration_seconds_bucket.*part="router".*le="(0.1|1)"': growing(1) };

  test.each<{ trouble: string; series: Series; alerts: string[] }>([
    { trouble: 'one call in ten fails', series: { ...base, ...more('500', 2) }, alerts: ['InferenceServiceErrors'] },
    {
      trouble: 'one gRPC call in ten fails',
      series: { ...base, ...more('200', 2, ',grpc_code="13"') },
      alerts: ['InferenceServiceErrors'],
    },
    { trouble: 'calls take a minute', series: changed(base, slow), alerts: ['InferenceServiceLatency'] },
    { trouble: 'queues are full', series: { ...base, ...more('429', 0.5) }, alerts: ['InferenceServiceQueueFull'] },
    {
      trouble: 'calls wait too long',
      series: { ...base, ...more('503', 0.5) },
      alerts: ['InferenceServiceQueuedTooLong'],
    },
    { trouble: 'calls time out', series: { ...base, ...more('504', 0.5) }, alerts: ['InferenceServiceTimeouts'] },
    {
      trouble: 'no replica is ready',
      series: changed(base, { '^kube_deployment_status_replicas_ready.*vision': always(0) }),
      alerts: ['InferenceServiceNotReady'],
    },
    {
      trouble: 'there are as many replicas as there may be',
      series: changed(base, { '^kube_deployment_(spec_replicas|status_replicas_ready).*vision': always(4) }),
      alerts: ['InferenceServiceAtMaximum'],
    },
    {
      trouble: 'nobody adds replicas',
      series: changed(base, { '^inference_requests_in_progress.*vision.*gateway': always(6) }),
      alerts: ['InferenceServiceNotScaling'],
    },
    {
      trouble: 'a service without autoscaling has too few replicas',
      series: changed(base, { '^inference_requests_in_progress.*reader': always(6) }),
      alerts: ['InferenceServiceNotScaling'],
    },
    {
      trouble: 'a service that is called every other minute fails each time',
      series: { ...withoutCalls, ...everyOtherMinute('500') },
      alerts: ['InferenceServiceErrors'],
    },
    {
      trouble: 'a service that is called every other minute is too slow each time',
      series: { ...withoutCalls, ...everyOtherMinute('504') },
      alerts: ['InferenceServiceErrors', 'InferenceServiceTimeouts'],
    },
    {
      trouble: 'a model that is asked every other minute fails each time',
      series: changed(base, {
        '^nv_inference_request_success': always(0),
        '^nv_inference_request_failure': EVERY_OTHER_MINUTE,
      }),
      alerts: ['InferenceTritonFailures'],
    },
    {
      trouble: 'a container ended three times in 15 minutes',
      series: changed(base, { '^kube_pod_container_status_restarts_total.*x2k4z.*triton': ended(3) }),
      alerts: ['InferenceServiceRestarts'],
    },
    {
      trouble: 'a container ends every three minutes',
      series: changed(base, { '^kube_pod_container_status_restarts_total.*x2k4z.*triton': growing(1 / 180) }),
      alerts: ['InferenceServiceRestarts'],
    },
    {
      trouble: 'a model fails',
      series: changed(base, { '^nv_inference_request_failure': growing(2) }),
      alerts: ['InferenceTritonFailures'],
    },
    {
      trouble: 'pods are pending',
      series: changed(base, { '^kube_pod_status_phase.*reader.*Pending': always(1) }),
      alerts: ['InferencePodsPending'],
    },
    {
      trouble: 'a pool has all its nodes',
      series: changed(full, { '^kube_pod_status_phase.*reader.*Pending': always(1) }),
      alerts: ['InferencePoolAtMaximum', 'InferencePodsPending'],
    },
    {
      trouble: 'the memory of a GPU is full',
      series: changed(base, {
        '^DCGM_FI_DEV_FB_USED.*gpu="1"': always(79000),
        '^DCGM_FI_DEV_FB_FREE.*gpu="1"': always(1000),
      }),
      alerts: ['InferenceGpuMemoryFull'],
    },
    {
      trouble: 'a GPU falls off the bus',
      series: changed(base, { '^DCGM_FI_DEV_XID_ERRORS.*gpu="0"': always(79) }),
      alerts: ['InferenceGpuError'],
    },
    {
      trouble: 'a node is lost',
      series: changed(base, { '^kube_node_status_condition': always(0) }),
      alerts: ['InferenceNodeNotReady'],
    },
  ])('tells that $trouble, and nothing else', ({ series, alerts }) => {
    expect(firing(monitored().rules, series, alerts)).toBe('');
  });

  test.each([
    { what: 'a service that is called every other minute', series: { ...withoutCalls, ...everyOtherMinute('200') } },
    { what: 'a pool that has all its nodes while nobody waits', series: full },
    {
      what: 'a container that ended twice in 15 minutes',
      series: changed(base, { '^kube_pod_container_status_restarts_total.*x2k4z.*triton': ended(2) }),
    },
    ...[13, 31, 43, 45].map((xid) => ({
      what: `a GPU whose last error was one of a program, XID ${xid}`,
      series: changed(base, { '^DCGM_FI_DEV_XID_ERRORS.*gpu="0"': always(xid) }),
    })),
  ])('tells nothing of $what', ({ series }) => {
    expect(firing(monitored().rules, series, [])).toBe('');
  });

  test('lets replicas start for as long as they may, and tells of those that take longer', () => {
    const unready = changed(base, { '^kube_deployment_status_replicas_ready.*vision': always(0) });

    expect(firing(monitored(undefined, 80 * 60).rules, unready, ['InferenceServiceNotReady'])).toBe('');
    expect(firing(monitored(undefined, 90 * 60).rules, unready, [])).toBe('');
  });

  test('tells nothing of a service that scaled to zero', () => {
    const none = changed(base, { '^kube_deployment_.*vision': always(0) });
    const left = Object.entries(none).filter(
      ([name]) => !/part="(gateway|triton)".*vision|vision.*part="(gateway|triton)"/.test(name),
    );

    expect(firing(monitored().rules, Object.fromEntries(left), [])).toBe('');
  });
});
