import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import { HAPROXY_IMAGE } from '../../src/gateway/image';
import { serviceProblems, serviceWarnings } from '../../src/gateway/service-rules';
import { replicaDrainSeconds } from '../../src/gateway/timeouts';
import { Exposure } from '../../src/kubernetes/exposure';
import { rolloutMinutes } from '../../src/kubernetes/rollout';
import type { RequestLimits } from '../../src/scoring/request-limits';
import { ServiceAuth } from '../../src/scoring/service-auth';
import { refuseAtSynth } from '../../src/validation';
import type { ModelServiceOptions } from '../model-service';
import type { Probes } from './server-containers';

/** How long a replica may take to go where nobody says so. */
export const DEFAULT_DRAIN_TIMEOUT_SECONDS = 600;

/** A service, as far as it is judged before it is deployed. */
export interface JudgedService {
  readonly options: ModelServiceOptions;
  readonly serviceName: string;
  readonly limits: Required<RequestLimits>;
  readonly replicas: number;

  /** How long its servers may take to start, as it is once the program is complete. */
  readonly startup: () => Probes['startup'];
}

/** Refuses options that no model server can be deployed with, and warns of doubtful ones. */
export function judgeModelServer(service: Construct, props: JudgedService): void {
  const { options, startup } = props;
  const { auth = ServiceAuth.keys(), exposure = Exposure.INTERNAL } = options;
  const judged = {
    ...options,
    ...props,
    auth,
    exposure,
    haproxyImage: options.haproxyImage ?? HAPROXY_IMAGE,
    drainTimeoutSeconds: options.drainTimeoutSeconds ?? DEFAULT_DRAIN_TIMEOUT_SECONDS,
  };
  refuseAtSynth(service, () =>
    serviceProblems({
      ...judged,
      rolloutTimeoutMinutes: rolloutTimeoutOf({ ...props, startup: startup() }),
      startup: startup(),
    }),
  );
  for (const warning of serviceWarnings({ auth, exposure })) {
    Annotations.of(service).addWarning(warning);
  }
}

/** How long a replica may take to go, until its server is told to end. */
export function drainSecondsOf({ options, limits }: Pick<JudgedService, 'options' | 'limits'>): number {
  return replicaDrainSeconds(limits, options.drainTimeoutSeconds ?? DEFAULT_DRAIN_TIMEOUT_SECONDS);
}

/** How long a deployment may take, as it is given, else as its servers take to start and to go. */
export function rolloutTimeoutOf(
  service: Pick<JudgedService, 'options' | 'limits' | 'replicas'> & Pick<Probes, 'startup'>,
): number {
  const { options, replicas, startup } = service;
  const { seconds, secondsBefore = 0 } = startup;
  const { rolloutTimeoutMinutes, pool } = options;
  return (
    rolloutTimeoutMinutes ?? rolloutMinutes(pool.minNodes, replicas, seconds + secondsBefore, drainSecondsOf(service))
  );
}
