import { Capacity, type CapacityProps, MigProfile, ValidationError, VmSize } from 'azure-inference-cdktf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const basic: CapacityProps = { requestsPerSecond: 50, secondsPerRequest: 0.2, size: VmSize.NC4AS_T4_V3 };

/** What a capacity is refused for. */
function problems(props: Partial<CapacityProps>): readonly string[] {
  try {
    new Capacity({ ...basic, ...props });
  } catch (error) {
    return (error as ValidationError).problems.map(({ message }) => message);
  }
  return [];
}

describe('Capacity', () => {
  test('computes replicas, GPUs, nodes, quota and price by the formula of Azure ML', () => {
    // 50 × 0.2 ÷ 0.7 ÷ 4 = 3.57
    expect(new Capacity({ ...basic, replicaMaxConcurrentRequests: 4 })).toMatchObject({
      replicas: 4,
      accelerators: 4,
      replicasPerNode: 1,
      minNodes: 1,
      maxNodes: 4,
      quota: [{ family: 'NCasT4_v3', atLeast: 4, atMost: 16, whileRotated: 32 }],
      minUsdPerHour: 0.526,
      maxUsdPerHour: 4 * 0.526,
    });
  });

  test('takes the defaults of Azure ML: one request at once, 70 percent busy, one replica that stays', () => {
    expect(new Capacity(basic)).toMatchObject({
      replicaMaxConcurrentRequests: 1,
      targetUtilizationPercent: 70,
      minReplicas: 1,
      gpus: 1,
      replicas: 15,
    });
  });

  test.each([
    [7, 0.1, 1],
    [0.7, 1, 1],
    [2.1, 1, 3],
    [4.9, 1, 7],
  ])(
    'takes %d requests per second of %d s for exactly %d replicas, without errors of binary fractions',
    (rps, s, n) => {
      expect(new Capacity({ ...basic, requestsPerSecond: rps, secondsPerRequest: s }).replicas).toBe(n);
    },
  );

  test('puts as many replicas on a node as it has GPUs for', () => {
    const capacity = new Capacity({ ...basic, size: VmSize.NC96ADS_A100_V4, gpus: 2 });

    expect(capacity).toMatchObject({ replicas: 15, accelerators: 30, replicasPerNode: 2, maxNodes: 8 });
  });

  test('counts the instances of a partitioned GPU', () => {
    const capacity = new Capacity({ ...basic, size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G });

    expect(capacity).toMatchObject({ replicas: 15, accelerators: 3, replicasPerNode: 7, maxNodes: 3 });
  });

  test('counts a share of a GPU as one', () => {
    expect(new Capacity({ ...basic, size: VmSize.NV6ADS_A10_V5 })).toMatchObject({ accelerators: 15, maxNodes: 15 });
  });

  test('counts FPGAs where the size has some, one for each replica', () => {
    expect(new Capacity({ ...basic, size: VmSize.NP20S })).toMatchObject({ gpus: 0, accelerators: 15, maxNodes: 8 });
  });

  test('gives a service without GPUs a node for each replica, or what is asked for', () => {
    const cpu = { ...basic, size: VmSize.D8S_V5 };

    expect(new Capacity(cpu)).toMatchObject({ gpus: 0, accelerators: 0, replicasPerNode: 1, maxNodes: 15 });
    expect(new Capacity({ ...cpu, replicasPerNode: 4 })).toMatchObject({ replicas: 15, maxNodes: 4 });
  });

  test('puts fewer replicas on a node than it has GPUs for where that is asked for', () => {
    const capacity = new Capacity({ ...basic, size: VmSize.NC64AS_T4_V3, replicasPerNode: 2 });

    expect(capacity).toMatchObject({ replicas: 15, maxNodes: 8 });
  });

  test('keeps as many nodes as the replicas that stay need', () => {
    const kept = new Capacity({ ...basic, size: VmSize.NC64AS_T4_V3, minReplicas: 6 });
    expect(kept).toMatchObject({ replicas: 15, minNodes: 2, maxNodes: 4 });

    expect(new Capacity({ ...basic, minReplicas: 20 })).toMatchObject({ replicas: 20, minNodes: 20, maxNodes: 20 });
  });

  test('names no price where none is known', () => {
    expect(new Capacity({ ...basic, size: VmSize.ND96ISR_H200_V5 }).maxUsdPerHour).toBeUndefined();
  });
});

