import type { RequestLimits } from '../scoring/request-limits';
import {
  bodyTooLarge,
  INVALID_KEY,
  LENGTH_REQUIRED,
  requestTooSlow,
  SERVER_BROKE_OFF,
  UNKNOWN_METHOD,
  unknownPath,
} from './errors';
import { type GatewayError, grpcRefusal, jsonRefusal } from './gateway-error';
import { literal, word } from './haproxy-text';
import { type ServedProtocol, speaksGrpc } from './protocol';

/** What gateway and router ask of every request before it may wait for the model server. */
export interface Admission {
  /** Name of the service, for the log. */
  readonly serviceName: string;

  /** What the model server speaks. */
  readonly protocol: ServedProtocol;

  /** The limits that requests must keep. */
  readonly limits: Required<RequestLimits>;

  /** Table of keys; nothing when callers need none. */
  readonly keyMap?: string;

  /** Certificate and key in one PEM file, for TLS; nothing for plain HTTP. */
  readonly certificateFile?: string;
}

/** Expression for the id of a request that is given here. */
export const OWN_REQUEST_ID = 'unique-id';

/** Header that carries a request's id, as in Azure's own services. */
export const REQUEST_ID_HEADER = 'x-ms-request-id';

/**
 * Bytes of a request that HAProxy holds. As much of a body is there before it waits for a place, and only what fits is
 * sent to another replica when one refuses it.
 */
export const BUFFER_BYTES = 1024 * 1024;

/**
 * Connections that a gateway or a router keeps open at once. Azure ML's front end took 5000 requests a second with three
 * instances; an idle connection costs some 20 KiB.
 */
const MAX_CONNECTIONS = 4000;

/** Settings of the process. */
export function globalLines(luaFiles: readonly (string | undefined)[], hardStopSeconds: number): string[] {
  return [
    'log stdout len 8192 format raw local0 info',
    `maxconn ${MAX_CONNECTIONS}`,
    `tune.bufsize ${BUFFER_BYTES}`,
    `hard-stop-after ${hardStopSeconds}s`,
    ...luaFiles.flatMap((file) => (file === undefined ? [] : [`lua-load ${word(file)}`])),
  ];
}

/** Settings of all sections that follow. */
export function defaultLines({ limits }: Admission): string[] {
  return [
    'mode http',
    'log global',
    // what opens a connection and sends nothing is a probe of a load balancer
    'option http-ignore-probes',
    // a connection of its own for every request: one that is being closed gets none, and none is sent twice to find out
    'http-reuse never',
    'option http-server-close',
    'retries 0',
    'timeout connect 2s',
    `timeout client ${limits.requestReadTimeoutMs}ms`,
    `timeout http-request ${limits.requestReadTimeoutMs}ms`,
    'timeout http-keep-alive 60s',
    `timeout queue ${limits.maxRequestWaitTimeMs}ms`,
    `timeout server ${limits.scoringTimeoutMs}ms`,
  ];
}

/** The address that callers reach, over HTTP/1.1 and HTTP/2 alike. */
export function bindArgument(address: string, port: number, certificateFile?: string): string {
  const tls =
    certificateFile === undefined ? '' : ` ssl crt ${word(certificateFile)} alpn h2,http/1.1 ssl-min-ver TLSv1.2`;
  return `bind ${address}:${port}${tls}`;
}

