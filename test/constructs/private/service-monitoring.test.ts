import { MonitorAlertPrometheusRuleGroup } from '@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group';
import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { Release } from '@cdktf/provider-helm/lib/release';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import {
  type AlertOptions,
  InferenceCluster,
  Monitoring,
  MonitorWorkspace,
  NodePool,
  ScoringImage,
  type ScoringServiceOptions,
  ServiceAuth,
  ServingStack,
  type ServingStackProps,
  UserAssignedIdentity,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import type { ClusterConnection } from '../../../constructs/cluster-connection';
import { ServiceMonitoring } from '../../../constructs/private/service-monitoring';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { env, messagesOf, problemsOf, SHARED_GROUP_ID, sharedGroup, testApp, testStack } from '../../fixtures';

const ON_CALL = `${SHARED_GROUP_ID}/providers/Microsoft.Insights/actionGroups/on-call`;
const TEAM = `${SHARED_GROUP_ID}/providers/Microsoft.Insights/actionGroups/team`;

interface Given {
  readonly monitoring?: Monitoring;
  readonly alerts?: AlertOptions;
  readonly stack?: Partial<ServingStackProps>;
  readonly service?: Partial<ScoringServiceOptions>;
}

/** A script served on a cluster made elsewhere. */
function monitored({ monitoring = Monitoring.AZURE_MANAGED, alerts, stack = {}, service = {} }: Given = {}) {
  const app = testApp();
  const resourceGroup = sharedGroup(app);
  const isManaged = monitoring === Monitoring.AZURE_MANAGED;
  const monitorWorkspace = isManaged
    ? MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', {
        monitorWorkspaceName: 'amw-shared',
        resourceGroup,
      })
    : undefined;
  const scalerIdentity = isManaged
    ? new UserAssignedIdentity(testStack('identities', app), 'scaler', { resourceGroup })
    : undefined;
  const pool = NodePool.fromNodePoolAttributes(app, 'cpu', { poolName: 'cpu', size: VmSize.D4S_V5, maxNodes: 3 });
  const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
    clusterName: 'aks-shared',
    resourceGroup,
    pools: [pool],
    monitoring,
    monitorWorkspace,
    scalerIdentity,
  });
  const serving = new ServingStack(app, 'serving', { ...env, cluster, ...stack });
  const reader = serving.addScoringService('reader', {
    pool,
    image: ScoringImage.fromRegistry('prod.azurecr.io/digits:3'),
    auth: ServiceAuth.none(),
    alerts,
    ...service,
  });
  return { serving, reader, template: () => Template.of(serving) };
}

type Rule = { readonly [name: string]: unknown };

function rulesOf(given?: Given): Rule[] {
  return monitored(given).template().resource(MonitorAlertPrometheusRuleGroup).rule as Rule[];
}

