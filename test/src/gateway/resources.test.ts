import { expect, test } from 'vitest';
import { HAPROXY_REQUEST, haproxyMemoryLimitMiB } from '../../../src/gateway/resources';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

test('a gateway is promised a tenth of a core and an eighth of a GiB', () => {
  expect(HAPROXY_REQUEST).toEqual({ cpuCores: 0.1, memoryGiB: 0.125 });
});

test('every request that is worked on or waits has two buffers of a MiB, beside what HAProxy takes itself', () => {
  expect(haproxyMemoryLimitMiB(SCORING_REQUEST_LIMITS, 1)).toBe(256 + 2 * (1 + 100));
  expect(
    haproxyMemoryLimitMiB(
      { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 64, replicaMaxQueuedRequests: 10 },
      1,
    ),
  ).toBe(256 + 2 * (64 + 10));
});

test('a router holds the requests of all replicas', () => {
  expect(haproxyMemoryLimitMiB(SCORING_REQUEST_LIMITS, 3)).toBe(256 + 3 * 2 * (1 + 100));
});

test('a gateway may take no less than it is promised', () => {
  const least = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 1, replicaMaxQueuedRequests: 1 };

  expect(haproxyMemoryLimitMiB(least, 1)).toBeGreaterThan(HAPROXY_REQUEST.memoryGiB * 1024);
});

test('neither may take more than 4 GiB, whatever the limits', () => {
  const most = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 10_000, replicaMaxQueuedRequests: 10_000 };

  expect(haproxyMemoryLimitMiB(most, 400)).toBe(4096);
});