describe('a wrong capacity', () => {
  test('fails with all its problems in one error', () => {
    const wrong = {
      requestsPerSecond: 0,
      secondsPerRequest: Number.NaN,
      replicaMaxConcurrentRequests: 1.5,
      targetUtilizationPercent: 101,
      minReplicas: 0,
      gpus: 2,
      migProfile: MigProfile.MIG7G,
    };

    expect(problems(wrong)).toEqual([
      'requestsPerSecond must be a number above 0; got 0',
      'secondsPerRequest must be a number above 0; got NaN',
      'replicaMaxConcurrentRequests must be a whole number from 1 to 1000000; got 1.5',
      'targetUtilizationPercent must be a number from 1 to 100; got 101',
      'minReplicas must be a whole number from 1 to 1000000; got 0',
      'a node of the size Standard_NC4as_T4_v3 hands out 1 MIG7g instance, and a replica runs on one node; got gpus 2; ' +
        'give fewer or a larger size',
      'the size Standard_NC4as_T4_v3 cannot be partitioned, so it takes no MIG profile; got MIG7g; leave it out or ' +
        'choose a size with A100, H100 or H200',
    ]);
    expect(() => new Capacity({ ...basic, ...wrong })).toThrow(ValidationError);
    expect(() => new Capacity({ ...basic, ...wrong })).toThrow(
      /^7 problems in this program:\n {2}- capacity: requests/,
    );
  });

  test('fails for more GPUs than a node has', () => {
    expect(problems({ gpus: 2 })).toEqual([
      'a node of the size Standard_NC4as_T4_v3 hands out 1 GPU, and a replica runs on one node; got gpus 2; ' +
        'give fewer or a larger size',
    ]);
  });

  test.each([
    [VmSize.D4S_V5, 'the size Standard_D4s_v5 has no GPUs; got gpus 1; give 0 or a size with GPUs'],
    [VmSize.NP10S, 'the size Standard_NP10s has FPGAs and no GPUs; got gpus 1; give 0 or a size with GPUs'],
  ])('fails for GPUs on a size without: %#', (size, message) => {
    expect(problems({ size, gpus: 1 })).toEqual([message]);
  });

  test('fails for more replicas on a node than it has GPUs for', () => {
    expect(problems({ size: VmSize.NC64AS_T4_V3, replicasPerNode: 5 })).toEqual([
      'replicasPerNode must be a whole number from 1 to 4; got 5; a node of the size Standard_NC64as_T4_v3 has no GPUs ' +
        'for more with gpus 1',
    ]);
    expect(problems({ size: VmSize.D4S_V5, replicasPerNode: 0 })).toEqual([
      'replicasPerNode must be a whole number from 1 to 1000000; got 0',
    ]);
  });

  test('fails for a load that no cluster holds', () => {
    expect(problems({ requestsPerSecond: 1e9 })).toEqual([
      'a capacity has at most 1000000 replicas, and 1000000000 requests per second of 0.2 seconds need more; ' +
        'give both in seconds',
    ]);
  });

  test('fails for sizes that are retired or that nobody knows', () => {
    expect(problems({ size: VmSize.named('Standard_NC6') })).toEqual([
      'Azure retired the size Standard_NC6 (K80) on 2023-08-31; Standard_NC4as_T4_v3 succeeds it',
    ]);
    expect(problems({ size: VmSize.named('Standard_NC4as_T4_v4') })).toEqual([
      expect.stringMatching(/^the catalogue of .* has no size 'Standard_NC4as_T4_v4', and 'Standard_NC4as_T4_v3' is/),
    ]);
  });
});

