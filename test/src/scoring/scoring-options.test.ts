import type { ScoringOptions } from 'azure-inference-cdktf';
import { Token } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { LogLevel } from '../../../src/scoring/log-level';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import {
  resolveScoringOptions,
  scoringOptionProblems,
  scoringOptionWarnings,
} from '../../../src/scoring/scoring-options';
import { ServiceAuth } from '../../../src/scoring/service-auth';

const CPU_POOL = { gpusPerNode: 0 };
const GPU_POOL = { gpusPerNode: 4 };

describe('without options', () => {
  test('a service is what it was in Azure ML, but for a limit of memory', () => {
    expect(resolveScoringOptions({}, CPU_POOL)).toEqual({
      ...SCORING_REQUEST_LIMITS,
      auth: ServiceAuth.keys(),
      cpuCores: 0.1,
      cpuCoresLimit: undefined,
      memoryGb: 0.5,
      memoryGbLimit: 0.5,
      gpuCores: 0,
      workerCount: 1,
      warmupRequest: undefined,
      enableAppInsights: false,
      collectModelData: undefined,
      periodSeconds: 10,
      initialDelaySeconds: 310,
      timeoutSeconds: 2,
      successThreshold: 1,
      failureThreshold: 3,
      startupBudgetSeconds: 340,
      namespace: undefined,
      tags: {},
      properties: {},
      description: undefined,
      logLevel: LogLevel.INFO,
    });
    expect(scoringOptionProblems({})).toEqual([]);
    expect(scoringOptionWarnings({})).toEqual([]);
  });

  test('a replica has a GPU where the pool has some', () => {
    expect(resolveScoringOptions({}, GPU_POOL).gpuCores).toBe(1);
    expect(resolveScoringOptions({ gpuCores: 0 }, GPU_POOL).gpuCores).toBe(0);
    expect(resolveScoringOptions({ gpuCores: 2 }, CPU_POOL).gpuCores).toBe(2);
  });

  test('the limit of memory is what is promised', () => {
    expect(resolveScoringOptions({ memoryGb: 3 }, CPU_POOL).memoryGbLimit).toBe(3);
  });
});

test('options that are given hold', () => {
  const options: ScoringOptions = {
    replicaMaxConcurrentRequests: 2,
    maxRequestWaitTimeMs: 100,
    scoringTimeoutMs: 200,
    replicaMaxQueuedRequests: 3,
    maxRequestBodyMiB: 4,
    requestReadTimeoutMs: 300,
    auth: ServiceAuth.none(),
    cpuCores: 1,
    cpuCoresLimit: 2,
    memoryGb: 3,
    memoryGbLimit: 4,
    gpuCores: 2,
    workerCount: 3,
    warmupRequest: 'request.json',
    enableAppInsights: true,
    collectModelData: { samplePercent: 10 },
    periodSeconds: 6,
    initialDelaySeconds: 7,
    timeoutSeconds: 8,
    successThreshold: 9,
    failureThreshold: 10,
    namespace: 'vision',
    tags: { 'any name': '☃ ${token}' },
    properties: { '': '' },
    description: 'one\ntwo',
    logLevel: LogLevel.DEBUG,
  };

  expect(resolveScoringOptions(options, GPU_POOL)).toEqual({ ...options, startupBudgetSeconds: 67 });
  expect(scoringOptionProblems(options)).toEqual([]);
});

test('what a file said is not an option that holds', () => {
  const resolved = resolveScoringOptions({ problems: ['wrong'], warnings: ['doubtful'] }, CPU_POOL);

  expect(resolved).not.toHaveProperty('problems');
  expect(resolved).not.toHaveProperty('warnings');
});

test('the levels of the log are those of Python', () => {
  expect(Object.values(LogLevel)).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
});

describe('warns', () => {
  const warning = (processes: string) =>
    `a replica works on 4 calls at once (replicaMaxConcurrentRequests) in ${processes} (workerCount): calls of one process ` +
    'take turns while they compute in Python, so each takes longer; raise workerCount, and memory with it, unless the ' +
    'script computes outside Python';

  test('of fewer processes than calls at once', () => {
    expect(scoringOptionWarnings({ replicaMaxConcurrentRequests: 4 })).toEqual([warning('one process')]);
    expect(scoringOptionWarnings({ replicaMaxConcurrentRequests: 4, workerCount: 3 })).toEqual([
      warning('3 processes'),
    ]);
    expect(scoringOptionWarnings({ replicaMaxConcurrentRequests: 4, workerCount: 4 })).toEqual([]);
  });

  test('of what is doubtful about a file, and of what is doubtful besides', () => {
    expect(scoringOptionWarnings({ warnings: ['doubtful'], replicaMaxConcurrentRequests: 4 })).toEqual([
      'doubtful',
      warning('one process'),
    ]);
  });
});

