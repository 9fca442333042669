import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { MEASURE_SCRIPT } from '../../../src/profile/measure-script';
import { folderWith } from '../../fixtures';

/** Groups as the kernel shows them to a container: 3 s of CPU, 700 MiB of which it would give up 100. */
const V2 = {
  'memory.current': `${700 * 2 ** 20}\n`,
  'memory.stat': `anon 5\ninactive_anon 7\ninactive_file ${100 * 2 ** 20}\n`,
  'cpu.stat': 'usage_usec 3000000\nuser_usec 2000000\n',
};
const V1 = {
  'memory/memory.usage_in_bytes': V2['memory.current'],
  'memory/memory.stat': `inactive_file 1\ntotal_inactive_file ${100 * 2 ** 20}\n`,
  'cpuacct/cpuacct.usage': '3000000999\n',
};

/** Runs a command as the containers of a profile do. */
function measured(groups: { readonly [file: string]: string }, ...command: string[]) {
  const folder = folderWith({ 'measure.sh': MEASURE_SCRIPT });
  const files = { usage: join(folder, 'server.usage'), ended: join(folder, 'server.ended'), end: join(folder, 'end') };
  const args = [join(folder, 'measure.sh'), join(folder, 'server'), files.end, folderWith(groups)];
  const child = spawn('sh', [...args, ...command], { stdio: 'ignore' });
  return { ...files, child, status: once(child, 'exit').then(([status]) => status as number) };
}

async function linesOf(file: string): Promise<string[]> {
  for (;;) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.includes('\n')) {
      return text.trim().split('\n');
    }
    await sleep(25);
  }
}

describe('the script around a server', () => {
  test.each([
    ['version 2', V2],
    ['version 1', V1],
  ])('writes down time, CPU and the memory that the kernel would not give up, in cgroups of %s', async (_, groups) => {
    const { usage, end, status } = measured(groups, 'sleep', '60');
    const [line = ''] = await linesOf(usage);
    writeFileSync(end, '');

    expect(line).toMatch(new RegExp(`^\\d+\\.\\d+ 3000000 ${600 * 2 ** 20}$`));
    expect(await status).toBe(0);
  });

  test('ends the server once the load is over, whatever the server says of it', async () => {
    const { usage, ended, end, status } = measured(V2, 'sh', '-c', "trap 'exit 9' TERM; while :; do sleep 0.1; done");
    await linesOf(usage);
    writeFileSync(end, '');

    expect(await status).toBe(0);
    expect(existsSync(ended)).toBe(false);
  });

  test('ends with a server that ends by itself, and leaves its status to the load', async () => {
    const { ended, status } = measured(V2, 'sh', '-c', 'exit 7');

    expect(await status).toBe(7);
    expect(readFileSync(ended, 'utf8')).toBe('7\n');
  });

  test('passes on that the pod is to end', async () => {
    const { usage, ended, child, status } = measured(V2, 'sh', '-c', "trap 'exit 5' TERM; while :; do sleep 0.1; done");
    await linesOf(usage);
    child.kill('SIGTERM');

    expect(await status).toBe(5);
    expect(readFileSync(ended, 'utf8')).toBe('5\n');
  });

  test('runs the server where it finds no cgroups', async () => {
    const { usage, status } = measured({ other: '' }, 'sleep', '1');

    expect(await status).toBe(0);
    expect(readFileSync(usage, 'utf8')).toBe('');
  });
});
