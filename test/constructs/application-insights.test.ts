import { ApplicationInsights as ApplicationInsightsResource } from '@cdktf/provider-azurerm/lib/application-insights';
import { ApplicationInsights, LogAnalyticsWorkspace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { expect, test } from 'vitest';
import { messagesOf, testGroup, testStack, token } from '../fixtures';

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
