import type { RequestLimits } from '../scoring/request-limits';
import {
  type Admission,
  bindArgument,
  bodyLines,
  callerLines,
  defaultLines,
  errorPages,
  GRPC_FORM,
  globalLines,
  logLines,
  messageLines,
  OWN_REQUEST_ID,
  REQUEST_ID_HEADER,
  requestIdLine,
} from './admission';
import { queuedTooLong, queueFull, SERVER_DOWN, scoredTooLong } from './errors';
import { type GatewayError, grpcRefusal, grpcReply, jsonRefusal, jsonReply } from './gateway-error';
import { section, word } from './haproxy-text';
import { KEYS_TAKEN } from './keys-task';
import { GATEWAY_PORTS } from './ports';
import { speaksGrpc } from './protocol';

/** What a gateway is told. */
export interface GatewaySettings extends Admission {
  /** Whether all requests come from a router, which then gives their ids and may try another replica. */
  readonly behindRouter: boolean;

  /** File of the task that refreshes the table of keys; nothing when callers need no key. */
  readonly keysTaskFile?: string;

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

/** The status at which a router tries another replica. */
export const REFUSED_STATUS = 503;

/**
 * The configuration of the HAProxy that stands before a model server in its pod and holds the limits of the replica.
 *
 * It is valid for HAProxy 2.6 and later, and the same wherever the server runs.
 */
export function gatewayConfig(settings: GatewaySettings): string {
  const { protocol, behindRouter, limits, address = '*' } = settings;
  const requestId = behindRouter ? 'var(txn.request_id)' : OWN_REQUEST_ID;
  return `${[
    section('global', globalLines(settings.keysTaskFile, settings.drainTimeoutSeconds)),
    section('defaults', defaultLines(settings)),
    section('frontend requests', [
      bindArgument(address, GATEWAY_PORTS.requests, settings.certificateFile),
      'unique-id-format %[uuid()]',
      ...(behindRouter ? [`http-request set-var(txn.request_id) req.hdr(${REQUEST_ID_HEADER})`] : []),
      ...logLines(settings, 'gateway', requestId),
      requestIdLine(requestId),
      ...callerLines(settings, requestId),
      ...(behindRouter || !speaksGrpc(protocol) ? [] : GRPC_FORM),
      'http-request del-header authorization',
      `http-request set-header ${REQUEST_ID_HEADER} %[${requestId}]`,
      ...(protocol.grpcPort === undefined ? [] : ['use_backend model-grpc if is_grpc']),
      'default_backend model',
    ]),
    section('backend model', [
      ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], (error) => jsonReply(error, requestId)),
      ...bodyLines(settings, requestId),
      jsonRefusal(SERVER_DOWN, requestId, IS_DOWN),
      jsonRefusal(queueIsFull(settings), requestId, queueHolds('model', limits)),
      ...(behindRouter ? HIDDEN_STATUS_LINES : []),
      serverLine(protocol.httpPort, limits),
    ]),
    ...(protocol.grpcPort === undefined
      ? []
      : [
          section('backend model-grpc', [
            ...errorPages(settings, [queuedTooLong(limits), scoredTooLong(limits)], grpcReply),
            ...messageLines(settings),
            grpcRefusal(SERVER_DOWN, IS_DOWN),
            grpcRefusal(queueIsFull(settings), queueHolds('model-grpc', limits)),
            `${serverLine(protocol.grpcPort, limits)} proto h2`,
          ]),
        ]),
    healthSection(address, settings.keyMap, ['use_backend live if { path /live }', 'default_backend ready']),
    checkSection('live', protocol.httpPort, protocol.livePath),
    checkSection('ready', protocol.httpPort, protocol.readyPath),
    metricsSection(address),
  ].join('\n\n')}\n`;
}

/** Said at once, where the queue would make a caller wait for nothing. */
const IS_DOWN = '!{ srv_is_up(live/model) }';

function queueHolds(backend: string, { replicaMaxQueuedRequests }: Required<RequestLimits>): string {
  return `{ queue(${backend}) ge ${replicaMaxQueuedRequests} }`;
}

function queueIsFull({ limits, behindRouter }: GatewaySettings): GatewayError {
  const error = queueFull(limits);
  return behindRouter
    ? { ...error, sentAs: REFUSED_STATUS, headers: { ...error.headers, [FINAL_STATUS_HEADER]: String(error.status) } }
    : error;
}

function serverLine(port: number, { replicaMaxConcurrentRequests }: Required<RequestLimits>): string {
  return `server model 127.0.0.1:${port} maxconn ${replicaMaxConcurrentRequests}`;
}

const HIDDEN_STATUS_LINES: readonly string[] = [
  `http-response del-header ${FINAL_STATUS_HEADER}`,
  `http-response set-header ${FINAL_STATUS_HEADER} ${REFUSED_STATUS} if { status ${REFUSED_STATUS} }`,
  `http-response set-status 500 if { status ${REFUSED_STATUS} }`,
];

/**
 * Health on a port of its own: `/gateway` answers 200 while HAProxy runs, `/ready` not before the keys are there.
 *
 * @param lines what answers when both is so
 */
export function healthSection(address: string, keyMap: string | undefined, lines: readonly string[]): string {
  return section('frontend health', [
    `bind ${address}:${GATEWAY_PORTS.health}`,
    'no log',
    'http-request return status 200 if { path /gateway }',
    'http-request return status 404 unless { path /live /ready }',
    ...(keyMap === undefined
      ? []
      : [`http-request return status 503 if { path /ready } !{ str(${KEYS_TAKEN}),map(${word(keyMap)}) -m found }`]),
    ...lines,
  ]);
}

/** Asks the model server itself, beside the queue: a probe is answered however many requests wait. */
function checkSection(name: string, port: number, path: string): string {
  return section(`backend ${name}`, [
    'option httpchk',
    `http-check send meth GET uri ${path}`,
    'http-check expect status 200',
    'timeout check 5s',
    `http-request set-path ${path}`,
    'timeout server 10s',
    `server model 127.0.0.1:${port} check inter 2s fall 2 rise 1`,
  ]);
}

/** Metrics of HAProxy for Prometheus. */
export function metricsSection(address: string): string {
  return section('frontend metrics', [
    `bind ${address}:${GATEWAY_PORTS.metrics}`,
    'no log',
    'http-request use-service prometheus-exporter if { path /metrics }',
    'http-request return status 404',
  ]);
}
