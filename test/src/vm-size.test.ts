import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AcceleratorKind, AcceleratorVendor, CpuArchitecture, VmSize, VmSizeStatus } from 'azure-inference-cdktf';
import { beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE, regionsOf, sourcesOf } from '../../src/azure/catalogue/catalogue';
import { REGION_NAMES } from '../../src/azure/region';

const FOLDER = join(__dirname, '../../src/azure');
const KINDS = Object.values(AcceleratorKind) as string[];
const VENDORS = Object.values(AcceleratorVendor) as string[];
const rows = CATALOGUE.map((row) => [row.name, row] as const);
const inService = rows.filter(([, { status }]) => status !== 'retired');
const retired = rows.filter(([, { status }]) => status === 'retired');

describe('the catalogue', () => {
  test('has each size once', () => {
    const names = CATALOGUE.map(({ name }) => name.toLowerCase());

    expect(new Set(names).size).toBe(names.length);
  });

  test.each(inService)('knows what %s consists of', (name, row) => {
    expect(name).toMatch(/^Standard_[A-Z]+\d/);
    expect(row.vcpus).toBeGreaterThan(0);
    expect(row.memoryGiB).toBeGreaterThan(0);
    expect(row.family).not.toBe('');
    expect(sourcesOf(row).length).toBeGreaterThan(0);
    if (row.accelerator !== undefined) {
      expect(KINDS).toContain(row.accelerator.kind);
      expect(VENDORS).toContain(row.accelerator.vendor);
      expect(row.accelerator.count).toBeGreaterThan(0);
      expect(row.accelerator.memoryGiBEach).toBeGreaterThan(0);
    }
  });

  test.each(retired)('names a size in service that succeeds %s', (_, row) => {
    const successor = CATALOGUE.find(({ name }) => name === row.successor);

    expect(successor?.status).toBe('available');
    expect(sourcesOf(row).length).toBeGreaterThan(0);
  });

  test.each(rows.filter(([, { status }]) => status === 'retiring'))('names day and successor of %s', (_, row) => {
    expect(row.retirementDate).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(CATALOGUE.find(({ name }) => name === row.successor)?.status).toBe('available');
  });

  test('spells regions as Azure does', () => {
    const spelled = CATALOGUE.flatMap((row) => regionsOf(row) ?? []);

    expect([...new Set(spelled)].filter((region) => !REGION_NAMES.includes(region))).toEqual([]);
  });

  test('finds a list of regions wherever a size points at one', () => {
    expect(CATALOGUE.filter((row) => row.regions !== undefined && regionsOf(row) === undefined)).toEqual([]);
  });

  test('says that the hosts of GB200 and GB300 are Arm64, and no others', () => {
    const arm = VmSize.all().filter((size) => size.cpuArchitecture === CpuArchitecture.ARM64);

    expect(arm.map(({ accelerator }) => accelerator?.model)).toEqual(['GB200', 'GB300', 'GB300']);
  });

  test('tells GPUs, FPGAs and CPUs apart by the kind of accelerator', () => {
    for (const size of VmSize.all()) {
      expect(size.gpusPerNode > 0).toBe(size.accelerator?.kind === AcceleratorKind.GPU);
    }
    expect(VmSize.NP40S).toMatchObject({ gpusPerNode: 0, accelerator: { kind: AcceleratorKind.FPGA, count: 4 } });
  });
});

