import { LogAnalyticsSavedSearch } from '@cdktf/provider-azurerm/lib/log-analytics-saved-search';
import { Logs, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { testModel, testPlatform } from '../../fixtures';

function queriesOf(name: string, logs?: Logs) {
  const platform = testPlatform({ logs });
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
  platform.serving.addTritonService(name, { pool, models: [testModel(platform)] });
  const template = Template.of(platform.serving);
  const { commands } = template.output(`service_${name}`) as { commands: { [name: string]: unknown } };
  return { searches: template.resources(LogAnalyticsSavedSearch), commands };
}

describe('a service saves its queries', () => {
  test('where the logs of its cluster arrive, under names that no other service has', () => {
    const { searches } = queriesOf('reader');

    expect(searches.map(({ name, display_name: title }) => [name, title]).sort()).toEqual([
      [
        'aks-prod-cluster-serving-reader-errors',
        'reader in serving of aks-prod-cluster: answers with 5xx and the lines of the server',
      ],
      ['aks-prod-cluster-serving-reader-init-failures', 'reader in serving of aks-prod-cluster: init failures'],
      ['aks-prod-cluster-serving-reader-log', 'reader in serving of aks-prod-cluster: log'],
    ]);
    for (const search of searches) {
      expect(search).toMatchObject({
        category: 'Inference services',
        log_analytics_workspace_id: expect.stringMatching(
          /^\/subscriptions\/.*\/Microsoft\.OperationalInsights\/workspaces\/log-prod-logs$/,
        ),
        query: expect.stringContaining('/Microsoft.ContainerService/managedClusters/aks-prod-cluster'),
      });
    }
  });

  test('by names that Azure takes, however long its own is', () => {
    const { searches } = queriesOf('a-reader-of-digits-with-a-name-that-is-long');

    const names = searches.map(({ name }) => String(name));
    expect(new Set(names).size).toBe(3);
    expect(names.filter((name) => name.length > 80)).toEqual([]);
  });

  test('and says how to ask them', () => {
    expect(Object.keys(queriesOf('reader').commands.log_analytics as object).sort()).toEqual([
      'errors',
      'init_failures',
      'log',
    ]);
  });

  test('unless nobody collects logs', () => {
    const { searches, commands } = queriesOf('reader', Logs.NONE);

    expect(searches).toEqual([]);
    expect(commands).not.toHaveProperty('log_analytics');
  });
});
