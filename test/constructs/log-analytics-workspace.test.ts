import { LogAnalyticsWorkspace as LogAnalyticsWorkspaceResource } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { LogAnalyticsWorkspace, type LogAnalyticsWorkspaceProps } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, sharedGroup, testApp, testGroup, testStack, token } from '../fixtures';

function logs(props: Partial<LogAnalyticsWorkspaceProps> = {}) {
  const stack = testStack('shop');
  const workspace = new LogAnalyticsWorkspace(stack, 'logs', { resourceGroup: testGroup(stack), ...props });
  return { stack, workspace };
}

const resource = (props?: Partial<LogAnalyticsWorkspaceProps>) =>
  Template.of(logs(props).stack).resource(LogAnalyticsWorkspaceResource);

test('defaultChild is the workspace', () => {
  expect(logs().workspace.node.defaultChild).toBeInstanceOf(LogAnalyticsWorkspaceResource);
});

test('keeps logs for 30 days, opens to Entra ID only and is protected by default', () => {
  expect(resource()).toEqual({
    name: 'log-shop-logs',
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
    sku: 'PerGB2018',
    retention_in_days: 30,
    local_authentication_enabled: false,
    lifecycle: { prevent_destroy: true },
  });
});

test('takes name, days and no protection', () => {
  expect(resource({ logAnalyticsWorkspaceName: 'audit', retentionDays: 730, protect: false })).toMatchObject({
    name: 'audit',
    retention_in_days: 730,
    lifecycle: { prevent_destroy: false },
  });
});

test('takes a token for its name', () => {
  expect(resource({ logAnalyticsWorkspaceName: token('audit') })).toMatchObject({ name: 'audit' });
});

const WRONG =
  'a Log Analytics workspace name is 4 to 63 letters, digits and hyphens, the first and last a letter or digit; got ';

describe('fails for', () => {
  test.each([29, 731, 30.5])('%d days', (retentionDays) => {
    expect(messagesOf(logs({ retentionDays }).stack)).toEqual([
      `retentionDays must be a whole number from 30 to 730; got ${retentionDays}`,
    ]);
  });

  test('a name that Azure would refuse, and days besides', () => {
    const { stack } = logs({ logAnalyticsWorkspaceName: 'a_b', retentionDays: 0 });

    expect(messagesOf(stack)).toEqual([`${WRONG}'a_b'`, expect.stringContaining('retentionDays')]);
  });

  test('the name of a workspace made elsewhere by the same rule', () => {
    const app = testApp();
    LogAnalyticsWorkspace.fromLogAnalyticsWorkspaceAttributes(app, 'logs', {
      logAnalyticsWorkspaceName: 'abc',
      resourceGroup: sharedGroup(app),
    });

    expect(messagesOf(testStack('test', app))).toEqual([`${WRONG}'abc'`]);
  });
});
