import { CATALOGUE_PRICES } from '../azure/catalogue/catalogue';
import { AcceleratorKind } from '../azure/vm-size-spec';
import type { Capacity } from '../capacity/capacity';
import { renderRange, renderUsd } from '../report/cost';
import { plainTable } from '../report/plain-table';
import { listUsage, quotaCells } from '../report/quota';
import { quotaTable } from '../report/quota-table';
import { count } from '../report/words';

/** The most nodes that AKS lets a pool grow to. */
const MAX_POOL_NODES = 1000;

/**
 * A capacity for people: each figure with the formula and the numbers that it comes from.
 *
 * @param endsWithinAYear whether Azure takes the size away within a year
 */
export function renderCapacity(capacity: Capacity, endsWithinAYear: boolean): string {
  const { size, quota } = capacity;
  const steps = plainTable(
    [{ head: 'needed' }, { head: 'because' }],
    [
      [count(capacity.replicas, 'replica'), replicasFormula(capacity)],
      ...devicesRow(capacity),
      [count(capacity.maxNodes, 'node'), nodesFormula(capacity)],
    ],
  );
  const rows = quota.map((need) => [need.family, ...quotaCells(need)]);
  const notes = [
    priceLine(capacity),
    ...(endsWithinAYear
      ? [`Azure retires ${size.name} on ${size.retirementDate}; ${size.successor} succeeds it.`]
      : []),
    ...(size.aksSupported === false ? [`AKS does not support ${size.name}.`] : []),
    ...(capacity.maxNodes > MAX_POOL_NODES
      ? [
          `A pool has at most ${MAX_POOL_NODES} nodes: that takes ${Math.ceil(capacity.maxNodes / MAX_POOL_NODES)} pools.`,
        ]
      : []),
    `What the subscription has: ${listUsage()}`,
  ];
  return `${steps}\n${quotaTable(rows)}\n${notes.join('\n')}\n`;
}

/** A capacity for scripts. */
export function capacityJson(capacity: Capacity): string {
  const { size, migProfile, minUsdPerHour, maxUsdPerHour, ...figures } = capacity;
  const price = minUsdPerHour === undefined ? null : { minUsdPerHour, maxUsdPerHour, ...CATALOGUE_PRICES };
  return `${JSON.stringify({ size: size.name, migProfile: migProfile?.name ?? null, ...figures, price }, undefined, 2)}\n`;
}

function replicasFormula(capacity: Capacity): string {
  const { requestsPerSecond, secondsPerRequest, replicaMaxConcurrentRequests, minReplicas } = capacity;
  const utilization = Number((capacity.targetUtilizationPercent / 100).toPrecision(12));
  const formula =
    `ceil(${requestsPerSecond} requests/s × ${secondsPerRequest} s ÷ ${utilization} busy ` +
    `÷ ${replicaMaxConcurrentRequests} at once)`;
  return minReplicas > 1 ? `${formula}, and at least ${minReplicas}` : formula;
}

function devicesRow({ accelerators, replicas, gpus, migProfile, size }: Capacity): string[][] {
  const { kind = AcceleratorKind.GPU } = size.accelerator ?? { kind: undefined };
  if (accelerators === 0) {
    return [];
  }
  if (kind !== AcceleratorKind.GPU) {
    return [[count(accelerators, kind.toUpperCase()), `${count(replicas, 'replica')} × 1`]];
  }
  const each = `${count(replicas, 'replica')} × ${gpus}`;
  const because =
    migProfile === undefined ? each : `ceil(${each} ÷ ${migProfile.instancesPerGpu} instances of ${migProfile.name})`;
  return [[count(accelerators, 'GPU'), because]];
}

function nodesFormula({ replicas, replicasPerNode, minNodes, maxNodes, size }: Capacity): string {
  const idle = minNodes === maxNodes ? '' : `; ${minNodes} when nobody calls`;
  return `ceil(${count(replicas, 'replica')} ÷ ${replicasPerNode} a node) of ${size.name}${idle}`;
}

function priceLine({ size, minUsdPerHour: min, maxUsdPerHour: max }: Capacity): string {
  if (min === undefined || max === undefined) {
    return `Price: not known for ${size.name}.`;
  }
  const { region, asOf } = CATALOGUE_PRICES;
  return `Price: ${renderRange({ min, max }, renderUsd)} an hour for nodes, list price of ${region} on ${asOf}.`;
}
