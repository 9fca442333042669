import {
  type Admission,
  bindArgument,
  bodyLines,
  callerLines,
  defaultLines,
  errorPages,
  GRPC_FORM,
  GRPC_LINES,
  globalLines,
  logLines,
  messageLines,
  OWN_REQUEST_ID,
  REQUEST_ID_HEADER,
  requestIdLine,
  waitForMessageLines,
} from './admission';
import { NO_REPLICA, queuedTooLong, queueFull, scoredTooLong } from './errors';
import { FINAL_STATUS_HEADER, healthSection, metricsSection, REFUSED_STATUS } from './gateway-config';
import { grpcRefusal, grpcReply, jsonRefusal, jsonReply } from './gateway-error';
import { section, word } from './haproxy-text';
import { GATEWAY_PORTS } from './ports';
import { speaksGrpc } from './protocol';
import { ROUTER_RETRIES, replicaAnswerMs, routerAnswerMs } from './timeouts';

/** What a router is told. */
export interface RouterSettings extends Admission {
  /** Name in the cluster's DNS that stands for the addresses of all replicas. */
  readonly replicasHost: string;

  /** The most replicas that the router knows apart. */
  readonly maxReplicas: number;

  /** Names of the routers in the cluster's DNS: the first that lives chooses for all. */
  readonly routerHosts: readonly string[];

  /** File of the task that refreshes the table of keys; nothing when callers need no key. */
  readonly keysTaskFile?: string;

  /** How long requests that were accepted may take to end once the router is told to go. */
  readonly drainTimeoutSeconds: number;

  /**
   * Address that the router listens on.
   *
   * @default - all of the pod
   */
  readonly address?: string;

  /**
   * Server of the DNS, as address and port.
   *
   * @default - what /etc/resolv.conf says
   */
  readonly nameserver?: string;
}

/**
 * Number of replicas that a router for so many is prepared for: those of a rollout among them, and in large steps, so that
 * a few replicas more are no reason to replace the routers.
 */
export function routerSlots(replicas: number): number {
  return Math.max(16, 2 ** Math.ceil(Math.log2(2 * replicas)));
}

/**
 * The configuration of the HAProxy pair that stands before the replicas of a service and finds a free one.
 *
 * Both routers take requests, and one of them chooses for both, the first that lives: two that choose by themselves
 * would each take replicas for free that the other keeps busy. The other one takes over as soon as a connection to the
 * first is refused.
 */
export function routerConfig(settings: RouterSettings): string {
  const { limits, protocol, address = '*' } = settings;
  const requestId = 'var(txn.request_id)';
  const grpc = speaksGrpc(protocol);
  const answer = replicaAnswerMs(limits);
  const choice = routerAnswerMs(limits);
  return `${[
    section('global', globalLines(settings.keysTaskFile, settings.drainTimeoutSeconds)),
    section('defaults', defaultLines(settings)),
    resolversSection(settings.nameserver),
    section('frontend requests', [
      bindArgument(address, GATEWAY_PORTS.requests, settings.certificateFile),
      'unique-id-format %[uuid()]',
      ...logLines(settings, 'router', OWN_REQUEST_ID),
      requestIdLine(OWN_REQUEST_ID),
      ...callerLines(settings, OWN_REQUEST_ID),
      ...(grpc ? GRPC_FORM : []),
      `http-request set-header ${REQUEST_ID_HEADER} %[${OWN_REQUEST_ID}]`,
      'http-request set-header x-forwarded-for %[src]',
      ...(grpc ? ['use_backend choice-grpc if is_grpc'] : []),
      'default_backend choice',
    ]),
    section('backend choice', [
      ...bodyLines(settings, OWN_REQUEST_ID),
      ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], (error) => jsonReply(error, OWN_REQUEST_ID)),
      `timeout server ${choice}ms`,
      ...choiceLines(settings, ''),
    ]),
    ...(grpc
      ? [
          section('backend choice-grpc', [
            ...messageLines(settings),
            ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], grpcReply),
            `timeout server ${choice}ms`,
            ...choiceLines(settings, ' proto h2'),
          ]),
        ]
      : []),
    section('frontend choice', [
      `bind ${address}:${GATEWAY_PORTS.choice}`,
      `http-request set-var(txn.request_id) req.hdr(${REQUEST_ID_HEADER})`,
      ...logLines(settings, 'choice', requestId),
      // what a replica answered stands in the logs of its gateway and of the router that the caller reached
      'http-response set-log-level silent',
      requestIdLine(requestId),
      ...(grpc ? [...GRPC_LINES, 'use_backend replicas-grpc if is_grpc'] : []),
      'default_backend replicas',
    ]),
    section('backend replicas', [
      `http-request wait-for-body time ${limits.requestReadTimeoutMs}ms`,
      ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], (error) => jsonReply(error, requestId)),
      ...queueConditions(settings, 'replicas').map(([error, condition]) => jsonRefusal(error, requestId, condition)),
      ...FINAL_STATUS_LINES,
      `timeout server ${answer}ms`,
      ...replicaLines(settings, ''),
    ]),
    ...(grpc
      ? [
          section('backend replicas-grpc', [
            ...waitForMessageLines(settings),
            ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], grpcReply),
            ...FINAL_STATUS_LINES,
            ...queueConditions(settings, 'replicas-grpc').map(([error, condition]) => grpcRefusal(error, condition)),
            `timeout server ${answer}ms`,
            ...replicaLines(settings, ' proto h2'),
          ]),
        ]
      : []),
    healthSection(address, settings.keyMap, ['http-request return status 200']),
    metricsSection(address),
  ].join('\n\n')}\n`;
}

