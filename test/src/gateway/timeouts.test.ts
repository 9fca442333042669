import { describe, expect, test } from 'vitest';
import {
  ENDPOINT_SECONDS,
  replicaAnswerMs,
  replicaDrainSeconds,
  routerAnswerMs,
  routerDrainSeconds,
} from '../../../src/gateway/timeouts';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

/** What is 500 ms of waiting, 60 s of scoring and 10 s of reading. */
const limits = SCORING_REQUEST_LIMITS;

test('endpoints take five seconds to learn that a pod is going', () => {
  expect(ENDPOINT_SECONDS).toBe(5);
});

describe('whoever is further from the server waits longer, so that the answer comes from where the limit is held:', () => {
  test('a router waits for a replica two seconds longer than that waits and scores', () => {
    expect(replicaAnswerMs(limits)).toBe(500 + 60_000 + 2000);
  });

  test('a router that a caller reached waits for the one that chooses as long as that may try four replicas', () => {
    expect(routerAnswerMs(limits)).toBe(62_500 + 4 * 500 + 2000);
  });

  test('and each limit counts', () => {
    const other = { ...limits, maxRequestWaitTimeMs: 1000, scoringTimeoutMs: 5000 };

    expect(replicaAnswerMs(other)).toBe(8000);
    expect(routerAnswerMs(other)).toBe(14_000);
  });
});

describe('a call that may be held until there is a replica', () => {
  test('has that much more time', () => {
    expect(routerAnswerMs(limits, 120_000)).toBe(routerAnswerMs(limits) + 120_000);
    expect(routerDrainSeconds(limits, 600, 120_000)).toBe(routerDrainSeconds(limits, 600) + 120);
    expect(routerDrainSeconds(limits, 100, 120_000)).toBe(100);
  });
});

describe('a replica that goes', () => {
  test('waits until calls have ceased to arrive and the last of them has its answer, in whole seconds', () => {
    expect(replicaDrainSeconds(limits, 600)).toBe(5 + 61);
    expect(replicaDrainSeconds({ ...limits, maxRequestWaitTimeMs: 1000, scoringTimeoutMs: 5000 }, 600)).toBe(5 + 6);
  });

  test('waits no longer than it may', () => {
    expect(replicaDrainSeconds(limits, 66)).toBe(66);
    expect(replicaDrainSeconds(limits, 65)).toBe(65);
    expect(replicaDrainSeconds({ ...limits, scoringTimeoutMs: 3_600_000 }, 600)).toBe(600);
  });
});

describe('a router that goes', () => {
  test('waits for bodies that are still arriving, too, and for the replicas that it may try', () => {
    expect(routerDrainSeconds(limits, 600)).toBe(5 + 77);
    expect(routerDrainSeconds({ ...limits, requestReadTimeoutMs: 30_000 }, 600)).toBe(5 + 97);
  });

  test('waits no longer than it may', () => {
    expect(routerDrainSeconds(limits, 82)).toBe(82);
    expect(routerDrainSeconds(limits, 81)).toBe(81);
    expect(routerDrainSeconds(limits, 10)).toBe(10);
  });

  test('waits longer than the replicas that answer it', () => {
    expect(routerDrainSeconds(limits, 600)).toBeGreaterThan(replicaDrainSeconds(limits, 600));
  });
});
