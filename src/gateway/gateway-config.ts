import type { RequestLimits } from '../scoring/request-limits';
import {
  type Admission,
  bindArgument,
  bodyLines,
  callerLines,
  defaultLines,
  errorPages,
  GRPC_CALL_LINES,
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
} from './admission';
import { queuedTooLong, queueFull, REPLICA_GOING, SERVER_BROKE_OFF, SERVER_DOWN, scoredTooLong } from './errors';
import { type GatewayError, grpcRefusal, grpcReply, jsonRefusal, jsonReply } from './gateway-error';
import { literal, section, word } from './haproxy-text';
import { ARRIVAL_LINE, COUNT_LINES } from './metrics-task';
import { GATEWAY_PORTS } from './ports';
import { type ServerBehind, speaksGrpc } from './protocol';
import { healthSection, metricsSection } from './side-frontends';
import { replicaAnswerMs } from './timeouts';

/** What a gateway is told. */
export interface GatewaySettings extends Admission {
  /** Whether all requests come from a router, which then gives their ids and may try another replica. */
  readonly behindRouter: boolean;

  /** File of the task that refreshes the table of keys; nothing when callers need no key. */
  readonly keysTaskFile?: string;

  /** File of the task that measures. */
  readonly metricsTaskFile: string;

  /** How long requests that were accepted may take to end once the gateway is told to go. */
  readonly drainTimeoutSeconds: number;

  /**
   * Address that the gateway listens on.
   *
   * @default - all of the pod
   */
  readonly address?: string;
}

/**
 * Header in which a gateway tells its router the status that the caller gets.
 *
 * A router tries another replica at 503 alone, so that is what a gateway that refuses a request answers; and what the
 * model server itself answered with 503 has been computed, so it travels as another status.
 */
export const FINAL_STATUS_HEADER = 'x-gateway-final-status';

/** Header of a request's id on its way to the model server: the scoring server warns at every use of the other one. */
const SERVER_REQUEST_ID_HEADER = 'x-request-id';

/** The status at which a router tries another replica. */
export const REFUSED_STATUS = 503;

/**
 * How long a gateway keeps a request that it refuses to a router.
 *
 * A router gives a request to the replica with the fewest, and back to the one that refused it while all others are
 * full. A replica that refused at once would thus draw most requests, and use up their tries before another is free.
 */
const REFUSAL_MS = 200;

/**
 * The configuration of the HAProxy that stands before a model server in its pod and holds the limits of the replica.
 *
 * It is valid for HAProxy 2.6 and later, and the same wherever the server runs.
 */
