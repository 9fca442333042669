import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewaySettings, gatewayConfig } from '../../../src/gateway/gateway-config';
import { KEY_NAMES, keysTask } from '../../../src/gateway/keys-task';
import { type MetricsSettings, metricsTask, SERVICE_METRICS_PATH } from '../../../src/gateway/metrics-task';
import { GATEWAY_PORTS } from '../../../src/gateway/ports';
import { SCORING_PROTOCOL } from '../../../src/gateway/protocol';
import { type RequestLimits, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { CLOSE, Program } from './process';

type KeyName = (typeof KEY_NAMES)[number];

/** The keys of the services that tests start. */
export const KEYS: { readonly [name in KeyName]: string } = {
  primary: 'First-Key-0123456789abcdef',
  secondary: 'Second-Key-0123456789abcdef',
};

/** Files of the keys as a pod has them: a mounted secret, whose files the kubelet replaces all at once. */
export class KeyFiles {
  public readonly keyMap: string;
  public readonly keysTaskFile: string;
  private readonly mount: string;
  private contents: { [name: string]: string } = {};
  private version = 0;

  constructor(keys: { readonly [name: string]: string } = KEYS) {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-keys-'));
    this.mount = join(folder, 'mount');
    this.keyMap = join(folder, 'keys.map');
    this.keysTaskFile = join(folder, 'keys.lua');
    mkdirSync(this.mount);
    for (const name of KEY_NAMES) {
      symlinkSync(join('..data', name), join(this.mount, name));
    }
    writeFileSync(this.keyMap, '');
    writeFileSync(this.keysTaskFile, keysTask({ folder: this.mount, map: this.keyMap }));
    for (const [name, key] of Object.entries(keys)) {
      this.set(name as KeyName, key);
    }
  }

  /** Gives one key another value. */
  public set(name: KeyName, key: string): void {
    this.write(name, createHash('sha256').update(key).digest('hex'));
  }

  /** Gives one file another content, by a link that is replaced: what is half written is never seen. */
  public write(name: KeyName, content: string): void {
    this.contents = { ...this.contents, [name]: content };
    this.version += 1;
    const data = join(this.mount, `..version-${this.version}`);
    mkdirSync(data);
    for (const [file, text] of Object.entries(this.contents)) {
      writeFileSync(join(data, file), text);
    }
    symlinkSync(data, join(this.mount, '..data-next'));
    renameSync(join(this.mount, '..data-next'), join(this.mount, '..data'));
  }

  /** Takes the file of one key away. */
  public remove(name: KeyName): void {
    unlinkSync(join(this.mount, name));
  }
}

/** A running HAProxy. */
export class Haproxy extends Program {
  public static async start(config: string, address: string): Promise<Haproxy> {
    const haproxy = new Haproxy(['haproxy', '-db', '-f', writeConfig(config)], address);
    await haproxy.answersHealth('/gateway');
    return haproxy;
  }

  private constructor(
    command: readonly [string, ...string[]],
    public readonly address: string,
  ) {
    super(command);
  }

  /** The access log: one object a request. */
  public get accesses(): Record<string, unknown>[] {
    return this.jsonLines.filter((line) => 'requestId' in line);
  }

  /** The line of the access log about one request, once it is there. */
  public async access(requestId: unknown): Promise<Record<string, unknown>> {
    const find = () => this.accesses.find((line) => line.requestId === requestId);
    await this.until(`a line of the log about ${requestId}`, () => find() !== undefined);
    return find() as Record<string, unknown>;
  }

  /** Status of a path on the port for probes; 0 where nothing answers in time. */
  public async health(path: string): Promise<number> {
    const url = `http://${this.address}:${GATEWAY_PORTS.health}${path}`;
    const answer = await fetch(url, { headers: CLOSE, signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status ?? 0;
  }

  public async answersHealth(path: string): Promise<void> {
    await this.until(`200 from ${path}`, async () => (await this.health(path)) === 200);
  }

  /** A figure that HAProxy tells Prometheus. */
  public async metric(name: string, labels: string): Promise<number> {
    return figureIn(await this.metricsText('/metrics'), name, labels);
  }

  /** A figure that the service tells Prometheus; not a number where it is not told. */
  public async serviceMetric(name: string, labels = ''): Promise<number> {
    return figureIn(await this.metricsText(SERVICE_METRICS_PATH), name, labels);
  }

  public async metricsText(path: string): Promise<string> {
    return (await this.metricsAnswer(path)).text();
  }

  public metricsAnswer(path: string): Promise<Response> {
    return fetch(`http://${this.address}:${GATEWAY_PORTS.metrics}${path}`, { headers: CLOSE });
  }
}

function figureIn(text: string, name: string, labels: string): number {
  const begin = labels === '' ? `${name} ` : `${name}{${labels}} `;
  const line = text.split('\n').find((each) => each.startsWith(begin));
  return Number(line?.split(' ').at(-1));
}

/** Writes a configuration, or what it loads, to a file of its own. */
export function writeConfig(config: string, name = 'haproxy.cfg'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'azure-inference-haproxy-')), name);
  writeFileSync(file, config);
  return file;
}

/** Writes the task that measures a gateway or a router. */
export function writeMetricsTask(settings: MetricsSettings): string {
  return writeConfig(metricsTask(settings), 'metrics.lua');
}

/** What a test wants of a gateway; the rest is as a service has it that names nothing. */
export interface GatewayOptions extends Partial<Omit<GatewaySettings, 'limits'>> {
  /** Loopback address of its own: the ports are the same for all. */
  readonly address: string;

  /** Port of the scoring server, unless `protocol` names others. */
  readonly serverPort?: number;

  readonly limits?: RequestLimits;
}

/** The configuration of a gateway before a scoring server. */
export function scoringGatewayConfig({ serverPort = 0, limits = {}, ...settings }: GatewayOptions): string {
  const served = {
    protocol: settings.protocol ?? { ...SCORING_PROTOCOL, httpPort: serverPort },
    limits: resolveRequestLimits(limits, SCORING_REQUEST_LIMITS),
  };
  return gatewayConfig({
    serviceName: 'digits',
    ...served,
    metricsTaskFile: writeMetricsTask({ part: 'gateway', ...served }),
    behindRouter: false,
    drainTimeoutSeconds: 60,
    ...settings,
  });
}

/** Starts a gateway before a scoring server, with the keys in `KEYS` unless told otherwise. */
export async function startGateway(options: GatewayOptions, keys = new KeyFiles()): Promise<Haproxy> {
  const { keyMap, keysTaskFile } = keys;
  return Haproxy.start(scoringGatewayConfig({ keyMap, keysTaskFile, ...options }), options.address);
}
