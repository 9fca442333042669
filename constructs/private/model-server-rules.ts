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

/** Options of every service that say how it is reached and how it goes, with their defaults. */
export function reachOf(options: ModelServiceOptions) {
  return {
    auth: options.auth ?? ServiceAuth.keys(),
    exposure: options.exposure ?? Exposure.INTERNAL,
    haproxyImage: options.haproxyImage ?? HAPROXY_IMAGE,
    drainTimeoutSeconds: options.drainTimeoutSeconds ?? 600,
  };
}

/** A service, as far as it is judged before it is deployed. */
export interface JudgedService {
  readonly options: ModelServiceOptions;
  readonly serviceName: string;
  readonly limits: Required<RequestLimits>;

  /** The most replicas that there ever are. */
  readonly replicas: number;

  /** How long its servers may take to start, as it is once the program is complete. */
  readonly startup: () => Probes['startup'];
}

/** Refuses options that no model server can be deployed with, and warns of doubtful ones. */
export function judgeModelServer(service: Construct, props: JudgedService): void {
  const { options } = props;
  const reach = reachOf(options);
  refuseAtSynth(service, () => {
    const startup = props.startup();
    return serviceProblems({
      ...options,
      ...props,
      ...reach,
      startup,
      rolloutTimeoutMinutes: rolloutTimeoutOf({ ...props, startup }),
    });
  });
  for (const warning of serviceWarnings(reach)) {
    Annotations.of(service).addWarning(warning);
  }
}

/** How long a replica may take to go, until its server is told to end. */
export function drainSecondsOf({ options, limits }: Pick<JudgedService, 'options' | 'limits'>): number {
  return replicaDrainSeconds(limits, reachOf(options).drainTimeoutSeconds);
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
