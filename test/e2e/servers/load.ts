import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_PORTS } from '../../../src/gateway/ports';
import { KEYS } from './haproxy';

/** A call, as tests make it: a POST to /score with the primary key, unless something else is said. */
export interface Call {
  /** @default - a connection of its own */
  readonly agent?: Agent;

  /** Makes the caller leave. */
  readonly signal?: AbortSignal;

  /** Certificate that the server must have, with https. */
  readonly ca?: string;

  readonly path?: string;
  readonly method?: string;

  /** What the script is told; JSON unless it is bytes. */
  readonly body?: unknown;

  /** @default - the primary key */
  readonly key?: string;

  /**
   * Whether the body is sent, over HTTP/2.
   *
   * @default - with POST
   */
  readonly sendBody?: boolean;

  /** Holds the body back until this is so. */
  readonly bodyAfter?: Promise<unknown>;

  /** Headers besides; one that is undefined is not sent. */
  readonly headers?: { readonly [name: string]: string | undefined };

  /** @default http */
  readonly scheme?: 'http' | 'https';
}

/** What became of a call: an answer, or an error of the connection with status 0. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;

  /** Code of the error, such as ECONNRESET. */
  readonly error?: string;
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

function headersOf({ key = KEYS.primary, headers = {}, method = 'POST' }: Call, body: Buffer): Record<string, string> {
  const given = {
    authorization: `Bearer ${key}`,
    ...(method === 'POST' ? { 'content-type': 'application/json', 'content-length': String(body.length) } : {}),
    ...headers,
  };
  return Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Makes a call over HTTP/1.1. An answer that comes early ends the call, whatever of the body is still unsent. */
export function call(address: string, options: Call = {}): Promise<Answer> {
  const { path = '/score', method = 'POST', body = {}, scheme = 'http', agent = false, bodyAfter, ...rest } = options;
  const bytes = method === 'POST' ? bytesOf(body) : Buffer.alloc(0);
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, headers: {}, text: '', error: error.code ?? error.message });
    const send = scheme === 'https' ? httpsRequest : httpRequest;
    const outgoing = send(
      { ...rest, host: address, port: GATEWAY_PORTS.requests, path, method, agent, headers: headersOf(options, bytes) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', failed);
    if (bodyAfter !== undefined) {
      outgoing.flushHeaders();
    }
    Promise.resolve(bodyAfter).then(() => outgoing.end(bytes));
  });
}

/** Opens a connection over HTTP/2, in clear unless a certificate is given. */
export function http2(address: string, ca?: string): ClientHttp2Session {
  const url = `${ca === undefined ? 'http' : 'https'}://${address}:${GATEWAY_PORTS.requests}`;
  const session = connectHttp2(url, { ca });
  session.on('error', () => {});
  return session;
}

/** Makes a call over HTTP/2. */
export function callHttp2(session: ClientHttp2Session, options: Call = {}): Promise<Answer> {
  const { path = '/score', method = 'POST', body = {}, scheme = 'http', sendBody = method === 'POST' } = options;
  const bytes = sendBody ? bytesOf(body) : Buffer.alloc(0);
  return new Promise((resolve) => {
    let headers: IncomingHttpHeaders & { ':status'?: number } = {};
    const chunks: Buffer[] = [];
    const stream = session.request(
      { ':path': path, ':method': method, ':scheme': scheme, ...headersOf(options, bytes) },
      { endStream: !sendBody },
    );
    stream.on('response', (got) => {
      headers = got;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = ({ code, message }: NodeJS.ErrnoException) => {
      const { ':status': status = 0 } = headers;
      const error = status === 0 ? { error: code ?? message } : {};
      resolve({ status, headers, text: Buffer.concat(chunks).toString(), ...error });
    };
    stream.on('error', ended);
    stream.on('end', () => ended(new Error('ended without an answer')));
    options.signal?.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL));
    if (sendBody) {
      Promise.resolve(options.bodyAfter).then(() => stream.end(bytes));
    }
  });
}

/** Writes bytes as they are, and returns what comes back until the other side ends or the time is over. */
export async function exchange(
  address: string,
  parts: readonly (Buffer | string)[],
  { pauseMs = 0, waitMs = 5000 } = {},
): Promise<string> {
  const socket = connect(GATEWAY_PORTS.requests, address);
  // what a connection gave before it was reset counts
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  for (const part of parts) {
    if (!socket.destroyed) {
      socket.write(part);
      await sleep(pauseMs);
    }
  }
  await Promise.race([closed, sleep(waitMs)]);
  socket.destroy();
  return Buffer.concat(chunks).toString('latin1');
}

/** The answer in what came back over HTTP/1.1. */
export function answerIn(text: string): Answer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(': ')).map(([name = '', value]) => [name.toLowerCase(), value]);
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), text: body.join('\r\n\r\n') };
}

/** The head of a call, for tests that write it themselves. */
export function rawHead(lines: readonly string[], key: string = KEYS.primary): string {
  const [first, ...others] = lines;
  return [first, 'Host: test', `Authorization: Bearer ${key}`, ...others, '', ''].join('\r\n');
}

/** Lets clients call, each again once it has its answer and has waited as it was asked to, until the time is over. */
export async function closedLoad(
  address: string,
  { clients, seconds, agent }: { readonly clients: number; readonly seconds: number; readonly agent: Agent },
  next: (client: number) => Call,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const end = performance.now() + seconds * 1000;
  const client = async (_: unknown, index: number) => {
    while (performance.now() < end) {
      const answer = await call(address, { agent, ...next(index) });
      answers.push(answer);
      await sleep(Number(answer.headers['retry-after'] ?? 0) * 1000);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answers;
}
