import { plainTable } from '../report/plain-table';

/** A report of a profile, as far as it is shown. */
export interface ShownProfile {
  readonly levels: readonly {
    readonly concurrency: number;
    readonly requests: number;
    readonly errors: { readonly [kind: string]: number };
    readonly requestsPerSecond: number;
    readonly latencyPercentile50InMs: number | null;
    readonly latencyPercentile99InMs: number | null;
    readonly maxUtilizedCpu: number | null;
  }[];
  readonly best: { readonly concurrency: number } | null;
  readonly maxUtilizedMemoryInGB?: number | null;
  readonly recommendedCpu?: number | null;
  readonly recommendedMemoryInGB?: number | null;
  readonly usageError: string | null;
}

/** A report for people: its levels, and what it recommends. */
export function renderProfile(profile: ShownProfile): string {
  const { best, recommendedCpu, recommendedMemoryInGB, maxUtilizedMemoryInGB, usageError } = profile;
  const columns = ['at once', 'requests', 'errors', 'requests/s', 'p50 ms', 'p99 ms', 'most cores'];
  const table = plainTable(
    columns.map((head) => ({ head, number: head !== 'errors' })),
    profile.levels.map((level) => [
      String(level.concurrency),
      String(level.requests),
      Object.entries(level.errors)
        .map(([kind, count]) => `${count} × ${kind}`)
        .join(', '),
      shown(level.requestsPerSecond),
      shown(level.latencyPercentile50InMs),
      shown(level.latencyPercentile99InMs),
      shown(level.maxUtilizedCpu),
    ]),
  );
  const advice = [
    best === null ? undefined : `replicaMaxConcurrentRequests ${best.concurrency}`,
    typeof recommendedCpu === 'number' ? `cpuCores ${recommendedCpu}` : undefined,
    typeof recommendedMemoryInGB === 'number'
      ? `memoryGb ${recommendedMemoryInGB} (most used: ${shown(maxUtilizedMemoryInGB)})`
      : undefined,
  ].filter((part) => part !== undefined);
  return [
    table,
    ...(advice.length === 0 ? [] : [`Recommended: ${advice.join(', ')}\n`]),
    ...(usageError === null ? [] : [`CPU and memory are not known: ${usageError}\n`]),
  ].join('');
}

function shown(value: number | null | undefined): string {
  return typeof value === 'number' ? value.toFixed(2) : '';
}
