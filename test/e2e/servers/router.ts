import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayConfig } from '../../../src/gateway/gateway-config';
import { SCORING_PROTOCOL, type ServedProtocol, speaksGrpc } from '../../../src/gateway/protocol';
import { routerConfig } from '../../../src/gateway/router-config';
import { holdAction } from '../../../src/gateway/waking';
import { type RequestLimits, resolveRequestLimits, SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { BEHAVIOUR_HEADER, type Behaviour, CountingServer } from './counting-server';
import { type DnsServer, startDnsServer } from './dns';
import { Haproxy, KeyFiles, writeConfig, writeMetricsTask } from './haproxy';
import { type Answer, type Call, call } from './load';

const REPLICAS_HOST = 'replicas.test';
const ROUTER_HOSTS = ['router-0.test', 'router-1.test'];

/** A call to a `CountingServer`. */
export interface CountedCall extends Pick<Call, 'path' | 'body' | 'key' | 'headers'>, Omit<Behaviour, 'id'> {}

/** What became of a call. */
export interface CountedAnswer extends Answer {
  /** Name of the call, by which the servers counted it. */
  readonly id: string;

  /** Address that gave the answer. */
  readonly from: string;
}

/** One replica: a gateway, and a server that counts behind it. */
export interface Replica {
  readonly address: string;
  readonly server: CountingServer;
  gateway: Haproxy;
}

/** What a test wants of a routed service; the rest is as a service has it that names nothing. */
export interface RoutedServiceOptions {
  /** The first three numbers of loopback addresses that nobody else uses. */
  readonly network: string;

  readonly limits?: RequestLimits;

  /** @default SCORING_PROTOCOL */
  readonly protocol?: ServedProtocol;

  /** How long routers hold calls while there is no replica; nothing where they do not. */
  readonly wakeTimeoutMs?: number;
}

/** What a server that counts speaks, on the ports that it has. */
export function countedProtocol(server: CountingServer, protocol: ServedProtocol): ServedProtocol {
  const grpc = speaksGrpc(protocol) ? { grpcPort: server.grpcPort } : {};
  return { ...protocol, httpPort: server.httpPort, ...grpc };
}

/** A service as it stands in a cluster: two routers, and replicas that they find by DNS. */
export class RoutedService {
  /** Starts routers and replicas, and waits until the ones know the others. */
  public static async start(options: RoutedServiceOptions, replicas: number): Promise<RoutedService> {
    const service = new RoutedService(options, await startDnsServer(`${options.network}.1`));
    for (let index = 0; index < replicas; index += 1) {
      const { address } = await service.addReplica();
      service.inDns = [...service.inDns, address];
    }
    await Promise.all([service.startRouter(0), service.startRouter(1)]);
    return service;
  }

  public readonly limits: Required<RequestLimits>;
  public readonly replicas: Replica[] = [];
  public readonly routers: Haproxy[] = [];
  private readonly keys = new KeyFiles();

  /** Routers that callers are sent to. Kubernetes sends nobody to a pod before a probe has found it ready. */
  private readonly called = new Set<number>();

  private constructor(
    private readonly options: RoutedServiceOptions,
    private readonly dns: DnsServer,
  ) {
    this.limits = resolveRequestLimits(options.limits ?? {}, SCORING_REQUEST_LIMITS);
    this.inDns = [];
    ROUTER_HOSTS.forEach((host, index) => {
      dns.names.set(host, [this.routerAddress(index)]);
    });
  }

  /** The addresses of replicas that the routers are told. */
  public get inDns(): readonly string[] {
    return this.dns.names.get(REPLICAS_HOST) ?? [];
  }

  public set inDns(addresses: readonly string[]) {
    this.dns.names.set(REPLICAS_HOST, addresses);
  }

  /** Address and port of the DNS. */
  public get nameserver(): string {
    return this.dns.address;
  }

  public routerAddress(index: number): string {
    return `${this.options.network}.${index + 2}`;
  }

  private get settings() {
    const { keyMap, keysTaskFile } = this.keys;
    return {
      serviceName: 'digits',
      protocol: this.options.protocol ?? SCORING_PROTOCOL,
      limits: this.limits,
      keyMap,
      keysTaskFile,
      drainTimeoutSeconds: 60,
    };
  }

  /** Starts a router, and waits until it has found the replicas that are ready. */
  public async startRouter(index: number): Promise<void> {
    const router = await this.startLonelyRouter(index, this.dns.address);
    await router.answersHealth('/ready');
    const ready = await Promise.all(this.replicas.map(({ gateway }) => gateway.health('/ready')));
    await this.knows(router, ready.filter((status) => status === 200).length);
    this.called.add(index);
  }

  /** Starts a router that asks another DNS server. */
  public async startLonelyRouter(index: number, nameserver: string): Promise<Haproxy> {
    const address = this.routerAddress(index);
    const { wakeTimeoutMs } = this.options;
    const config = routerConfig({
      ...this.settings,
      metricsTaskFile: writeMetricsTask({ ...this.settings, part: 'router' }),
      waking: wakeTimeoutMs === undefined ? undefined : this.waking(wakeTimeoutMs),
      address,
      replicasHost: REPLICAS_HOST,
      maxReplicas: 16,
      routerHosts: ROUTER_HOSTS,
      nameserver,
    });
    this.called.delete(index);
    const router = await Haproxy.start(config, address);
    this.routers[index] = router;
    return router;
  }

  private waking(wakeTimeoutMs: number) {
    return { wakeTimeoutMs, holdActionFile: writeConfig(holdAction({ ...this.settings, wakeTimeoutMs }), 'hold.lua') };
  }

  /** Waits until a router holds so many replicas for living. */
  public async knows(router: Haproxy, replicas: number): Promise<void> {
    const living = () => router.metric('haproxy_backend_active_servers', 'proxy="replicas"');
    await router.until(`${replicas} replicas`, async () => (await living()) === replicas);
  }

  /** Starts a replica that the routers are not told of yet. */
  public async addReplica({ ready = true } = {}): Promise<Replica> {
    const address = `${this.options.network}.${11 + this.replicas.length}`;
    const server = new CountingServer();
    await server.listen();
    if (!ready) {
      await server.kill();
    }
    const gateway = await this.startGateway(address, server);
    if (ready) {
      await gateway.answersHealth('/ready');
    }
    const replica = { address, server, gateway };
    this.replicas.push(replica);
    return replica;
  }

  /** Brings a replica back whose server or gateway has ended, and waits until all routers know it. */
  public async restore(replica: Replica): Promise<void> {
    if (!replica.server.listens) {
      await replica.server.listen();
    }
    if (replica.gateway.hasEnded) {
      replica.gateway = await this.startGateway(replica.address, replica.server);
    }
    this.inDns = this.replicas.map(({ address }) => address);
    await Promise.all(this.routers.map((router) => this.knows(router, this.replicas.length)));
  }

  private async startGateway(address: string, server: CountingServer): Promise<Haproxy> {
    const protocol = countedProtocol(server, this.settings.protocol);
    const metricsTaskFile = writeMetricsTask({ ...this.settings, part: 'gateway' });
    const settings = { ...this.settings, protocol, metricsTaskFile, behindRouter: true, address };
    return Haproxy.start(gatewayConfig(settings), address);
  }

  /** Ids of the calls that began, on any replica, as often as they did. */
  public get begun(): readonly string[] {
    return this.replicas.flatMap(({ server }) => server.begun);
  }

  /**
   * Calls as through a Kubernetes Service: over a new connection, to the first router that takes it.
   *
   * @param routers which to try, one after the other
   */
  public async call(what: CountedCall = {}, routers: readonly number[] = [0, 1]): Promise<CountedAnswer> {
    const [first = 0, ...others] = routers.filter((index) => this.called.has(index));
    const answer = await callCounted(this.routerAddress(first), what);
    return answer.error === 'ECONNREFUSED' && others.length > 0 ? this.call(what, others) : answer;
  }

  /**
   * Calls through both routers that come by chance, as many in a second as is said, on average. It is the same chance in
   * every run.
   */
  public async load(
    { perSecond, seconds, ...what }: CountedCall & { readonly perSecond: number; readonly seconds: number },
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<CountedAnswer[]> {
    const chance = chances();
    const calls: Promise<CountedAnswer>[] = [];
    const begin = performance.now();
    const other = meanwhile();
    for (let due = 0; due < seconds * 1000; due += (-Math.log(1 - chance()) * 1000) / perSecond) {
      await sleep(Math.max(0, begin + due - performance.now()));
      calls.push(this.call(what, chance() < 0.5 ? [0, 1] : [1, 0]));
    }
    await other;
    return Promise.all(calls);
  }

  public async stop(): Promise<void> {
    await Promise.all([...this.routers, ...this.replicas.map(({ gateway }) => gateway)].map((one) => one.stop()));
    await Promise.all(this.replicas.map(({ server }) => server.kill()));
    await this.dns.stop();
  }
}

/** Makes a call that a server counts, to a gateway or a router. */
export async function callCounted(address: string, what: CountedCall = {}): Promise<CountedAnswer> {
  const { path, body, key, headers, ...behaviour } = what;
  const id = randomUUID();
  const told = { ...headers, [BEHAVIOUR_HEADER]: JSON.stringify({ id, ...behaviour }) };
  return { ...(await call(address, { path, body, key, headers: told })), id, from: address };
}

/** Numbers from 0 to 1 that look like chance (mulberry32). */
function chances(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
