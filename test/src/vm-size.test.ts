import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AcceleratorKind, AcceleratorVendor, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';

const SOURCE = readFileSync(join(__dirname, '../../src/azure/vm-size.ts'), 'utf8');

const CONSTANTS = Object.entries(VmSize).filter((entry): entry is [string, VmSize] => entry[1] instanceof VmSize);

const COUNTS: { readonly [words: string]: number } = {
  'A sixth of one': 1 / 6,
  'A third of one': 1 / 3,
  'Half of one': 1 / 2,
  One: 1,
  Two: 2,
  Four: 4,
  Eight: 8,
};

/** What the comment above a constant says of it. */
function documented(constant: string): object {
  const comment = new RegExp(`/\\*\\* (.+)\\. \\*/\\s+public static readonly ${constant} `).exec(SOURCE)?.[1] ?? '';
  const groups =
    /^(?:(?<count>[A-Za-z ]+?) (?<model>[A-Z][A-Z0-9]+(?: [A-Za-z]+)?) \((?<each>\d+) GiB each\), )?(?<vcpus>\d+) vCPUs, (?<memory>\d+) GiB$/.exec(
      comment,
    )?.groups ?? {};
  const { count, model, each, vcpus, memory } = groups;
  return {
    vcpus: Number(vcpus),
    memoryGiB: Number(memory),
    accelerator: count && { count: COUNTS[count], model, memoryGiBEach: Number(each) },
  };
}

describe.each(CONSTANTS)('%s', (constant, size) => {
  test('is what its comment says', () => {
    const { vcpus, memoryGiB, accelerator } = size;

    expect({
      vcpus,
      memoryGiB,
      accelerator: accelerator && {
        count: accelerator.count,
        model: accelerator.model,
        memoryGiBEach: accelerator.memoryGiBEach,
      },
    }).toEqual(documented(constant));
  });

  test('is called like the size in Azure', () => {
    expect(`STANDARD_${constant}`).toBe(size.name.toUpperCase());
    expect(VmSize.tryNamed(size.name)).toBe(size);
  });

  test('has the GPU that its name says', () => {
    const inName = /_(T4|A100|H100|H200|A10)_v\d$/.exec(size.name)?.[1];

    expect(size.accelerator?.model.split(' ')[0]).toBe(inName);
    expect(size.accelerator?.mig ?? false).toBe(['A100', 'H100', 'H200'].includes(String(inName)));
  });
});

test('all constants are covered', () => {
  expect(CONSTANTS.length).toBe(SOURCE.match(/public static readonly /g)?.length);
  expect(CONSTANTS.length).toBeGreaterThan(20);
});

describe('gpusPerNode', () => {
  test.each([
    [VmSize.D4S_V5, 0],
    [VmSize.NV6ADS_A10_V5, 1],
    [VmSize.NV18ADS_A10_V5, 1],
    [VmSize.NC24ADS_A100_V4, 1],
    [VmSize.NC64AS_T4_V3, 4],
    [VmSize.ND96ISR_H200_V5, 8],
  ])('counts whole devices, and a share of one as one: $name', (size, gpus) => {
    expect(size.gpusPerNode).toBe(gpus);
  });

  test('counts no device of another kind', () => {
    const accelerator = {
      kind: AcceleratorKind.FPGA,
      vendor: AcceleratorVendor.AMD,
      model: 'U250',
      count: 1,
      memoryGiBEach: 64,
    };

    expect(VmSize.of('Standard_NP10s', { vcpus: 10, memoryGiB: 168, accelerator }).gpusPerNode).toBe(0);
  });
});

describe('a size that the constants do not cover', () => {
  test('is what it is given as', () => {
    const size = VmSize.of('Standard_E4s_v5', { vcpus: 4, memoryGiB: 32, usdPerHour: 0.25 });

    expect(size).toMatchObject({ name: 'Standard_E4s_v5', vcpus: 4, memoryGiB: 32, usdPerHour: 0.25 });
    expect(size.accelerator).toBeUndefined();
  });

  test('is not found by name', () => {
    expect(VmSize.tryNamed('Standard_E4s_v5')).toBeUndefined();
    expect(VmSize.tryNamed('of')).toBeUndefined();
  });
});

test('a price is named where Azure has one', () => {
  expect(VmSize.NC4AS_T4_V3.usdPerHour).toBe(0.526);
  expect(VmSize.ND96ISR_H200_V5.usdPerHour).toBeUndefined();
});
