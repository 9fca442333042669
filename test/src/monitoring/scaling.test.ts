import { Lazy } from 'cdktf';
import { describe, expect, test } from 'vitest';
import type { AutoscaleOptions } from '../../../src/monitoring/autoscale-options';
import { Monitoring } from '../../../src/monitoring/monitoring';
import { isRouted, resolveScaling, type ScaledService, scalingBehavior } from '../../../src/monitoring/scaling';

const SERVICE: ScaledService = {
  monitoring: Monitoring.AZURE_MANAGED,
  poolName: 'gpu',
  room: 40,
  replicaMaxConcurrentRequests: 4,
  hasTriton: true,
  startSeconds: 1200,
};

const scaled = (autoscale?: AutoscaleOptions, more: Partial<ScaledService> = {}) =>
  resolveScaling({ ...SERVICE, autoscale, ...more });
const problems = (autoscale: AutoscaleOptions, more: Partial<ScaledService> = {}) => scaled(autoscale, more).problems;

describe('a service that says nothing', () => {
  test('is autoscaled as in Azure ML: 1 to 10 replicas that are 70 % busy, counted every second', () => {
    expect(scaled()).toEqual({
      replicas: { min: 1, max: 10 },
      autoscale: {
        minReplicas: 1,
        maxReplicas: 10,
        targetUtilizationPercent: 70,
        refreshSeconds: 1,
        secondsPerRequest: undefined,
        queueTargetMs: undefined,
        scaleDownDelaySeconds: 300,
      },
      option: 'minReplicas',
      problems: [],
      warnings: [],
    });
    expect(scaled({})).toEqual(scaled());
  });

  test('has no more than the pool holds, with a warning that names both numbers', () => {
    expect(scaled(undefined, { room: 4 })).toMatchObject({
      replicas: { min: 1, max: 4 },
      problems: [],
      warnings: [
        "the service is autoscaled to 4 replicas at most, not to 10, since the pool 'gpu' holds no more; raise its " +
          'maxNodes, or give autoscale: { maxReplicas: 4 }',
      ],
    });
    expect(scaled(undefined, { room: 10 }).warnings).toEqual([]);
  });

  test('has one replica that nothing scales where the pool holds one', () => {
    const { replicas, autoscale, warnings } = scaled(undefined, { room: 1 });

    expect({ replicas, autoscale }).toEqual({ replicas: { min: 1, max: 1 }, autoscale: undefined });
    expect(warnings).toEqual([expect.stringMatching(/^the service is autoscaled to 1 replica at most, not to 10,/)]);
  });

  test('is left to what the pool says of it where no node holds a replica', () => {
    expect(scaled(undefined, { room: 0 })).toMatchObject({ replicas: { min: 1, max: 1 }, problems: [], warnings: [] });
  });

  test('is autoscaled on a pool of which nobody knows what it holds', () => {
    expect(scaled(undefined, { room: Number.POSITIVE_INFINITY }).replicas).toEqual({ min: 1, max: 10 });
  });

  test('has one replica where nobody collects metrics, with a warning', () => {
    expect(scaled(undefined, { monitoring: Monitoring.NONE })).toEqual({
      replicas: { min: 1, max: 1 },
      option: 'numReplicas',
      problems: [],
      warnings: [
        'the service has one replica, whatever its load: autoscaling reads metrics, and nobody collects those of its ' +
          'cluster (Monitoring.NONE); give the platform Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER, or the service ' +
          'numReplicas',
      ],
    });
  });
});

describe('a fixed number of replicas', () => {
  test.each(Object.values(Monitoring))('is what it is, with monitoring %s', (monitoring) => {
    expect(scaled(undefined, { numReplicas: 3, monitoring })).toEqual({
      replicas: { min: 3, max: 3 },
      option: 'numReplicas',
      problems: [],
      warnings: [],
    });
  });

  test('fails beside autoscale', () => {
    const { problems: found, autoscale } = scaled({ maxReplicas: 2 }, { numReplicas: 3 });

    expect(autoscale).toBeUndefined();
    expect(found).toEqual([
      'numReplicas and autoscale must not both be given: a service has a fixed number of replicas or one that follows ' +
        'its load; got numReplicas 3; keep one of them',
    ]);
  });
});

