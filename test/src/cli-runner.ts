import { type ExitCode, run } from '../../src/cli/program';

/** What the command line answered. */
export interface Answer {
  readonly code: ExitCode;
  readonly out: string;
  readonly error: string;
}

/** Runs the command line and keeps what it writes. */
export function cli(...args: string[]): Promise<Answer> {
  return cliOn('2026-11-21', ...args);
}

/** The same on another day. */
export async function cliOn(today: string, ...args: string[]): Promise<Answer> {
  return cliIn(undefined, today, ...args);
}

/** The same in a terminal of some width. */
export async function cliIn(columns: number | undefined, today: string, ...args: string[]): Promise<Answer> {
  const written = { out: '', error: '' };
  const terminal = {
    out: (text: string) => {
      written.out += text;
    },
    error: (text: string) => {
      written.error += text;
    },
    columns,
  };
  const code = await run(args, terminal, new Date(`${today}T12:00:00Z`));
  return { code, ...written };
}
