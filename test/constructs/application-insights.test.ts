import { ApplicationInsights as ApplicationInsightsResource } from '@cdktf/provider-azurerm/lib/application-insights';
import { DataAzurermApplicationInsights } from '@cdktf/provider-azurerm/lib/data-azurerm-application-insights';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ApplicationInsights, LogAnalyticsWorkspace, UserAssignedIdentity } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import {
  messagesOf,
  problemsOf,
  SHARED_GROUP_ID,
  sharedGroup,
  testApp,
  testGroup,
  testStack,
  token,
  written,
} from '../fixtures';

function insights(applicationInsightsName?: string) {
  const stack = testStack('shop');
  const resourceGroup = testGroup(stack);
  const logAnalytics = new LogAnalyticsWorkspace(stack, 'logs', { resourceGroup });
  const component = new ApplicationInsights(stack, 'insights', {
    resourceGroup,
    logAnalytics,
    applicationInsightsName,
  });
  return { stack, component };
}

test('defaultChild is the component', () => {
  expect(insights().component.node.defaultChild).toBeInstanceOf(ApplicationInsightsResource);
});

test('keeps what it receives in the given workspace, and its key opens nothing', () => {
  expect(Template.of(insights().stack).resource(ApplicationInsightsResource)).toEqual({
    name: 'appi-shop-insights',
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
    workspace_id: expect.stringMatching(/^\$\{azurerm_log_analytics_workspace\.logs_.+\.id\}$/),
    application_type: 'web',
    local_authentication_disabled: true,
  });
});

test.each(['calls', token('calls')])('takes a name: %#', (name) => {
  expect(Template.of(insights(name).stack).resource(ApplicationInsightsResource)).toMatchObject({ name: 'calls' });
});

test('fails for a name that Azure would refuse', () => {
  expect(messagesOf(insights('calls.').stack)).toEqual([
    'an Application Insights name is 1 to 260 letters, digits, hyphens, underscores, periods and parentheses, the last ' +
      "not a period; got 'calls.'; 'calls' would do",
  ]);
});

test('lets an identity send telemetry to it and nothing else', () => {
  const { stack, component } = insights();
  const sender = new UserAssignedIdentity(stack, 'sender', { resourceGroup: sharedGroup(stack) });
  component.grantPublish(sender);
  component.grantPublish(sender);

  expect(Template.of(stack).resource(RoleAssignment)).toMatchObject({
    scope: expect.stringMatching(/^\$\{azurerm_application_insights\.insights_.+\.id\}$/),
    role_definition_name: 'Monitoring Metrics Publisher',
  });
});

test('says in its own stack where telemetry is sent', () => {
  const { stack, component } = insights();

  expect(written(stack, component.connectionStringFor(stack))).toMatch(
    /^\$\{nonsensitive\(azurerm_application_insights\.insights_.+\.connection_string\)\}$/,
  );
  expect(Template.of(stack).dataSources(DataAzurermApplicationInsights)).toEqual([]);
});

describe('a component made elsewhere', () => {
  function imported(applicationInsightsName = 'calls') {
    const app = testApp();
    const stack = testStack('test', app);
    const resourceGroup = sharedGroup(app);
    const attributes = { applicationInsightsName, resourceGroup };
    return {
      stack,
      resourceGroup,
      component: ApplicationInsights.fromApplicationInsightsAttributes(app, 'calls', attributes),
    };
  }

  test('is read where telemetry is sent to it, and grants on it', () => {
    const { stack, resourceGroup, component } = imported();
    component.grantPublish(new UserAssignedIdentity(stack, 'sender', { resourceGroup }));

    expect(written(stack, component.connectionStringFor(stack))).toMatch(
      /^\$\{nonsensitive\(data\.azurerm_application_insights\.insights-\w+\.connection_string\)\}$/,
    );
    expect(Template.of(stack).dataSource(DataAzurermApplicationInsights)).toEqual({
      name: 'calls',
      resource_group_name: 'shared',
    });
    expect(Template.of(stack).resource(RoleAssignment)).toMatchObject({
      scope: `${SHARED_GROUP_ID}/providers/Microsoft.Insights/components/calls`,
      role_definition_name: 'Monitoring Metrics Publisher',
    });
    expect([component.nameFor(stack), component.applicationInsightsName]).toEqual(['calls', 'calls']);
  });

  test('fails for a name that Azure would refuse', () => {
    expect(problemsOf(imported('calls.').stack)).toEqual([
      { path: 'calls', message: expect.stringMatching(/^an Application Insights name is .*; got 'calls\.'/) },
    ]);
  });
});