describe('whatever the load', () => {
  const sizes = [VmSize.NC4AS_T4_V3, VmSize.NC64AS_T4_V3, VmSize.NV6ADS_A10_V5, VmSize.NP40S, VmSize.D8S_V5];
  const above = (max: number) => fc.double({ min: 0, minExcluded: true, max, noNaN: true });
  const arbitrary: fc.Arbitrary<CapacityProps> = fc.record({
    requestsPerSecond: above(1000),
    secondsPerRequest: above(5),
    size: fc.constantFrom(...sizes),
    replicaMaxConcurrentRequests: fc.integer({ min: 1, max: 64 }),
    targetUtilizationPercent: fc.double({ min: 1, max: 100, noNaN: true }),
    minReplicas: fc.integer({ min: 1, max: 100 }),
  });

  /** What must not grow when the load shrinks. */
  function needs(props: CapacityProps): number[] {
    const { replicas, accelerators, minNodes, maxNodes, quota } = new Capacity(props);
    const vcpus = quota.flatMap(({ atLeast, atMost, whileRotated }) => [atLeast, atMost, whileRotated]);
    return [replicas, accelerators, minNodes, maxNodes, ...vcpus];
  }

  function expectNoMore(less: CapacityProps, more: CapacityProps): void {
    const most = needs(more);
    expect(needs(less).every((need, index) => need <= (most[index] ?? 0))).toBe(true);
  }

  test('more requests never need fewer replicas, accelerators, nodes or vCPUs', () => {
    fc.assert(
      fc.property(arbitrary, above(1000), (props, more) => {
        expectNoMore(props, { ...props, requestsPerSecond: props.requestsPerSecond + more });
      }),
    );
  });

  test('slower requests never need fewer', () => {
    fc.assert(
      fc.property(arbitrary, above(5), (props, more) => {
        expectNoMore(props, { ...props, secondsPerRequest: props.secondsPerRequest + more });
      }),
    );
  });

  test('a higher target utilization never needs more', () => {
    fc.assert(
      fc.property(arbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (props, share) => {
        const percent = props.targetUtilizationPercent ?? 70;
        const higher = Math.min(100, percent + share * (100 - percent));
        expectNoMore({ ...props, targetUtilizationPercent: higher }, props);
      }),
    );
  });

  test('more requests at once never need more', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(64), (props, more) => {
        const { replicaMaxConcurrentRequests: atOnce = 1 } = props;
        expectNoMore({ ...props, replicaMaxConcurrentRequests: atOnce + more }, props);
      }),
    );
  });

  test('everything is a whole number, and there is at least one of it', () => {
    fc.assert(
      fc.property(arbitrary, (props) => {
        const { accelerators: _, ...rest } = new Capacity(props);
        const { replicas, minNodes, maxNodes } = rest;
        expect(needs(props).every(Number.isInteger)).toBe(true);
        expect(Math.min(replicas, minNodes, maxNodes)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('the replicas can do the work, and one less could not', () => {
    fc.assert(
      fc.property(arbitrary, (props) => {
        const { replicas, minReplicas, ...capacity } = new Capacity(props);
        const atOnce = capacity.replicaMaxConcurrentRequests * (capacity.targetUtilizationPercent / 100);
        const load = props.requestsPerSecond * props.secondsPerRequest;

        expect(replicas * atOnce).toBeGreaterThanOrEqual(load * (1 - 1e-9));
        if (replicas > minReplicas) {
          expect((replicas - 1) * atOnce).toBeLessThan(load * (1 + 1e-9));
        }
      }),
    );
  });

  test('the most quota is never below the least, and a rotation needs twice the most', () => {
    fc.assert(
      fc.property(arbitrary, (props) => {
        for (const { atLeast, atMost, whileRotated } of new Capacity(props).quota) {
          expect(atMost).toBeGreaterThanOrEqual(atLeast);
          expect(whileRotated).toBe(2 * atMost);
        }
      }),
    );
  });
});
