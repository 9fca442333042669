import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ManagedGrafana, type ManagedGrafanaProps, MonitorWorkspace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { env, messagesOf, testApp, testGroup, testStack, written } from '../fixtures';

function grafana(props: Partial<ManagedGrafanaProps> = {}, tags?: { readonly [name: string]: string }) {
  const app = testApp();
  const stack = testStack('shop', app, { tags });
  const resourceGroup = testGroup(stack);
  const monitorWorkspace = new MonitorWorkspace(stack, 'metrics', { resourceGroup });
  const construct = new ManagedGrafana(stack, 'grafana', { resourceGroup, monitorWorkspace, ...props });
  const deployment = () => Template.of(stack).resource(ResourceGroupTemplateDeployment);
  return {
    app,
    stack,
    construct,
    deployment,
    template: () => JSON.parse(String(deployment().template_content)),
    parameters: () => JSON.parse(String(deployment().parameters_content)),
  };
}

test('defaultChild is the deployment that makes it', () => {
  expect(grafana().construct.node.defaultChild).toBeInstanceOf(ResourceGroupTemplateDeployment);
});

test('is one of the Standard plan that API keys do not open, in the version that Azure chooses', () => {
  const [resource, ...others] = grafana().template().resources;

  expect(others).toEqual([]);
  expect(resource).toEqual({
    type: 'Microsoft.Dashboard/grafana',
    apiVersion: '2024-10-01',
    name: "[parameters('name')]",
    location: "[parameters('location')]",
    tags: "[parameters('tags')]",
    sku: { name: 'Standard' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { "[parameters('identityId')]": {} } },
    properties: {
      apiKey: 'Disabled',
      deterministicOutboundIP: 'Disabled',
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      grafanaIntegrations: {
        azureMonitorWorkspaceIntegrations: [{ azureMonitorWorkspaceResourceId: "[parameters('monitorWorkspaceId')]" }],
      },
    },
  });
});

test('shows the workspace as an identity of its own, under a name of its own, with the tags of the stack', () => {
  const { construct, deployment, template, parameters } = grafana({}, { team: 'vision' });
  const reference = (type: string) => expect.stringMatching(new RegExp(`^\\$\\{${type}\\..+\\.id\\}$`));

  expect(construct.grafanaName).toMatch(/^shop-grafana-[0-9a-f]{8}$/);
  expect(deployment()).toMatchObject({ name: construct.grafanaName, deployment_mode: 'Incremental' });
  expect(parameters()).toEqual({
    name: { value: construct.grafanaName },
    location: { value: 'westeurope' },
    tags: { value: { team: 'vision' } },
    identityId: { value: reference('azurerm_user_assigned_identity') },
    monitorWorkspaceId: { value: reference('azurerm_monitor_workspace') },
  });
  expect(Object.keys(template().parameters).sort()).toEqual(Object.keys(parameters()).sort());
});

test('has no tags where the stack has none', () => {
  expect(grafana().parameters().tags).toEqual({ value: {} });
});

test('its identity reads the metrics of the workspace, and what Azure Monitor shows of the group, before it is there', () => {
  const { stack, deployment } = grafana();
  const roles = Template.of(stack).resources(RoleAssignment);

  expect(roles.map((role) => [role.role_definition_name, String(role.scope).replace(/_[^_]+$/, '')]).sort()).toEqual([
    ['Monitoring Data Reader', '${azurerm_monitor_workspace.metrics'],
    ['Monitoring Reader', '${azurerm_resource_group.group'],
  ]);
  expect(deployment().depends_on).toHaveLength(2);
});

test('is protected by default, for the dashboards that people make in it', () => {
  expect(grafana().deployment()).toMatchObject({ lifecycle: { prevent_destroy: true } });
});

test('takes a name and no protection', () => {
  expect(grafana({ grafanaName: 'boards', protect: false }).deployment()).toMatchObject({
    name: 'boards',
    lifecycle: { prevent_destroy: false },
  });
});

describe('other resources', () => {
  test('of its stack wait for it', () => {
    const { stack, construct } = grafana({ grafanaName: 'boards' });

    expect(written(stack, construct.idFor(stack))).toMatch(
      /^\$\{azurerm_resource_group\.[^}]+\.id\}\/providers\/Microsoft\.Dashboard\/grafana\/\$\{azurerm_resource_group_template_deployment\.[^}]+\.name\}$/,
    );
    expect(written(stack, construct.nameFor(stack))).toMatch(/^\$\{azurerm_resource_group_template_deployment\./);
  });

  test('of other stacks get the literal', () => {
    const { app, stack, construct } = grafana({ grafanaName: 'boards' });
    const other = testStack('other', app);

    expect(construct.idFor(other)).toBe(
      `/subscriptions/${env.subscriptionId}/resourceGroups/rg-shop/providers/Microsoft.Dashboard/grafana/boards`,
    );
    expect(construct.nameFor(other)).toBe('boards');
    expect(other.dependencies).toEqual([stack]);
  });
});

test('fails for a name that Azure would refuse', () => {
  expect(messagesOf(grafana({ grafanaName: '1-boards' }).stack)).toEqual([
    'a Grafana name is 2 to 23 letters, digits and hyphens, the first a letter, the last a letter or digit; got ' +
      "'1-boards'; 'boards' would do",
  ]);
});
