import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Dashboard } from '../../src/monitoring/dashboard';
import { platformDashboard } from '../../src/monitoring/platform-dashboard';
import { serviceDashboard } from '../../src/monitoring/service-dashboard';
import { type MeasuredService, ServiceMetrics } from '../../src/monitoring/service-metrics';
import { SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import { describeWith, GRAFANA_TYPES } from './tools';

/** Loads a dashboard into Grafana's own types, writes it again, and tells what got lost or changed on the way. */
const LOAD = `
import json, sys
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
plugins.register_default_plugins()

def differences(given, kept, path):
    if isinstance(given, dict):
        for key in given:
            if not isinstance(kept, dict) or key not in kept:
                yield path + '/' + key
            else:
                yield from differences(given[key], kept[key], path + '/' + key)
    elif isinstance(given, list):
        if len(given) != len(kept):
            yield path
        for index, (one, other) in enumerate(zip(given, kept)):
            yield from differences(one, other, '%s/%d' % (path, index))
    elif given != kept:
        yield path

given = json.load(sys.stdin)
loaded = Dashboard.from_json(given)
kept = json.loads(JSONEncoder().encode(loaded))
queries = sum(len(panel.targets or []) for panel in loaded.panels if panel.type_val != 'row')
print(json.dumps({'lost': list(differences(given, kept, '')), 'panels': len(loaded.panels), 'queries': queries}))
`;

function loaded(dashboard: object): { lost: string[]; panels: number; queries: number } {
  const python = join(process.env.SERVING_PYTHON_HOME ?? '', 'bin/python');
  const { stdout, stderr, status } = spawnSync(python, ['-c', LOAD], {
    input: JSON.stringify(dashboard),
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout);
}

const limits = SCORING_REQUEST_LIMITS;
const alerts = { errorPercent: 5, latencyP99Ms: 30_000, actionGroupIds: [] };

function dashboardOf(service: Partial<MeasuredService>): Dashboard {
  const all = {
    namespace: 'serving',
    serviceName: 'vision',
    routed: true,
    ...service,
  };
  return serviceDashboard({
    service: all,
    metrics: new ServiceMetrics(all),
    limits,
    alerts,
    hasGpus: true,
    targetUtilizationPercent: 70,
    dataSourceName: 'Managed_Prometheus_metrics',
  });
}

describeWith([GRAFANA_TYPES], "Grafana's own types", () => {
  test.each([
    { of: 'a script', dashboard: dashboardOf({ routed: false }), panels: 16 },
    { of: 'Triton', dashboard: dashboardOf({ triton: true, grpc: true }), panels: 24 },
    {
      of: 'a platform',
      dashboard: platformDashboard({
        platform: { pools: [{ poolName: 'a100', minNodes: 0, maxNodes: 2 }] },
        clusterName: 'prod-aks',
      }),
      panels: 14,
    },
  ])('take the dashboard of $of as it is', ({ dashboard, panels }) => {
    const { lost, ...found } = loaded(dashboard);

    expect(lost).toEqual([]);
    expect(found.panels).toBe(panels);
    expect(found.queries).toBeGreaterThan(10);
  });

  test('would tell of what they do not know', () => {
    const [panel, ...others] = dashboardOf({}).panels;

    expect(loaded({ ...dashboardOf({}), panels: [{ ...panel, titel: 'x' }, ...others] }).lost).toEqual([
      '/panels/0/titel',
    ]);
  });
});
