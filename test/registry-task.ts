import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';

/** A step of a registry task, as far as the library writes them. */
export interface TaskStep {
  readonly id: string;
  readonly timeout?: number;
  readonly env?: readonly string[];
  readonly cmd?: string;
  readonly build?: string;
  readonly push?: readonly string[];
}

/** A registry task. */
export interface RegistryTask {
  readonly version: string;
  readonly stepTimeout: number;
  readonly steps: readonly TaskStep[];
}

/** What a run of a task finds. */
export interface RunOptions {
  /** Folder with the blobs of the container, by their names. */
  readonly store: string;

  /** What the store answers before it lets the identity read: `403`, `network`, `404`. */
  readonly refusals?: readonly string[];

  /** Whether the identity cannot sign in. */
  readonly signInFails?: boolean;
}

/** What a run of a task did. */
export interface TaskRun {
  readonly succeeded: boolean;

  /** What happened, in order: calls of the Azure CLI, pauses, builds and pushes. */
  readonly events: readonly string[];

  /** What the steps wrote. */
  readonly log: string;

  /** Folder that the steps share. */
  readonly workspace: string;
}

/** A task as ACR Tasks parses it. */
export function parseTask(text: string): RegistryTask {
  return parse(text) as RegistryTask;
}

/**
 * Splits a command as ACR Tasks does: at spaces and line breaks outside quotation marks, which group and go.
 *
 * @see https://github.com/Azure/acr-builder
 */
export function splitCommand(command: string): string[] {
  const words = [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word);
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}

/** The Azure CLI of a registry: it has no network, and answers as the store is told to. */
const AZURE_CLI = `#!/usr/bin/env bash
echo "az $*" >> "$EVENTS"
case "$1" in
login)
  [ -z "$SIGN_IN_FAILS" ] || { echo 'ERROR: no managed identity' >&2; exit 1; }
  ;;
storage)
  while [ $# -gt 0 ]; do
    case "$1" in
    --pattern) pattern=$2 ;;
    --destination) destination=$2 ;;
    esac
    shift
  done
  refusal=$(head -n 1 "$REFUSALS")
  sed -i 1d "$REFUSALS"
  case "$refusal" in
  403) echo 'You do not have the required permissions needed to perform this operation.' >&2; exit 1 ;;
  network) echo 'The request may be blocked by network rules of storage account.' >&2; exit 1 ;;
  404) echo 'ErrorCode:ContainerNotFound' >&2; exit 3 ;;
  esac
  cd "$STORE" && find . -path "./$pattern" -type f -exec cp --parents {} "$OLDPWD/$destination" \\;
  find . -path "./$pattern" -type f | wc -l
  ;;
*)
  echo "az: '$1' is misspelled" >&2
  exit 2
  ;;
esac
`;

const SLEEP = `#!/usr/bin/env bash
echo "sleep $*" >> "$EVENTS"
`;

/** Walks through the steps of a task in the place of a registry, until one fails. */
export function runTask(task: RegistryTask, { store, refusals = [], signInFails = false }: RunOptions): TaskRun {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-task-'));
  const [bin, workspace, events, left] = ['bin', 'workspace', 'events', 'refusals'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  mkdirSync(bin);
  mkdirSync(workspace);
  writeFileSync(events, '');
  writeFileSync(left, refusals.map((refusal) => `${refusal}\n`).join(''));
  for (const [name, text] of Object.entries({ az: AZURE_CLI, sleep: SLEEP })) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const built = new Set<string>();
  let log = '';
  const perform = (step: TaskStep): boolean => {
    if (step.cmd !== undefined) {
      const [image, command = '', ...args] = splitCommand(step.cmd);
      const given = Object.fromEntries((step.env ?? []).map((line) => line.split('=', 2)));
      const env = {
        ...given,
        PATH: [bin, process.env.PATH].join(delimiter),
        STORE: store,
        EVENTS: events,
        REFUSALS: left,
        SIGN_IN_FAILS: signInFails ? 'yes' : '',
      };
      writeFileSync(events, `run ${image}\n`, { flag: 'a' });
      // bash takes a socket at its standard input for somebody who signs in
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: workspace,
        env,
        stdio: [...stdio],
        encoding: 'utf8',
      });
      log += `${stdout}${stderr}`;
      return status === 0;
    }
    if (step.build !== undefined) {
      const [, , reference = '', context = ''] = /^(--tag) (\S+) (\S+)$/.exec(step.build) ?? [];
      writeFileSync(events, `build ${reference}\n`, { flag: 'a' });
      built.add(reference);
      return existsSync(join(workspace, context, 'Dockerfile'));
    }
    writeFileSync(events, `push ${step.push?.join(' ')}\n`, { flag: 'a' });
    return (step.push ?? []).every((reference) => built.has(reference));
  };
  const succeeded = task.steps.every(perform);
  const happened = readFileSync(events, 'utf8').split('\n').filter(Boolean);
  return { succeeded, events: happened, log, workspace };
}

/** A store with these blobs. */
export function storeWith(folder: string, files: string): string {
  const store = mkdtempSync(join(tmpdir(), 'azure-inference-store-'));
  mkdirSync(join(store, folder), { recursive: true });
  cpSync(files, join(store, folder), { recursive: true });
  return store;
}