describe('the constants', () => {
  let generator: {
    constants(sizes: typeof CATALOGUE): string;
    constantName(row: { name: string }): string;
    constantSizes(sizes: typeof CATALOGUE): typeof CATALOGUE;
  };
  beforeAll(async () => {
    generator = await import(join(FOLDER, 'catalogue/generate.mjs'));
  });

  test('are what the generator makes of the data', () => {
    expect(readFileSync(join(FOLDER, 'vm-size.ts'), 'utf8')).toContain(
      `// begin of the generated constants\n${generator.constants(CATALOGUE)}  // end of the generated constants`,
    );
  });

  test('are the sizes that AKS can run', () => {
    const constants = Object.entries(VmSize).filter(([, value]) => value instanceof VmSize);

    expect(constants.map(([name, size]) => [name, size.name])).toEqual(
      generator.constantSizes(CATALOGUE).map((row) => [generator.constantName(row), row.name]),
    );
    for (const [, size] of constants) {
      expect(size.aksSupported).not.toBe(false);
      expect([VmSizeStatus.AVAILABLE, VmSizeStatus.RETIRING]).toContain(size.status);
    }
  });

  test('carry the figures of the data', () => {
    expect(VmSize.NC24ADS_A100_V4).toMatchObject({
      name: 'Standard_NC24ads_A100_v4',
      family: 'NC_A100_v4',
      vcpus: 24,
      memoryGiB: 220,
      accelerator: {
        kind: AcceleratorKind.GPU,
        vendor: AcceleratorVendor.NVIDIA,
        model: 'A100 PCIe',
        count: 1,
        memoryGiBEach: 80,
        architecture: 'Ampere',
        computeCapability: 8,
        mig: true,
      },
      cpuArchitecture: CpuArchitecture.X64,
      localDiskGiB: 64,
      aksDriver: 'cuda-lts 580.159.04',
      aksSupported: true,
      nodeOs: ['ubuntu', 'windows', 'azurelinux3'],
      status: VmSizeStatus.AVAILABLE,
      usdPerHour: 3.673,
    });
    expect(VmSize.NC24ADS_A100_V4.regions).toContain('westeurope');
  });
});

describe('a size by name', () => {
  test.each(['Standard_NC24ads_A100_v4', 'NC24ads_A100_v4', 'standard_nc24ADS_a100_V4'])('is found as %s', (name) => {
    expect(VmSize.named(name)).toEqual(VmSize.NC24ADS_A100_V4);
    expect(VmSize.tryNamed(name)).toEqual(VmSize.NC24ADS_A100_V4);
  });

  test('is known when Azure no longer sells it', () => {
    expect(VmSize.named('Standard_NC6s_v3')).toMatchObject({
      status: VmSizeStatus.RETIRED,
      retirementDate: '2025-09-30',
      successor: 'Standard_NC4as_T4_v3',
    });
  });

  test('is told from one that nobody knows, with the nearest in service', () => {
    expect(VmSize.named('NC4as_T4')).toMatchObject({ status: VmSizeStatus.UNKNOWN, nearest: 'Standard_NC4as_T4_v3' });
    expect(VmSize.named('a size of my own').nearest).toBeUndefined();
    expect(VmSize.tryNamed('NC4as_T4')).toBeUndefined();
  });
});

describe('a size of the program', () => {
  const own = VmSize.of('Standard_NC1_v9', {
    vcpus: 1,
    memoryGiB: 2,
    accelerator: {
      kind: AcceleratorKind.GPU,
      vendor: AcceleratorVendor.NVIDIA,
      model: 'X',
      count: 0.5,
      memoryGiBEach: 8,
    },
  });

  test('is what the program says, in service and supported', () => {
    expect(own).toMatchObject({
      name: 'Standard_NC1_v9',
      family: 'Standard_NC1_v9',
      vcpus: 1,
      memoryGiB: 2,
      cpuArchitecture: CpuArchitecture.X64,
      status: VmSizeStatus.AVAILABLE,
      aksSupported: true,
      documentedRegions: false,
    });
    expect(own.regions).toBeUndefined();
    expect(own.usdPerHour).toBeUndefined();
  });

  test.each([
    [1 / 6, 1],
    [0.5, 1],
    [1, 1],
    [2.5, 2],
    [8, 8],
  ])('with %s GPUs hands out %i', (count, devices) => {
    const accelerator = { ...own.accelerator, count } as NonNullable<typeof own.accelerator>;

    expect(VmSize.of('x', { vcpus: 1, memoryGiB: 1, accelerator }).gpusPerNode).toBe(devices);
  });

  test('without accelerator hands out no GPU', () => {
    expect(VmSize.of('x', { vcpus: 1, memoryGiB: 1 }).gpusPerNode).toBe(0);
  });
});
