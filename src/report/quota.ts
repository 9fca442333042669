import { VmSize } from '../azure/vm-size';
import { type FamilyQuota, type QuotaNeed, type QuotaPool, quotaOf, regionalQuotaOf } from '../capacity/quota';
import type { PoolCost } from './cost';
import { grouped } from './grouped';
import type { ClusterSummary } from './pools';
import { named } from './words';

/** vCPU quota that the pools of a platform need in one region of Azure. */
export interface RegionQuota {
  /** Name of the region; nothing where only the deployment will know it. */
  readonly location?: string;

  /** By family of sizes; Spot nodes count as a family. */
  readonly families: readonly FamilyQuota[];

  /** Over all families, Spot nodes left out. */
  readonly together: QuotaNeed;

  /** Names of pools whose size or number of nodes is not known, and which therefore are not counted. */
  readonly uncounted: readonly string[];
}

/** What a quota over all families is called where Azure lists quotas. */
export const REGIONAL_QUOTA = 'Total Regional vCPUs';

/** What the columns of a table of quotas are called. */
export const QUOTA_COLUMNS = ['vCPUs of family', 'now', 'at most', 'while a pool is rotated'];

/** What may be done where a quota is too small. */
export const WAYS_OUT = [
  'ask Azure for more (portal: Quotas, Compute), some days ahead for GPUs',
  'use a pool that exists (NodePool.fromNodePoolAttributes)',
  'need fewer: a lower maxNodes, or a smaller size',
];

/** How the figures are meant. */
export const QUOTA_NOTE =
  'A pool whose nodes are made anew stands twice for a while; the largest is counted so. Azure sets a limit for each ' +
  `family and one for all of them, ${REGIONAL_QUOTA}; Spot nodes have one of their own. Azure spells the ` +
  'families differently there, such as Standard NCASv3_T4 Family vCPUs.';

/** The quota that pools need, by region, in the order of the clusters. */
export function quotaByRegion(clusters: readonly ClusterSummary[], costs: readonly PoolCost[]): RegionQuota[] {
  const locationOf = new Map(clusters.map(({ name, location }) => [name, location]));
  const regions = grouped(costs, ({ pool }) => locationOf.get(pool.cluster) ?? '');
  return [...regions].map(([location, pools]) => {
    const counted = pools.map(quotaPool).filter((pool) => pool !== undefined);
    return {
      location: location === '' ? undefined : location,
      families: quotaOf(counted),
      together: regionalQuotaOf(counted),
      uncounted: pools.filter((pool) => quotaPool(pool) === undefined).map(({ pool }) => pool.name),
    };
  });
}

/** The figures of a need, in the order of the columns. */
export function quotaCells({ atLeast, atMost, whileRotated }: QuotaNeed): string[] {
  return [atLeast, atMost, whileRotated].map(String);
}

/** Which pools the figures leave out; nothing when they leave out none. */
export function uncountedNote({ uncounted }: RegionQuota): string | undefined {
  return uncounted.length === 0
    ? undefined
    : `Not counted, since vCPUs or nodes are not known here: ${named(uncounted, 'pool')}`;
}

/** The command that shows what quota a subscription has. */
export function listUsage(location = 'REGION'): string {
  return `az vm list-usage --location ${location} --output table`;
}

function quotaPool({ pool, nodes }: PoolCost): QuotaPool | undefined {
  const size = VmSize.tryNamed(pool.vmSize);
  if (size === undefined || size.vcpus === 0 || nodes === undefined) {
    return undefined;
  }
  return { size, minNodes: nodes.min, maxNodes: nodes.max, spot: pool.spot };
}