export function gatewayConfig(settings: GatewaySettings): string {
  const { protocol, behindRouter, limits, address = '*' } = settings;
  const { behind } = protocol;
  const probesBehind = behind === undefined ? [] : [`/${behind.name}/live`, `/${behind.name}/ready`];
  const requestId = behindRouter ? GIVEN_REQUEST_ID : OWN_REQUEST_ID;
  const grpc = speaksGrpc(protocol);
  return `${[
    section('global', globalLines([settings.keysTaskFile, settings.metricsTaskFile], settings.drainTimeoutSeconds)),
    section('defaults', [...defaultLines(settings), `timeout tarpit ${REFUSAL_MS}ms`]),
    section('frontend requests', [
      bindArgument(address, GATEWAY_PORTS.requests, settings.certificateFile),
      'unique-id-format %[uuid()]',
      ARRIVAL_LINE,
      ...(behindRouter ? [`http-request set-var(txn.request_id) req.hdr(${REQUEST_ID_HEADER})`] : []),
      ...logLines(settings, 'gateway', requestId, TOLD_QUEUE_TIME),
      requestIdLine(requestId),
      ...(behindRouter ? [`http-after-response set-var(txn.final_status) res.hdr(${FINAL_STATUS_HEADER})`] : []),
      ...COUNT_LINES,
      ...callerLines(settings, requestId, behindRouter ? GRPC_HOP_LINES : GRPC_CALL_LINES),
      ...(behindRouter || !grpc ? [] : GRPC_FORM),
      'http-request del-header authorization',
      `http-request del-header ${REQUEST_ID_HEADER}`,
      `http-request set-header ${SERVER_REQUEST_ID_HEADER} %[${requestId}]`,
      ...(grpc ? ['use_backend admitted-grpc if is_grpc'] : []),
      'default_backend admitted',
    ]),
    ...insideSections(settings, address, requestId),
    section('backend model', [
      ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], (error) =>
        jsonReply(error, GIVEN_REQUEST_ID, settings.protocol),
      ),
      jsonRefusal(serverIsDown(settings), GIVEN_REQUEST_ID, isDown('model'), protocol),
      jsonRefusal(queueIsFull(settings), GIVEN_REQUEST_ID, queueHolds('model', limits), protocol),
      ...(behindRouter ? HIDDEN_STATUS_LINES : []),
      serverLine(protocol.httpPort, limits),
    ]),
    ...(protocol.grpcPort === undefined
      ? []
      : [
          section('backend model-grpc', [
            ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], grpcReply),
            grpcRefusal(serverIsDown(settings), isDown('model-grpc')),
            grpcRefusal(queueIsFull(settings), queueHolds('model-grpc', limits)),
            ...REFUSED_CONNECTION_LINES,
            `${serverLine(protocol.grpcPort, limits, GRPC_CHECK_MS)} proto h2`,
          ]),
        ]),
    healthSection(
      address,
      settings.keyMap,
      [
        // a server that answers probes already is still down to the checks for a moment, and callers would be refused
        ...['model', ...(grpc ? ['model-grpc'] : []), ...(behind === undefined ? [] : [behind.name])].map(
          (backend) => `http-request return status 503 if { path /ready } ${isDown(backend)}`,
        ),
        ...probesBehind.map((path) => `use_backend ${path.slice(1).replace('/', '-')} if { path ${path} }`),
        'use_backend live if { path /live }',
        'default_backend ready',
      ],
      [],
      probesBehind,
    ),
    checkSection('live', protocol.httpPort, protocol.livePath),
    checkSection('ready', protocol.httpPort, protocol.readyPath),
    ...(behind === undefined ? [] : sectionsBehind(behind)),
    metricsSection(address, behind),
  ].join('\n\n')}\n`;
}

/** Header in which the frontend behind the queue says how long queue and model server took together. */
const INSIDE_HEADER = 'x-gateway-inside-us';

/** Says so of what the server worked on: not of what was refused, or waited in vain. */
const TELL_INSIDE_TIME: readonly string[] = [
  'http-request set-var(txn.inside_since_us) date(0,us)',
  'http-response set-var(txn.answered) bool(true)',
  `http-after-response set-header ${INSIDE_HEADER} %[date(0,us),sub(txn.inside_since_us)] ` +
    `if { var(txn.answered) -m found } or { status ${SERVER_BROKE_OFF.status} 504 }`,
];

/** Expression for the id that a request was given before it came here. */
const GIVEN_REQUEST_ID = 'var(txn.request_id)';

/**
 * The way of requests to the queue, on which each of them has a connection of its own.
 *
 * They wait behind the inner frontend, for which a request that waits is a connection that is there: once the gateway is
 * going it takes no more of them, and only a request whose body has not arrived is refused. A connection that its caller,
 * or a router, resets is not reset inside, where HAProxy 3 would take it for a reason to give up what is computed.
 */
function insideSections(settings: GatewaySettings, address: string, requestId: string): string[] {
  const grpc = speaksGrpc(settings.protocol);
  const way = [
    ...TAKE_QUEUE_TIME,
    `http-response set-var(txn.inside_us) res.hdr(${INSIDE_HEADER})`,
    `http-response del-header ${INSIDE_HEADER}`,
    ...(settings.behindRouter ? [] : [`http-response del-header ${FINAL_STATUS_HEADER}`]),
    `timeout server ${replicaAnswerMs(settings.limits)}ms`,
    `server inside ${insideAddress(address)}`,
  ];
  const tooMany = (backend: string) => holdsTooMany(backend, settings.limits);
  return [
    section('backend admitted', [
      ...errorPages(settings, [REPLICA_GOING], (error) => jsonReply(error, requestId, settings.protocol)),
      jsonRefusal(queueIsFull(settings), requestId, tooMany('admitted'), settings.protocol),
      ...bodyLines(settings, requestId),
      ...way,
    ]),
    ...(grpc
      ? [
          section('backend admitted-grpc', [
            ...errorPages(settings, [REPLICA_GOING], grpcReply),
            grpcRefusal(queueIsFull(settings), tooMany('admitted-grpc')),
            ...messageLines(settings),
            ...way,
            ...GRPC_STATUS_ALONE,
          ]),
        ]
      : []),
    section('frontend inside', [
      `bind ${insideAddress(address)}`,
      'no log',
      `http-request set-var(txn.request_id) req.hdr(${SERVER_REQUEST_ID_HEADER})`,
      ...TELL_INSIDE_TIME,
      TELL_QUEUE_TIME,
      ...(grpc ? [...GRPC_HOP_LINES, 'use_backend model-grpc if is_grpc'] : []),
      'default_backend model',
    ]),
  ];
}