describe('options that are given', () => {
  test('hold', () => {
    const given = { minReplicas: 2, maxReplicas: 30, targetUtilizationPercent: 50.5, refreshSeconds: 5 };

    expect(scaled({ ...given, scaleDownDelaySeconds: 0, scaleOnRequests: { secondsPerRequest: 0.2 } })).toEqual({
      replicas: { min: 2, max: 30 },
      autoscale: { ...given, scaleDownDelaySeconds: 0, secondsPerRequest: 0.2, queueTargetMs: undefined },
      option: 'maxReplicas',
      problems: [],
      warnings: [],
    });
  });

  test('are not given where they are undefined', () => {
    const nothing = { minReplicas: undefined, maxReplicas: undefined, targetUtilizationPercent: undefined };

    expect(scaled(nothing)).toEqual(scaled());
  });

  test('need no autoscaler where the range is one number', () => {
    expect(scaled({ minReplicas: 3, maxReplicas: 3 })).toMatchObject({
      replicas: { min: 3, max: 3 },
      autoscale: undefined,
      problems: [],
    });
  });

  test('are not cut to what the pool holds: it refuses what they ask for', () => {
    expect(scaled({ maxReplicas: 41 })).toMatchObject({ replicas: { max: 41 }, option: 'maxReplicas', warnings: [] });
    expect(scaled({ minReplicas: 5 }, { room: 3 })).toMatchObject({
      replicas: { min: 5, max: 5 },
      option: 'minReplicas',
      problems: [],
    });
  });

  test('may scale by the time in Triton’s queues', () => {
    expect(scaled({ scaleOnQueueTime: { targetMs: 20 } })).toMatchObject({
      autoscale: { queueTargetMs: 20, secondsPerRequest: undefined },
      problems: [],
    });
  });
});

describe('a service that may have no replica', () => {
  test('keeps the last one as long as a replica may take to start, and holds a call below four minutes', () => {
    expect(scaled({ minReplicas: 0 }).autoscale).toMatchObject({ cooldownSeconds: 1200, wakeTimeoutSeconds: 210 });
    expect(scaled({ minReplicas: 0 }, { startSeconds: 20 }).autoscale).toMatchObject({ cooldownSeconds: 300 });
  });

  test('does so as long as it is told', () => {
    const given = { minReplicas: 0, cooldownSeconds: 1300, wakeTimeoutSeconds: 30 };

    expect(scaled(given)).toMatchObject({
      autoscale: { cooldownSeconds: 1300, wakeTimeoutSeconds: 30 },
      problems: [],
      warnings: [],
    });
  });

  test('is warned of a replica that goes before it is there', () => {
    expect(scaled({ minReplicas: 0, cooldownSeconds: 60 }).warnings).toEqual([
      'autoscale.cooldownSeconds is 60, and a replica may take 1200 seconds to start: it is taken away before it is ready ' +
        'where the caller that woke it gives up',
    ]);
  });

  test('has routers, also before a single replica', () => {
    expect(isRouted({ min: 0, max: 1 })).toBe(true);
    expect(isRouted({ min: 1, max: 1 })).toBe(false);
    expect(isRouted({ min: 1, max: 2 })).toBe(true);
    expect(isRouted({ min: 2, max: 2 })).toBe(true);
  });

  test('is scaled down by Kubernetes and woken by KEDA, which one with a replica is not', () => {
    expect(scaled({ minReplicas: 1 }).autoscale).not.toHaveProperty('cooldownSeconds');
    expect(scaled({ minReplicas: 1 }).autoscale).not.toHaveProperty('wakeTimeoutSeconds');
  });
});

