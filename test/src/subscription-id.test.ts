import { Lazy } from 'cdktf';
import { expect, test } from 'vitest';
import { subscriptionIdProblem } from '../../src/azure/subscription-id';

test.each(['11111111-2222-3333-4444-555555555555', 'ABCDEF01-2222-3333-4444-555555555555'])('accepts %s', (id) => {
  expect(subscriptionIdProblem(id)).toBeUndefined();
});

test.each(['', 'my subscription', '11111111-2222-3333-4444-55555555555', 'x11111111-2222-3333-4444-555555555555'])(
  'fails for %j with the command that prints the right one',
  (id) => {
    expect(subscriptionIdProblem(id)).toBe(
      `a subscription id is a GUID such as '11111111-2222-3333-4444-555555555555'; got '${id}'; ` +
        "'az account show --query id' prints yours",
    );
  },
);

test('fails for a token with what to do instead', () => {
  expect(subscriptionIdProblem(Lazy.stringValue({ produce: () => '' }))).toBe(
    'the subscription id must be a literal, since the ids that other stacks use are computed from it; got a token; ' +
      "pass the id itself, or read it in the program, such as from 'process.env.ARM_SUBSCRIPTION_ID'",
  );
});
