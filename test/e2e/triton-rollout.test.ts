import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { clusterHost } from '../../src/kubernetes/cluster-host';
import { filesIn } from '../fixtures';
import { startDnsServer } from './servers/dns';
import { outcomes } from './servers/errors';
import { type Answer, call } from './servers/load';
import { until } from './servers/process';
import { podOf, type SynthesizedService, startHaproxyOf, upload } from './servers/synthesized-pod';
import { TritonPod } from './servers/triton-pod';
import { numberBody, numberCall, scaler, sleeper, synthesizeTriton } from './servers/triton-program';
import { type GrpcAnswer, grpcCall, grpcCalls } from './servers/triton-server';
import { describeWith, HAPROXY, TRITON } from './tools';

const MINUTE = 60_000;
const ROUTER = '127.0.24.10';
const OLD = '127.0.24.11';
const NEW = '127.0.24.12';

describeWith([HAPROXY, TRITON], 'the pods of a Triton service, as they come and go,', () => {
  const started: { stop(): Promise<void> }[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.stop()));
  });

  async function start(service: SynthesizedService, address: string, store?: string): Promise<TritonPod> {
    const pod = await TritonPod.start(service, { address, store });
    started.push(pod);
    await pod.ready();
    return pod;
  }

  /** Runs a router of a service, which finds the replicas by their name in the cluster's DNS. */
  async function startRouter(service: SynthesizedService, first: string) {
    const dns = await startDnsServer(ROUTER);
    const { service: name } = service;
    const replicas = clusterHost(`${name}-replicas`, 'serving');
    dns.names.set(replicas, [first]).set(`${name}-router-0.${clusterHost(`${name}-router`, 'serving')}`, [ROUTER]);
    const router = await startHaproxyOf(routerOf(service), ROUTER, dns.address);
    started.push(router, dns);
    const knows = async (count: number) => {
      for (const proxy of ['replicas', 'replicas-grpc']) {
        const living = () => router.metric('haproxy_backend_active_servers', `proxy="${proxy}"`);
        await router.until(`${count} replicas`, async () => (await living()) === count);
      }
    };
    await router.answersHealth('/ready');
    await knows(1);
    return { knows, find: (addresses: readonly string[]) => dns.names.set(replicas, addresses) };
  }

  test('pass from a version of a model to the next without a call that fails', { timeout: 2 * MINUTE }, async () => {
    const options = { numReplicas: 2, scoringTimeoutMs: 2000 };
    const first = synthesizeTriton({ scaler: scaler({ 1: 2 }) }, options);
    const second = synthesizeTriton({ scaler: scaler({ 1: 2, 2: 3 }) }, options);
    expect(routerOf(second)).toEqual(routerOf(first));
    const store = upload(first);
    const old = await start(first, OLD, store);
    const router = await startRouter(first, OLD);
    const files = filesIn(old.repositories[0] ?? '');
    expect(Object.keys(files)).toContain('scaler/1/weight.txt');
    expect(scaledBy(await ask('/versions/2'))).toBe(404);

    const load = new Load();
    await until('the old pod answers', () => load.answers.length > 10 && load.grpcAnswers.length > 0);
    const next = await start(second, NEW, store);
    expect(next.repositories).not.toEqual(old.repositories);
    router.find([OLD, NEW]);
    await router.knows(2);
    const ended = await old.terminate();
    const before = load.answers.length;
    // the name of a pod stays until it has ended
    router.find([NEW]);
    await router.knows(1);
    await until('the new pod answers', () => load.answers.length > before + 10);
    await load.stop();

    expect(ended).toEqual({ triton: 0, gateway: 0 });
    expect(outcomes(load.answers)).toEqual({ 200: load.answers.length });
    const weights = load.answers.map(scaledBy);
    expect([...new Set(weights)]).toEqual([2, 3]);
    expect(new Set(weights.slice(before))).toEqual(new Set([3]));
    expect(load.grpcAnswers.map(({ status, message }) => `${status}${message}`)).toEqual(
      load.grpcAnswers.map(() => 'OK'),
    );
    expect(filesIn(old.repositories[0] ?? '')).toEqual(files);
    expect(scaledBy(await ask())).toBe(3);
    expect(scaledBy(await ask('/versions/2'))).toBe(3);
    expect(scaledBy(await ask('/versions/1'))).toBe(404);
  });

  test('answer what they have begun before they end', { timeout: 2 * MINUTE }, async () => {
    const seconds = 6;
    const service = synthesizeTriton({ sleeper: sleeper() }, { scoringTimeoutMs: 7000 });
    const { lifecycle } = podOf(service).containers.gateway ?? {};
    expect(Number(lifecycle?.preStop?.exec.command[1])).toBeLessThan(seconds);
    const pod = await start(service, OLD);
    const { gateway, triton } = pod;
    const path = '/v2/models/sleeper/infer';

    const ended = pod.terminate();
    // as callers do that have not heard of it yet
    const calls = [0, 1].map(() => call(OLD, { path, body: numberBody('seconds', seconds) }));
    const grpc = grpcCalls(
      `${OLD}:${GATEWAY_PORTS.requests}`,
      [0, 1].map(() => numberCall('sleeper', 'seconds', seconds)),
    );
    const health = { path: '/v2/health/ready', method: 'GET' };
    await until('new calls are refused', async () => (await call(OLD, health)).error === 'ECONNREFUSED');
    const refused = await grpcCall(`${OLD}:${GATEWAY_PORTS.requests}`, numberCall('sleeper', 'seconds', 0));

    expect(refused.status).toBe('UNAVAILABLE');
    expect(outcomes(await Promise.all(calls))).toEqual({ 200: 2 });
    expect((await grpc).map(({ status, message }) => `${status}${message}`)).toEqual(['OK', 'OK']);
    expect(await ended).toEqual({ gateway: 0, triton: 0 });
    const [, ...sinceStopped] = gateway.log.split('Proxy requests stopped');
    expect(sinceStopped.join().match(/"path":"[^"]+infer","protocol":"[^"]+","status":200/gi)).toHaveLength(4);
    expect(triton.log).toContain('Found 0 model versions that have in-flight inferences');
  });
});

/** The routers of a service. */
function routerOf(service: SynthesizedService) {
  return podOf({ ...service, service: `${service.service}-router` });
}

/** Asks the router for a number. */
function ask(version = ''): Promise<Answer> {
  return call(ROUTER, { path: `/v2/models/scaler${version}/infer`, body: numberBody('value', 1) });
}

/** What an answer was multiplied by; else the status. */
function scaledBy({ status, text }: Answer): number {
  return status === 200 ? JSON.parse(text).outputs[0].data[0] : status;
}

/** Callers that go on: two over HTTP, each call over a connection of its own, and one over gRPC. */
class Load {
  public readonly answers: Answer[] = [];
  public readonly grpcAnswers: GrpcAnswer[] = [];
  private goesOn = true;
  private readonly callers: readonly Promise<void>[];

  constructor() {
    const http = async () => {
      this.answers.push(await ask());
    };
    const grpc = async () => {
      const one = numberCall('scaler', 'value', 1);
      this.grpcAnswers.push(...(await grpcCalls(`${ROUTER}:${GATEWAY_PORTS.requests}`, [one, one])));
    };
    this.callers = [http, http, grpc].map(async (next) => {
      while (this.goesOn) {
        await next();
        await sleep(10);
      }
    });
  }

  /** Waits for the last answers. */
  public async stop(): Promise<void> {
    this.goesOn = false;
    await Promise.all(this.callers);
  }
}
