import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_DURATION_SECONDS, loadProblems, MOST_CALLS, warmUpSeconds } from '../profile/profile-load';
import type { ProfileSettings } from '../profile/profile-settings';
import { PROFILE_PROGRAM } from '../profile/program/program';
import { renderProfile } from './profile-text';
import type { Terminal } from './terminal';
import { positive, wholeFrom } from './values';
import { writeWholeFile } from './write-file';

interface ProfileCommandOptions {
  readonly concurrency: number[];
  readonly durationSeconds: number;
  readonly timeoutSeconds: number;
  readonly readySeconds: number;
  readonly pid?: number;
  readonly command?: string;
  readonly requestedCpu?: number;
  readonly requestedMemoryGb?: number;
  readonly output: string;
}

/** What ends a measurement early. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `azure-inference profile`: what `addProfile` measures in the cluster, of a server on this machine. */
export function profileCommand(terminal: Terminal): Command {
  const command = new Command('profile')
    .description('Measure a model server that runs on this machine: latency, throughput, CPU and memory')
    .argument('<url>', 'address that requests are posted to, such as http://127.0.0.1:5001/score')
    .argument('<file>', 'file with the body of the request; sent as JSON where it is named so, else as bytes')
    .option('--concurrency <numbers>', 'calls at once, level by level', levels, [1, 2, 4])
    .option('--duration-seconds <number>', 'how long each level is measured', wholeFrom(1), DEFAULT_DURATION_SECONDS)
    .option('--timeout-seconds <number>', 'how long a call may take', positive, 60)
    .option('--ready-seconds <number>', 'how long the server may take to answer', positive, 300)
    .option(
      '--pid <number>',
      'process of the server, whose CPU and memory are measured with all that it started',
      wholeFrom(1),
    )
    .option('--command <text>', 'command that starts the server, in its place; it is ended afterwards')
    .option('--requested-cpu <number>', 'cores that the server is meant to be promised, for the report', positive)
    .option('--requested-memory-gb <number>', 'memory that it is meant to be promised, for the report', positive)
    .option('--output <file>', 'file for the report', 'profile.json');
  return command.action(async (url: string, file: string, options: ProfileCommandOptions) => {
    const problems = [
      ...loadProblems(options),
      urlProblem(url),
      pidProblem(options.pid),
      options.pid !== undefined && options.command !== undefined
        ? "'--pid' and '--command' exclude each other: the process runs, or it is started"
        : undefined,
      existsSync(file) && statSync(file).isFile()
        ? undefined
        : `'${file}' is not a file; name one with the body of a request`,
    ].filter((problem) => problem !== undefined);
    if (problems.length > 0) {
      command.error(`error: ${problems.join('; ')}`);
    }
    const report = await run(settingsOf(url, file, options), terminal);
    writeWholeFile(options.output, report);
    const found = JSON.parse(report);
    terminal.out(`${renderProfile(found)}The report: ${options.output}\n`);
    if (found.state !== 'Succeeded') {
      throw new Error(`nothing can be recommended: ${found.error}`);
    }
  });
}

function settingsOf(url: string, file: string, options: ProfileCommandOptions): ProfileSettings {
  const { concurrency, durationSeconds, timeoutSeconds, pid, command } = options;
  const { requestedCpu, requestedMemoryGb: requestedMemoryInGB } = options;
  const server = { name: 'server', requestedCpu, requestedMemoryInGB, pid, command };
  return {
    http: {
      // of ASCII, whatever was typed
      url: new URL(url).href,
      contentType: /\.json$/i.test(file) ? 'application/json' : 'application/octet-stream',
      file: resolve(file),
    },
    batch: 1,
    concurrency,
    durationSeconds,
    warmUpSeconds: warmUpSeconds(durationSeconds),
    timeoutSeconds,
    // what a server of the user's answers to GET is unknown
    ready: { url: new URL('/', url).href, timeoutSeconds: options.readySeconds, anyAnswer: true },
    servers: pid === undefined && command === undefined ? [] : [server],
    facts: { service: url, scoringTimeoutMs: timeoutSeconds * 1000 },
  };
}

/** Runs the program with the Python of this machine. What it says of its progress is shown meanwhile. */
async function run(settings: ProfileSettings, terminal: Terminal): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-profile-'));
  let python: ChildProcess | undefined;
  let ended: string | undefined;
  const end = (name: NodeJS.Signals) => {
    ended = name;
    // it ends the command that it started, which knows nothing of a signal to this process
    python?.kill('SIGINT');
  };
  for (const name of ENDING) {
    process.on(name, end);
  }
  try {
    writeFileSync(join(folder, 'profile.py'), PROFILE_PROGRAM);
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
    return await new Promise<string>((done, failed) => {
      const started = spawn('python3', [join(folder, 'profile.py'), join(folder, 'settings.json')], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      python = started;
      let text = '';
      started.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      started.stderr.setEncoding('utf8').on('data', (more: string) => terminal.error(more));
      started.once('error', (error) =>
        failed(new Error(`python3 cannot be started: ${error.message}; install Python 3.8 or later`)),
      );
      started.once('close', (status) =>
        text.startsWith('{')
          ? done(text)
          : failed(
              new Error(
                ended === undefined
                  ? `the measurement ended with ${status} and without a report`
                  : `the measurement was ended by ${ended}`,
              ),
            ),
      );
    });
  } finally {
    for (const name of ENDING) {
      process.off(name, end);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads numbers with commas between them. */
function levels(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.some((value) => !Number.isInteger(value) || value < 1 || value > MOST_CALLS)) {
    throw new InvalidArgumentError(
      `Give whole numbers from 1 to ${MOST_CALLS} with commas between them, such as 1,2,4.`,
    );
  }
  return values;
}

function urlProblem(url: string): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return `'${url}' is no address; give one that begins with http:// or https://`;
  }
  const { username, password } = new URL(url);
  // not repeated: a password does not belong into a log
  return username === '' && password === '' ? undefined : 'give an address without user and password';
}

function pidProblem(pid: number | undefined): string | undefined {
  if (pid === undefined) {
    return undefined;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // of another user's, which is only not allowed to be ended
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return `there is no process ${pid}; give '--pid' the number of one that runs`;
    }
  }
  return undefined;
}
