import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

const CDKTF = join(ROOT, 'node_modules/.bin/cdktf');

/** Most that a command may write, in bytes: a first plan shows every configuration, script and dashboard in full. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Something that Terraform did to a resource. */
export interface Step {
  /** What to which resource, as `<action> <address>`; the address without the hash at its end. */
  readonly what: string;

  /** When it began and ended, as lines of Terraform's own log. */
  readonly start: number;
  readonly end: number;
}

/** A folder to deploy a program from, as a user's project is one: its states lie in it, and so does its world. */
export class Project {
  public readonly folder = mkdtempSync(join(tmpdir(), 'azure-inference-e2e-'));

  private readonly world = join(this.folder, 'world.json');

  constructor(private readonly program: string) {
    const settings = { language: 'typescript', app: `node ${program}`, projectId: 'e2e', sendCrashReports: 'false' };
    writeFileSync(join(this.folder, 'cdktf.json'), JSON.stringify(settings));
  }

  /** Runs cdktf's own command line. Locking providers for other platforms would ask the registry about a mirror. */
  public cdktf(verb: 'deploy' | 'destroy', ...stacks: string[]): void {
    this.run(CDKTF, [verb, ...stacks, '--auto-approve', '--skip-provider-lock'], this.folder);
  }

  /** Synthesizes the program anew, with variables of its own. */
  public synthesize(variables: NodeJS.ProcessEnv): void {
    const env = { ...this.environment, ...variables, CDKTF_OUTDIR: join(this.folder, 'cdktf.out') };
    execFileSync('node', [this.program], { cwd: this.folder, env });
  }

  /** Applies one stack; returns what was done, in the order in which it began. */
  public apply(stack: string): Step[] {
    const lines = this.run('terraform', ['apply', '-auto-approve', '-input=false', '-json'], this.stackFolder(stack));
    const events = lines
      .trim()
      .split('\n')
      .map((line, at) => ({ ...JSON.parse(line), at }));
    const named = (each: (typeof events)[number]) => `${each.hook.action} ${each.hook.resource.addr}`;
    const ends = new Map(events.filter(({ type }) => type === 'apply_complete').map((end) => [named(end), end.at]));
    return events
      .filter(({ type }) => type === 'apply_start')
      .map((start) => ({
        what: named(start).replace(/_[0-9A-F]{8}$/, ''),
        start: start.at,
        end: ends.get(named(start)) ?? Number.POSITIVE_INFINITY,
      }));
  }

  /**
   * Applies one stack, and fails to.
   *
   * @param overrides what is put over the configuration of the stack, so that something fails in it
   * @returns what Terraform wrote
   */
  public applyInVain(stack: string, overrides: object): string {
    const file = join(this.stackFolder(stack), 'test_override.tf.json');
    writeFileSync(file, JSON.stringify(overrides));
    try {
      this.run('terraform', ['apply', '-auto-approve', '-input=false', '-no-color'], this.stackFolder(stack));
    } catch (error) {
      return (error as Error).message;
    } finally {
      rmSync(file);
    }
    throw new Error(`the apply of '${stack}' did not fail`);
  }

  /** The names of a stack's resources of a type. */
  public idsOf(stack: string, type: string): string[] {
    const { resource } = JSON.parse(readFileSync(join(this.stackFolder(stack), 'cdk.tf.json'), 'utf8'));
    return Object.keys(resource[type] ?? {});
  }

  /** A resource of a stack as it is applied, by the address without the hash at its end. */
  public stateOf(stack: string, address: string): object {
    const { values } = JSON.parse(this.run('terraform', ['show', '-json'], this.stackFolder(stack)));
    const resources: { address: string; values: object }[] = values.root_module.resources;
    const [found] = resources.filter((resource) => resource.address.replace(/_[0-9A-F]{8}$/, '') === address);
    if (found === undefined) {
      throw new Error(`'${stack}' has no ${address}; it has ${resources.map((each) => each.address).join(', ')}`);
    }
    return found.values;
  }

  /** What Terraform would still change: nothing is an empty text. */
  public plan(stack: string): string {
    const args = ['plan', '-detailed-exitcode', '-no-color', '-input=false'];
    const { status, stdout, stderr } = spawnSync('terraform', args, {
      cwd: this.stackFolder(stack),
      env: this.environment,
      maxBuffer: MAX_OUTPUT,
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${stdout}${stderr}`;
  }

  /** The stacks of the program, as last synthesized. */
  public get stacks(): string[] {
    return readdirSync(join(this.folder, 'cdktf.out/stacks')).sort();
  }

  /** Everything that is applied now, as `type|id`. */
  public get applied(): string[] {
    return Object.keys(JSON.parse(readFileSync(this.world, 'utf8'))).sort();
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, STANDIN_WORLD: this.world, CHECKPOINT_DISABLE: '1', CI: 'true' };
  }

  private stackFolder(stack: string): string {
    return join(this.folder, 'cdktf.out/stacks', stack);
  }

  private run(command: string, args: string[], cwd: string): string {
    try {
      const options = { cwd, env: this.environment, maxBuffer: MAX_OUTPUT } as const;
      return execFileSync(command, args, { ...options, stdio: 'pipe', encoding: 'utf8' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${args.join(' ')} failed:\n${stdout}\n${stderr}`);
    }
  }
}

/** The one value that a vault holds under a name, in the world that the stand-ins share; the vault by how it begins. */
export function secretIn(world: string, vault: string, name: string): string {
  const things = Object.entries<{ state: string; writeOnly: string }>(JSON.parse(readFileSync(world, 'utf8')));
  const [value, ...others] = things
    .filter(([id]) => id.startsWith('azurerm_key_vault_secret|') && id.includes(`/${name}-`))
    .filter(([, { state }]) => Buffer.from(state, 'base64').includes(`/vaults/${vault}`))
    .map(([, { writeOnly }]) => writeOnly);
  if (value === undefined || others.length > 0) {
    throw new Error(`the vault '${vault}' holds ${others.length === 0 ? 'no' : 'more than one'} '${name}'`);
  }
  return value;
}

/** Synthesizes an example into a folder of its own; returns the folder. */
export function synthesizeExample(name: string): string {
  return synthesized(join(ROOT, 'dist/examples', name, 'main.js'), join(ROOT, 'examples', name));
}

/** Synthesizes a program of these tests into a folder of its own; returns the folder. */
export function synthesizeProgram(name: string): string {
  return synthesized(join(__dirname, `${name}.cjs`), __dirname);
}

function synthesized(program: string, cwd: string): string {
  const outdir = join(mkdtempSync(join(tmpdir(), 'azure-inference-example-')), 'out');
  execFileSync('node', [program], { cwd, env: { ...process.env, CDKTF_OUTDIR: outdir } });
  return outdir;
}
