// What the scripts of this repository share. Needs Node and nothing else, so that it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a script cannot go on after; its message says all there is to say. */
export class Failure extends Error {}

/** Installs the packages that package-lock.json names, when there are none or it changed since. */
export function ensureInstalled() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && modified(installed) >= modified(join(ROOT, 'package-lock.json'))) {
    return;
  }
  console.log('Installing the packages of package-lock.json (npm ci) ...');
  // npm is a script of the shell on Windows
  const shell = process.platform === 'win32';
  runOrFail('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed', { shell });
}

/** Compiles the library and the examples; what is up to date costs a second. */
export function build() {
  console.log('Building the library and the examples (tsc -b . examples) ...');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  runOrFail(process.execPath, [tsc, '-b', '.', 'examples'], 'the program does not compile');
}

/** Names of the examples: the folders beside this file that hold a main.ts. */
export function exampleNames() {
  const examples = join(ROOT, 'examples');
  return readdirSync(examples)
    .filter((name) => existsSync(join(examples, name, 'main.ts')))
    .sort();
}

/** Version of the Terraform on the PATH, such as `1.11.4`; nothing when there is none. */
export function terraformVersion() {
  const { status, stdout } = run('terraform', ['version', '-json'], { env: { CHECKPOINT_DISABLE: '1' } });
  try {
    return status === 0 ? JSON.parse(stdout).terraform_version : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs a program to its end and keeps what it writes.
 *
 * @param {{ cwd?: string, env?: Record<string, string>, shell?: boolean }} options env adds to this process's
 */
export function run(command, args, { cwd = ROOT, env = {}, shell = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    shell,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: error === undefined ? status : undefined, error, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** Like `run`, for what must succeed. */
export function runOrFail(command, args, problem, options) {
  const result = run(command, args, options);
  if (result.status !== 0) {
    const said = [result.error?.message, result.stdout.trim(), result.stderr.trim()].filter(Boolean).join('\n');
    throw new Failure(`${problem}:\n${said || `${command} ended with ${result.status}`}`);
  }
  return result;
}

function modified(file) {
  return statSync(file).mtimeMs;
}
