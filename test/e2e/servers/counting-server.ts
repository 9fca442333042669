import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a call asks of a `CountingServer`. */
export interface Behaviour {
  /** Name of the call, by which it is counted. */
  readonly id: string;

  /** How long the call takes. */
  readonly milliseconds?: number;

  /** @default 200 */
  readonly status?: number;

  /** Ends the connection in place of an answer. */
  readonly breakOff?: boolean;

  /** Headers of the answer. */
  readonly answerHeaders?: { readonly [name: string]: string };
}

/** Header that carries a call's `Behaviour` as JSON. */
export const BEHAVIOUR_HEADER = 'x-test-behaviour';

/** A model server that computes nothing, and remembers every call. It lives in the test's own process. */
export class CountingServer {
  /** Ids of the calls that began, in that order. */
  public readonly begun: string[] = [];

  /** Calls that are computed now. */
  public atOnce = 0;

  /** The most calls that were computed at once. */
  public mostAtOnce = 0;

  private readonly sockets = new Set<Socket>();
  private readonly http = createServer((request, response) => this.answer(request, response));

  constructor() {
    this.http.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  public get listens(): boolean {
    return this.http.listening;
  }

  /** Begins to listen: on a free port, or on the one that a gateway was told. */
  public async listen(port = 0): Promise<number> {
    this.http.listen(port, '127.0.0.1');
    await once(this.http, 'listening');
    return (this.http.address() as AddressInfo).port;
  }

  /** Does what the kernel does for a process that is killed: resets its connections and refuses new ones. */
  public async kill(): Promise<void> {
    const closed = this.http.listening ? once(this.http, 'close') : undefined;
    this.http.close();
    for (const socket of this.sockets) {
      socket.resetAndDestroy();
    }
    await closed;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const header = request.headers[BEHAVIOUR_HEADER];
    if (header === undefined) {
      // a health check
      response.end();
      return;
    }
    const { id, milliseconds = 0, status = 200, breakOff = false, answerHeaders } = JSON.parse(String(header));
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
      if (breakOff) {
        request.socket.resetAndDestroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json', ...answerHeaders });
      response.end(JSON.stringify({ bytes, headers: request.headers }));
    };
    request.on('end', () => setTimeout(finish, milliseconds));
  }
}
