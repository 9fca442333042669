import { MonitorWorkspace as MonitorWorkspaceResource } from '@cdktf/provider-azurerm/lib/monitor-workspace';
import { MonitorWorkspace, type MonitorWorkspaceProps } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, testGroup, testStack } from '../fixtures';

function metrics(props: Partial<MonitorWorkspaceProps> = {}, app = testApp()) {
  const stack = testStack('shop', app);
  const workspace = new MonitorWorkspace(stack, 'metrics', { resourceGroup: testGroup(stack), ...props });
  return { stack, workspace, resource: () => Template.of(stack).resource(MonitorWorkspaceResource) };
}

test('defaultChild is the workspace', () => {
  expect(metrics().workspace.node.defaultChild).toBeInstanceOf(MonitorWorkspaceResource);
});

test('is called after its path, lies in its group and is protected by default', () => {
  expect(metrics().resource()).toEqual({
    name: 'amw-shop-metrics',
    resource_group_name: expect.stringMatching(/^\$\{azurerm_resource_group\..+\.name\}$/),
    location: 'westeurope',
    lifecycle: { prevent_destroy: true },
  });
});

test('takes a name and no protection', () => {
  expect(metrics({ monitorWorkspaceName: 'company', protect: false }).resource()).toMatchObject({
    name: 'company',
    lifecycle: { prevent_destroy: false },
  });
});

describe('fails for a name that Azure would refuse', () => {
  const WRONG =
    'an Azure Monitor workspace name is 4 to 44 letters, digits and hyphens, the first and last a letter or digit; got ';

  test('of its own', () => {
    expect(messagesOf(metrics({ monitorWorkspaceName: 'a_b' }).stack)).toEqual([`${WRONG}'a_b'`]);
  });

  test('of a workspace made elsewhere', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', { monitorWorkspaceName: 'abc', resourceGroup });

    expect(messagesOf(testStack('test', app))).toEqual([`${WRONG}'abc'`]);
  });
});

test('other stacks get its literal id and name, made here or elsewhere', () => {
  const app = testApp();
  const { workspace } = metrics({ resourceGroup: sharedGroup(app) }, app);
  const resourceGroup = workspace.resourceGroup;
  const theirs = MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', {
    monitorWorkspaceName: 'abcd',
    resourceGroup,
  });
  const other = testStack('other', app);

  const id = `${SHARED_GROUP_ID}/providers/Microsoft.Monitor/accounts`;
  expect([workspace.idFor(other), workspace.nameFor(other)]).toEqual([`${id}/amw-shop-metrics`, 'amw-shop-metrics']);
  expect([theirs.idFor(other), theirs.nameFor(other)]).toEqual([`${id}/abcd`, 'abcd']);
});

test('a workspace made elsewhere lies in the region of its group, unless it says another', () => {
  const app = testApp();
  const attributes = { monitorWorkspaceName: 'abcd', resourceGroup: sharedGroup(app) };
  const there = (id: string, location?: string) =>
    MonitorWorkspace.fromMonitorWorkspaceAttributes(app, id, { ...attributes, location }).location;

  expect([there('near'), there('far', 'North Europe')]).toEqual(['westeurope', 'northeurope']);
});
