/** Window of rates of what is scraped every 15 seconds: four points. Dashboards widen it with what they show. */
export const RATE_WINDOW = '1m';

/** Window of quantiles: long enough that one slow call among few does not decide. */
export const QUANTILE_WINDOW = '5m';

/** Window of rates of what managed Prometheus scrapes every 30 seconds: cAdvisor and kube-state-metrics. */
export const SLOW_WINDOW = '5m';

/** Labels and their matchers, such as `namespace="serving",code=~"5.."`; what is empty is left out. */
export function matchers(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(',');
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

/** The time below which a share of what a histogram counts lies. */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, sum by (le) (rate(${buckets}[${QUANTILE_WINDOW}])))`;
}

/** The mean of what a histogram counts. */
export function mean(name: string, selector: string): string {
  return `${rate(`${name}_sum{${selector}}`, QUANTILE_WINDOW)} / ${rate(`${name}_count{${selector}}`, QUANTILE_WINDOW)}`;
}

/**
 * What gRPC calls end with where an HTTP call would with a status from 500 on: unknown, deadline exceeded, resource
 * exhausted, internal, unavailable, data loss.
 *
 * @see https://grpc.io/docs/guides/status-codes/
 */
export const GRPC_ERRORS = '2|4|8|13|14|15';
