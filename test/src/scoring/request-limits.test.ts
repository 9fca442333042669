import type { RequestLimits } from 'azure-inference-cdktf';
import { Token } from 'cdktf';
import { describe, expect, test } from 'vitest';
import {
  REQUEST_LIMIT_RANGES,
  requestLimitProblems,
  resolveRequestLimits,
  SCORING_REQUEST_LIMITS,
} from '../../../src/scoring/request-limits';

test('a scoring service has the limits of Azure ML, and bounds for what Azure ML left open', () => {
  expect(resolveRequestLimits({}, SCORING_REQUEST_LIMITS)).toEqual({
    replicaMaxConcurrentRequests: 1,
    maxRequestWaitTimeMs: 500,
    scoringTimeoutMs: 60_000,
    replicaMaxQueuedRequests: 100,
    maxRequestBodyMiB: 100,
    requestReadTimeoutMs: 10_000,
  });
});

test('limits that are given hold, and the others are the defaults of the kind of service', () => {
  const limits: RequestLimits = { scoringTimeoutMs: 250 };
  const defaults = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 64 };

  expect(resolveRequestLimits({ ...limits, maxRequestWaitTimeMs: undefined }, defaults)).toEqual({
    ...defaults,
    scoringTimeoutMs: 250,
  });
});

test('each limit may be given alone', () => {
  const all: Required<RequestLimits> = {
    replicaMaxConcurrentRequests: 2,
    maxRequestWaitTimeMs: 3,
    scoringTimeoutMs: 4,
    replicaMaxQueuedRequests: 5,
    maxRequestBodyMiB: 6,
    requestReadTimeoutMs: 7,
  };

  for (const [limit, value] of Object.entries(all)) {
    expect(resolveRequestLimits({ [limit]: value }, SCORING_REQUEST_LIMITS)).toEqual({
      ...SCORING_REQUEST_LIMITS,
      [limit]: value,
    });
  }
});

test('nothing else of an object becomes a limit', () => {
  const service = { scoringTimeoutMs: 1, cpuCores: 2 };

  expect(resolveRequestLimits(service, SCORING_REQUEST_LIMITS)).not.toHaveProperty('cpuCores');
});

describe.each<[keyof RequestLimits, number]>([
  ['replicaMaxConcurrentRequests', 10_000],
  ['maxRequestWaitTimeMs', 300_000],
  ['scoringTimeoutMs', 3_600_000],
  ['replicaMaxQueuedRequests', 10_000],
  ['maxRequestBodyMiB', 2047],
  ['requestReadTimeoutMs', 300_000],
])('%s', (limit, maximum) => {
  test('may be 1, its maximum or left out', () => {
    expect(requestLimitProblems({ [limit]: 1 })).toEqual([]);
    expect(requestLimitProblems({ [limit]: maximum })).toEqual([]);
    expect(requestLimitProblems({ [limit]: undefined })).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN, maximum + 1])('fails for %d', (value) => {
    expect(requestLimitProblems({ [limit]: value })).toEqual([
      `${limit} must be a whole number from 1 to ${maximum}; got ${value}`,
    ]);
  });

  test('fails for a number that only Terraform knows', () => {
    expect(requestLimitProblems({ [limit]: Token.asNumber({ any: 'thing' }) })).toEqual([
      `${limit} must be a number that is known while synthesizing; got a token`,
    ]);
  });
});

test('every limit has a range, which its default lies in', () => {
  expect(Object.keys(REQUEST_LIMIT_RANGES).sort()).toEqual(Object.keys(SCORING_REQUEST_LIMITS).sort());
  expect(requestLimitProblems(SCORING_REQUEST_LIMITS)).toEqual([]);
});

test('all that is wrong is said at once', () => {
  expect(requestLimitProblems({ replicaMaxConcurrentRequests: 0, scoringTimeoutMs: 0 })).toHaveLength(2);
});
