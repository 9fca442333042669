import { describe, expect, test } from 'vitest';
import type { Dashboard, DashboardPanel } from '../../../src/monitoring/dashboard';
import { platformDashboard } from '../../../src/monitoring/platform-dashboard';
import { type ServiceDashboardOf, serviceDashboard } from '../../../src/monitoring/service-dashboard';
import { type MeasuredService, ServiceMetrics } from '../../../src/monitoring/service-metrics';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

function dashboardOf(service: Partial<MeasuredService> = {}, of: Partial<ServiceDashboardOf> = {}): Dashboard {
  const all = {
    namespace: 'serving',
    serviceName: 'vision',
    routed: true,
    ...service,
  };
  return serviceDashboard({
    service: all,
    metrics: new ServiceMetrics(all),
    limits: SCORING_REQUEST_LIMITS,
    hasGpus: false,
    ...of,
  });
}

const PLATFORM = platformDashboard({
  platform: { pools: [{ poolName: 'a100', minNodes: 0, maxNodes: 2 }] },
  clusterName: 'aks-prod',
});

const panelsOf = ({ panels }: Dashboard) => panels.filter((panel): panel is DashboardPanel => panel.type !== 'row');

function panel(dashboard: Dashboard, title: string): DashboardPanel {
  const [found, ...others] = panelsOf(dashboard).filter((each) => each.title === title);
  if (found === undefined || others.length > 0) {
    throw new Error(`not one panel '${title}'; there are ${panelsOf(dashboard).map((each) => each.title)}`);
  }
  return found;
}

const lineOf = ({ fieldConfig }: DashboardPanel) => fieldConfig.defaults.thresholds.steps.at(1)?.value;

describe('a dashboard', () => {
  test('is the same, down to its uid, for the same service, and another for any other', () => {
    expect(dashboardOf()).toEqual(dashboardOf());
    expect(dashboardOf().uid).toMatch(/^inference-[0-9a-f]{16}$/);
    const all = [
      dashboardOf(),
      dashboardOf({ namespace: 'other' }),
      dashboardOf({ serviceName: 'other' }),
      dashboardOf({ cluster: 'other' }),
      PLATFORM,
    ];
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
  });

  test.each([dashboardOf(), dashboardOf({ triton: true, grpc: true }, { hasGpus: true }), PLATFORM])(
    'has no two panels in one place or of one id: $title',
    (dashboard) => {
      const { panels } = dashboard;
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
      );

      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
      expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1));
    },
  );

  test('asks whatever Prometheus is chosen, with a choice at its top', () => {
    const [variable] = dashboardOf().templating.list;

    expect(variable).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(variable).not.toHaveProperty('current');
    for (const { datasource, targets } of panelsOf(PLATFORM)) {
      expect([datasource, ...targets.map((target) => target.datasource)]).toEqual(
        Array(targets.length + 1).fill({ type: 'prometheus', uid: '$datasource' }),
      );
    }
  });

  test('asks the named one first', () => {
    expect(dashboardOf({}, { dataSourceName: 'Managed_Prometheus_amw' }).templating.list[0]?.current).toEqual({
      text: 'Managed_Prometheus_amw',
      value: 'Managed_Prometheus_amw',
    });
  });

  test('widens short windows with what it shows, so that no peak is left out', () => {
    const dashboard = dashboardOf({ triton: true, grpc: true });
    const queries = panelsOf(dashboard).flatMap(({ targets }) => targets.map(({ expr }) => expr));

    expect(queries.filter((query) => query.includes('[1m]'))).toEqual([]);
    expect(queries.filter((query) => query.includes('[$__rate_interval]')).length).toBeGreaterThan(3);
  });

  test('shows shares as the alerts see them', () => {
    const [errors] = panel(dashboardOf(), 'Errors').targets;

    expect(new Set(errors?.expr.match(/\[\S+\]/g))).toEqual(new Set(['[5m]']));
  });

  test('says of every panel what it shows, in which unit', () => {
    for (const { title, description, fieldConfig } of [...panelsOf(dashboardOf()), ...panelsOf(PLATFORM)]) {
      expect(title).toMatch(/^\w/);
      expect(description).toMatch(/\.$/);
      expect(fieldConfig.defaults.unit).toMatch(/^\w+$/);
    }
  });

  test('holds nothing that Terraform would take for an expression', () => {
    expect(JSON.stringify([dashboardOf({ triton: true }), PLATFORM])).not.toMatch(/\$\{|%\{/);
  });
});

describe('the dashboard of a service', () => {
  test('shows where calls spend their time', () => {
    expect(panel(dashboardOf(), 'Latency by part').targets.map(({ legendFormat }) => legendFormat)).toEqual([
      'Queue of the routers',
      'Queue of the replicas',
      'Model server',
    ]);
    expect(
      panel(dashboardOf({ routed: false }), 'Latency by part').targets.map(({ legendFormat }) => legendFormat),
    ).toEqual(['Queue of the replicas', 'Model server']);
  });

  test('draws lines where alerts fire, and none without alerts', () => {
    const alerts = { errorPercent: 5, latencyP99Ms: 1500, actionGroupIds: [] };
    const with_ = dashboardOf({}, { alerts });

    expect([lineOf(panel(with_, 'Errors')), lineOf(panel(with_, 'Latency'))]).toEqual([0.05, 1.5]);
    expect([lineOf(panel(dashboardOf(), 'Errors')), lineOf(panel(dashboardOf(), 'Latency'))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('draws a line at the target of autoscaling, and at the scoring time-out', () => {
    expect(lineOf(panel(dashboardOf({}, { targetUtilizationPercent: 70 }), 'Utilization'))).toBe(0.7);
    expect(lineOf(panel(dashboardOf(), 'Utilization'))).toBeUndefined();
    expect(lineOf(panel(dashboardOf(), 'Model server'))).toBe(60);
  });

  test('shows GPUs where replicas have some: as Triton sees them, or as their driver does', () => {
    const titles = (dashboard: Dashboard) => panelsOf(dashboard).map(({ title }) => title);

    expect(titles(dashboardOf())).not.toContain('GPU');
    expect(panel(dashboardOf({}, { hasGpus: true }), 'GPU').targets[0]?.expr).toContain('DCGM_FI_DEV_GPU_UTIL');
    expect(panel(dashboardOf({ triton: true }, { hasGpus: true }), 'GPU').targets[0]?.expr).toContain(
      'nv_gpu_utilization',
    );
  });

  test('shows the models of Triton, and gRPC, where they are', () => {
    const rows = (dashboard: Dashboard) =>
      dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);

    expect(rows(dashboardOf())).toEqual(['Calls', 'Where the time goes', 'Replicas', 'What they use']);
    expect(rows(dashboardOf({ triton: true }))).toContain('Models in Triton');
    expect(panel(dashboardOf({ grpc: true }), 'gRPC calls by status').targets[0]?.legendFormat).toBe(
      'status {{grpc_code}}',
    );
  });
});

describe('the dashboard of a platform', () => {
  test('shows nodes beside the most that each pool may have', () => {
    expect(panel(PLATFORM, 'Nodes by pool').targets.map(({ expr }) => expr)).toEqual([
      'count by (pool) (label_replace(kube_node_info, "pool", "$1", "node", "aks-([a-z0-9]+)-.+"))',
      'label_replace(vector(2), "pool", "a100", "", "")',
    ]);
  });

  test('shows nodes alone where no pool is known', () => {
    const none = platformDashboard({ platform: { pools: [] }, clusterName: 'aks' });

    expect(panel(none, 'Nodes by pool').targets).toHaveLength(1);
  });
});