/** Said at once, where the queue would make a caller wait for nothing. */
function isDown(backend: string): string {
  return `!{ srv_is_up(${backend}/model) }`;
}

function queueHolds(backend: string, { replicaMaxQueuedRequests }: Required<RequestLimits>): string {
  return `{ queue(${backend}) ge ${replicaMaxQueuedRequests} }`;
}

/** A request whose body arrives slowly is in no queue yet, and takes memory all the same. */
function holdsTooMany(
  backend: string,
  { replicaMaxConcurrentRequests, replicaMaxQueuedRequests }: Required<RequestLimits>,
): string {
  return `{ be_conn(${backend}) gt ${2 * (replicaMaxConcurrentRequests + replicaMaxQueuedRequests)} }`;
}

function serverIsDown({ behindRouter }: GatewaySettings): GatewayError {
  return { ...SERVER_DOWN, delayed: behindRouter };
}

function queueIsFull({ limits, behindRouter }: GatewaySettings): GatewayError {
  const error = queueFull(limits);
  return behindRouter
    ? {
        ...error,
        sentAs: REFUSED_STATUS,
        delayed: true,
        headers: { ...error.headers, [FINAL_STATUS_HEADER]: String(error.status) },
      }
    : error;
}

/** The server is down once a connection is refused: a health check of more than that would fail while it computes. */
function serverLine(port: number, { replicaMaxConcurrentRequests }: Required<RequestLimits>, checkMs = 1000): string {
  return (
    `server model 127.0.0.1:${port} maxconn ${replicaMaxConcurrentRequests} ` +
    `check inter ${checkMs}ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down`
  );
}

/** How often to ask where checks alone tell that connections are refused, since HAProxy 3 does not see it of a call. */
const GRPC_CHECK_MS = 200;

/**
 * HAProxy 3 takes a connection over HTTP/2 that was refused for one that the server ended while it worked. One that never
 * came about has no address of its own: its call was not computed, and a router may give it to another replica.
 *
 * @see https://github.com/haproxy/haproxy/issues/2751
 */
const REFUSED_CONNECTION_LINES: readonly string[] = [
  `set-header grpc-message ${word(literal(SERVER_DOWN.message))}`,
  `set-status ${SERVER_DOWN.status}`,
].map((action) => `http-after-response ${action} if { status ${SERVER_BROKE_OFF.status} } { bc_src -m ip 0.0.0.0 }`);

const HIDDEN_STATUS_LINES: readonly string[] = [
  `http-response del-header ${FINAL_STATUS_HEADER}`,
  `http-response set-header ${FINAL_STATUS_HEADER} ${REFUSED_STATUS} if { status ${REFUSED_STATUS} }`,
  `http-response set-status 500 if { status ${REFUSED_STATUS} }`,
];

/** Asks the model server itself, beside the queue: a probe is answered however many requests wait. */
function checkSection(name: string, port: number, path: string): string {
  return section(`backend ${name}`, [
    `http-request set-path ${path}`,
    'timeout server 10s',
    `server model 127.0.0.1:${port}`,
  ]);
}

/** The server that the first one calls: a replica is ready only while both are, and each has probes of its own. */
function sectionsBehind({ name, httpPort, livePath, readyPath, metricsPort }: ServerBehind): string[] {
  return [
    section(`backend ${name}`, [
      `option httpchk GET ${readyPath}`,
      'http-check expect status 200',
      `server model 127.0.0.1:${httpPort} check inter 1000ms fall 2 rise 1`,
    ]),
    checkSection(`${name}-live`, httpPort, livePath),
    checkSection(`${name}-ready`, httpPort, readyPath),
    checkSection(`${name}-metrics`, metricsPort, '/metrics'),
  ];
}
