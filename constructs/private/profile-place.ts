import { HAPROXY_REQUEST } from '../../src/gateway/resources';
import { inServiceWords } from '../../src/scoring/service-words';
import type { ProfileJobProps } from './profile-job';

/** What the load generator is promised: it must not be what limits the server. */
export const LOAD_REQUEST = { cpuCores: 0.5, memoryGiB: 0.25 };

/** What a replica of the service asks of a node. */
function replicaOf({ promised, server }: ProfileJobProps) {
  const all = Object.values(promised);
  return {
    cpuCores: all.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
    memoryGiB: all.reduce((sum, { memoryGb }) => sum + memoryGb, 0),
    gpus: server.gpus,
  };
}

/** What is short on a node for a copy of the server together with the load. */
export function placeProblems(props: ProfileJobProps): string[] {
  const { pool } = props.server.options;
  const replica = replicaOf(props);
  if (!pool.fits({ ...replica, sidecars: HAPROXY_REQUEST }).fits) {
    return []; // the service itself is refused for it
  }
  const { problems } = pool.fits({ ...replica, sidecars: LOAD_REQUEST });
  return inServiceWords(problems).map(
    (problem) => `${problem}; the load of a profile takes ${LOAD_REQUEST.cpuCores} cores beside the server`,
  );
}

/** What is doubtful about the pool: a profile needs a place that no replica has. */
export function fullPoolWarnings(props: ProfileJobProps): string[] {
  const { scaling, options } = props.server;
  const always = scaling.replicas.min;
  const { fits, replicas: room } = options.pool.fits({ ...replicaOf(props), sidecars: HAPROXY_REQUEST });
  if (fits && room <= always) {
    return [
      `the pool '${options.pool.poolName}' holds ${room} replicas, and the service has as many whatever its load (` +
        `${scaling.option === 'numReplicas' ? 'numReplicas' : 'autoscale.minReplicas'}): its profile ` +
        'waits for a place, and ends without a report where none comes; raise maxNodes of the pool, or profile with fewer ' +
        'replicas',
    ];
  }
  return [];
}
