import { MonitorAlertPrometheusRuleGroup } from '@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group';
import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { Release } from '@cdktf/provider-helm/lib/release';
import {
  AddonsStack,
  type AddonsStackProps,
  ClusterStack,
  FoundationStack,
  InferenceCluster,
  ModelSource,
  Monitoring,
  MonitorWorkspace,
  NodePool,
  ResourceGroup,
  ScoringImage,
  ServiceAuth,
  ServingStack,
  UserAssignedIdentity,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import {
  env,
  folderWith,
  messagesOf,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testPlatform,
  testStack,
} from '../fixtures';

const ON_CALL = `${SHARED_GROUP_ID}/providers/Microsoft.Insights/actionGroups/on-call`;

/** Foundation, cluster and add-ons of a platform whose metrics are collected. */
function platform(monitoring: Monitoring, addons: Partial<AddonsStackProps> = {}) {
  const app = testApp();
  const foundation = new FoundationStack(app, 'prod-foundation', { ...env, monitoring });
  const { resourceGroup, registry, keyVault, models, monitorWorkspace } = foundation;
  const { cluster } = new ClusterStack(app, 'prod-cluster', {
    ...env,
    resourceGroup,
    registry,
    monitoring,
    monitorWorkspace,
  });
  const stack = new AddonsStack(app, 'prod-addons', { ...env, cluster, ...addons });
  const { imageBuilder } = foundation;
  const serving = new ServingStack(app, 'prod-serving', { ...env, cluster, keyVault, imageBuilder });
  return { cluster, stack, serving, models };
}

type Group = { readonly rule: readonly { readonly [name: string]: unknown }[] };

describe('the platform', () => {
  test('has alerts of its pools, whenever they were added, as often as it is synthesized', () => {
    const { cluster, stack } = platform(Monitoring.AZURE_MANAGED);
    const alerts = () => (Template.of(stack).resource(MonitorAlertPrometheusRuleGroup) as unknown as Group).rule;
    const maxima = () => alerts().filter(({ alert }) => alert === 'InferencePoolAtMaximum');

    expect(maxima()).toMatchObject([{ labels: { pool: 'work' } }]);
    cluster.addGpuPool('t4', { size: VmSize.NC4AS_T4_V3, maxNodes: 3 });
    cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 2, minNodes: 2 });
    expect(maxima()).toMatchObject([
      { expression: expect.stringMatching(/node=~"aks-t4-\.\+"\}\) >= 3 and on \(\) /), labels: { pool: 't4' } },
    ]);
  });

  test('has more than one group where pools are many', () => {
    const { cluster, stack } = platform(Monitoring.AZURE_MANAGED);
    for (let index = 0; index < 20; index += 1) {
      cluster.addCpuPool(`cpu${index}`, { size: VmSize.D4S_V5, maxNodes: 2 });
    }
    const groups = Template.of(stack).resources(MonitorAlertPrometheusRuleGroup) as unknown as (Group & {
      name: string;
    })[];

    expect(Object.fromEntries(groups.map(({ name, rule }) => [name, rule.length]))).toEqual({
      'aks-prod-cluster-inference-platform': 20,
      'aks-prod-cluster-inference-platform-2': 4,
    });
  });

  test('tells the action groups that it is given', () => {
    const { stack } = platform(Monitoring.AZURE_MANAGED, { alertActionGroupIds: [ON_CALL] });
    const { rule } = Template.of(stack).resource(MonitorAlertPrometheusRuleGroup) as unknown as Group;

    expect(rule.map(({ action }) => action)).toEqual(rule.map(() => [{ action_group_id: ON_CALL }]));
  });

  test('has a dashboard in the portal, and says where', () => {
    const template = Template.of(platform(Monitoring.AZURE_MANAGED).stack);
    const { name } = template.resource(ResourceGroupTemplateDeployment);

    expect(name).toMatch(/^aks-prod-cluster-[0-9a-f]{8}$/);
    expect(template.output('platform_dashboard')).toMatch(/^https:\/\/portal\.azure\.com\/#resource\/subscriptions\//);
  });

  test('has alerts and dashboard inside the cluster beside Prometheus', () => {
    const { stack } = platform(Monitoring.IN_CLUSTER);
    const template = Template.of(stack);
    const release = template.resource(Release, 'platform/chart');

    expect(release).toMatchObject({ name: 'inference-platform', namespace: 'monitoring' });
    expect(JSON.parse((release.values as string[])[0] ?? '')).toMatchObject({
      groups: [{ name: 'inference-platform', rules: { length: 5 } }],
      dashboards: {
        'inference-platform-dashboard': expect.stringContaining('"title":"Inference on aks-prod-cluster"'),
      },
    });
    expect(template.output('platform_dashboard')).toMatch(
      /^http:\/\/localhost:3000\/d\/inference-\w{16} while 'kubectl /,
    );
  });

  test('has neither with Monitoring.NONE', () => {
    const template = Template.of(platform(Monitoring.NONE).stack);

    expect(template.resources(Release)).toEqual([]);
    expect(template.resources(MonitorAlertPrometheusRuleGroup)).toEqual([]);
    expect(() => template.output('platform_dashboard')).toThrow('no output');
  });

  test.each([
    {
      monitoring: Monitoring.IN_CLUSTER,
      end: 'IN_CLUSTER; leave it out: inside a cluster Alertmanager says who is told',
    },
    { monitoring: Monitoring.NONE, end: 'NONE; leave it out, since nothing is watched' },
  ])('fails for action groups with Monitoring $monitoring', ({ monitoring, end }) => {
    const { stack } = platform(monitoring, { alertActionGroupIds: [ON_CALL] });

    expect(messagesOf(stack)).toEqual([
      'alertActionGroupIds are groups of Azure Monitor, which knows the alerts of Monitoring.AZURE_MANAGED alone; got ' +
        `Monitoring.${end}`,
    ]);
  });
});