/** The access log: one line of JSON a request, in which whatever a caller sent is escaped. */
export function logLines({ serviceName }: Admission, part: string, requestId: string, queueMs = '%Tw'): string[] {
  const fields = [
    '"time":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]"',
    `"service":"%[var(txn.service),json(utf8s)]"`,
    `"part":"${part}"`,
    `"requestId":"%[${requestId},json(utf8s)]"`,
    '"clientRequestId":"%[var(txn.client_request_id),json(utf8s)]"',
    '"method":"%[capture.req.method,json(utf8s)]"',
    '"path":"%[capture.req.uri,bytes(0,1024),json(utf8s)]"',
    '"protocol":"%[capture.req.ver,json(utf8s)]"',
    '"status":%ST',
    '"finalStatus":"%[var(txn.final_status)]"',
    '"grpcStatus":"%[var(txn.grpc_status)]"',
    '"key":"%[var(txn.key)]"',
    '"client":"%ci"',
    '"userAgent":"%[var(txn.user_agent),json(utf8s)]"',
    '"server":"%b/%s"',
    `"queueMs":"${queueMs}"`,
    '"serverMs":%Tr',
    '"totalMs":%Ta',
    '"bytesReceived":%U',
    '"bytesSent":%B',
    '"retries":"%rc"',
    '"end":"%tsc"',
  ];
  return [
    `log-format ${word(`{${fields.join(',')}}`)}`,
    `http-request set-var-fmt(txn.service) ${word(literal(serviceName))}`,
    'http-request set-var(txn.user_agent) req.hdr(user-agent),bytes(0,256)',
    'http-request set-var(txn.client_request_id) req.hdr(x-ms-client-request-id),bytes(0,128)',
    'http-after-response set-var(txn.grpc_status) res.hdr(grpc-status)',
  ];
}

/** How gRPC calls are told from others where callers arrive: they come over HTTP/2 alone. */
export const GRPC_CALL_LINES: readonly string[] = [
  'http-request set-var(txn.grpc) bool(true) if { req.ver 2.0 } { req.hdr(content-type) -m beg application/grpc }',
  'acl is_grpc var(txn.grpc) -m bool',
];

/** How they are told further on, where everything comes over HTTP/1.1. */
export const GRPC_HOP_LINES: readonly string[] = [
  'http-request set-var(txn.grpc) bool(true) if { req.hdr(content-type) -m beg application/grpc }',
  'acl is_grpc var(txn.grpc) -m bool',
];

/**
 * A second frontend of the same process, which every request goes through on a connection of its own.
 *
 * HAProxy gives no answer when a server ends the connection while it works on a request that is not the first of its
 * connection, as none is over HTTP/2: it lets the caller know that it may send the request again, which is wrong of one
 * that was computed. Behind this frontend every request is the first, so its caller gets 502.
 *
 * @param address what the process listens on; no two processes of a pod listen on the same
 */
export function insideAddress(address: string): string {
  return `abns@inside-${address === '*' ? 'all' : address}`;
}

/** Header in which the frontend behind the queue says how long a request waited there. */
export const QUEUE_HEADER = 'x-gateway-queue-ms';

/** Says how long a request waited, to the frontend that callers reached. */
export const TELL_QUEUE_TIME = `http-after-response set-header ${QUEUE_HEADER} %Tw`;

/** Takes what was said, for the log, and keeps it from callers. */
export const TAKE_QUEUE_TIME: readonly string[] = [
  `http-response set-var(txn.queue_ms) res.hdr(${QUEUE_HEADER})`,
  `http-response del-header ${QUEUE_HEADER}`,
];

/** Expression for what was said; nothing of a request that never came to the queue, which no number could say. */
export const TOLD_QUEUE_TIME = '%[var(txn.queue_ms)]';

/** Who may call what: keys first, so that nobody learns more without one. */
export function callerLines(
  { keyMap, protocol }: Admission,
  requestId: string,
  grpcLines: readonly string[] = GRPC_CALL_LINES,
): string[] {
  const grpc = speaksGrpc(protocol);
  return [
    ...(grpc ? grpcLines : []),
    ...(keyMap === undefined
      ? []
      : [
          `http-request set-var(txn.key) http_auth_bearer,sha2(256),hex,lower,map(${word(keyMap)})`,
          ...(grpc ? [grpcRefusal(INVALID_KEY, 'is_grpc !{ var(txn.key) -m found }')] : []),
          jsonRefusal(INVALID_KEY, requestId, '!{ var(txn.key) -m found }', protocol),
        ]),
    ...(grpc ? [grpcRefusal(UNKNOWN_METHOD, `is_grpc !{ path -m str ${words(protocol.grpcMethods)} }`)] : []),
    jsonRefusal(
      unknownPath(protocol),
      requestId,
      `${grpc ? '!is_grpc ' : ''}!{ path -m reg ${words(protocol.paths)} }`,
      protocol,
    ),
  ];
}

