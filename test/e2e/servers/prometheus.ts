import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './process';

/** What Prometheus is to scrape. */
export interface ScrapeTarget {
  /** Address and port. */
  readonly address: string;

  /** @default '/metrics' */
  readonly path?: string;

  /** Labels of every series, as a PodMonitor's relabeling gives them. */
  readonly labels: { readonly [name: string]: string };
}

/** How Prometheus is started. */
export interface PrometheusOptions {
  /** Address and port of its own, on loopback. */
  readonly address: string;

  readonly targets: readonly ScrapeTarget[];

  /**
   * How often it scrapes.
   *
   * @default 1
   */
  readonly scrapeSeconds?: number;

  /** Files with rules that it loads. */
  readonly ruleFiles?: readonly string[];
}

/** One series of an answer. */
export interface Sample {
  readonly labels: { readonly [name: string]: string };
  readonly value: number;
}

/** @see https://prometheus.io/docs/prometheus/latest/querying/api/ */
interface Answer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: {
    readonly result: readonly { readonly metric: Sample['labels']; readonly value: readonly [number, string] }[];
  };
}

/** A running Prometheus with a store of its own. */
export class Prometheus extends Program {
  /** Starts it, and waits until it has scraped every target once. */
  public static async start(options: PrometheusOptions): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-prometheus-'));
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, JSON.stringify(configuration(options)));
    const { address, targets } = options;
    const command = ['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`] as const;
    const prometheus = new Prometheus([...command, `--web.listen-address=${address}`], address);
    await prometheus.until('it has scraped all targets', async () => {
      const up = await prometheus.query('up == 1').catch(() => []);
      return up.length === targets.length;
    });
    return prometheus;
  }

  private constructor(
    command: readonly [string, ...string[]],
    public readonly address: string,
  ) {
    super(command);
  }

  /** What an expression yields now. */
  public async query(expression: string): Promise<readonly Sample[]> {
    const url = `http://${this.address}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { status, data, error } = (await (await fetch(url)).json()) as Answer;
    if (status !== 'success') {
      throw new Error(`Prometheus does not take ${expression}: ${error}`);
    }
    return (data?.result ?? []).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** The one number that an expression yields; not a number where it yields none. */
  public async number(expression: string): Promise<number> {
    const samples = await this.query(expression);
    if (samples.length > 1) {
      throw new Error(`${samples.length} series come of ${expression}`);
    }
    return samples[0]?.value ?? Number.NaN;
  }
}

function configuration({ targets, scrapeSeconds = 1, ruleFiles = [] }: PrometheusOptions): object {
  const interval = `${scrapeSeconds}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: targets.map(({ address, path = '/metrics', labels }, index) => ({
      job_name: `target-${index}`,
      metrics_path: path,
      static_configs: [{ targets: [address], labels }],
    })),
  };
}
