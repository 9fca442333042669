// Calls of the benchmarks.
import { Agent, request } from 'node:http';
import { Failure } from '../examples/project.mjs';

/** How long callers call in one turn. */
const TURN_MS = 1000;

/** What callers show. */
export const KEY = 'the key of the benchmark';

/** Lets callers call for a while, each again as soon as it has its answer. */
export async function load(setUp, callers) {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const latencies = [];
  const begin = performance.now();
  const caller = async () => {
    while (performance.now() < begin + TURN_MS) {
      const start = performance.now();
      const status = await call(setUp, agent, setUp.serverMs);
      if (status !== 200) {
        throw new Failure(`a call ${setUp.label} ended in ${status} instead of 200`);
      }
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  agent.destroy();
  return { latencies, seconds: (performance.now() - begin) / 1000 };
}

/** Makes one call: its status, or the code of what went wrong. */
export function call({ host, port }, agent, serverMs) {
  const body = '{"data":[1,2,3,4]}';
  const headers = {
    authorization: `Bearer ${KEY}`,
    'content-type': 'application/json',
    'content-length': body.length,
    'x-milliseconds': serverMs,
  };
  return new Promise((resolve) => {
    const failed = ({ code }) => resolve(code);
    const outgoing = request({ host, port, agent, headers, method: 'POST', path: '/score' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
      response.on('error', failed);
    });
    outgoing.on('error', failed).end(body);
  });
}
