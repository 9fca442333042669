import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Haproxy } from './haproxy';
import { CLOSE, Program } from './process';
import { servingEnvironment } from './scoring-server';
import { type Container, type Pod, podOf, type SynthesizedService, startHaproxyOf, upload } from './synthesized-pod';
import { runTriton } from './triton-server';

/** Flags of releases after the wheel's, 24.10. */
export const NEWER_FLAGS = /^--http-max-input-size=/;

/** The signals that images name for the end of their containers, where it is not SIGTERM. */
const STOP_SIGNALS: { readonly [container: string]: NodeJS.Signals } = { gateway: 'SIGUSR1' };

/** The address that a script finds Triton at: it asks at localhost. */
export const SCRIPTED_ADDRESS = '127.0.0.1';

/** Where a pod runs. */
export interface TritonPodOptions {
  /** Loopback address that stands for the pod: nobody else uses it. With a scoring script it is `SCRIPTED_ADDRESS`. */
  readonly address: string;

  /**
   * Folder in the place of the model store, to which the models are uploaded.
   *
   * @default - a new one
   */
  readonly store?: string;
}

/** A pod of a synthesized Triton service: a real Triton on the CPU, started as the pod starts it, behind its gateway. */
export class TritonPod {
  /** Uploads the models and starts the containers, and does not wait for the models. */
  public static async start(service: SynthesizedService, { address, store }: TritonPodOptions): Promise<TritonPod> {
    const pod = podOf(service);
    const { args = [], env = [] } = pod.containers.triton ?? {};
    const uploads = upload(service, store);
    withoutGpus(uploads);
    const [account = ''] = readdirSync(uploads);
    const downloads = join(uploads, account, readdirSync(join(uploads, account))[0] ?? '');
    const given = args
      .slice(1)
      .filter((arg) => !NEWER_FLAGS.test(arg))
      .map((arg) => arg.replace('=as:/', `=${uploads}`).replace('=/models', `=${downloads}`))
      .map((arg) => arg.replace(/(?<=-address=).+/, address));
    const variables = env.map(({ name, value }) => [name, value]);
    const triton = runTriton(given, Object.fromEntries(variables));
    const scoring = pod.containers.scoring && runScoring(pod, pod.containers.scoring, uploads);
    const gateway = await startHaproxyOf(pod, address);
    return new TritonPod(pod, address, repositoriesIn(given), { triton, gateway, ...(scoring && { scoring }) });
  }

  private constructor(
    private readonly pod: Pod,
    public readonly address: string,

    /** The folders that Triton takes its models from. */
    public readonly repositories: readonly string[],

    private readonly programs: { readonly triton: Program; readonly gateway: Haproxy; readonly scoring?: Program },
  ) {}

  public get triton(): Program {
    return this.programs.triton;
  }

  public get gateway(): Haproxy {
    return this.programs.gateway;
  }

  /** The server of the scoring script before Triton. */
  public get scoring(): Program {
    const { scoring } = this.programs;
    if (scoring === undefined) {
      throw new Error('the pod has no scoring script');
    }
    return scoring;
  }

  /** What a probe of a container is answered; 0 where nothing answers in time. */
  public async probe(
    kind: 'startupProbe' | 'livenessProbe' | 'readinessProbe',
    container: 'triton' | 'scoring' = 'triton',
  ): Promise<number> {
    const { path = '', port } = this.pod.containers[container]?.[kind]?.httpGet ?? {};
    const url = `http://${this.address}:${port}${path}`;
    const answer = await fetch(url, { headers: CLOSE, signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status ?? 0;
  }

  /** Waits until Kubernetes would send calls. */
  public async ready(): Promise<void> {
    const servers = this.programs.scoring === undefined ? (['triton'] as const) : (['triton', 'scoring'] as const);
    for (const server of servers) {
      await this[server].until(`${server} has started`, async () => (await this.probe('startupProbe', server)) === 200);
      await this[server].until(`${server} is ready`, async () => (await this.probe('readinessProbe', server)) === 200);
    }
  }

  /**
   * Tells the pod to go as the kubelet does: each container waits as long as it is told to before it gets its signal, and
   * what still runs when the grace period is over is killed.
   *
   * @returns how each container ended: its exit status, or the signal that ended it
   */
  public async terminate(): Promise<{ readonly [container: string]: number | NodeJS.Signals }> {
    const killed = setTimeout(() => this.stop(), this.pod.terminationGracePeriodSeconds * 1000);
    const ends = Object.values(this.pod.containers).map((container) => this.end(container));
    const ended = Object.fromEntries(await Promise.all(ends));
    clearTimeout(killed);
    return ended;
  }

  private async end({ name, lifecycle }: Container): Promise<[string, number | NodeJS.Signals]> {
    const program = this.programs[name as keyof typeof this.programs] as Program;
    const [command, ...args] = lifecycle?.preStop?.exec.command ?? ['true'];
    await promisify(execFile)(command, args);
    program.kill(STOP_SIGNALS[name] ?? 'SIGTERM');
    return [name, await program.ended];
  }

  /** Kills all containers. */
  public async stop(): Promise<void> {
    await Promise.all(Object.values(this.programs).map((program) => program.stop()));
  }
}

/** Runs the server of the pod's script, from the files that its image would be built of. */
function runScoring({ files }: Pod, { command = [], env = [] }: Container, uploads: string): Program {
  const config = mkdtempSync(join(tmpdir(), 'azure-inference-scoring-'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(config, name), text.replaceAll('/etc/scoring-server', config));
  }
  const entries = readdirSync(uploads, { recursive: true, encoding: 'utf8' });
  const variables = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
  const script = entries.find((path) => path.endsWith(`/source/${variables.AZUREML_ENTRY_SCRIPT}`)) ?? '';
  const [program = '', ...args] = command.map((part) => part.replace('/etc/scoring-server', config));
  return new Program([program, ...args], {
    ...servingEnvironment(),
    ...variables,
    HOME: config,
    AML_APP_ROOT: dirname(join(uploads, script)),
  });
}

function repositoriesIn(args: readonly string[]): string[] {
  return args.flatMap((arg) => /^--model-repository=(.+)/.exec(arg)?.[1] ?? []);
}

/** Makes models run on a machine without a GPU. */
function withoutGpus(store: string): void {
  for (const path of readdirSync(store, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('config.pbtxt')) {
      const file = join(store, path);
      const config = readFileSync(file, 'utf8').replaceAll('KIND_GPU', 'KIND_CPU');
      writeFileSync(file, config.replaceAll(/\bgpus\s*:\s*(\[[^\]]*\]|\d+)[,;]?/g, ''));
    }
  }
}
