import { Token } from 'cdktf';
import { type NumberRange, rangeProblems } from '../scoring/number-range';
import { shownNumber } from '../validation';
import { Monitoring } from './monitoring';

/** When somebody is told about a service. */
export interface AlertOptions {
  /**
   * Whether there are alerts for the service.
   *
   * @default - true where the metrics of the cluster are collected
   */
  readonly enabled?: boolean;

  /**
   * Share of calls that may end with an error before somebody is told, above 0 and at most 100 percent: those with a
   * status from 500 on, and requests that fail in Triton.
   *
   * @default 5
   */
  readonly errorPercent?: number;

  /**
   * Time within which 99 % of the calls are to have their answer, 1 to 299999 milliseconds: the metrics tell latencies up
   * to five minutes.
   *
   * @default - half of scoringTimeoutMs, at most 240000
   */
  readonly latencyP99Ms?: number;

  /**
   * Ids of the action groups of Azure Monitor that are told, besides those of the stack. Refused but with
   * `Monitoring.AZURE_MANAGED`: inside a cluster Alertmanager says who is told.
   *
   * @default - none: alerts are shown in the portal and told to nobody
   */
  readonly actionGroupIds?: readonly string[];
}

/** Alerts with all defaults in place. */
export interface ResolvedAlerts {
  readonly errorPercent: number;
  readonly latencyP99Ms: number;
  readonly actionGroupIds: readonly string[];
}

const DEFAULT_ERROR_PERCENT = 5;

const RANGES = { latencyP99Ms: { minimum: 1, maximum: 299_999 } } satisfies {
  readonly [option in keyof AlertOptions]: NumberRange;
};

/** What is wrong with the alerts of a service on a cluster. */
export function alertProblems(alerts: AlertOptions, monitoring: Monitoring): string[] {
  const { errorPercent = DEFAULT_ERROR_PERCENT, actionGroupIds = [] } = alerts;
  return [
    ...(errorPercent > 0 && errorPercent <= 100 && !Token.isUnresolved(errorPercent)
      ? []
      : [`alerts.errorPercent must be a number above 0 and at most 100; got ${shownNumber(errorPercent)}`]),
    ...rangeProblems(alerts, RANGES).map((problem) => `alerts.${problem}`),
    ...(monitoring === Monitoring.NONE && wantsAlerts(alerts)
      ? [
          'alerts need the metrics of the cluster, which nobody collects with Monitoring.NONE; leave alerts out, or take ' +
            'Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER',
        ]
      : actionGroupProblems('alerts.actionGroupIds', actionGroupIds, monitoring)),
  ];
}

/** What is wrong with the action groups that an option names. */
export function actionGroupProblems(option: string, ids: readonly string[], monitoring: Monitoring): string[] {
  if (ids.length > 0 && monitoring !== Monitoring.AZURE_MANAGED) {
    return [
      `${option} are groups of Azure Monitor, which knows the alerts of Monitoring.AZURE_MANAGED alone; got Monitoring.` +
        (monitoring === Monitoring.NONE
          ? 'NONE; leave it out, since nothing is watched'
          : 'IN_CLUSTER; leave it out: inside a cluster Alertmanager says who is told'),
    ];
  }
  const count = new Set(ids).size;
  if (count > MOST_ACTION_GROUPS) {
    return [`an alert has at most ${MOST_ACTION_GROUPS} action groups; got ${option} with ${count}; name fewer`];
  }
  return ids
    .filter((id) => !Token.isUnresolved(id) && !ACTION_GROUP.test(id))
    .map(
      (id) =>
        `${option} are ids such as '/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Insights/actionGroups/NAME'; ` +
        `got '${id}'`,
    );
}

/** What is wrong with the action groups of a service and those of its stack together. */
export function joinedActionGroupProblem(
  serviceName: string,
  ids: readonly string[],
  stackIds: readonly string[],
): string | undefined {
  const count = new Set([...stackIds, ...ids]).size;
  return stackIds.length > 0 && count > MOST_ACTION_GROUPS
    ? `an alert has at most ${MOST_ACTION_GROUPS} action groups; got alerts.actionGroupIds of '${serviceName}' with ${count}, ` +
        'those of the stack among them; name fewer'
    : undefined;
}

/** The alerts of a service; nothing where it has none. */
export function resolveAlerts(alerts: AlertOptions, scoringTimeoutMs: number): ResolvedAlerts | undefined {
  const { enabled = true, errorPercent = DEFAULT_ERROR_PERCENT, actionGroupIds = [] } = alerts;
  const latencyP99Ms = alerts.latencyP99Ms ?? Math.min(scoringTimeoutMs / 2, 240_000);
  return enabled ? { errorPercent, latencyP99Ms, actionGroupIds: [...new Set(actionGroupIds)] } : undefined;
}

function wantsAlerts({ enabled, ...others }: AlertOptions): boolean {
  return enabled ?? Object.values(others).some((value) => value !== undefined);
}

const ACTION_GROUP =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/microsoft\.insights\/actionGroups\/[^/]+$/i;

/** @see https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#alerts */
const MOST_ACTION_GROUPS = 5;
