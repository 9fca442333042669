import { Agent } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { type Answer, type Call, call, callHttp2, http2 } from './load';

/** A way to call a service that speaks as Triton does. */
export interface Way {
  readonly name: string;
  readonly grpc: boolean;

  /** Makes a call over a connection of its own. */
  readonly call: (address: string, options: Call) => Promise<Answer>;
}

const PATH = '/v2/models/digits/infer';

/** What is answered without being counted. */
const HEALTH: Call = { path: '/v2/health/ready', method: 'GET' };

/** An empty message. */
const MESSAGE = Buffer.alloc(5);

function callGrpc(session: ClientHttp2Session, options: Call): Promise<Answer> {
  return callHttp2(session, {
    ...options,
    path: '/inference.GRPCInferenceService/ModelInfer',
    body: MESSAGE,
    headers: { ...options.headers, 'content-type': 'application/grpc', 'content-length': undefined, te: 'trailers' },
  });
}

/** A way over a session, on which another call may have been answered before. */
function overHttp2(name: string, grpc: boolean, later: boolean): Way {
  const send = grpc ? callGrpc : callHttp2;
  return {
    name,
    grpc,
    call: async (address, options) => {
      const session = http2(address);
      if (later) {
        await callHttp2(session, HEALTH);
      }
      const answer = await send(session, { path: PATH, ...options });
      session.close();
      return answer;
    },
  };
}

async function laterCall(address: string, options: Call): Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let connections = 0;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    connections += 1;
    return connect(...given);
  };
  await call(address, { ...HEALTH, agent });
  const answer = await call(address, { path: PATH, ...options, agent });
  agent.destroy();
  if (connections !== 1) {
    throw new Error(`the call was made over another connection: ${connections}`);
  }
  return answer;
}

/** The ways in which what goes on between the hops may differ. */
export const WAYS: readonly Way[] = [
  { name: 'the first call of a connection', grpc: false, call: (at, options) => call(at, { path: PATH, ...options }) },
  { name: 'a later call of a connection', grpc: false, call: laterCall },
  overHttp2('the first call over HTTP/2', false, false),
  overHttp2('a later call over HTTP/2', false, true),
  overHttp2('the first call of gRPC', true, false),
  overHttp2('a later call of gRPC', true, true),
];
