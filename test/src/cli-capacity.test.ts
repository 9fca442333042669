import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/cli/program';
import { cli, cliOn } from './cli-runner';

const LOAD = ['--rps', '50', '--seconds', '0.2'];
const T4 = ['--size', 'Standard_NC4as_T4_v3'];

async function capacity(...args: string[]): Promise<string> {
  const { code, out, error } = await cli('capacity', ...LOAD, ...args);
  expect([code, error]).toEqual([ExitCode.SUCCESS, '']);
  return out;
}

describe('capacity', () => {
  test('prints replicas, GPUs and nodes with the formula, quota by family and price', async () => {
    expect(await capacity('--concurrency', '4', ...T4)).toBe(
      `needed      because
4 replicas  ceil(50 requests/s × 0.2 s ÷ 0.7 busy ÷ 4 at once)
4 GPUs      4 replicas × 1
4 nodes     ceil(4 replicas ÷ 1 a node) of Standard_NC4as_T4_v3; 1 when nobody calls

vCPUs of family  now  at most  while a pool is rotated
NCasT4_v3          4       16                       32

Price: $0.53 to $2.10 an hour for nodes, list price of eastus on 2026-06-18.
What the subscription has: az vm list-usage --location REGION --output table
`,
    );
  });

  test('takes utilization, GPUs of a replica and the replicas that stay', async () => {
    const out = await capacity('--utilization', '50', '--gpus', '2', '--min-replicas', '3', '--size', 'NC64as_T4_v3');

    expect(out).toContain('20 replicas  ceil(50 requests/s × 0.2 s ÷ 0.5 busy ÷ 1 at once), and at least 3\n');
    expect(out).toContain('40 GPUs      20 replicas × 2\n');
    expect(out).toContain('10 nodes     ceil(20 replicas ÷ 2 a node) of Standard_NC64as_T4_v3; 2 when nobody calls\n');
  });

  test('takes a MIG profile in any case', async () => {
    const out = await capacity('--mig', 'mig1g', '--size', 'Standard_NC24ads_A100_v4');

    expect(out).toContain('3 GPUs       ceil(15 replicas × 1 ÷ 7 instances of MIG1g)\n');
    expect(out).toContain('3 nodes ');
  });

  test('takes a service without GPUs', async () => {
    const out = await capacity('--replicas-per-node', '4', '--size', 'Standard_D8s_v5');

    expect(out).toContain('4 nodes      ceil(15 replicas ÷ 4 a node) of Standard_D8s_v5; 1 when nobody calls\n');
    expect(out).not.toContain('GPU');
  });

  test('says what else is to be known of the size', async () => {
    expect(await capacity('--size', 'NP20s')).toMatch(
      /\n15 FPGAs .*\n[\s\S]*\nAzure retires Standard_NP20s on 2027-05-31; Standard_NC16as_T4_v3 succeeds it\.\n/,
    );
    expect(await capacity('--size', 'Standard_NCC40ads_H100_v5')).toMatch(
      /\nPrice: not known for Standard_NCC40ads_H100_v5\.\nAKS does not support Standard_NCC40ads_H100_v5\.\n/,
    );
    expect((await cli('capacity', '--rps', '9000', '--seconds', '0.2', ...T4)).out).toContain(
      'A pool has at most 1000 nodes: that takes 3 pools.\n',
    );
  });

  test('gives scripts the same as JSON', async () => {
    expect(JSON.parse(await capacity('--json', '--concurrency', '4', ...T4))).toMatchObject({
      size: 'Standard_NC4as_T4_v3',
      migProfile: null,
      targetUtilizationPercent: 70,
      replicas: 4,
      accelerators: 4,
      minNodes: 1,
      maxNodes: 4,
      quota: [{ family: 'NCasT4_v3', atLeast: 4, atMost: 16, whileRotated: 32 }],
      price: { minUsdPerHour: 0.526, region: 'eastus', asOf: '2026-06-18' },
    });
    expect(JSON.parse(await capacity('--json', '--size', 'ND96isr_H200_v5')).price).toBeNull();
  });

  test.each([
    [[], "error: required options '--rps <number>', '--seconds <number>', '--size <name>' not specified\n"],
    [[...LOAD, '--sise', 'x'], "error: unknown option '--sise' (Did you mean --size?)\n"],
    [
      [...LOAD, '--size', 'Standard_NC4as_T4_v4'],
      "error: option '--size <name>' argument 'Standard_NC4as_T4_v4' is invalid. The catalogue of 2026-11-21 has no " +
        'such size (Did you mean Standard_NC4as_T4_v3?).\n',
    ],
    [
      [...LOAD, '--size', 'Standard_NC6'],
      'error: Azure retired the size Standard_NC6 on 2023-08-31; Standard_NC4as_T4_v3 succeeds it\n',
    ],
    [
      [...LOAD, ...T4, '--mig', 'MIG1'],
      "error: option '--mig <profile>' argument 'MIG1' is invalid. There are MIG1g, MIG2g, MIG3g, MIG4g, MIG7g (Did you " +
        'mean MIG1g?).\n',
    ],
    [
      [...LOAD, ...T4, '--mig', 'MIG1g'],
      'error: the size Standard_NC4as_T4_v3 cannot be partitioned, so it takes no MIG profile; got MIG1g; leave it out or ' +
        'choose a size with A100, H100 or H200\n',
    ],
    [
      [...LOAD, ...T4, '--replicas-per-node', '2'],
      'error: --replicas-per-node must be a whole number from 1 to 1; got 2; a node of the size Standard_NC4as_T4_v3 has ' +
        'no GPUs for more with --gpus 1\n',
    ],
    [
      ['--rps', '0x10', '--seconds', '1', ...T4],
      "error: option '--rps <number>' argument '0x10' is invalid. Give a number above 0.\n",
    ],
    [
      [...LOAD, ...T4, '--utilization', '0.7'],
      "error: option '--utilization <percent>' argument '0.7' is invalid. Give a number from 1 to 100.\n",
    ],
    [
      [...LOAD, ...T4, '--concurrency', '1.5'],
      "error: option '--concurrency <number>' argument '1.5' is invalid. Give a whole number from 1.\n",
    ],
  ])('fails with code 2 and one line for %j', async (args, error) => {
    expect(await cli('capacity', ...args)).toEqual({ code: ExitCode.USAGE, out: '', error });
  });

  test('fails for a size that is retired by today, though not on the day of the catalogue', async () => {
    expect(await cliOn('2027-06-01', 'capacity', ...LOAD, '--size', 'NP10s')).toEqual({
      code: ExitCode.USAGE,
      out: '',
      error: 'error: Azure retired the size Standard_NP10s on 2027-05-31; Standard_NC4as_T4_v3 succeeds it\n',
    });
  });
});

test('what the README shows of sizes and capacity is what the commands print', async () => {
  const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
  const shown = [...readme.matchAll(/^npx azure-inference ((?:sizes|capacity) .*)\n```\n\n```text\n([\s\S]*?)```$/gm)];
  expect(shown).toHaveLength(2);

  for (const [, command = '', text = ''] of shown) {
    const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const { out } = await cli(...args);
    expect(out.startsWith(text)).toBe(true);
  }
});