test('a Triton service with a script before it has one dashboard, without gRPC, and the figures of Triton', () => {
  const { cluster, serving, models } = platform(Monitoring.AZURE_MANAGED);
  const pool = cluster.addGpuPool('t4', { size: VmSize.NC4AS_T4_V3, maxNodes: 3 });
  const digits = models.addModel('digits', {
    source: ModelSource.directory(folderWith({ '1/model.onnx': 'weights' })),
  });
  const service = serving.addTritonService('vision', { pool, models: [digits] });
  expect(service.metrics.requestsPerSecondByGrpcStatus).toBeDefined();

  const folder = folderWith({ 'score.py': 'def init():\n  pass\n\ndef run(data):\n  return data\n' });
  service.withScoringScript({ sourceDirectory: folder, entryScript: 'score.py' });
  const template = Template.of(serving);

  expect(service.metrics.requestsPerSecondByGrpcStatus).toBeUndefined();
  expect(service.metrics.triton?.batchSize.expression).toContain('inference_service="vision",part="triton"');
  expect(template.resources(ResourceGroupTemplateDeployment)).toHaveLength(1);
});

test('the action groups of a platform are those of all its stacks, those of other teams among them', () => {
  const right = testPlatform({ alertActionGroupIds: [ON_CALL] });
  const pool = right.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  for (const stack of [right.serving, right.addServingStack('vision')]) {
    stack.addScoringService('reader', { pool, image, auth: ServiceAuth.none() });
    const { rule } = Template.of(stack).resource(MonitorAlertPrometheusRuleGroup) as unknown as Group;

    expect(rule[0]).toMatchObject({ action: [{ action_group_id: ON_CALL }] });
  }
});

test.each([
  { given: { alertActionGroupIds: ['on-call'] }, message: /^alertActionGroupIds are ids such as / },
  {
    given: { alertActionGroupIds: [ON_CALL], monitoring: Monitoring.NONE },
    message: /^alertActionGroupIds are groups of Azure Monitor/,
  },
])('the action groups of a platform are refused once: $message', ({ given, message }) => {
  const wrong = testPlatform(given);
  wrong.addServingStack('vision');

  expect(problemsOf(wrong.serving)).toEqual([
    { path: 'prod-addons/platform', message: expect.stringMatching(message) },
  ]);
});

test('fails for services of one name on clusters of one name, where their alerts would be one group', () => {
  const app = testApp();
  const resourceGroup = sharedGroup(app);
  const monitorWorkspace = MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', {
    monitorWorkspaceName: 'amw-shared',
    resourceGroup,
  });
  const scalerIdentity = new UserAssignedIdentity(testStack('identities', app), 'scaler', { resourceGroup });
  const [first] = ['blue', 'green'].map((name) => {
    const group = { ...env, resourceGroupName: name };
    const cluster = InferenceCluster.fromClusterAttributes(app, `${name}-aks`, {
      clusterName: 'aks',
      resourceGroup: ResourceGroup.fromResourceGroupAttributes(app, name, group),
      monitoring: Monitoring.AZURE_MANAGED,
      monitorWorkspace,
      scalerIdentity,
    });
    const serving = new ServingStack(app, `${name}-serving`, { ...env, cluster });
    const pool = NodePool.fromNodePoolAttributes(serving, 'cpu', {
      poolName: 'cpu',
      size: VmSize.D4S_V5,
      maxNodes: 1,
    });
    const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
    serving.addScoringService('reader', { pool, image, auth: ServiceAuth.none() });
    return serving;
  }) as [ServingStack, ServingStack];

  expect(messagesOf(first)).toEqual([
    "a Prometheus rule group name is unique in its resource group; got 'aks-serving-reader', which " +
      "'blue-serving/reader/monitoring/alerts' has, too; give one of them another name, which it has from its cluster, " +
      'namespace and service',
    expect.stringMatching(
      /^a template deployment name is unique in its resource group; got 'reader-serving-\w{8}', which /,
    ),
  ]);
});
