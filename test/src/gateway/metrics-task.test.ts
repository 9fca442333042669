import { describe, expect, test } from 'vitest';
import {
  DURATION_BUCKETS_SECONDS,
  IN_PROGRESS_WINDOW_SECONDS,
  type MetricsSettings,
  metricsTask,
  SERVICE_METRICS,
} from '../../../src/gateway/metrics-task';
import { SCORING_PROTOCOL, TRITON_PROTOCOL } from '../../../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

const task = (changes: Partial<MetricsSettings> = {}) =>
  metricsTask({ part: 'gateway', protocol: SCORING_PROTOCOL, limits: SCORING_REQUEST_LIMITS, ...changes });

const ROUTER = { part: 'router' } as const;

describe('the buckets of times', () => {
  test('are few, grow, and reach from 5 ms to five minutes', () => {
    expect(DURATION_BUCKETS_SECONDS).toHaveLength(19);
    expect(DURATION_BUCKETS_SECONDS).toEqual([...DURATION_BUCKETS_SECONDS].sort((one, other) => one - other));
    expect(DURATION_BUCKETS_SECONDS.at(0)).toBe(0.005);
    expect(DURATION_BUCKETS_SECONDS.at(-1)).toBe(300);
    expect(task()).toContain(`local bounds = { ${DURATION_BUCKETS_SECONDS.join(', ')} }`);
  });
});

describe('the metrics', () => {
  const told = (changes: Partial<MetricsSettings> = {}) =>
    [...task(changes).matchAll(/^ {2}(counter|buckets|gauge)\(lines, '(\w+)'/gm)].map(([, kind, name]) => [name, kind]);

  test('of a gateway are those of its calls, its server and its place', () => {
    expect(told()).toEqual([
      ['inference_requests_total', 'counter'],
      ['inference_request_duration_seconds', 'buckets'],
      ['inference_queue_duration_seconds', 'buckets'],
      ['inference_server_duration_seconds', 'buckets'],
      ['inference_requests_in_progress', 'gauge'],
      ['inference_max_concurrent_requests', 'gauge'],
    ]);
  });

  test('of a router are those of its calls alone', () => {
    expect(told(ROUTER).map(([name]) => name)).toEqual([
      SERVICE_METRICS.requests,
      SERVICE_METRICS.duration,
      SERVICE_METRICS.queue,
      SERVICE_METRICS.inProgress,
    ]);
  });

  test('tell how many calls a replica computes at once', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 7 };

    expect(task({ limits })).toMatch(/'inference_max_concurrent_requests', '[^']+', 7\)/);
  });
});

describe('calls in progress', () => {
  test('are those at the model server of a gateway, gRPC among them', () => {
    expect(task()).toContain("ipairs({ 'model' })");
    expect(task({ protocol: TRITON_PROTOCOL })).toContain("ipairs({ 'model', 'model-grpc' })");
  });

  test('are those that wait for a replica in a router, or for there to be one', () => {
    expect(task(ROUTER)).toContain("ipairs({ 'replicas' })");
    expect(task({ ...ROUTER, protocol: TRITON_PROTOCOL })).toContain("ipairs({ 'replicas', 'replicas-grpc' })");
    expect(task(ROUTER)).toContain('local sum = held_calls and held_calls() or 0');
    expect(task()).not.toContain('held_calls');
  });

  test.each([
    [undefined, 15, 1000],
    [1, 15, 1000],
    [5, 3, 5000],
    [15, 1, 15_000],
    [60, 1, 60_000],
  ])('are counted every second, or as often as is said, over fifteen seconds: %s', (refreshSeconds, samples, ms) => {
    expect(IN_PROGRESS_WINDOW_SECONDS).toBe(15);
    expect(task({ refreshSeconds })).toContain(`last = last % ${samples} + 1`);
    expect(task({ refreshSeconds })).toContain(`core.msleep(${ms})`);
  });
});
