import { section, word } from './haproxy-text';
import { KEYS_TAKEN } from './keys-task';
import { SERVICE_METRICS_LINE } from './metrics-task';
import { GATEWAY_PORTS } from './ports';
import type { ServerBehind } from './protocol';

/**
 * Health on a port of its own: `/gateway` answers 200 while HAProxy runs, `/ready` not before the keys are there.
 *
 * @param lines what answers when both is so
 * @param others what answers other paths
 * @param morePaths paths besides `/live` and `/ready` that `lines` answer
 */
export function healthSection(
  address: string,
  keyMap: string | undefined,
  lines: readonly string[],
  others: readonly string[] = [],
  morePaths: readonly string[] = [],
): string {
  return section('frontend health', [
    `bind ${address}:${GATEWAY_PORTS.health}`,
    'no log',
    'http-request return status 200 if { path /gateway }',
    ...others,
    `http-request return status 404 unless { path ${['/live', '/ready', ...morePaths].join(' ')} }`,
    ...(keyMap === undefined
      ? []
      : [`http-request return status 503 if { path /ready } !{ str(${KEYS_TAKEN}),map(${word(keyMap)}) -m found }`]),
    ...lines,
  ]);
}

/** Metrics of HAProxy for Prometheus, those of the service, and those of a server that nobody else reaches. */
export function metricsSection(address: string, behind?: ServerBehind): string {
  const path = `/${behind?.name}/metrics`;
  return section('frontend metrics', [
    `bind ${address}:${GATEWAY_PORTS.metrics}`,
    'no log',
    'http-request use-service prometheus-exporter if { path /metrics }',
    SERVICE_METRICS_LINE,
    ...(behind === undefined
      ? ['http-request return status 404']
      : [`http-request return status 404 unless { path ${path} }`, `default_backend ${behind.name}-metrics`]),
  ]);
}
