import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** What a call asks of a `CountingServer`. */
export interface Behaviour {
  /** Name of the call, by which it is counted. */
  readonly id: string;

  /** How long the call takes. */
  readonly milliseconds?: number;

  /** @default 200 */
  readonly status?: number;

  /** Ends the connection in place of an answer: with a reset, or as if all were said. */
  readonly breakOff?: 'reset' | 'end';

  /** Headers of the answer. */
  readonly answerHeaders?: { readonly [name: string]: string };
}

/** Header that carries a call's `Behaviour` as JSON. */
export const BEHAVIOUR_HEADER = 'x-test-behaviour';

/**
 * A model server that computes nothing, and remembers every call. It lives in the test's own process.
 *
 * It speaks HTTP/1.1, and on another port HTTP/2 as servers of gRPC do.
 */
export class CountingServer {
  /** Ids of the calls that began, in that order. */
  public readonly begun: string[] = [];

  /** Calls that are computed now. */
  public atOnce = 0;

  /** The most calls that were computed at once. */
  public mostAtOnce = 0;

  private readonly sockets = new Set<Socket>();
  private readonly http = createServer((request, response) => this.answer(request, response));
  private readonly http2 = createHttp2Server((request, response) => this.answer(request, response));
  private ports: readonly number[] = [0, 0];

  constructor() {
    for (const server of this.servers) {
      server.on('connection', (socket: Socket) => {
        this.sockets.add(socket);
        socket.on('close', () => this.sockets.delete(socket));
      });
    }
    // what ends a session by a reset is told of it
    this.http2.on('session', (session) => session.on('error', () => {}));
  }

  private get servers() {
    return [this.http, this.http2];
  }

  public get listens(): boolean {
    return this.http.listening;
  }

  public get httpPort(): number {
    return this.ports[0] ?? 0;
  }

  public get grpcPort(): number {
    return this.ports[1] ?? 0;
  }

  /** Begins to listen: on free ports, and on the same ones again later. */
  public async listen(): Promise<void> {
    this.ports = await Promise.all(
      this.servers.map(async (server, index) => {
        server.listen(this.ports[index], '127.0.0.1');
        await once(server, 'listening');
        return (server.address() as AddressInfo).port;
      }),
    );
  }

  /** Does what the kernel does for a process that is killed: resets its connections and refuses new ones. */
  public async kill(): Promise<void> {
    const listening = this.servers.filter((server) => server.listening);
    const closed = listening.map((server) => once(server.close(), 'close'));
    for (const socket of this.sockets) {
      socket.resetAndDestroy();
    }
    await Promise.all(closed);
  }

  private breakOff(request: IncomingMessage | Http2ServerRequest, how: 'reset' | 'end'): void {
    const { remotePort } = request.socket;
    for (const socket of [...this.sockets].filter((one) => one.remotePort === remotePort)) {
      how === 'reset' ? socket.resetAndDestroy() : socket.destroy();
    }
  }

  private answer(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
    const header = request.headers[BEHAVIOUR_HEADER];
    if (header === undefined) {
      // a health check
      response.end();
      return;
    }
    const { id, milliseconds = 0, status = 200, breakOff, answerHeaders } = JSON.parse(String(header));
    this.begun.push(id);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    response.on('close', () => {
      this.atOnce -= 1;
    });
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const finish = () => {
      if (breakOff !== undefined) {
        this.breakOff(request, breakOff);
        return;
      }
      const type = request.headers['content-type'] ?? 'application/json';
      response.writeHead(status, { 'content-type': type, ...answerHeaders });
      if (request.httpVersionMajor === 2) {
        response.addTrailers({ 'grpc-status': '0' });
      }
      response.end(JSON.stringify({ bytes, headers: request.headers }));
    };
    request.on('end', () => setTimeout(finish, milliseconds));
  }
}
