import { ResourceGroup as ResourceGroupResource } from '@cdktf/provider-azurerm/lib/resource-group';
import { ResourceGroup } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { env, messagesOf, testApp, testGroup, testPlatform, testStack, token } from '../fixtures';

test('defaultChild is the group', () => {
  expect(testGroup(testStack()).node.defaultChild).toBeInstanceOf(ResourceGroupResource);
});

test('is called after the construct around it and protected by default', () => {
  const stack = testStack('shop');
  testGroup(new Construct(stack, 'eu'));

  expect(Template.of(stack).resource(ResourceGroupResource)).toEqual({
    name: 'rg-shop-eu',
    location: 'westeurope',
    lifecycle: { prevent_destroy: true },
  });
});

test('is called after the platform, whose stack’s role says nothing', () => {
  expect(testPlatform().foundationStack.resourceGroup.resourceGroupName).toBe('rg-prod');
});

test('takes name, region as people write it, and no protection', () => {
  const stack = testStack();
  const group = testGroup(stack, { resourceGroupName: 'shop', location: 'West Europe', protect: false });

  expect(group.location).toBe('westeurope');
  expect(Template.of(stack).resource(ResourceGroupResource)).toEqual({
    name: 'shop',
    location: 'westeurope',
    lifecycle: { prevent_destroy: false },
  });
});

test('takes tokens for what is not part of an id elsewhere', () => {
  const stack = testStack();
  testGroup(stack, { resourceGroupName: token('shop'), location: token('northeurope') });

  expect(Template.of(stack).resource(ResourceGroupResource)).toMatchObject({ name: 'shop', location: 'northeurope' });
});

const WRONG =
  "a resource group name is 1 to 90 letters, digits, hyphens, underscores, periods and parentheses, the last not a period; got 'shop/eu'; 'shop-eu' would do";

describe('fails for', () => {
  test('a name that Azure would refuse', () => {
    const stack = testStack();
    testGroup(stack, { resourceGroupName: 'shop/eu' });

    expect(messagesOf(stack)).toEqual([WRONG]);
  });

  test('a subscription that is no id, or a token', () => {
    const stack = testStack();
    new ResourceGroup(stack, 'a', { ...env, subscriptionId: 'mine' });
    new ResourceGroup(stack, 'b', { ...env, subscriptionId: token('x'), resourceGroupName: 'b' });

    expect(messagesOf(stack)).toEqual([
      expect.stringMatching(/^a subscription id is a GUID .* got 'mine'/),
      expect.stringMatching(/^the subscription id must be a literal/),
    ]);
  });

  test('a group made elsewhere by the same rules', () => {
    const app = testApp();
    const stack = testStack('test', app);
    const group = ResourceGroup.fromResourceGroupAttributes(app, 'group', {
      subscriptionId: 'mine',
      resourceGroupName: 'shop/eu',
      location: 'West Europe',
    });

    expect(group.location).toBe('westeurope');
    expect(messagesOf(stack)).toEqual([expect.stringMatching(/^a subscription id is a GUID/), WRONG]);
  });
});

test('warns of a region that nobody knows', () => {
  const warnings = (location: string) => testGroup(testStack(), { location }).node.metadata.map(({ data }) => data);

  expect(warnings('westeurpe')).toEqual([expect.stringContaining("did you mean 'westeurope'?")]);
  expect(warnings('West Europe')).toEqual([]);
});
