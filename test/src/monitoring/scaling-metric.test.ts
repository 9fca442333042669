import { Capacity, VmSize } from 'azure-inference-cdktf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scalingMetric } from '../../../src/monitoring/scaling-metric';

const SERVICE = { namespace: 'serving', serviceName: 'reader', replicaMaxConcurrentRequests: 4 };
const TARGET = { minReplicas: 1, targetUtilizationPercent: 70 };
const SELECTOR = 'namespace="serving",inference_service="reader"';
const inProgress = (part: string) => `sum(inference_requests_in_progress{${SELECTOR},part="${part}"})`;

describe('the calls in progress', () => {
  test('are those of routers and replicas, and a replica has its share of what it may work on', () => {
    expect(scalingMetric(SERVICE, TARGET)).toEqual({
      type: 'AverageValue',
      query: `${inProgress('router')} + ${inProgress('gateway')}`,
      threshold: 2.8,
    });
  });

  test('are none at the replicas of a service that has none, as long as its routers see none', () => {
    expect(scalingMetric(SERVICE, { ...TARGET, minReplicas: 0 }).query).toBe(
      `${inProgress('router')} + (${inProgress('gateway')} or ` +
        `max(haproxy_backend_active_servers{${SELECTOR},part="router",proxy="replicas"}) == 0)`,
    );
  });
});

describe('the requests per second', () => {
  const target = { ...TARGET, secondsPerRequest: 0.2 };

  test('are those that came to a replica, or else those in progress by the time that each takes', () => {
    const answered =
      `sum(rate(inference_requests_total{${SELECTOR},part="router",` +
      'code!~"401|404|408|411|413",grpc_code!~"12|16"}[30s]))';

    expect(scalingMetric(SERVICE, target)).toEqual({
      type: 'AverageValue',
      query: `(${answered} > 0) or (${inProgress('router')} + ${inProgress('gateway')}) / 0.2`,
      threshold: 14,
    });
  });

  test('ask for as many replicas as Capacity computes, and so do the calls in progress', () => {
    const inputs = fc.record({
      requestsPerSecond: fc.integer({ min: 1, max: 5000 }),
      secondsPerRequest: fc.integer({ min: 1, max: 500 }).map((hundredths) => hundredths / 100),
      replicaMaxConcurrentRequests: fc.integer({ min: 1, max: 64 }),
      targetUtilizationPercent: fc.integer({ min: 5, max: 100 }),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const { replicas } = new Capacity({ ...input, size: VmSize.D4S_V5 });
        const service = { ...SERVICE, ...input };
        const requests = scalingMetric(service, { ...TARGET, ...input });
        const calls = scalingMetric(service, { ...TARGET, ...input, secondsPerRequest: undefined });
        const wanted = (figure: number, threshold: number) => Math.ceil(Number((figure / threshold).toPrecision(9)));

        expect(wanted(input.requestsPerSecond, requests.threshold)).toBe(replicas);
        expect(wanted(input.requestsPerSecond * input.secondsPerRequest, calls.threshold)).toBe(replicas);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('the time in Triton’s queues', () => {
  const success = (more = '') => `rate(nv_inference_request_success{${SELECTOR},part="triton"${more}}[1m])`;
  const queued = `sum(rate(nv_inference_queue_duration_us{${SELECTOR},part="triton"}[1m]))`;
  const byRequests = (requests: string) => ({
    type: 'Value',
    query: `(${queued} / (${requests} > 0.001) / 1e6 or 0 * ${requests}) * 1000`,
    threshold: 20,
  });

  test('is one of each request, and none where there are no requests', () => {
    expect(scalingMetric(SERVICE, { ...TARGET, queueTargetMs: 20 })).toEqual(byRequests(`sum(${success()})`));
  });

  test('is one of each request to an ensemble, whose own to its models do not count', () => {
    const service = { ...SERVICE, ensembleSteps: { page: 3, line: 1 } };

    expect(scalingMetric(service, { ...TARGET, queueTargetMs: 20 })).toEqual(
      byRequests(`sum(-2 * ${success(',model="page"')} or 0 * ${success(',model="line"')} or ${success()})`),
    );
  });
});
