import {
  type Admission,
  bindArgument,
  bodyLines,
  callerLines,
  defaultLines,
  errorPages,
  GRPC_FORM,
  GRPC_HOP_LINES,
  GRPC_STATUS_ALONE,
  globalLines,
  insideAddress,
  logLines,
  messageLines,
  OWN_REQUEST_ID,
  REQUEST_ID_HEADER,
  requestIdLine,
  TAKE_QUEUE_TIME,
  TELL_QUEUE_TIME,
  TOLD_QUEUE_TIME,
  waitForMessageLines,
} from './admission';
import { NO_REPLICA, queuedTooLong, queueFull, scoredTooLong } from './errors';
import { FINAL_STATUS_HEADER, REFUSED_STATUS } from './gateway-config';
import { type GatewayError, grpcRefusal, grpcReply, jsonRefusal, jsonReply } from './gateway-error';
import { section, word } from './haproxy-text';
import { ARRIVAL_LINE, COUNT_LINES } from './metrics-task';
import { GATEWAY_PORTS } from './ports';
import { speaksGrpc } from './protocol';
import { healthSection, metricsSection } from './side-frontends';
import { ROUTER_RETRIES, replicaAnswerMs, routerAnswerMs } from './timeouts';
import { HELD_HEADER, handoverLines, heldBeforeReplicas, heldInside, type Waking } from './waking';

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

  /** File of the task that measures. */
  readonly metricsTaskFile: string;

  /**
   * How calls are held while there is no replica; without it they are answered with 503 at once.
   *
   * @default - they are not
   */
  readonly waking?: Waking;

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
  const { limits, protocol, waking, address = '*' } = settings;
  const requestId = 'var(txn.request_id)';
  const grpc = speaksGrpc(protocol);
  const answer = replicaAnswerMs(limits);
  return `${[
    section(
      'global',
      globalLines(
        [settings.keysTaskFile, settings.metricsTaskFile, settings.waking?.holdActionFile],
        settings.drainTimeoutSeconds,
      ),
    ),
    // a caller that is gone leaves the queue
    section('defaults', [...defaultLines(settings), 'option abortonclose']),
    resolversSection(settings.nameserver),
    section('frontend requests', [
      bindArgument(address, GATEWAY_PORTS.requests, settings.certificateFile),
      'unique-id-format %[uuid()]',
      ARRIVAL_LINE,
      ...logLines(settings, 'router', OWN_REQUEST_ID, TOLD_QUEUE_TIME),
      requestIdLine(OWN_REQUEST_ID),
      ...COUNT_LINES,
      ...callerLines(settings, OWN_REQUEST_ID),
      ...(grpc ? GRPC_FORM : []),
      `http-request set-header ${REQUEST_ID_HEADER} %[${OWN_REQUEST_ID}]`,
      'http-request set-header x-forwarded-for %[src]',
      ...(waking === undefined ? [] : [`http-request del-header ${HELD_HEADER}`]),
      ...(grpc ? ['use_backend admitted-grpc if is_grpc'] : []),
      'default_backend admitted',
    ]),
    section('backend admitted', [
      ...bodyLines(settings, OWN_REQUEST_ID),
      ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], (error) =>
        jsonReply(error, OWN_REQUEST_ID, settings.protocol),
      ),
      ...insideLines(settings),
    ]),
    ...(grpc
      ? [
          section('backend admitted-grpc', [
            ...messageLines(settings),
            ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], grpcReply),
            ...insideLines(settings),
            ...GRPC_STATUS_ALONE,
          ]),
        ]
      : []),
    section('frontend inside', [
      `bind ${insideAddress(address)}`,
      'no log',
      `http-request set-var(txn.request_id) req.hdr(${REQUEST_ID_HEADER})`,
      ...(grpc ? GRPC_HOP_LINES : []),
      ...(waking === undefined ? [] : [...heldInside(settings), ...handoverLines(settings, 'choice')]),
      ...(grpc ? ['use_backend choice-grpc if is_grpc'] : []),
      'default_backend choice',
    ]),
    section('backend choice', [
      ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], (error) =>
        jsonReply(error, requestId, settings.protocol),
      ),
      ...choiceLines(settings),
    ]),
    ...(grpc
      ? [
          section('backend choice-grpc', [
            ...errorPages(settings, [NO_REPLICA, scoredTooLong(limits)], grpcReply),
            ...choiceLines(settings),
          ]),
        ]
      : []),
    ...(waking === undefined ? [] : handoverSections(settings)),
    section('frontend chosen', [
      `bind ${address}:${GATEWAY_PORTS.choice}`,
      `http-request set-var(txn.request_id) req.hdr(${REQUEST_ID_HEADER})`,
      ...logLines(settings, 'choice', requestId),
      // what a replica answered stands in the logs of its gateway and of the router that the caller reached
      'http-response set-log-level silent',
      TELL_QUEUE_TIME,
      requestIdLine(requestId),
      ...(grpc ? GRPC_HOP_LINES : []),
      ...(waking === undefined ? [] : [...heldBeforeReplicas(settings), ...handoverLines(settings, 'replicas')]),
      ...(grpc ? ['use_backend replicas-grpc if is_grpc'] : []),
      'default_backend replicas',
    ]),
    section('backend replicas', [
      `http-request wait-for-body time ${limits.requestReadTimeoutMs}ms`,
      ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], (error) =>
        jsonReply(error, requestId, settings.protocol),
      ),
      ...queueLines(settings, 'replicas', (error, condition) =>
        jsonRefusal(error, requestId, condition, settings.protocol),
      ),
      ...FINAL_STATUS_LINES,
      `timeout server ${answer}ms`,
      ...replicaLines(settings),
    ]),
    ...(grpc
      ? [
          section('backend replicas-grpc', [
            ...waitForMessageLines(settings),
            ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], grpcReply),
            ...FINAL_STATUS_LINES,
            ...queueLines(settings, 'replicas-grpc', grpcRefusal),
            `timeout server ${answer}ms`,
            ...replicaLines(settings),
          ]),
        ]
      : []),
    healthSection(address, settings.keyMap, ['http-request return status 200'], CHOICE_HEALTH_LINES),
    metricsSection(address),
  ].join('\n\n')}\n`;
}

