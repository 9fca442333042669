import { describe, expect, test } from 'vitest';
import { summarize } from '../../../src/report/platform-summary';
import { renderQuota } from '../../../src/report/quota-table';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { outputOf, summaryOf } from './synthesized';

/** A cluster written by hand, with a pool that only its system needs. */
function cluster(name: string, location: string) {
  return { name, location, default_node_pool: [{ name: 'system', vm_size: 'Standard_D4s_v5', node_count: 3 }] };
}

function quotaOfOutput(resource: object) {
  return summarize(readSynthesizedOutput(outputOf({ one: { resource } }))).quota;
}

describe('the quota of a platform', () => {
  const [quota, ...others] = summaryOf(2).quota;

  test('counts by family what pools keep, may grow to, and need while the largest stands twice', () => {
    expect(others).toEqual([]);
    expect(quota?.location).toBe('westeurope');
    expect(quota?.families).toContainEqual({ family: 'NCasT4_v3', atLeast: 8, atMost: 160, whileRotated: 320 });
  });

  test('counts Spot nodes in a quota of their own, whatever their family, and not in the total', () => {
    expect(quota?.families).toContainEqual({
      family: 'Spot (all families)',
      atLeast: 24,
      atMost: 72,
      whileRotated: 144,
    });
    expect(quota?.families.map(({ family }) => family)).not.toContain('NC_A100_v4');
    expect(quota?.together.atMost).toBe(
      quota?.families.filter(({ family }) => !family.startsWith('Spot')).reduce((sum, { atMost }) => sum + atMost, 0),
    );
  });

  test('names the pools whose vCPUs nobody knows', () => {
    expect(quota?.uncounted).toEqual(['system']);
  });

  test('is by region, where clusters stand in several', () => {
    const regions = quotaOfOutput({
      azurerm_kubernetes_cluster: {
        a: cluster('a', 'West Europe'),
        b: cluster('b', 'eastus'),
        c: cluster('c', 'eastus'),
      },
    });

    expect(regions.map(({ location, together }) => [location, together.atMost, together.whileRotated])).toEqual([
      ['westeurope', 12, 24],
      ['eastus', 24, 36],
    ]);
  });

  test('is of no known region for pools of a cluster that is made elsewhere', () => {
    const pool = { name: 'gpu', kubernetes_cluster_id: '/x/managedClusters/shared', vm_size: 'Standard_NC4as_T4_v3' };
    const regions = quotaOfOutput({ azurerm_kubernetes_cluster_node_pool: { gpu: { ...pool, node_count: 2 } } });

    expect(regions).toMatchObject([{ location: undefined, together: { atLeast: 8, atMost: 8, whileRotated: 16 } }]);
    expect(renderQuota(regions)).toContain('az vm list-usage --location REGION --output table');
  });

  test('leaves out pools whose nodes only the deployment will know', () => {
    const pool = { name: 'gpu', kubernetes_cluster_id: '/x/managedClusters/a', vm_size: 'Standard_NC4as_T4_v3' };

    expect(quotaOfOutput({ azurerm_kubernetes_cluster_node_pool: { gpu: pool } })).toMatchObject([
      { families: [], uncounted: ['gpu'] },
    ]);
  });
});

describe('renderQuota', () => {
  const text = renderQuota(summaryOf(1).quota);

  test('shows figures, the command that shows what the subscription has, and the ways out', () => {
    expect(text).toMatch(/^vCPUs of family +now +at most +while a pool is rotated\n/);
    expect(text).toMatch(/^NCasT4_v3 +4 +160 +320$/m);
    expect(text).toMatch(/^Total Regional vCPUs /m);
    expect(text).toContain('not known here: pool system\n');
    expect(text).toContain('  az vm list-usage --location westeurope --output table\n');
    expect(text).toMatch(/ask Azure for more.*\n.*a pool that exists.*\n.*lower maxNodes.*\n$/);
  });

  test('fits a terminal of 80 columns', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('is nothing where there are no nodes', () => {
    expect(renderQuota([])).toBe('');
  });
});
