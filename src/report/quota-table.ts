import { type PlainColumn, plainTable } from './plain-table';
import { listUsage, QUOTA_COLUMNS, REGIONAL_QUOTA, type RegionQuota, WAYS_OUT } from './quota';
import { enumerate } from './resource-purposes';

/**
 * The vCPU quota that a platform needs, for a terminal: the figures, the command that shows what the subscription has,
 * and what to do where that is too little. Nothing where there are no nodes.
 */
export function renderQuota(regions: readonly RegionQuota[]): string {
  if (regions.length === 0) {
    return '';
  }
  const ways = WAYS_OUT.map((way) => `  ${way}\n`).join('');
  return `${regions.map(regionQuota).join('\n')}Where that is too little:\n${ways}`;
}

/** A table of the vCPUs of some families. */
export function quotaTable(rows: readonly (readonly string[])[]): string {
  const columns: PlainColumn[] = QUOTA_COLUMNS.map((head, index) => ({ head, number: index > 0 }));
  return plainTable(columns, rows);
}

function regionQuota({ location, families, together, uncounted }: RegionQuota): string {
  const rows = [...families, { family: REGIONAL_QUOTA, ...together }].map(
    ({ family, atLeast, atMost, whileRotated }) => [family, ...[atLeast, atMost, whileRotated].map(String)],
  );
  const which = `${uncounted.length === 1 ? 'pool' : 'pools'} ${enumerate(uncounted)}`;
  return [
    quotaTable(rows).trimEnd(),
    ...(uncounted.length === 0 ? [] : [`Not counted, since vCPUs or nodes are not known here: ${which}`]),
    'A pool whose nodes are made anew stands twice; the largest is counted so.',
    'What the subscription has:',
    `  ${listUsage(location)}`,
    '',
  ].join('\n');
}
