import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { capacityCommand } from './capacity-command';
import { profileCommand } from './profile-command';
import { queryCommand } from './query-command';
import { reportCommand } from './report-command';
import { dayOf } from './size-status';
import { sizesCommand } from './sizes-command';
import { PROCESS_TERMINAL, type Terminal } from './terminal';

/** What the process answers with. */
export enum ExitCode {
  /** It did what was asked for. */
  SUCCESS = 0,

  /** It could not do it. */
  FAILURE = 1,

  /** It does not understand what was asked for. */
  USAGE = 2,
}

/**
 * Runs the command line.
 *
 * @param args what stands after the name of the program
 * @param now what the retirement of sizes is compared with; nothing else of the library looks at the clock
 * @returns the exit code; errors are written as one line, without a stack trace
 */
export async function run(
  args: readonly string[],
  terminal: Terminal = PROCESS_TERMINAL,
  now: Date = new Date(),
): Promise<ExitCode> {
  const today = dayOf(now);
  const program = new Command('azure-inference')
    .description('An Azure platform for serving machine-learning models: its report, sizes of nodes, capacity')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print help');
  for (const command of [
    reportCommand(terminal),
    sizesCommand(terminal, today),
    capacityCommand(terminal, today),
    profileCommand(terminal),
    queryCommand(terminal),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
      // commander puts its suggestion on a line of its own
      outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return ExitCode.SUCCESS;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.SUCCESS : ExitCode.USAGE;
    }
    terminal.error(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return ExitCode.FAILURE;
  }
}

/** Sources and compiled files lie at different depths below the package. */
function packageVersion(folder = __dirname): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (name === 'azure-inference-cdktf') {
      return String(version);
    }
  } catch {
    // no package.json here: it is further up
  }
  if (dirname(folder) === folder) {
    throw new Error('this program lies in no package of its own; install azure-inference-cdktf again');
  }
  return packageVersion(dirname(folder));
}
