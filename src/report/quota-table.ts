import { type PlainColumn, plainTable } from './plain-table';
import {
  listUsage,
  QUOTA_COLUMNS,
  quotaCells,
  REGIONAL_QUOTA,
  type RegionQuota,
  uncountedNote,
  WAYS_OUT,
} from './quota';

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

function regionQuota(region: RegionQuota): string {
  const { location, families, together } = region;
  const rows = [...families, { family: REGIONAL_QUOTA, ...together }].map((need) => [need.family, ...quotaCells(need)]);
  const note = uncountedNote(region);
  return [
    quotaTable(rows).trimEnd(),
    ...(note === undefined ? [] : [note]),
    'A pool whose nodes are made anew stands twice; the largest is counted so.',
    'What the subscription has:',
    `  ${listUsage(location)}`,
    '',
  ].join('\n');
}
