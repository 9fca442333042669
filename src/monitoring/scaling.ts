import { rangeProblem } from '../scoring/number-range';
import { broken, shownNumber, wholeNumber } from '../validation';
import type { AutoscaleOptions } from './autoscale-options';
import { Monitoring } from './monitoring';
import type { ScalingTarget } from './scaling-metric';

/** Numbers of replicas between the least and the most; the same one twice where it is fixed. */
export interface ReplicaRange {
  /** Replicas when nobody calls. */
  readonly min: number;

  /** Replicas at the busiest time. */
  readonly max: number;
}

/** Autoscaling with all defaults in place. */
export interface Autoscale extends ScalingTarget {
  /** The most replicas. */
  readonly maxReplicas: number;

  /** How often gateways and routers count their calls. */
  readonly refreshSeconds: number;

  /** How long the load must have been lower before replicas go. */
  readonly scaleDownDelaySeconds: number;

  /** How long nobody must have called before the last replica goes; nothing where one stays. */
  readonly cooldownSeconds?: number;

  /** How long routers hold a call that waits for the first replica; nothing where one stays. */
  readonly wakeTimeoutSeconds?: number;
}

/** What decides about the replicas of a service. */
export interface ScaledService {
  readonly numReplicas?: number;
  readonly autoscale?: AutoscaleOptions;

  /** Who collects the metrics of the cluster. */
  readonly monitoring: Monitoring;

  /** Name of its pool. */
  readonly poolName: string;

  /** The most replicas that the pool can hold. */
  readonly room: number;

  /** Number of calls that one replica works on at once. */
  readonly replicaMaxConcurrentRequests: number;

  /** Whether Triton serves its models. */
  readonly hasTriton: boolean;

  /** How long a replica may take to start, and its node before it. */
  readonly startSeconds: number;
}

/** What is decided about the replicas of a service, and what is wrong. */
export interface Scaling {
  readonly replicas: ReplicaRange;

  /** How their number follows the load; nothing where it is fixed. */
  readonly autoscale?: Autoscale;

