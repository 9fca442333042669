import { code, table } from './html-parts';
import { escapeHtml } from './html-text';
import {
  listUsage,
  QUOTA_COLUMNS,
  QUOTA_NOTE,
  quotaCells,
  REGIONAL_QUOTA,
  type RegionQuota,
  uncountedNote,
  WAYS_OUT,
} from './quota';

/** The vCPU quota that the platform needs, how to see what there is, and what to do where that is too little. */
export function quotaSection(regions: readonly RegionQuota[]): string {
  if (regions.length === 0) {
    return '<p>The program creates no pools, and so needs no quota.</p>';
  }
  const ways = WAYS_OUT.map((way) => `<li>${escapeHtml(way)}</li>`).join('\n');
  return `${regions.map(regionTable).join('\n')}
<p class="note">${escapeHtml(QUOTA_NOTE)}</p>
${regions.map(command).join('\n')}
<p>Where that is too little:</p>
<ul>
${ways}
</ul>`;
}

function regionTable(region: RegionQuota): string {
  const { location, families, together } = region;
  const [first = '', ...numbers] = QUOTA_COLUMNS;
  const where = location === undefined ? 'in the region of the cluster' : `in ${location}`;
  const columns = [
    { head: `${first}, ${where}` },
    ...numbers.map((head) => ({ head: `${head.slice(0, 1).toUpperCase()}${head.slice(1)}`, number: true })),
  ];
  const rows = families.map((quota) => [`<b>${escapeHtml(quota.family)}</b>`, ...quotaCells(quota)]);
  const total = [escapeHtml(REGIONAL_QUOTA), ...quotaCells(together)];
  const note = uncountedNote(region);
  const left = note === undefined ? '' : `\n<p class="note">${escapeHtml(note)}.</p>`;
  return `${table(columns, rows, total)}${left}`;
}

function command({ location }: RegionQuota): string {
  return `<p>What the subscription has: ${code(listUsage(location))}</p>`;
}
