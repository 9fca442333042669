import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { onOneLine } from './query-text';

/** A call of a service. */
export interface Call {
  /** What is called. */
  readonly address: URL;

  /** What is said besides, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;

  /** What is sent. */
  readonly body: Uint8Array;

  /** How long the whole answer may take. */
  readonly timeoutSeconds: number;
}

/** What a service answers. */
export interface CallAnswer {
  /** Such as 200. */
  readonly status: number;

  /** By names in lower case. */
  readonly headers: IncomingHttpHeaders;

  /** As it was received. */
  readonly body: Buffer;
}

/**
 * Larger bodies are sent when the service asks for them. It refuses a wrong key or a body that is too large by the
 * header alone, hangs up, and what is still being sent would drown its answer. 64 KiB are there before anyone hangs up.
 */
const UNASKED_BYTES = 64 * 1024;

/** Whoever does not ask in this time will not; curl waits as long. */
const ASK_WITHIN_MS = 1000;

/**
 * Sends a call by POST and returns what it is answered with, a redirect too, so that no key goes where it leads.
 *
 * @throws Error of one line when there is no whole answer
 */
export async function send(call: Call): Promise<CallAnswer> {
  const { address, headers, body, timeoutSeconds } = call;
  const deadline = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
  const asks = body.byteLength > UNASKED_BYTES;
  let request: ClientRequest | undefined;
  try {
    request = (address.protocol === 'https:' ? requestHttps : requestHttp)(address, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.byteLength, ...(asks ? { expect: '100-continue' } : {}) },
      agent: false,
      signal: deadline,
    });
    const response = await responseTo(request, body, asks);
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  } catch (error) {
    const late = `no whole answer within ${timeoutSeconds} s; --timeout allows more`;
    throw new Error(deadline.aborted ? late : reason(error as NodeJS.ErrnoException, address));
  } finally {
    // a body that nobody asked for was not sent
    request?.destroy();
  }
}

async function responseTo(request: ClientRequest, body: Uint8Array, asks: boolean): Promise<IncomingMessage> {
  const sendBody = () => (request.writableEnded ? undefined : request.end(body));
  const patience = setTimeout(sendBody, asks ? ASK_WITHIN_MS : 0);
  request.once('continue', sendBody);
  try {
    return await new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));
  } finally {
    clearTimeout(patience);
  }
}

/** Whether what is sent there stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function reason(error: NodeJS.ErrnoException, address: URL): string {
  const { host } = address;
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${host}${isLoopback(address) ? '; does kubectl port-forward run?' : ''}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name '${address.hostname}' is not known here; ${fromOutside(address)}`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached from here; ${fromOutside(address)}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} hung up before its answer was whole`;
    default:
      break;
  }
  if (error.code?.startsWith('HPE_')) {
    return `${host} does not speak HTTP/1.1; is this the port of gRPC, or is the address one of https:// rather?`;
  }
  if (/CERT|SIGNATURE/.test(error.code ?? '')) {
    const remedy = 'NODE_EXTRA_CA_CERTS=FILE.pem names who else may sign certificates';
    return `the certificate of ${host} is not trusted: ${onOneLine(error.message)}; ${remedy}`;
  }
  // one mistake, two codes: it depends on who notices first, the reader or the writer
  if (/^(EPROTO$|ERR_SSL_)/.test(error.code ?? '')) {
    return `${host} does not speak TLS as expected; is the address one of http:// rather?`;
  }
  return `${host} cannot be called: ${onOneLine(error.message)}`;
}

/** How to reach what only the cluster, or its network, reaches. */
function fromOutside({ hostname, port, protocol, pathname }: URL): string {
  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/.exec(hostname) ?? [];
  if (service === undefined) {
    return 'services answer inside the cluster or its network: call from there, or by kubectl port-forward';
  }
  const forward = `kubectl --namespace ${namespace} port-forward service/${service} 8080:${port || (protocol === 'https:' ? 443 : 80)}`;
  return `it is a name inside the cluster: run '${forward}' and query ${protocol}//localhost:8080${pathname}`;
}