describe('fails', () => {
  test.each<[keyof ScoringOptions, number, number]>([
    ['gpuCores', 0, 1000],
    ['workerCount', 1, 64],
    ['periodSeconds', 1, 3600],
    ['initialDelaySeconds', 1, 86_400],
    ['timeoutSeconds', 1, 3600],
    ['successThreshold', 1, 1000],
    ['failureThreshold', 1, 1000],
    ['scoringTimeoutMs', 1, 3_600_000],
  ])('for %s that is not whole or not from %d to %d', (option, minimum, maximum) => {
    for (const value of [minimum - 1, maximum + 1, minimum + 0.5, Number.NaN]) {
      expect(scoringOptionProblems({ [option]: value })).toEqual([
        `${option} must be a whole number from ${minimum} to ${maximum}; got ${value}`,
      ]);
    }
    expect(scoringOptionProblems({ [option]: minimum })).toEqual([]);
    expect(scoringOptionProblems({ [option]: maximum })).toEqual([]);
  });

  test('for numReplicas that is not whole or not from 1 to 1000, and tells of services that may have none', () => {
    const message = 'numReplicas must be a whole number from 1 to 1000; got';

    expect(scoringOptionProblems({ numReplicas: 1001 })).toEqual([`${message} 1001`]);
    expect(scoringOptionProblems({ numReplicas: 1.5 })).toEqual([`${message} 1.5`]);
    expect(scoringOptionProblems({ numReplicas: 1000 })).toEqual([]);
    expect(scoringOptionProblems({ numReplicas: 0 })).toEqual([
      `${message} 0; for a service that may have no replica give autoscale: { minReplicas: 0 }`,
    ]);
  });

  test.each<keyof ScoringOptions>(['cpuCores', 'cpuCoresLimit', 'memoryGb', 'memoryGbLimit'])(
    'for %s that is no number above zero',
    (option) => {
      for (const value of [0, -1, 0.0009, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(scoringOptionProblems({ [option]: value })).toContain(
          `${option} must be a number from 0.001 up; got ${value}`,
        );
      }
      expect(scoringOptionProblems({ cpuCores: 0.001, memoryGb: 0.001, [option]: 0.001 })).toEqual([]);
      expect(scoringOptionProblems({ [option]: Token.asNumber({ any: 'thing' }) })).toEqual([
        `${option} must be a number that is known while synthesizing; got a token`,
      ]);
    },
  );

  test('for a limit below what is promised, be it by default', () => {
    expect(scoringOptionProblems({ cpuCores: 2, cpuCoresLimit: 1, memoryGb: 2, memoryGbLimit: 1.5 })).toEqual([
      'cpuCoresLimit must not be below cpuCores, which a replica is promised; got 1 and 2',
      'memoryGbLimit must not be below memoryGb, which a replica is promised; got 1.5 and 2',
    ]);
    expect(scoringOptionProblems({ cpuCoresLimit: 0.05, memoryGbLimit: 0.25 })).toEqual([
      'cpuCoresLimit must not be below cpuCores, which a replica is promised; got 0.05 and 0.1',
      'memoryGbLimit must not be below memoryGb, which a replica is promised; got 0.25 and 0.5',
    ]);
    expect(scoringOptionProblems({ cpuCores: 2, cpuCoresLimit: 2, memoryGb: 2, memoryGbLimit: 2 })).toEqual([]);
  });

  test('for a limit that is no number once', () => {
    expect(scoringOptionProblems({ cpuCoresLimit: 0 })).toHaveLength(1);
    expect(scoringOptionProblems({ cpuCores: Number.NaN, cpuCoresLimit: 1 })).toHaveLength(1);
  });

  test('for a namespace that Kubernetes would refuse', () => {
    expect(scoringOptionProblems({ namespace: 'My_Team' })).toEqual([
      'a namespace name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or ' +
        "digit; got 'My_Team'; 'my-team' would do",
    ]);
  });

  test('for what was wrong with a file, and for what is wrong besides', () => {
    expect(
      scoringOptionProblems({ problems: ['deploymentconfig.json: wrong'], timeoutSeconds: 0, periodSeconds: 0 }),
    ).toEqual([
      'deploymentconfig.json: wrong',
      'periodSeconds must be a whole number from 1 to 3600; got 0',
      'timeoutSeconds must be a whole number from 1 to 3600; got 0',
    ]);
  });
});
