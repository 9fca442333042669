import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

// vitest ends its workers so: what listens to the exit of one must hear of it
process.once('SIGTERM', () => process.exit(1));

/**
 * Headers of a request on a connection of its own: one that is kept may be closed just as the next request is sent, and a
 * server that is told to end waits for it.
 */
export const CLOSE = { connection: 'close' };

/** What runs now. A test that fails before its end leaves nothing behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) {
    killAll(child);
  }
});

/** Kills a program and all that it started. */
function killAll({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, 'SIGKILL');
    }
  } catch {
    // there is nothing left of it
  }
}

/** How long what a program started may take to end after it, and to clean up. */
const ORPHANS_MS = 5000;

/** A program that runs beside a test, and what it wrote. What it started ends soon after it. */
export class Program {
  /** All that the program wrote, to its output and for errors. */
  public log = '';

  /** Resolves to the exit status, or to the signal that ended the program. */
  public readonly ended: Promise<number | NodeJS.Signals>;

  private readonly child: ChildProcess;

  constructor([command, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env) {
    // a group of its own
    this.child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
      });
    }
    running.add(this.child);
    this.child.once('exit', () => {
      const late = setTimeout(() => killAll(this.child), ORPHANS_MS);
      this.child.once('close', () => clearTimeout(late));
    });
    this.child.once('close', () => running.delete(this.child));
    this.ended = once(this.child, 'close').then(([status, signal]) => status ?? signal);
  }

  /** Lines of the log that are JSON objects. */
  public get jsonLines(): Record<string, unknown>[] {
    const lines = this.log.slice(0, this.log.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  public get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  public kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  public async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.kill(signal);
    await this.ended;
  }

  /** Waits for something to become so while the program runs. */
  public async until(what: string, isSo: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
    await until(
      what,
      async () => {
        if (this.hasEnded) {
          throw new Error(`the program ended before ${what}:\n${this.log}`);
        }
        return isSo();
      },
      seconds,
    );
  }
}

/** Waits for something to become so, and fails when it takes too long. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const latest = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > latest) {
      throw new Error(`not so within ${seconds} s: ${what}`);
    }
    await sleep(25);
  }
}