/** Kubernetes' names change with every pod; an answer that fails to come leaves the last one in force. */
function resolversSection(nameserver: string | undefined): string {
  return section('resolvers cluster', [
    nameserver === undefined ? 'parse-resolv-conf' : `nameserver cluster ${nameserver}`,
    'accepted_payload_size 8192',
    'timeout resolve 1s',
    'timeout retry 1s',
    'hold valid 1s',
    'hold obsolete 5s',
    'hold other 30s',
    'hold refused 30s',
    'hold timeout 30s',
  ]);
}

/** The router that chooses: the first that lives. A refused connection tells at once that it is gone. */
function choiceLines({ routerHosts }: RouterSettings, proto: string): string[] {
  return [
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    ...CHECK_LINES('/gateway'),
    ...routerHosts.map(
      (host, index) =>
        `server router-${index} ${word(`${host}:${GATEWAY_PORTS.choice}`)}${proto} ${CHECK}${index === 0 ? '' : ' backup'}`,
    ),
  ];
}

const FINAL_STATUS_LINES: readonly string[] = [
  ...[429, REFUSED_STATUS].map(
    (status) => `http-response set-status ${status} if { res.hdr(${FINAL_STATUS_HEADER}) ${status} }`,
  ),
  `http-response del-header ${FINAL_STATUS_HEADER}`,
];

/** The replicas by the fewest calls in flight. One that refuses, or is gone, is passed over for another. */
function replicaLines({ replicasHost, maxReplicas, limits }: RouterSettings, proto: string): string[] {
  return [
    'balance leastconn',
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    `retry-on conn-failure ${REFUSED_STATUS}`,
    ...CHECK_LINES('/ready'),
    `server-template replica 1-${maxReplicas} ${word(`${replicasHost}:${GATEWAY_PORTS.requests}`)}${proto} ${CHECK} ` +
      `maxconn ${limits.replicaMaxConcurrentRequests}`,
  ];
}

const CHECK_LINES = (path: string) => [
  'option httpchk',
  `http-check send meth GET uri ${path}`,
  'http-check expect status 200',
];

const CHECK =
  `resolvers cluster resolve-prefer ipv4 init-addr none check check-proto h1 port ${GATEWAY_PORTS.health} inter 1s fall 2 ` +
  'rise 1 observe layer4 error-limit 1 on-error mark-down';

/** What keeps a request out of the queue. */
function queueConditions({ limits }: RouterSettings, backend: string) {
  return [
    [NO_REPLICA, `{ nbsrv(${backend}) eq 0 }`],
    [queueFull(limits), `{ avg_queue(${backend}) ge ${limits.replicaMaxQueuedRequests} }`],
  ] as const;
}
