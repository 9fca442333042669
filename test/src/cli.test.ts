import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/cli/program';
import { folderWith } from '../fixtures';
import { cli } from './cli-runner';
import { synthesizePlatform } from './report/synthesized';

const COMPILED = join(__dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');

describe('azure-inference', () => {
  test('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));

    expect(await cli('--version')).toEqual({ code: ExitCode.SUCCESS, out: `${version}\n`, error: '' });
  });

  test('prints help', async () => {
    const { code, out } = await cli('report', '--help');

    expect(code).toBe(ExitCode.SUCCESS);
    expect(out).toContain('--html <file>');
  });

  test.each([
    [['reprot'], "error: unknown command 'reprot' (Did you mean report?)\n"],
    [['report', '--htlm', 'x'], "error: unknown option '--htlm' (Did you mean --html?)\n"],
    [['report', '--output'], "error: option '--output <folder>' argument missing\n"],
    [['report', 'extra'], "error: too many arguments for 'report'. Expected 0 arguments but got 1.\n"],
  ])('fails with code 2 and one line for %j', async (args, error) => {
    expect(await cli(...args)).toEqual({ code: ExitCode.USAGE, out: '', error });
  });

  test('ends in peace when the reader of its pipe has read enough', async () => {
    const command = spawn(process.execPath, [COMPILED, 'sizes', '--all']);
    command.stdout.destroy();
    const said: Buffer[] = [];
    command.stderr.on('data', (text) => said.push(text));

    const [code] = await once(command, 'close');

    expect([code, Buffer.concat(said).toString()]).toEqual([0, '']);
  });

  test('fails with code 2 and the help when no command is given', async () => {
    const { code, out, error } = await cli();

    expect([code, out]).toEqual([ExitCode.USAGE, '']);
    expect(error).toContain('Usage: azure-inference');
  });

  test('runs as a program of its own', () => {
    expect(readFileSync(COMPILED, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(execFileSync(process.execPath, [COMPILED, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);

    const { status, stderr } = spawnSync(process.execPath, [COMPILED, 'nope'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, "error: unknown command 'nope'\n"]);
  });
});

describe('report', () => {
  test('prints the table', async () => {
    const { code, out, error } = await cli('report', '--output', synthesizePlatform(1));

    expect([code, error]).toEqual([ExitCode.SUCCESS, '']);
    expect(out).toMatch(/^stack .*\nprod-foundation /);
    expect(out).toMatch(/\n\nvCPUs of family .*\n/);
    expect(out).toContain('az vm list-usage --location westeurope --output table');
  });

  test('writes the page, and the folders above it, and leaves nothing else there', async () => {
    const html = join(folderWith({}), 'a', 'b', 'report.html');

    const { code } = await cli('report', '--output', synthesizePlatform(1), '--html', html);

    expect(code).toBe(ExitCode.SUCCESS);
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
    expect(readdirSync(dirname(html))).toEqual(['report.html']);
  });

  test('fails with code 1 and one line when there is no such output', async () => {
    const html = join(folderWith({}), 'report.html');

    const { code, out, error } = await cli('report', '--output', 'no/such/folder', '--html', html);

    expect([code, out]).toEqual([ExitCode.FAILURE, '']);
    expect(error).toMatch(/^error: the output folder 'no\/such\/folder' does not exist; .*\n$/);
    expect(existsSync(html)).toBe(false);
  });

  test('fails with code 1 and one line when the page cannot be written', async () => {
    const file = join(folderWith({ file: '' }), 'file');

    const { code, out, error } = await cli('report', '--output', synthesizePlatform(1), '--html', join(file, 'x.html'));

    expect([code, out]).toEqual([ExitCode.FAILURE, '']);
    expect(error).toMatch(/^error: cannot write '.*x\.html': .*\n$/);
  });
});