/** What a request over HTTP must be like before it waits. */
export function bodyLines({ limits, protocol }: Admission, requestId: string): string[] {
  const bytes = limits.maxRequestBodyMiB * 1024 * 1024;
  const refusal = (error: GatewayError, condition: string) => jsonRefusal(error, requestId, condition, protocol);
  return [
    refusal(LENGTH_REQUIRED, '{ req.hdr(transfer-encoding) -m found }'),
    refusal(LENGTH_REQUIRED, '{ method POST PUT PATCH } !{ req.hdr(content-length) -m found }'),
    refusal(bodyTooLarge(limits), `{ req.hdr_val(content-length) gt ${bytes} }`),
    `http-request wait-for-body time ${limits.requestReadTimeoutMs}ms`,
    // over HTTP/2 a body needs no header that announces it
    refusal(LENGTH_REQUIRED, '{ req.body_len gt 0 } !{ req.hdr(content-length) -m found }'),
  ];
}

/** The same for gRPC, where a message carries its own length. */
export function messageLines({ limits, protocol }: Admission): string[] {
  const bytes = limits.maxRequestBodyMiB * 1024 * 1024;
  return [
    ...waitForMessageLines({ limits, protocol }),
    'http-request set-var(txn.message_bytes) req.body,bytes(1,4),be2dec(,4)',
    grpcRefusal(bodyTooLarge(limits), `{ var(txn.message_bytes) -m int gt ${bytes} }`),
  ];
}

/** A message is waited for as a body is; of a stream of them, which ends when the caller likes, the first bytes. */
export function waitForMessageLines({ limits, protocol }: Pick<Admission, 'limits' | 'protocol'>): string[] {
  const time = `time ${limits.requestReadTimeoutMs}ms`;
  return [
    `acl is_stream path -m str ${words(protocol.grpcStreams)}`,
    `http-request wait-for-body ${time} unless is_stream`,
    `http-request wait-for-body ${time} at-least 5 if is_stream`,
  ];
}

function words(texts: readonly string[]): string {
  return texts.map((text) => word(text)).join(' ');
}

/** What callers get when HAProxy itself gives up on a request that waits or is being answered. */
export function errorPages(
  { limits }: Admission,
  errors: readonly GatewayError[],
  reply: (error: GatewayError) => string,
): string[] {
  return [requestTooSlow(limits), SERVER_BROKE_OFF, ...errors].map(
    (error) => `http-error status ${error.status} ${reply(error)}`,
  );
}

/** Gives answers to gRPC callers the form that gRPC has, where it ends in an HTTP status of its own. */
export const GRPC_FORM: readonly string[] = [
  'http-after-response set-header content-type application/grpc if is_grpc !{ status 200 }',
  'http-after-response set-status 200 if is_grpc !{ status 200 }',
];

/**
 * What gRPC answers without a message, as an error of Triton, is headers alone, and so must it leave: after a hop over
 * HTTP/1.1 its end comes as a frame of its own behind them, which callers take for a broken stream. An answer of HAProxy's
 * own has its end in the headers.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
 */
export const GRPC_STATUS_ALONE: readonly string[] = [
  // what is returned takes the place of the headers that are asked for here
  'http-response set-var(txn.alone_status) res.hdr(grpc-status)',
  'http-response set-var(txn.alone_message) res.hdr(grpc-message)',
  ...[' hdr grpc-message %[var(txn.alone_message)]', ''].map(
    (message) =>
      `http-response return status 200 hdr content-type application/grpc hdr grpc-status %[var(txn.alone_status)]${message} ` +
      `if { status 200 } { var(txn.alone_status) -m found }${message === '' ? '' : ' { var(txn.alone_message) -m found }'}`,
  ),
];

/** Puts the id of a request on every answer. */
export function requestIdLine(requestId: string): string {
  return `http-after-response set-header ${REQUEST_ID_HEADER} %[${requestId}]`;
}
