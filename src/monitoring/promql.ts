import { GRPC_ERRORS } from './grpc-errors';

/** Window of rates of what is scraped every 15 seconds: four points. Dashboards widen it with what they show. */
export const RATE_WINDOW = '1m';

/**
 * Window of quantiles, means and shares: long enough that one slow call among few does not decide, and that there is
 * something to divide by where calls are minutes apart.
 */
export const RATIO_WINDOW = '5m';

/** Window of rates of what managed Prometheus scrapes every 30 seconds: cAdvisor and kube-state-metrics. */
export const SLOW_WINDOW = '5m';

/** Labels and their matchers, such as `namespace="serving",code=~"5.."`; what is empty is left out. */
export function matchers(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(',');
}

/** The matcher of the series of one cluster; nothing where Prometheus knows one alone. */
export function ofCluster(cluster: string | undefined): string | undefined {
  return cluster === undefined ? undefined : `cluster="${cluster}"`;
}

/** The sum of the rates of counters per second. */
export function rate(series: string, window = RATE_WINDOW): string {
  return `sum(rate(${series}[${window}]))`;
}

/** The same for each value of some labels. */
export function rateBy(labels: string, series: string, window = RATE_WINDOW): string {
  return `sum by (${labels}) (rate(${series}[${window}]))`;
}

/** A sum that is 0 where there is nothing to sum up. */
export function orZero(expression: string): string {
  return `(${expression} or vector(0))`;
}

/** The time below which a share of what a histogram counts lies, for each value of some labels where there are any. */
export function quantile(share: number, buckets: string, labels?: string): string {
  const kept = labels === undefined ? 'le' : `${labels}, le`;
  return `histogram_quantile(${share}, ${rateBy(kept, buckets, RATIO_WINDOW)})`;
}

/** The mean of what a histogram counts. */
export function mean(name: string, selector: string): string {
  return `${rate(`${name}_sum{${selector}}`, RATIO_WINDOW)} / ${rate(`${name}_count{${selector}}`, RATIO_WINDOW)}`;
}

/** The regular expression of the statuses of gRPC that are errors, a full queue among them. */
export const GRPC_ERROR_CODES = GRPC_ERRORS.join('|');
