import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MeteredService, type ScalingTarget, scalingMetric } from '../../src/monitoring/scaling-metric';
import { SCRAPE_SECONDS } from '../../src/monitoring/scrape-interval';
import { folderWith } from '../fixtures';
import { describeWith, PROMETHEUS } from './tools';

const SERVICE = { namespace: 'serving', serviceName: 'reader', replicaMaxConcurrentRequests: 4 };
const TARGET = { minReplicas: 1, targetUtilizationPercent: 70 };

/** Series as Prometheus has them after five minutes, by metric and labels: text in promtool's notation, 15 seconds apart. */
interface World {
  readonly [series: string]: string;
}

const labels = (part: string, pod: string, more = '') =>
  `{namespace="serving",inference_service="reader",part="${part}",pod="${pod}"${more}}`;
const inProgress = (part: string, pod: string, calls: number): World => ({
  [`inference_requests_in_progress${labels(part, pod)}`]: `${calls}x20`,
});
const servers = (pod: string, count: number): World => ({
  [`haproxy_backend_active_servers${labels('router', pod, ',proxy="replicas"')}`]: `${count}x20`,
});
const answered = (code: string, perReading: number, more = ''): World => ({
  [`inference_requests_total${labels('router', 'router-0', `,code="${code}"${more}`)}`]: `0+${perReading}x20`,
});

/** What a query comes to; nothing where it has no value, which leaves replicas as they are. */
function evaluated(target: Partial<ScalingTarget>, ...worlds: readonly World[]): number | undefined {
  return evaluatedOf(SERVICE, target, ...worlds);
}

/** The same for a service. */
function evaluatedOf(
  service: MeteredService,
  target: Partial<ScalingTarget>,
  ...worlds: readonly World[]
): number | undefined {
  const { query } = scalingMetric(service, { ...TARGET, ...target });
  const samples = Object.entries(Object.assign({}, ...worlds)).map(([series, values]) => ({ series, values }));
  const asked = (expected: readonly object[]) => ({
    tests: [
      {
        interval: `${SCRAPE_SECONDS}s`,
        input_series: samples,
        promql_expr_test: [{ expr: query, eval_time: '5m', exp_samples: expected }],
      },
    ],
  });
  const run = (expected: readonly object[]) => {
    const file = join(folderWith({ 'test.yml': JSON.stringify(asked(expected)) }), 'test.yml');
    return spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  };
  // promtool tells what a query comes to where it is not what was expected
  const { stdout, stderr } = run([{ labels: '{}', value: -1 }]);
  const [, got] = /got:\s*(.*)/.exec(`${stdout}${stderr}`) ?? [];
  if (got === undefined) {
    throw new Error(`${stdout}${stderr}`);
  }
  const values = [...got.matchAll(/\{[^}]*\} ([-+.\deEINaf]+)/g)].map(([, value]) => Number(value));
  expect(values.length).toBeLessThanOrEqual(1);
  return values[0];
}