describe('fails', () => {
  test('for everything that is wrong at once', () => {
    const scaleOnRequests = { secondsPerRequest: Lazy.numberValue({ produce: () => 1 }) };
    const wrong = { maxReplicas: 0, targetUtilizationPercent: 500, scaleOnRequests, scaleOnQueueTime: { targetMs: 5 } };

    expect(problems(wrong, { hasTriton: false })).toEqual([
      'autoscale.maxReplicas must be a whole number from 1 to 400; got 0',
      'autoscale.targetUtilizationPercent must be a number from 1 to 100; got 500',
      'autoscale.scaleOnRequests.secondsPerRequest must be a number above 0, at most 3600; got a token',
      expect.stringMatching(/^a service is scaled by one figure;/),
      expect.stringMatching(/^autoscale.scaleOnQueueTime is the time in the queues of Triton,/),
      expect.stringMatching(/^autoscale.scaleOnQueueTime and targetUtilizationPercent are two targets,/),
    ]);
    expect(problems({ maxReplicas: 0 }, { numReplicas: 2 })).toEqual([
      expect.stringMatching(/^numReplicas and autoscale must not both be given:/),
      'autoscale.maxReplicas must be a whole number from 1 to 400; got 0',
    ]);
    expect(scaled({ maxReplicas: 0 }, { room: 4 }).warnings).toEqual([]);
  });

  test('for autoscale where nobody collects metrics, and says why', () => {
    expect(scaled({}, { monitoring: Monitoring.NONE })).toMatchObject({
      replicas: { min: 1, max: 1 },
      problems: [
        'autoscale reads metrics, and nobody collects those of the cluster (Monitoring.NONE); give the platform ' +
          'Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER, or the service numReplicas in the place of autoscale',
      ],
      warnings: [],
    });
  });

  test.each([
    ['minReplicas', 0, 400],
    ['maxReplicas', 1, 400],
    ['refreshSeconds', 1, 15],
    ['scaleDownDelaySeconds', 0, 3600],
    ['cooldownSeconds', 0, 86_400],
    ['wakeTimeoutSeconds', 1, 230],
  ])('for %s that is not whole or not from %d to %d', (option, least, most) => {
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN]) {
      expect(problems({ [option]: value })).toEqual([
        `autoscale.${option} must be a whole number from ${least} to ${most}; got ${value}`,
      ]);
    }
    for (const value of [least, most]) {
      expect(problems({ minReplicas: 0, maxReplicas: 400, [option]: value }, { room: 400 })).toEqual([]);
    }
  });

  test('for a number that only Terraform will know', () => {
    expect(problems({ maxReplicas: Lazy.numberValue({ produce: () => 3 }) })).toEqual([
      'autoscale.maxReplicas must be a number that is known while synthesizing; got a token',
    ]);
  });

  test.each([0, 0.9, 100.1, Number.NaN])('for a target of %d percent', (percent) => {
    expect(problems({ targetUtilizationPercent: percent })).toEqual([
      `autoscale.targetUtilizationPercent must be a number from 1 to 100; got ${percent}`,
    ]);
  });

  test.each([0, -1, 3601, Number.NaN])('for requests of %d seconds', (seconds) => {
    expect(problems({ scaleOnRequests: { secondsPerRequest: seconds } })).toEqual([
      `autoscale.scaleOnRequests.secondsPerRequest must be a number above 0, at most 3600; got ${seconds}`,
    ]);
  });

  test.each([0, -1, Number.NaN])('for a time in the queue of %d ms', (targetMs) => {
    expect(problems({ scaleOnQueueTime: { targetMs } })).toEqual([
      `autoscale.scaleOnQueueTime.targetMs must be a number from 0.01 up; got ${targetMs}`,
    ]);
  });

  test('for more replicas at least than at most', () => {
    expect(problems({ minReplicas: 3, maxReplicas: 2 })).toEqual([
      'autoscale.minReplicas must not be above maxReplicas; got 3 and 2',
    ]);
    expect(problems({ minReplicas: 12 })).toEqual([
      'autoscale.minReplicas must not be above maxReplicas, which is not given; got 12 and 10',
    ]);
  });

  test('for two figures to scale by', () => {
    const both = { scaleOnRequests: { secondsPerRequest: 1 }, scaleOnQueueTime: { targetMs: 1 } };

    expect(problems(both)).toEqual([
      'a service is scaled by one figure; got scaleOnRequests and scaleOnQueueTime; keep one of them',
    ]);
    expect(problems({ scaleOnQueueTime: { targetMs: 1 }, targetUtilizationPercent: 70 })).toEqual([
      'autoscale.scaleOnQueueTime and targetUtilizationPercent are two targets, and a service has one; keep one of them',
    ]);
  });

  test('for the queues of Triton where there is none', () => {
    expect(problems({ scaleOnQueueTime: { targetMs: 1 } }, { hasTriton: false })).toEqual([
      'autoscale.scaleOnQueueTime is the time in the queues of Triton, which a scoring script has none of; leave it out, ' +
        'and the calls that wait for the script count all the same',
    ]);
    expect(problems({ scaleOnQueueTime: { targetMs: 1 }, minReplicas: 0 })).toEqual([
      'autoscale.scaleOnQueueTime cannot wake a service: where no Triton runs, nothing waits in it; got minReplicas 0; ' +
        'give 1, or leave scaleOnQueueTime out',
    ]);
  });

  test('for requests of which a replica takes less than Kubernetes can count', () => {
    const options = { scaleOnRequests: { secondsPerRequest: 3600 }, targetUtilizationPercent: 70 };

    expect(problems(options, { replicaMaxConcurrentRequests: 6 })).toEqual([]);
    expect(problems(options, { replicaMaxConcurrentRequests: 1 })).toEqual([
      'a replica would take 0.00019 requests per second, and Kubernetes counts thousandths; got secondsPerRequest 3600; ' +
        'leave scaleOnRequests out, since requests of such length are better counted while they are in progress',
    ]);
  });

  test('for what is said of the last replica of a service that keeps one', () => {
    expect(problems({ cooldownSeconds: 60 })).toEqual([
      'autoscale.cooldownSeconds is for services that may have no replica; got minReplicas 1; give 0, or leave it out',
    ]);
    expect(problems({ minReplicas: 2, cooldownSeconds: 60, wakeTimeoutSeconds: 9 })).toEqual([
      'autoscale.cooldownSeconds and wakeTimeoutSeconds are for services that may have no replica; got minReplicas 2; ' +
        'give 0, or leave them out',
    ]);
  });
});

test('replicas come at once, as many as are needed, and go by a quarter a minute after a while', () => {
  const { autoscale } = scaled({ maxReplicas: 30, scaleDownDelaySeconds: 120 });

  expect(autoscale && scalingBehavior(autoscale)).toEqual({
    scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 30, periodSeconds: 15 }] },
    scaleDown: { stabilizationWindowSeconds: 120, policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }] },
  });
});