/**
 * Kubernetes' names change with every pod. An answer that fails to come leaves the last one in force, however long DNS is
 * away: health checks tell which addresses still serve.
 */
function resolversSection(nameserver: string | undefined): string {
  return section('resolvers cluster', [
    nameserver === undefined ? 'parse-resolv-conf' : `nameserver cluster ${nameserver}`,
    'accepted_payload_size 8192',
    'timeout resolve 1s',
    'timeout retry 1s',
    'hold valid 1s',
    'hold obsolete 5s',
    'hold other 1d',
    'hold refused 1d',
    'hold timeout 1d',
  ]);
}

/** Path that tells whether a router can choose: one that has just started may not have found a replica yet. */
const CHOICE_PATH = '/choice';

const CHOICE_HEALTH_LINES: readonly string[] = [
  `http-request return status 503 if { path ${CHOICE_PATH} } { nbsrv(replicas) eq 0 }`,
  `http-request return status 200 if { path ${CHOICE_PATH} }`,
];

/** The way inside; to a router that lives, once this one is going and takes no connections any more. */
function insideLines(settings: RouterSettings): string[] {
  return [
    ...TAKE_QUEUE_TIME,
    `timeout server ${routerAnswerMs(settings.limits, settings.waking?.wakeTimeoutMs)}ms`,
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    `server inside ${insideAddress(settings.address ?? '*')} ${MARKED_DOWN}`,
    ...routerLines(settings, () => ' backup'),
  ];
}

/**
 * Takes calls that are held to another router once this one is going: it asks no more whether others are well. Its own
 * address refuses connections by then.
 */
function handoverSections(settings: RouterSettings): string[] {
  const { limits, protocol, routerHosts, waking } = settings;
  const errors = [NO_REPLICA, scoredTooLong(limits)];
  const way = [
    `timeout server ${routerAnswerMs(limits, waking?.wakeTimeoutMs)}ms`,
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    ...routerHosts.map(
      (host, index) => `server router-${index} ${word(`${host}:${GATEWAY_PORTS.choice}`)} ${RESOLVED}`,
    ),
  ];
  return [
    section('backend handover', [
      ...errorPages(settings, errors, (error) => jsonReply(error, 'var(txn.request_id)', protocol)),
      ...way,
    ]),
    ...(speaksGrpc(protocol)
      ? [section('backend handover-grpc', [...errorPages(settings, errors, grpcReply), ...way])]
      : []),
  ];
}

/** The router that chooses: the first that lives. A refused connection tells at once that it is gone. */
function choiceLines(settings: RouterSettings): string[] {
  return [
    `timeout server ${routerAnswerMs(settings.limits, settings.waking?.wakeTimeoutMs)}ms`,
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    ...CHECK_LINES(CHOICE_PATH),
    ...routerLines(settings, (index) => (index === 0 ? '' : ' backup')),
  ];
}

function routerLines({ routerHosts }: RouterSettings, order: (index: number) => string): string[] {
  return routerHosts.map(
    (host, index) => `server router-${index} ${word(`${host}:${GATEWAY_PORTS.choice}`)} ${CHECK}${order(index)}`,
  );
}

const FINAL_STATUS_LINES: readonly string[] = [
  ...[429, REFUSED_STATUS].map(
    (status) => `http-response set-status ${status} if { res.hdr(${FINAL_STATUS_HEADER}) ${status} }`,
  ),
  `http-response del-header ${FINAL_STATUS_HEADER}`,
];

/** The replicas by the fewest calls in flight. One that refuses, or is gone, is passed over for another. */
function replicaLines({ replicasHost, maxReplicas, limits }: RouterSettings): string[] {
  return [
    'balance leastconn',
    `retries ${ROUTER_RETRIES}`,
    'option redispatch 1',
    `retry-on conn-failure ${REFUSED_STATUS}`,
    ...CHECK_LINES('/ready'),
    `server-template replica 1-${maxReplicas} ${word(`${replicasHost}:${GATEWAY_PORTS.requests}`)} ` +
      `${CHECK} maxconn ${limits.replicaMaxConcurrentRequests}`,
  ];
}

const CHECK_LINES = (path: string) => [
  'option httpchk',
  `http-check send meth GET uri ${path}`,
  'http-check expect status 200',
];

const MARKED_DOWN = 'check inter 1s fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down';

const RESOLVED = 'resolvers cluster resolve-prefer ipv4 init-addr none';

const CHECK = `${RESOLVED} port ${GATEWAY_PORTS.health} ${MARKED_DOWN}`;

/** What keeps a request out of the queue. */
function queueLines(
  { limits }: RouterSettings,
  backend: string,
  refusal: (error: GatewayError, condition: string) => string,
): string[] {
  return [
    refusal(NO_REPLICA, `{ nbsrv(${backend}) eq 0 }`),
    // avg_queue would round up, and so leave places empty
    `http-request set-var(txn.waiting) queue(${backend})`,
    refusal(queueFull(limits), `{ nbsrv(${backend}),mul(${limits.replicaMaxQueuedRequests}),sub(txn.waiting) le 0 }`),
  ];
}