describeWith([PROMETHEUS], 'what Prometheus makes of', () => {
  describe('the calls in progress', () => {
    const two = [inProgress('gateway', 'a', 3), inProgress('gateway', 'b', 2.5)];
    const routers = [inProgress('router', 'router-0', 4), inProgress('router', 'router-1', 0)];
    const idle = [inProgress('router', 'router-0', 0), inProgress('router', 'router-1', 0)];

    test('is those of all replicas, and those that wait for one', () => {
      expect(evaluated({}, ...two, ...routers)).toBe(9.5);
      expect(evaluated({}, inProgress('gateway', 'a', 0), ...idle)).toBe(0);
    });

    test('is not those of other services', () => {
      const other = {
        'inference_requests_in_progress{namespace="serving",inference_service="other",part="gateway"}': '9x20',
      };

      expect(evaluated({}, ...two, ...routers, other)).toBe(9.5);
    });

    test('is unknown, and not none, where replicas or routers cannot be read', () => {
      expect(evaluated({}, ...two)).toBeUndefined();
      expect(evaluated({}, ...routers)).toBeUndefined();
      expect(evaluated({}, ...routers, servers('router-0', 0))).toBeUndefined();
      expect(evaluated({})).toBeUndefined();
    });

    test('is what waits at the routers of a service that has no replica', () => {
      const asleep = [servers('router-0', 0), servers('router-1', 0)];

      expect(evaluated({ minReplicas: 0 }, ...idle, ...asleep)).toBe(0);
      expect(evaluated({ minReplicas: 0 }, ...routers, ...asleep)).toBe(4);
      expect(evaluated({ minReplicas: 0 }, ...two, ...routers, servers('router-0', 2))).toBe(9.5);
    });

    test('is unknown where routers see a replica that cannot be read, or cannot be read themselves', () => {
      expect(evaluated({ minReplicas: 0 }, ...idle, servers('router-0', 1), servers('router-1', 0))).toBeUndefined();
      expect(evaluated({ minReplicas: 0 }, ...two)).toBeUndefined();
      expect(evaluated({ minReplicas: 0 })).toBeUndefined();
    });
  });

  describe('the requests per second', () => {
    const target = { secondsPerRequest: 2 };
    const one = [inProgress('gateway', 'a', 3), inProgress('router', 'router-0', 1)];

    test('is those that came to a replica, whatever it answered', () => {
      const calls = [answered('200', 150), answered('500', 15), answered('429', 15), answered('503', 30)];

      expect(evaluated(target, ...one, ...calls)).toBe(14);
    });

    test('is not those that were refused before', () => {
      const refused = ['401', '404', '408', '411', '413'].map((code) => answered(code, 150));
      const grpc = [answered('200', 30, ',grpc_code="16"'), answered('200', 45, ',grpc_code="0"')];

      expect(evaluated(target, ...one, ...refused, ...grpc)).toBe(3);
    });

    test('is what those in progress say while none has been answered', () => {
      expect(evaluated(target, ...one, answered('200', 0))).toBe(2);
      expect(evaluated(target, ...one)).toBe(2);
      expect(evaluated(target, inProgress('gateway', 'a', 0), inProgress('router', 'router-0', 0))).toBe(0);
    });

    test('wakes a service that has no replica', () => {
      const asleep = [inProgress('router', 'router-0', 1), servers('router-0', 0)];

      expect(evaluated({ ...target, minReplicas: 0 }, ...asleep)).toBe(0.5);
    });

    test('is unknown where nothing can be read', () => {
      expect(evaluated(target)).toBeUndefined();
    });
  });

  describe('the time in Triton’s queues', () => {
    const target = { queueTargetMs: 20 };
    const queue = (requests: number, microseconds: number, pod = 'a', model = 'digits'): World => ({
      [`nv_inference_request_success${labels('triton', pod, `,model="${model}"`)}`]: `0+${requests}x20`,
      [`nv_inference_queue_duration_us${labels('triton', pod, `,model="${model}"`)}`]: `0+${microseconds}x20`,
    });

    test('is milliseconds a request, over all replicas', () => {
      expect(evaluated(target, queue(10, 300_000), queue(30, 100_000, 'b'))).toBeCloseTo(10, 9);
    });

    test('is that of a caller’s request, all steps of an ensemble together, on whichever replica', () => {
      const service = { ...SERVICE, ensembleSteps: { page: 3, line: 1 } };
      // a page is scaled, cut into lines and read, each line by an ensemble of one step; some call what scales themselves
      const page = (pod: string): World => ({
        ...queue(10, 20, pod, 'page'),
        ...queue(15, 400_000, pod, 'scale'),
        ...queue(10, 150_000, pod, 'cut'),
        ...queue(10, 30, pod, 'line'),
        ...queue(10, 50_000, pod, 'letters'),
      });

      expect(evaluatedOf(service, target, page('a'), page('b'))).toBeCloseTo(600_050 / 15 / 1000, 9);
      expect(evaluatedOf(service, target, queue(0, 0, 'a', 'page'), queue(5, 100_000))).toBeCloseTo(20, 9);
      expect(evaluatedOf(service, target, queue(5, 100_000))).toBeCloseTo(20, 9);
    });

    test('is none while requests of an ensemble end whose steps are over', () => {
      const service = { ...SERVICE, ensembleSteps: { page: 2 } };

      expect(evaluatedOf(service, target, queue(10, 20, 'a', 'page'), queue(10, 500, 'a', 'scale'))).toBe(0);
    });

    test('is none where there are no requests, and no division by none', () => {
      expect(evaluated(target, queue(0, 0))).toBe(0);
    });

    test('is unknown where no Triton can be read', () => {
      expect(evaluated(target)).toBeUndefined();
    });
  });
});