describe('with Monitoring.AZURE_MANAGED', () => {
  test('the alerts are a group of rules beside the workspace, of this cluster alone', () => {
    expect(monitored().template().resource(MonitorAlertPrometheusRuleGroup)).toMatchObject({
      name: 'aks-shared-serving-reader',
      resource_group_name: 'shared',
      location: 'westeurope',
      cluster_name: 'aks-shared',
      scopes: [
        `${SHARED_GROUP_ID}/providers/Microsoft.Monitor/accounts/amw-shared`,
        `${SHARED_GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/aks-shared`,
      ],
      interval: 'PT1M',
      rule_group_enabled: true,
    });
  });

  test('each alert is one of Azure, with its severity and time', () => {
    const [errors, latency] = rulesOf({ service: { scoringTimeoutMs: 3000 } }) as [Rule, Rule];

    expect(errors).toMatchObject({
      alert: 'InferenceServiceErrors',
      enabled: true,
      expression: expect.stringContaining('cluster="aks-shared",namespace="serving",inference_service="reader"'),
      for: 'PT5M',
      severity: 0,
      labels: { namespace: 'serving', inference_service: 'reader' },
      annotations: { summary: expect.stringContaining('{{ $value | humanizePercentage }}') },
      alert_resolution: { auto_resolved: true, time_to_resolve: 'PT5M' },
    });
    expect(latency).toMatchObject({ severity: 2, for: 'PT10M', expression: expect.stringMatching(/ > 1\.5$/) });
  });

  test('nobody is told unless somebody is named', () => {
    expect(rulesOf().flatMap(({ action }) => action ?? [])).toEqual([]);
  });

  test('the groups of the stack and of the service are told, each once', () => {
    const stack = { alertActionGroupIds: [ON_CALL] };
    const actions = rulesOf({ stack, alerts: { actionGroupIds: [TEAM, ON_CALL] } }).map(({ action }) => action);

    expect(actions.length).toBeGreaterThan(8);
    expect(new Set(actions.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify([{ action_group_id: ON_CALL }, { action_group_id: TEAM }])]),
    );
  });

  test('more groups than an alert has are refused once, and those of the stack are named', () => {
    const ids = (from: number, to: number) =>
      [1, 2, 3, 4, 5, 6, 7].slice(from, to).map((index) => `${ON_CALL}${index}`);
    const stack = { alertActionGroupIds: ids(0, 4) };

    expect(problemsOf(monitored({ stack, alerts: { actionGroupIds: ids(2, 6) } }).serving)).toEqual([
      {
        path: 'serving',
        message:
          "an alert has at most 5 action groups; got alerts.actionGroupIds of 'reader' with 6, those of the stack " +
          'among them; name fewer',
      },
    ]);
    expect(messagesOf(monitored({ stack, alerts: { actionGroupIds: ids(0, 6) } }).serving)).toHaveLength(1);
    expect(messagesOf(monitored({ stack, alerts: { actionGroupIds: ids(1, 5) } }).serving)).toEqual([]);
  });

  test('a service without a ready replica is told of when its replicas had time to start', () => {
    const { serving } = monitored();
    const monitoring = new ServiceMonitoring(serving, 'slow', {
      connection: serving.node.findChild('cluster') as ClusterConnection,
      namespace: serving.namespace,
      serviceName: 'slow',
      routed: true,
      limits: SCORING_REQUEST_LIMITS,
      gpus: 0,
      startSeconds: 1800,
    });
    const groups = Template.of(serving).resources(MonitorAlertPrometheusRuleGroup);
    const rules = groups.find(({ name }) => name === 'aks-shared-serving-slow')?.rule as Rule[];

    expect(monitoring.dashboardUrl).toBeDefined();
    expect(rules.find(({ alert }) => alert === 'InferenceServiceNotReady')).toMatchObject({ for: 'PT35M' });
  });

  test('the dashboard is one of the portal, as a template with its text as a parameter', () => {
    const deployment = monitored({ stack: { tags: { team: 'vision' } } })
      .template()
      .resource(ResourceGroupTemplateDeployment);
    const template = JSON.parse(String(deployment.template_content));
    const parameters = JSON.parse(String(deployment.parameters_content));

    expect(deployment).toMatchObject({
      name: expect.stringMatching(/^reader-serving-[0-9a-f]{8}$/),
      resource_group_name: 'shared',
      deployment_mode: 'Incremental',
    });
    expect(parameters).toMatchObject({
      name: { value: deployment.name },
      location: { value: 'westeurope' },
      tags: {
        value: {
          team: 'vision',
          GrafanaDashboardResourceType: 'microsoft.ContainerService/managedClusters',
          GrafanaDashboardTags: 'inference,service',
        },
      },
    });
    expect(JSON.parse(parameters.definition.value)).toMatchObject({
      title: 'reader in serving on aks-shared',
      templating: { list: [{ current: { text: 'Managed_Prometheus_amw-shared' } }] },
    });
    expect(template.resources).toMatchObject([
      { type: 'Microsoft.Dashboard/dashboards', properties: {} },
      {
        type: 'Microsoft.Dashboard/dashboards/dashboardDefinitions',
        name: "[format('{0}/default', parameters('name'))]",
        properties: { serializedData: "[parameters('definition')]" },
      },
    ]);
    expect(Object.keys(template.parameters)).toEqual(Object.keys(parameters));
  });

  test('the service says where its dashboard is', () => {
    const { template } = monitored();

    expect(template().output('service_reader')).toMatchObject({
      dashboard: expect.stringMatching(
        `^https://portal\\.azure\\.com/#resource${SHARED_GROUP_ID}/providers/Microsoft\\.Dashboard/dashboards/reader-serving-`,
      ),
    });
  });

  test('alerts are turned off, and the dashboard stays', () => {
    const template = monitored({ alerts: { enabled: false } }).template();

    expect(template.resources(MonitorAlertPrometheusRuleGroup)).toEqual([]);
    expect(template.resources(ResourceGroupTemplateDeployment)).toHaveLength(1);
  });

  test('neither is installed in the cluster', () => {
    const releases = monitored().template().resources(Release);

    expect(releases.map(({ name }) => name)).toEqual(['reader-service']);
  });
});

