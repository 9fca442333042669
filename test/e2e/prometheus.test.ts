import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVICE_METRICS, SERVICE_METRICS_PATH } from '../../src/gateway/metrics-task';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { type MeteredService, scalingMetric } from '../../src/monitoring/scaling-metric';
import { Prometheus } from './servers/prometheus';
import { RoutedService } from './servers/router';
import { startTritonServer, type TritonServer } from './servers/triton-server';
import { describeWith, HAPROXY, PROMETHEUS, TRITON } from './tools';

const MINUTE = 60_000;
const { requests, duration, queue, maxConcurrent } = SERVICE_METRICS;

/** What a load generator that knows its own calls says of them. */
interface Load {
  /** Calls in flight, on average. */
  readonly inFlight: number;

  readonly perSecond: number;
  readonly meanSeconds: number;
}

/** Lets so many clients call one after the other while something is watched, and says what they did meanwhile. */
async function loaded<T>(
  clients: number,
  { warmUp, seconds }: { readonly warmUp: number; readonly seconds: number },
  call: (client: number) => Promise<{ readonly status: number }>,
  watch: () => Promise<T>,
): Promise<{ readonly load: Load; readonly watched: T }> {
  let over = false;
  const calls: { readonly began: number; readonly ended: number }[] = [];
  const running = Array.from({ length: clients }, async (_, client) => {
    while (!over) {
      const began = performance.now();
      const { status } = await call(client);
      expect(status).toBe(200);
      calls.push({ began, ended: performance.now() });
    }
  });
  await sleep(warmUp * 1000);
  const begin = performance.now();
  await sleep(seconds * 1000);
  const end = performance.now();
  const watched = await watch();
  over = true;
  await Promise.all(running);

  const within = calls.map(({ began, ended }) => Math.max(0, Math.min(ended, end) - Math.max(began, begin)));
  const done = calls.filter(({ ended }) => ended > begin && ended <= end);
  const total = done.reduce((sum, { began, ended }) => sum + ended - began, 0);
  return {
    load: {
      inFlight: within.reduce((sum, part) => sum + part, 0) / (end - begin),
      perSecond: done.length / seconds,
      meanSeconds: total / done.length / 1000,
    },
    watched,
  };
}

const OF_SERVICE = 'namespace="serving",inference_service="digits"';

/** What the service is scaled by, its windows as short as the scrapes of these tests. */
function scalingQuery(more: Partial<MeteredService> = {}, target: { readonly queueTargetMs?: number } = {}): string {
  const service = { namespace: 'serving', serviceName: 'digits', replicaMaxConcurrentRequests: 1, ...more };
  const { query } = scalingMetric(service, { minReplicas: 1, targetUtilizationPercent: 70, ...target });
  return query.replaceAll('[1m]', '[15s]');
}

function expectWithin(value: number, wanted: number, share = 0.1): void {
  expect(value).toBeGreaterThan(wanted * (1 - share));
  expect(value).toBeLessThan(wanted * (1 + share));
}