  /** The option that the highest number of replicas comes from. */
  readonly option: 'numReplicas' | 'minReplicas' | 'maxReplicas';

  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Whether routers stand before the replicas: they find a free one of several, and hold the call that wakes a service which
 * may have none.
 */
export function isRouted({ min, max }: ReplicaRange): boolean {
  return max > 1 || min === 0;
}

/** What Azure ML's autoscaler did where nobody said otherwise. */
const DEFAULTS = { minReplicas: 1, maxReplicas: 10, targetUtilizationPercent: 70, refreshSeconds: 1 };

/** The most replicas that routers tell apart. */
const MOST_REPLICAS = 400;

/** How long Kubernetes looks back before it takes replicas away, and KEDA before it takes the last one. */
const DELAY_SECONDS = 300;

/** Below the 240 seconds after which Azure's load balancer drops a connection on which nothing moves. */
const WAKE_TIMEOUT_SECONDS = 210;

const ADVICE = 'give the platform Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER';

/** Decides how many replicas a service has. What is wrong counts as left out. */
export function resolveScaling(service: ScaledService): Scaling {
  const { numReplicas, autoscale, monitoring } = service;
  if (numReplicas !== undefined) {
    const both =
      'numReplicas and autoscale must not both be given: a service has a fixed number of replicas or one that follows its ' +
      `load; got numReplicas ${numReplicas}; keep one of them`;
    return fixed(numReplicas, autoscale === undefined ? [] : [both, ...numberProblems(autoscale).values()]);
  }
  if (monitoring === Monitoring.NONE) {
    return autoscale === undefined
      ? fixed(
          1,
          [],
          [
            'the service has one replica, whatever its load: autoscaling reads metrics, and nobody collects those of its ' +
              `cluster (Monitoring.NONE); ${ADVICE}, or the service numReplicas`,
          ],
        )
      : fixed(1, [
          'autoscale reads metrics, and nobody collects those of the cluster (Monitoring.NONE); ' +
            `${ADVICE}, or the service numReplicas in the place of autoscale`,
        ]);
  }
  return autoscaled(service, autoscale ?? {});
}

function fixed(replicas: number, problems: readonly string[], warnings: readonly string[] = []): Scaling {
  return { replicas: { min: replicas, max: replicas }, option: 'numReplicas', problems, warnings };
}

function autoscaled(service: ScaledService, given: AutoscaleOptions): Scaling {
  const { room, poolName } = service;
  const wrong = numberProblems(given);
  // a number that is wrong must not keep what else is wrong from being told
  const options: AutoscaleOptions = Object.fromEntries(
    Object.entries(given).filter(([option]) => !wrong.has(option as keyof AutoscaleOptions)),
  );
  const { minReplicas, targetUtilizationPercent, refreshSeconds } = { ...DEFAULTS, ...present(options) };
  const usual = Math.max(1, Math.min(DEFAULTS.maxReplicas, room));
  // where even the fewest are too many for the pool, that is what is wrong
  const maxReplicas = options.maxReplicas ?? (minReplicas > room ? minReplicas : usual);
  const autoscale: Autoscale = {
    minReplicas,
    maxReplicas,
    targetUtilizationPercent,
    refreshSeconds,
    secondsPerRequest: options.scaleOnRequests?.secondsPerRequest,
    queueTargetMs: options.scaleOnQueueTime?.targetMs,
    scaleDownDelaySeconds: options.scaleDownDelaySeconds ?? DELAY_SECONDS,
    ...(minReplicas === 0
      ? {
          cooldownSeconds: options.cooldownSeconds ?? Math.max(DELAY_SECONDS, service.startSeconds),
          wakeTimeoutSeconds: options.wakeTimeoutSeconds ?? WAKE_TIMEOUT_SECONDS,
        }
      : {}),
  };
  const isCut = given.maxReplicas === undefined && maxReplicas === usual && room >= 1 && room < DEFAULTS.maxReplicas;
  return {
    replicas: { min: minReplicas, max: Math.max(minReplicas, maxReplicas) },
    // a range of one number is one that nothing has to follow
    autoscale: minReplicas < maxReplicas ? autoscale : undefined,
    option: options.maxReplicas === undefined ? 'minReplicas' : 'maxReplicas',
    problems: [...wrong.values(), ...combinationProblems(service, given, autoscale, wrong)],
    warnings: [
      ...(isCut
        ? [
            `the service is autoscaled to ${maxReplicas === 1 ? '1 replica' : `${maxReplicas} replicas`} at most, not to ` +
              `${DEFAULTS.maxReplicas}, since the pool '${poolName}' holds no more; raise its maxNodes, or give autoscale: ` +
              `{ maxReplicas: ${maxReplicas} }`,
          ]
        : []),
      ...cooldownWarnings(service, options),
    ],
  };
}

/** The whole numbers among the options, and their bounds. */
const WHOLE_NUMBERS = [
  ['minReplicas', 0, MOST_REPLICAS],
  ['maxReplicas', 1, MOST_REPLICAS],
  ['refreshSeconds', 1, 15],
  ['scaleDownDelaySeconds', 0, 3600],
  ['cooldownSeconds', 0, 86_400],
  ['wakeTimeoutSeconds', 1, 230],
] as const;

/** What is wrong with each number by itself, by the option that it is in. */
function numberProblems(given: AutoscaleOptions): ReadonlyMap<keyof AutoscaleOptions, string> {
  const { targetUtilizationPercent: percent, scaleOnRequests, scaleOnQueueTime } = given;
  const seconds = scaleOnRequests?.secondsPerRequest;
  const all: (readonly [keyof AutoscaleOptions, string | undefined])[] = [
    ...WHOLE_NUMBERS.map(([option, minimum, maximum]) => {
      const value = given[option];
      const rules = value === undefined ? [] : [wholeNumber(`autoscale.${option}`, value, minimum, maximum)];
      return [option, broken(rules)[0]] as const;
    }),
    [
      'targetUtilizationPercent',
      percent === undefined || (percent >= 1 && percent <= 100)
        ? undefined
        : `autoscale.targetUtilizationPercent must be a number from 1 to 100; got ${shownNumber(percent)}`,
    ],
    [
      'scaleOnRequests',
      seconds === undefined || (seconds > 0 && seconds <= 3600)
        ? undefined
        : `autoscale.scaleOnRequests.secondsPerRequest must be a number above 0, at most 3600; got ${shownNumber(seconds)}`,
    ],
    [
      'scaleOnQueueTime',
      rangeProblem('autoscale.scaleOnQueueTime.targetMs', scaleOnQueueTime?.targetMs, { minimum: 0.01 }),
    ],
  ];
  return new Map(all.flatMap(([option, problem]) => (problem === undefined ? [] : [[option, problem] as const])));
}

/** What is wrong with the options beside each other, and with those of the service. */
function combinationProblems(
  service: ScaledService,
  given: AutoscaleOptions,
  resolved: Autoscale,
  wrong: ReadonlyMap<keyof AutoscaleOptions, string>,
): string[] {
  const { scaleOnRequests, scaleOnQueueTime } = given;
  const { minReplicas, maxReplicas, targetUtilizationPercent, secondsPerRequest = 0 } = resolved;
  const requestsPerSecond =
    (service.replicaMaxConcurrentRequests * targetUtilizationPercent) / 100 / (secondsPerRequest || 1);
  const idle = (['cooldownSeconds', 'wakeTimeoutSeconds'] as const).filter(
    (option) => given[option] !== undefined && !wrong.has(option),
  );
  return broken([
    {
      broken: minReplicas > maxReplicas && !wrong.has('minReplicas') && !wrong.has('maxReplicas'),
      message:
        `autoscale.minReplicas must not be above maxReplicas${given.maxReplicas === undefined ? ', which is not given' : ''}; ` +
        `got ${minReplicas} and ${maxReplicas}`,
    },
    {
      broken: scaleOnRequests !== undefined && scaleOnQueueTime !== undefined,
      message: 'a service is scaled by one figure; got scaleOnRequests and scaleOnQueueTime; keep one of them',
    },
    {
      broken: scaleOnQueueTime !== undefined && !service.hasTriton,
      message:
        'autoscale.scaleOnQueueTime is the time in the queues of Triton, which a scoring script has none of; leave it out, and ' +
        'the calls that wait for the script count all the same',
    },
    {
      broken: scaleOnQueueTime !== undefined && minReplicas === 0,
      message:
        'autoscale.scaleOnQueueTime cannot wake a service: where no Triton runs, nothing waits in it; got minReplicas 0; give 1, or ' +
        'leave scaleOnQueueTime out',
    },
    {
      broken: scaleOnQueueTime !== undefined && given.targetUtilizationPercent !== undefined,
      message:
        'autoscale.scaleOnQueueTime and targetUtilizationPercent are two targets, and a service has one; keep one of them',
    },
    {
      broken: requestsPerSecond < 0.001,
      message:
        `a replica would take ${Number(requestsPerSecond.toPrecision(2))} requests per second, and Kubernetes counts ` +
        `thousandths; got secondsPerRequest ${secondsPerRequest}; leave scaleOnRequests out, since requests of such length ` +
        'are better counted while they are in progress',
    },
    {
      broken: idle.length > 0 && minReplicas > 0 && !wrong.has('minReplicas'),
      message:
        `autoscale.${idle.join(' and ')} ${idle.length > 1 ? 'are' : 'is'} for services that may have no replica; got ` +
        `minReplicas ${minReplicas}; give 0, or leave ${idle.length > 1 ? 'them' : 'it'} out`,
    },
  ]);
}

function cooldownWarnings(
  { startSeconds }: ScaledService,
  { minReplicas, cooldownSeconds }: AutoscaleOptions,
): string[] {
  return minReplicas === 0 && cooldownSeconds !== undefined && cooldownSeconds < startSeconds
    ? [
        `autoscale.cooldownSeconds is ${cooldownSeconds}, and a replica may take ${startSeconds} seconds to start: it is taken ` +
          'away before it is ready where the caller that woke it gives up',
      ]
    : [];
}

/** The members that have a value: what is given as undefined is not given. */
function present<T extends object>(values: T): { readonly [name in keyof T]?: Exclude<T[name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as typeof values;
}

/**
 * How fast Kubernetes follows: up at once and by as many replicas as the load needs, since callers wait; down by a quarter
 * a minute once the load has been lower for a while.
 */
export function scalingBehavior({ maxReplicas, scaleDownDelaySeconds }: Autoscale) {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Pods', value: maxReplicas, periodSeconds: 15 }],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaleDownDelaySeconds,
      policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }],
    },
  };
}