describe('with Monitoring.IN_CLUSTER', () => {
  const release = (given: Given = {}) =>
    monitored({ monitoring: Monitoring.IN_CLUSTER, ...given })
      .template()
      .resource(Release, 'monitoring/chart');
  const valuesOf = (given?: Given) => JSON.parse((release(given).values as string[])[0] ?? '');

  test('alerts and dashboard come by a chart of the package, all or nothing', () => {
    expect(release()).toMatchObject({
      name: 'reader-alerts',
      namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\./),
      chart: expect.stringMatching(/^assets\/charts_alert-rules_\w+\/[0-9a-f]{32}$/),
      atomic: true,
    });
    expect(valuesOf()).toMatchObject({
      labels: { 'app.kubernetes.io/part-of': 'reader' },
      groups: [{ name: 'serving-reader', interval: '1m', rules: { length: 9 } }],
    });
  });

  test('no series has to name the cluster', () => {
    expect(JSON.stringify(valuesOf())).not.toContain('cluster=');
  });

  test('the service says where in Grafana its dashboard is', () => {
    const { dashboards } = valuesOf();
    const { uid } = JSON.parse(dashboards['reader-alerts-dashboard']);

    expect(monitored({ monitoring: Monitoring.IN_CLUSTER }).template().output('service_reader')).toMatchObject({
      dashboard:
        `http://localhost:3000/d/${uid} while ` +
        "'kubectl --namespace monitoring port-forward service/prometheus-grafana 3000:80' runs",
    });
  });

  test('alerts are turned off, and the dashboard stays', () => {
    expect(valuesOf({ alerts: { enabled: false } })).toMatchObject({ groups: [], dashboards: expect.anything() });
  });

  test('fails for action groups, of the stack once and of a service', () => {
    const monitoring = Monitoring.IN_CLUSTER;

    expect(problemsOf(monitored({ monitoring, stack: { alertActionGroupIds: [ON_CALL] } }).serving)).toEqual([
      { path: 'serving', message: expect.stringMatching(/^alertActionGroupIds are groups of Azure Monitor/) },
    ]);
    expect(messagesOf(monitored({ monitoring, alerts: { actionGroupIds: [ON_CALL] } }).serving)).toEqual([
      expect.stringMatching(/^alerts\.actionGroupIds are groups of Azure Monitor/),
    ]);
  });
});

describe('with Monitoring.NONE', () => {
  const monitoring = Monitoring.NONE;

  test('there is neither dashboard nor alert', () => {
    const template = monitored({ monitoring }).template();

    expect(template.resources(Release)).toEqual([]);
    expect(template.resources(MonitorAlertPrometheusRuleGroup)).toEqual([]);
    expect(template.resources(ResourceGroupTemplateDeployment)).toEqual([]);
    expect(template.output('service_reader')).not.toHaveProperty('dashboard');
  });

  test('fails for alerts', () => {
    expect(problemsOf(monitored({ monitoring, alerts: { errorPercent: 1 } }).serving)).toEqual([
      {
        path: 'serving/reader/monitoring',
        message:
          'alerts need the metrics of the cluster, which nobody collects with Monitoring.NONE; leave alerts out, or take ' +
          'Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER',
      },
    ]);
  });

  test('the figures are there all the same', () => {
    expect(monitored({ monitoring }).reader.metrics.latencyP99.unit).toBe('s');
  });
});

test('the figures are those of the cluster, for alerts of one’s own', () => {
  const { reader } = monitored({ service: { numReplicas: 2 } });

  expect(reader.metrics.latencyP99.above(0.5)).toBe(
    '(histogram_quantile(0.99, sum by (le) (rate(inference_request_duration_seconds_bucket' +
      '{cluster="aks-shared",namespace="serving",inference_service="reader",part="router"}[5m])))) > 0.5',
  );
});

test('the deployment says where the dashboard is, too', () => {
  const { metadata } = monitored().template().resource(DeploymentV1) as {
    metadata: { annotations: { [name: string]: string } };
  };

  expect(JSON.parse(metadata.annotations['azure-inference-cdktf/service'] ?? '')).toHaveProperty('dashboard');
});