describeWith([HAPROXY, PROMETHEUS], 'Prometheus, which scrapes routers and gateways', () => {
  const CONCURRENCY = 2;
  let service: RoutedService;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const limits = { replicaMaxConcurrentRequests: CONCURRENCY, maxRequestWaitTimeMs: 5000 };
    service = await RoutedService.start({ network: '127.0.30', limits }, 2);
    const target = (part: string) => (address: string) => ({
      address: `${address}:${GATEWAY_PORTS.metrics}`,
      path: SERVICE_METRICS_PATH,
      labels: { namespace: 'serving', inference_service: 'digits', part },
    });
    prometheus = await Prometheus.start({
      address: '127.0.30.200:9090',
      targets: [
        ...[0, 1].map((index) => service.routerAddress(index)).map(target('router')),
        ...service.replicas.map(({ address }) => address).map(target('gateway')),
      ],
    });
  });

  afterAll(async () => {
    await prometheus?.stop();
    await service?.stop();
  });

  test.each([
    ['below what the replicas compute at once', 2],
    ['above it', 7],
  ])('tells the utilization that the callers caused, %s', { timeout: 2 * MINUTE }, async (_, clients) => {
    const { load, watched } = await loaded(
      clients,
      { warmUp: 3, seconds: 18 },
      (client) => service.call({ milliseconds: 400 }, client % 2 === 0 ? [0, 1] : [1, 0]),
      async () => ({
        utilization: await prometheus.number(
          `(${scalingQuery()}) / sum(${maxConcurrent}{${OF_SERVICE},part="gateway"})`,
        ),
        perSecond: await prometheus.number(`sum(rate(${requests}{${OF_SERVICE},part="router"}[15s]))`),
        meanSeconds: await prometheus.number(
          `sum(rate(${duration}_sum{${OF_SERVICE},part="router"}[15s])) / ` +
            `sum(rate(${duration}_count{${OF_SERVICE},part="router"}[15s]))`,
        ),
        queueSeconds: await prometheus.number(
          `sum(rate(${queue}_sum{${OF_SERVICE},part="router"}[15s])) / ` +
            `sum(rate(${queue}_count{${OF_SERVICE},part="router"}[15s]))`,
        ),
        median: await prometheus.number(
          `histogram_quantile(0.5, sum by (le) (rate(${duration}_bucket{${OF_SERVICE},part="router"}[15s])))`,
        ),
      }),
    );

    expectWithin(load.inFlight, clients, 0.02);
    expectWithin(watched.utilization, load.inFlight / (service.replicas.length * CONCURRENCY));
    expectWithin(watched.perSecond, load.perSecond);
    expectWithin(watched.meanSeconds, load.meanSeconds);
    if (clients > 4) {
      expectWithin(watched.queueSeconds, load.meanSeconds - 0.4);
      expect(watched.median).toBeGreaterThan(0.5);
    } else {
      expect(watched.queueSeconds).toBeLessThan(0.1);
      expect(watched.median).toBeLessThan(0.5);
    }
  });
});

describeWith([TRITON, PROMETHEUS], 'Prometheus, which scrapes Triton', () => {
  const SECONDS = 0.25;
  let triton: TritonServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    triton = await startTritonServer({ metrics: true });
    prometheus = await Prometheus.start({
      address: '127.0.30.201:9090',
      targets: [
        {
          address: `127.0.0.1:${triton.metricsPort}`,
          labels: { namespace: 'serving', inference_service: 'digits', part: 'triton' },
        },
      ],
    });
  });

  afterAll(async () => {
    await prometheus?.stop();
    await triton?.program.stop();
  });

  const urlOf = (model: string) => `http://127.0.0.1:${triton.httpPort}/v2/models/${model}`;
  const inputs = [{ name: 'seconds', datatype: 'FP32', shape: [1], data: [SECONDS] }];

  async function infer(model: string): Promise<{ status: number }> {
    const answer = await fetch(`${urlOf(model)}/infer`, { method: 'POST', body: JSON.stringify({ inputs }) });
    await answer.arrayBuffer();
    return answer;
  }

  /** Seconds that a call waited, by Triton's own count of calls. */
  async function queueSecondsOf(): Promise<number> {
    const { model_stats } = (await (await fetch(`${urlOf('sleeper')}/stats`)).json()) as {
      model_stats: [{ inference_stats: { queue: { count: number; ns: number } } }];
    };
    const { count, ns } = model_stats[0].inference_stats.queue;
    return ns / count / 1e9;
  }

  const queueQuery = () => scalingQuery({ ensembleSteps: { 'sleep-twice': 2 } }, { queueTargetMs: 20 });

  test('tells the time that calls wait in its queue', { timeout: 2 * MINUTE }, async () => {
    // four instances compute, and twelve callers keep two calls waiting for each
    const { load, watched } = await loaded(
      12,
      { warmUp: 2, seconds: 16 },
      () => infer('sleeper'),
      () => prometheus.number(queueQuery()),
    );
    const queueSeconds = watched / 1000;

    expectWithin(load.perSecond, 4 / SECONDS);
    expectWithin(queueSeconds, load.meanSeconds - SECONDS);
    expectWithin(queueSeconds, await queueSecondsOf());
  });

  test('tells the time that calls of an ensemble wait in the queues of its models', {
    timeout: 2 * MINUTE,
  }, async () => {
    const { load, watched } = await loaded(
      12,
      { warmUp: 2, seconds: 16 },
      () => infer('sleep-twice'),
      () => prometheus.number(queueQuery()),
    );

    expectWithin(load.perSecond, 2 / SECONDS);
    expectWithin(watched / 1000, load.meanSeconds - 2 * SECONDS);
  });
});
