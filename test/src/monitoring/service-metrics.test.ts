import { Lazy } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { ValidationError } from '../../../src/errors';
import { PlatformMetrics } from '../../../src/monitoring/platform-metrics';
import { type MeasuredService, ServiceMetrics } from '../../../src/monitoring/service-metrics';

const SERVICE: MeasuredService = {
  namespace: 'serving',
  serviceName: 'vision',
  routed: true,
};

function metricsOf(service: Partial<MeasuredService> = {}): ServiceMetrics {
  return new ServiceMetrics({ ...SERVICE, ...service });
}

describe('a figure', () => {
  const { latencyP99 } = metricsOf();

  test('says what it is, in which unit, and how Prometheus works it out', () => {
    expect(latencyP99).toMatchObject({
      title: 'Latency, 99 %',
      unit: 's',
      expression:
        'histogram_quantile(0.99, sum by (le) (rate(inference_request_duration_seconds_bucket' +
        '{namespace="serving",inference_service="vision",part="router"}[5m])))',
    });
  });

  test('is compared as a whole, for an alert', () => {
    const { errorsPerSecond } = metricsOf();

    expect(errorsPerSecond.expression).toMatch(/ or vector\(0\)\)$/);
    expect(errorsPerSecond.above(0.5)).toBe(`(${errorsPerSecond.expression}) > 0.5`);
    expect(latencyP99.below(2)).toBe(`(${latencyP99.expression}) < 2`);
  });

  test('of each value of a label is compared alike', () => {
    const { requestsPerSecondByStatus } = metricsOf();

    expect(requestsPerSecondByStatus).toMatchObject({ label: 'code' });
    expect(requestsPerSecondByStatus.above(1)).toBe(`(${requestsPerSecondByStatus.expression}) > 1`);
    expect(requestsPerSecondByStatus.below(1)).toBe(`(${requestsPerSecondByStatus.expression}) < 1`);
  });

  test.each([
    { value: Number.NaN, given: 'NaN' },
    { value: Number.POSITIVE_INFINITY, given: 'Infinity' },
    { value: Lazy.numberValue({ produce: () => 1 }), given: 'a token' },
  ])('is compared with no such number as $given', ({ value, given }) => {
    expect(() => latencyP99.above(value)).toThrow(ValidationError);
    expect(() => latencyP99.above(value)).toThrow(
      `'Latency, 99 %' is compared with a number that is known while synthesizing; got ${given}`,
    );
  });
});

describe('calls are counted where callers arrive:', () => {
  test('at the routers', () => {
    expect(metricsOf().requestsPerSecond.expression).toContain('part="router"');
    expect(metricsOf().meanRouterQueueTime?.expression).toContain('part="router"');
  });

  test('at the replicas where there are no routers', () => {
    const metrics = metricsOf({ routed: false });

    expect(metrics.requestsPerSecond.expression).toContain('part="gateway"');
    expect(metrics.meanRouterQueueTime).toBeUndefined();
    expect(metrics.queueLength.expression).not.toContain('router');
  });
});

describe('the series', () => {
  test('are those of the service, for expressions of one’s own', () => {
    expect(metricsOf().selector).toBe('namespace="serving",inference_service="vision"');
  });

  test('are those of the cluster, where one Prometheus keeps those of several', () => {
    const metrics = metricsOf({ cluster: 'prod', triton: true });

    for (const { expression } of [metrics.utilization, metrics.pods.replicasReady, metrics.triton?.batchSize].map(
      (metric) => metric ?? { expression: '' },
    )) {
      const selectors = expression.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      expect(selectors.filter((selector) => !selector.startsWith('{cluster="prod",'))).toEqual([]);
    }
  });
});

describe('errors', () => {
  test('are statuses from 500 on', () => {
    expect(metricsOf().errorsPerSecond.expression).toContain('code=~"5.."');
    expect(metricsOf().errorsPerSecond.expression).not.toContain('grpc_code');
    expect(metricsOf().requestsPerSecondByGrpcStatus).toBeUndefined();
  });

  test('are what gRPC has for these besides, where callers may use it', () => {
    const metrics = metricsOf({ grpc: true });

    expect(metrics.errorsPerSecond.expression).toContain('grpc_code=~"2|4|8|13|14|15"');
    expect(metrics.requestsPerSecondByGrpcStatus?.label).toBe('grpc_code');
  });

  test.each([
    { of: 'queueFullPerSecond', code: '429' },
    { of: 'queuedTooLongPerSecond', code: '503' },
    { of: 'timeoutsPerSecond', code: '504' },
  ] as const)('of one kind are told apart: $of is $code', ({ of, code }) => {
    expect(metricsOf()[of].expression).toContain(`code=~"${code}"`);
  });
});

describe('shares', () => {
  const metrics = metricsOf({ grpc: true, triton: true });
  const windowsOf = ({ expression }: { expression: string }) => new Set(expression.match(/\[\w+\]/g));

  test('are of five minutes, for who is called every other minute', () => {
    const { errorRatio, queueFullRatio, queuedTooLongRatio, timeoutRatio, triton } = metrics;
    const ofTriton = [triton?.failureRatio, triton?.failureRatioByModel].map((metric) => metric ?? { expression: '' });
    const all = [errorRatio, queueFullRatio, queuedTooLongRatio, timeoutRatio, ...ofTriton];

    expect(all.map(windowsOf)).toEqual(all.map(() => new Set(['[5m]'])));
    expect(windowsOf(new PlatformMetrics({ pools: [] }).errorRatio)).toEqual(new Set(['[5m]']));
  });

  test('are of what is shown per second, which is of one minute', () => {
    const { errorsPerSecond, requestsPerSecond, errorRatio } = metrics;
    const wide = (expression: string) => expression.replaceAll('[1m]', '[5m]');

    expect(windowsOf(errorsPerSecond)).toEqual(new Set(['[1m]']));
    expect(windowsOf(new PlatformMetrics({ pools: [] }).requestsPerSecond)).toEqual(new Set(['[1m]']));
    expect(errorRatio.expression).toBe(`${wide(errorsPerSecond.expression)} / ${wide(requestsPerSecond.expression)}`);
  });
});

test('what Triton counts is there where it serves, and nowhere else', () => {
  expect(metricsOf().triton).toBeUndefined();
  expect(metricsOf({ triton: true }).triton?.queueTimePerRequest).toMatchObject({
    unit: 's',
    expression: expect.stringMatching(/nv_inference_queue_duration_us.*part="triton".* \/ 1e6$/),
  });
});

test('the utilization is what autoscaling looks at', () => {
  const { utilization, requestsInProgress, pods } = metricsOf();

  expect(utilization.expression).toBe(
    `${requestsInProgress.expression} / ` +
      'sum(inference_max_concurrent_requests{namespace="serving",inference_service="vision",part="gateway"})',
  );
  expect(pods.replicasMax.expression).toContain('horizontalpodautoscaler=~"(keda-hpa-)?vision"');
});
