import { beforeAll, describe, expect, test } from 'vitest';
import { Monitoring } from '../../../src/monitoring/monitoring';
import { type Autoscale, resolveScaling } from '../../../src/monitoring/scaling';
import { scalingMetric } from '../../../src/monitoring/scaling-metric';
import { SCRAPE_SECONDS } from '../../../src/monitoring/scrape-interval';
import { type Second, simulate } from './traffic';

const HOUR = 3600;
const CONCURRENCY = 4;
const MOST = 30;

/** Numbers from 0 to 1 that look like chance and are the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A service with defaults but for the most replicas. */
function scaledService(): { scale: Autoscale; threshold: number } {
  const { autoscale, problems } = resolveScaling({
    autoscale: { maxReplicas: MOST },
    monitoring: Monitoring.AZURE_MANAGED,
    poolName: 'gpu',
    room: MOST,
    replicaMaxConcurrentRequests: CONCURRENCY,
    hasTriton: true,
    startSeconds: 60,
  });
  if (autoscale === undefined || problems.length > 0) {
    throw new Error(`the service must be autoscaled; got ${problems.join()}`);
  }
  const service = { namespace: 'serving', serviceName: 'reader', replicaMaxConcurrentRequests: CONCURRENCY };
  return { scale: autoscale, threshold: scalingMetric(service, autoscale).threshold };
}

const SERVICE = {
  secondsPerRequest: 2,
  replicaMaxConcurrentRequests: CONCURRENCY,
  replicaMaxQueuedRequests: 100,
  startSeconds: 60,
};

/** How often the number of replicas turned from growing to shrinking, or back. */
function turns(day: readonly Second[]): number {
  const steps = day.map(({ replicas }, index) => replicas - (day[index - 1]?.replicas ?? replicas));
  const signs = steps.map(Math.sign).filter((sign) => sign !== 0);
  return signs.filter((sign, index) => index > 0 && sign !== signs[index - 1]).length;
}

const at = (day: readonly Second[], second: number): Second => {
  const found = day[second];
  if (found === undefined) {
    throw new Error(`the day has no second ${second}`);
  }
  return found;
};

describe('a day with a peak at noon, noise, and a spike at six in the evening', () => {
  const SPIKE = 18 * HOUR;
  let day: Second[];

  /** From 1 call a second at night to 24 at noon, a tenth more or less; twice as many for ten minutes at six. */
  beforeAll(() => {
    const noise = chance(42);
    const load = (second: number) => {
      const daily = 1 + 23 * Math.sin((Math.PI * second) / (24 * HOUR)) ** 4;
      const spike = second >= SPIKE && second < SPIKE + 600 ? 2 : 1;
      return daily * spike * (0.9 + 0.2 * noise());
    };
    day = simulate({ ...SERVICE, ...scaledService(), load, seconds: 24 * HOUR });
  });

  test('never has more replicas than it may, nor fewer than one', () => {
    expect(Math.max(...day.map(({ replicas }) => replicas))).toBeLessThanOrEqual(MOST);
    expect(Math.min(...day.map(({ replicas }) => replicas))).toBe(1);
  });

  test('has the replicas that its load needs at noon and at night, and one more at most', () => {
    const noon = at(day, 12 * HOUR);
    const night = at(day, 24 * HOUR - 1);

    // 24 calls a second × 2 s ÷ (4 × 0.7), less or more by the tolerance of Kubernetes
    expect(noon.replicas).toBeGreaterThanOrEqual(16);
    expect(noon.replicas).toBeLessThanOrEqual(21);
    expect(night.replicas).toBe(1);
  });

  test('follows the load all day: replicas are as many as are needed, less the tolerance and what starts', () => {
    const followed = day.filter(({ ready, needed }) => ready >= Math.min(MOST, needed) * 0.85);

    expect(followed.length / day.length).toBeGreaterThan(0.99);
  });

  test('pays for no more than a third on top of what is needed, rounded up', () => {
    const paid = day.reduce((sum, { replicas }) => sum + replicas, 0);
    const needed = day.reduce((sum, second) => sum + Math.min(MOST, Math.ceil(second.needed)), 0);

    expect(paid / needed).toBeLessThan(1.33);
  });

  test('turns no more often than the load does, which rises and falls twice', () => {
    expect(turns(day)).toBeLessThanOrEqual(5);
  });

  test('refuses nobody, and lets calls wait after the spike alone, until replicas have started', () => {
    const waited = day.flatMap(({ waiting }, second) => (waiting > 0 ? [second] : []));

    expect(day.reduce((sum, { refused }) => sum + refused, 0)).toBe(0);
    expect(waited.length).toBeGreaterThan(0);
    expect(Math.min(...waited)).toBeGreaterThanOrEqual(SPIKE);
    expect(Math.max(...waited)).toBeLessThanOrEqual(SPIKE + 2 * SCRAPE_SECONDS + SERVICE.startSeconds + 60);
  });

  test('takes replicas away after the spike, but not before the load was lower for five minutes', () => {
    const before = at(day, SPIKE - 1).replicas;
    const end = at(day, SPIKE + 599).replicas;

    expect(end).toBeGreaterThan(1.5 * before);
    expect(at(day, SPIKE + 600 + 290).replicas).toBe(end);
    expect(at(day, SPIKE + 600 + 900).replicas).toBeLessThanOrEqual(before);
  });
});

describe('a step of the load', () => {
  const STEP = HOUR;
  const stepped = (second: number, more: object = {}) =>
    simulate({
      ...SERVICE,
      ...scaledService(),
      load: (now) => (now < STEP + second ? 1 : 12),
      seconds: STEP + 600,
      ...more,
    });

  test.each([...Array(SCRAPE_SECONDS).keys()])(
    'brings replicas within two readings, when it comes %d seconds after one',
    (second) => {
      const day = stepped(second);
      const before = at(day, STEP + second - 1).replicas;
      const first = day.findIndex(({ replicas }, index) => index >= STEP + second && replicas > before);

      expect(before).toBe(1);
      expect(first - (STEP + second)).toBeLessThanOrEqual(2 * SCRAPE_SECONDS);
    },
  );

  test('ends with what it needs', () => {
    const { replicas, waiting } = at(stepped(0), STEP + 599);

    // 12 calls a second × 2 s ÷ (4 × 0.7)
    expect(replicas).toBeGreaterThanOrEqual(9);
    expect(waiting).toBe(0);
  });

  // what is refused is not counted, so the load beyond the queues is seen when the first replicas bring queues of theirs
  test('fills the queue no further than its limit, and not at all once replicas have started twice', () => {
    const day = stepped(0, { load: (now: number) => (now < STEP ? 1 : 38), replicaMaxQueuedRequests: 20 });
    const refused = day.flatMap((each, second) => (each.refused > 0 ? [second] : []));

    expect(Math.max(...day.map(({ waiting, ready }) => waiting / ready))).toBeLessThanOrEqual(20);
    expect(refused.length).toBeGreaterThan(0);
    expect(Math.max(...refused)).toBeLessThan(STEP + 2 * (2 * SCRAPE_SECONDS + SERVICE.startSeconds));
  });
});

test('a load at the edge of a replica more does not make them come and go', () => {
  const noise = chance(7);
  const { scale, threshold } = scaledService();
  // on average what three replicas shall have, a quarter more or less
  const load = () => ((3 * threshold) / SERVICE.secondsPerRequest) * (0.75 + 0.5 * noise());
  const day = simulate({ ...SERVICE, scale, threshold, load, seconds: 6 * HOUR });

  expect(turns(day.slice(600))).toBeLessThanOrEqual(1);
});
