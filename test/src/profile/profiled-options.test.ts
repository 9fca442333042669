import { Capacity, ScoringOptions, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../fixtures';

const REPORT = {
  kind: 'azure-inference-profile',
  schemaVersion: 1,
  state: 'Succeeded',
  error: null,
  vmSize: 'Standard_D4s_v5',
  gpus: 0,
  recommendedCpu: 1.3,
  recommendedMemoryInGB: 2.4,
  usageError: null,
  best: { concurrency: 4, secondsPerRequest: 0.2 },
};

function profileFile(more: object = {}, text = JSON.stringify({ ...REPORT, ...more })): string {
  return `${folderWith({ 'profile.json': text })}/profile.json`;
}

describe('the options of a profile', () => {
  test('are the CPU and memory that it recommends, and the calls at once of its best level', () => {
    // no problems and no warnings, which would take the place of those of a deployment configuration
    expect(ScoringOptions.fromProfile(profileFile())).toEqual({
      cpuCores: 1.3,
      memoryGb: 2.4,
      replicaMaxConcurrentRequests: 4,
    });
  });

  test('leave CPU and memory out where they were not measured, and say so', () => {
    const path = profileFile({
      recommendedCpu: null,
      recommendedMemoryInGB: null,
      usageError: 'CPU and memory are measured on Linux alone',
    });

    expect(ScoringOptions.fromProfile(path)).toEqual({
      replicaMaxConcurrentRequests: 4,
      warnings: [
        `${path} does not say how much CPU and memory a replica needs: CPU and memory are measured on Linux alone; cpuCores ` +
          'and memoryGb are what they are without it',
      ],
    });
  });

  const SOURCE =
    "give a file that the command line wrote ('azure-inference profile'), or the one that commands.profile of a service's " +
    'output fetches';

  test.each<[string, string, (path: string) => unknown]>([
    ['is no JSON', profileFile({}, '{'), (path) => expect.stringContaining(`${path} is not JSON: line 1, column 2`)],
    ['is no profile', profileFile({ kind: 'profile' }), (path) => `${path} is no profile of a model server; ${SOURCE}`],
    [
      'is of another version',
      profileFile({ schemaVersion: 2 }),
      (path) => `${path} must be a profile of schemaVersion 1; got 2; profile again with this version of the library`,
    ],
    [
      'is of a run that failed',
      profileFile({ state: 'Failed', error: 'concurrency 1: 503', best: null }),
      (path) => `${path} is a profile without a result (concurrency 1: 503); mend that and profile again`,
    ],
    [
      'was changed by hand',
      profileFile({ best: { concurrency: 1.5, secondsPerRequest: 0 } }),
      (path) => `${path} is a profile whose 'best' level cannot be read; it was changed by hand, so ${SOURCE}`,
    ],
  ])('are problems of the service where the file %s, and refused as capacity', (_, path, message) => {
    expect(ScoringOptions.fromProfile(path)).toEqual({ problems: [message(path)] });
    expect(() => Capacity.fromProfile(path, { requestsPerSecond: 1 })).toThrow('capacity: ');
  });

  test('are a problem of the service where there is no file', () => {
    expect(ScoringOptions.fromProfile('/nowhere/profile.json').problems).toEqual([
      expect.stringContaining("'/nowhere/profile.json'"),
    ]);
  });
});

describe('the capacity of a profile', () => {
  test('is that of the requests at once of its best level, and the seconds that each takes, on the size that was profiled', () => {
    const capacity = Capacity.fromProfile(profileFile(), { requestsPerSecond: 100 });

    expect(capacity).toEqual(
      new Capacity({
        requestsPerSecond: 100,
        secondsPerRequest: 0.2,
        replicaMaxConcurrentRequests: 4,
        size: VmSize.D4S_V5,
        gpus: 0,
      }),
    );
    expect(capacity.replicas).toBe(8);
  });

  test('takes the GPUs that the server had', () => {
    const path = profileFile({ vmSize: 'Standard_NC48ads_A100_v4', gpus: 2 });

    expect(Capacity.fromProfile(path, { requestsPerSecond: 100 })).toMatchObject({ gpus: 2, maxNodes: 8 });
    expect(Capacity.fromProfile(path, { requestsPerSecond: 100, gpus: 1 })).toMatchObject({ gpus: 1, maxNodes: 4 });
  });

  test('takes another size and the other numbers', () => {
    const options = { requestsPerSecond: 100, size: VmSize.D8S_V5, targetUtilizationPercent: 50, replicasPerNode: 2 };

    expect(Capacity.fromProfile(profileFile(), options)).toMatchObject({
      size: VmSize.D8S_V5,
      replicas: 10,
      maxNodes: 5,
    });
  });

  test('fails without a size where the profile names none', () => {
    const path = profileFile({ vmSize: undefined });

    expect(() => Capacity.fromProfile(path, { requestsPerSecond: 1 })).toThrow(
      `${path} does not name the size of the node that was profiled; give size`,
    );
  });

  test('fails for numbers as capacity does', () => {
    expect(() => Capacity.fromProfile(profileFile(), { requestsPerSecond: 0 })).toThrow(
      'requestsPerSecond must be a number above 0; got 0',
    );
  });
});
