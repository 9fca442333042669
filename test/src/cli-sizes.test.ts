import { describe, expect, test } from 'vitest';
import { VmSize } from '../../src/azure/vm-size';
import { ExitCode } from '../../src/cli/program';
import type { SizeRow } from '../../src/cli/size-rows';
import { cli, cliIn, cliOn } from './cli-runner';

/** The rows that scripts get. */
async function rows(...args: string[]): Promise<SizeRow[]> {
  const { code, out, error } = await cli('sizes', '--json', ...args);
  expect([code, error]).toEqual([ExitCode.SUCCESS, '']);
  return JSON.parse(out);
}

async function names(...args: string[]): Promise<string[]> {
  return (await rows(...args)).map(({ name }) => name);
}

/** The line of the table about a size. */
function lineOf(table: string, size: string): string | undefined {
  return table.split('\n').find((line) => line.startsWith(`${size} `));
}

describe('sizes', () => {
  test('lists sizes with GPUs, memory, MIG, AKS, status, number of regions and price', async () => {
    const { code, out, error } = await cli('sizes');

    expect([code, error]).toEqual([ExitCode.SUCCESS, '']);
    expect(out).toMatch(/^size +GPUs +GPU memory +vCPUs +memory +MIG +AKS +status +regions +USD\/h\n/);
    expect(lineOf(out, 'Standard_NC24ads_A100_v4')).toMatch(
      /^\S+ +1 A100 PCIe +80 GiB +24 +220 GiB +yes +yes +available +27 +3\.673$/,
    );
    expect(lineOf(out, 'Standard_D4s_v5')).toMatch(/^\S+ +4 +16 GiB +yes +available +\? +0\.192$/);
  });

  test('says where and when the prices hold', async () => {
    expect((await cli('sizes')).out).toContain(
      'Prices: list prices of eastus on 2026-06-18, US dollars an hour for one node.\n',
    );
    expect((await cli('sizes', '--gpu', 'H200')).out).not.toContain('Prices:');
  });

  test('shows a share of a GPU as a fraction, with the memory of the share', async () => {
    const { out } = await cli('sizes', '--gpu', 'A10');

    expect(lineOf(out, 'Standard_NV6ads_A10_v5')).toMatch(/^\S+ +1\/6 A10 +4 GiB +6 /);
    expect(lineOf(out, 'Standard_NV12ads_A10_v5')).toMatch(/^\S+ +1\/3 A10 +8 GiB +12 /);
    expect(lineOf(out, 'Standard_NV72ads_A10_v5')).toMatch(/^\S+ +2 A10 +24 GiB +72 /);
  });

  test('tells FPGAs from GPUs', async () => {
    expect(lineOf((await cli('sizes')).out, 'Standard_NP10s')).toMatch(/^\S+ +1 Alveo U250 \(FPGA\) +64 GiB/);
    expect(await names('--min-gpu-memory', '60')).not.toContain('Standard_NP10s');
  });

  test('is in the order of families, and inside of them of vCPUs', async () => {
    const all = await rows('--all');

    expect(all).toHaveLength(VmSize.all().length);
    const keys = all.map(({ family, vcpus }) => `${family}\t${String(vcpus ?? 0).padStart(4, '0')}`);
    expect(keys).toEqual([...keys].sort());
  });

  test('shows only the GPU that is asked for, however it is written', async () => {
    expect(await names('--gpu', 'T4')).toEqual([
      'Standard_NC4as_T4_v3',
      'Standard_NC8as_T4_v3',
      'Standard_NC16as_T4_v3',
      'Standard_NC64as_T4_v3',
    ]);
    expect(await names('--gpu', 'a10')).not.toContain('Standard_NC24ads_A100_v4');
    expect(await names('--gpu', 'NVIDIA A100')).toEqual(await names('--gpu', 'A100'));
    expect(await names('--gpu', 'rtxpro6000')).toEqual(await names('--gpu', 'RTX PRO 6000'));
    expect(await names('--gpu', 'RTX PRO 6000')).toHaveLength(9);
  });

  test('counts the memory of a GPU, or of the share of one', async () => {
    const large = await rows('--min-gpu-memory', '40');

    expect(large.every(({ accelerator }) => (accelerator?.memoryGiBEach ?? 0) >= 40)).toBe(true);
    const found = large.map(({ name }) => name);
    expect(found).toContain('Standard_ND96asr_v4');
    // half of 96 GiB is enough, and a quarter is not
    expect(found).toContain('Standard_NC72ds_xl_RTXPRO6000BSE_v6');
    expect(found).not.toContain('Standard_NC36ds_xl_RTXPRO6000BSE_v6');
  });

  test.each(['westeurope', 'West Europe', 'WESTEUROPE'])('says whether the region %j has a size', async (region) => {
    const { out } = await cli('sizes', '--region', region);

    expect(out).toMatch(/^size .* status +westeurope +USD\/h\n/);
    expect(lineOf(out, 'Standard_NC4as_T4_v3')).toMatch(/available +yes +0\.526$/);
    expect(lineOf(out, 'Standard_ND96isr_H200_v5')).toMatch(/available +no +\?$/);
    expect(lineOf(out, 'Standard_D4s_v5')).toMatch(/available +\? +0\.192$/);
  });

  test('shows retired sizes only when asked for all', async () => {
    expect(await names()).not.toContain('Standard_NC6');
    expect(lineOf((await cli('sizes', '--all')).out, 'Standard_NC6')).toMatch(/ retired 2023-08-31 /);
  });

  test('compares retirement with today: marks what ends within a year, and takes what has ended for retired', async () => {
    const status = async (today: string) => lineOf((await cliOn(today, 'sizes', '--all')).out, 'Standard_NP10s');

    expect(await status('2026-05-30')).toMatch(/ retires 2027-05-31 {2}/);
    expect(await status('2026-05-31')).toMatch(/ retires 2027-05-31 ! /);
    expect(await status('2027-05-30')).toMatch(/ retires 2027-05-31 ! /);
    expect(await status('2027-05-31')).toMatch(/ retired 2027-05-31 {2}/);
    expect((await cliOn('2027-05-30', 'sizes')).out).toContain('\n! ends within a year.\n');
    expect((await cliOn('2027-06-01', 'sizes')).out).not.toContain('Standard_NP10s');
  });

  test('names the sizes that run only images for Arm64', async () => {
    expect((await cli('sizes', '--gpu', 'GB200')).out).toContain(
      'Arm64, which runs only images built for it: Standard_ND128isr_NDR_GB200_v6.',
    );
  });

  test('gives scripts every row with null for what is not known', async () => {
    const [row] = await rows('--region', 'westeurope', '--gpu', 'MI300X');

    expect(row).toMatchObject({
      name: 'Standard_ND96is_MI300X_v5',
      vcpus: 96,
      accelerator: { kind: 'gpu', vendor: 'AMD', model: 'Instinct MI300X', count: 8, memoryGiBEach: 192, mig: false },
      status: 'available',
      retirementDate: null,
      inRegion: false,
      price: null,
    });
  });

  test('says so where no size is like that', async () => {
    const answer = { code: ExitCode.SUCCESS, out: expect.stringMatching(/^No size is like that; .*\n$/), error: '' };

    expect(await cli('sizes', '--gpu', 'T4', '--min-gpu-memory', '17')).toEqual(answer);
    expect(await rows('--gpu', 'T4', '--min-gpu-memory', '17')).toEqual([]);
  });

  test('wraps the names of GPUs in a terminal that is not wide', async () => {
    const { out } = await cliIn(120, '2026-11-21', 'sizes', '--gpu', 'RTX PRO 6000');
    const table = out.split('\n\n')[0] ?? '';

    expect(table).not.toContain('Blackwell Server Edition');
    expect(table).toContain('Edition');
  });

  test.each([
    [['--gpu', 'A1000'], "'--gpu <model>' argument 'A1000' is invalid.", '(Did you mean A100?)'],
    [['--gpu', 'MI300'], "'--gpu <model>' argument 'MI300' is invalid.", '(Did you mean MI300X?)'],
    [['--gpu', 'U250'], "'--gpu <model>' argument 'U250' is invalid.", 'It is the FPGA of Standard_NP10s and no GPU.'],
    [['--region', 'westeurop'], "'--region <name>' argument 'westeurop' is invalid.", '(Did you mean westeurope?)'],
    [['--region', 'Mars'], "'--region <name>' argument 'Mars' is invalid.", 'Azure has no such region.'],
    [['--min-gpu-memory', 'lots'], "'--min-gpu-memory <GiB>' argument 'lots' is invalid.", 'a number above 0.'],
    [['--regin', 'eastus'], "unknown option '--regin'", '(Did you mean --region?)'],
  ])('fails with code 2 and one line for %j', async (args, what, help) => {
    const { code, out, error } = await cli('sizes', ...args);

    expect([code, out]).toEqual([ExitCode.USAGE, '']);
    expect(error).toMatch(/^error: .*\n$/);
    expect(error).toContain(what);
    expect(error).toContain(help);
  });
});
