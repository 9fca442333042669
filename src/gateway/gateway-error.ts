import { jsonLiteral, literal, word } from './haproxy-text';
import type { ServedProtocol } from './protocol';

/** An answer that gateway and router give in place of the model server. */
export interface GatewayError {
  /** HTTP status. */
  readonly status: number;

  /**
   * HTTP status that goes to a router.
   *
   * @default - the status itself
   */
  readonly sentAs?: number;

  /**
   * Whether the answer comes after HAProxy's `timeout tarpit` only.
   *
   * @default false
   */
  readonly delayed?: boolean;

  /** What happened, for programs. */
  readonly code: string;

  /** What happened and what to do, for people. */
  readonly message: string;

  /** Option of the service that sets the limit which was met. */
  readonly option?: string;

  /**
   * What gRPC callers get in place of the HTTP status.
   *
   * @see https://grpc.io/docs/guides/status-codes/
   */
  readonly grpcStatus: GrpcStatus;

  /** Headers besides. */
  readonly headers?: { readonly [name: string]: string };
}

/** Status codes of gRPC. */
export enum GrpcStatus {
  DEADLINE_EXCEEDED = 4,
  RESOURCE_EXHAUSTED = 8,
  UNIMPLEMENTED = 12,
  UNAVAILABLE = 14,
  UNAUTHENTICATED = 16,
}

/** How the server behind writes its errors. */
type ErrorForm = Pick<ServedProtocol, 'errorIsText'>;

/** The rule that gives the answer to HTTP callers. */
export function jsonRefusal(error: GatewayError, requestId: string, condition: string, form: ErrorForm): string {
  return `${refusalAction(error)} ${jsonReply(error, requestId, form)} if ${condition}`;
}

/** The rule that gives the answer to gRPC callers. */
export function grpcRefusal(error: GatewayError, condition: string): string {
  return `${refusalAction(error)} ${grpcReply(error)} if ${condition}`;
}

function refusalAction({ status, sentAs = status, delayed = false }: GatewayError): string {
  return `http-request ${delayed ? 'tarpit' : 'return'} status ${sentAs}`;
}

/**
 * What follows a status in a rule or an error page for HTTP callers.
 *
 * @param requestId the expression that yields the request's id
 */
export function jsonReply(
  { status, code, message, option, headers }: GatewayError,
  requestId: string,
  { errorIsText = false }: ErrorForm,
): string {
  const fields = [
    `"status":${status}`,
    `"code":"${jsonLiteral(code)}"`,
    ...(errorIsText ? [] : [`"message":"${jsonLiteral(message)}"`]),
    ...(option === undefined ? [] : [`"option":"${jsonLiteral(option)}"`]),
    `"requestId":"%[${requestId},json(utf8s)]"`,
  ].join(',');
  const body = errorIsText ? `{"error":"${jsonLiteral(message)}",${fields}}` : `{"error":{${fields}}}`;
  return `content-type application/json lf-string ${word(body)}${headerArguments(headers)}`;
}

/** The same for gRPC callers: headers alone, since a body would be taken for a message. */
export function grpcReply({ grpcStatus, message, headers }: GatewayError): string {
  // https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: what is not printable ASCII is percent-encoded
  const text = message.replaceAll(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
  return headerArguments({ 'grpc-status': String(grpcStatus), 'grpc-message': text, ...headers }).trim();
}

function headerArguments(headers: { readonly [name: string]: string } = {}): string {
  return Object.entries(headers)
    .map(([name, value]) => ` hdr ${name} ${word(literal(value))}`)
    .join('');
}
