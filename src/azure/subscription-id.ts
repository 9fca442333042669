import { Token } from 'cdktf';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is wrong with a subscription id; nothing when it is right. */
export function subscriptionIdProblem(subscriptionId: string): string | undefined {
  if (Token.isUnresolved(subscriptionId)) {
    return (
      'the subscription id must be a literal, since the ids that other stacks use are computed from it; got a token; ' +
      "pass the id itself, or read it in the program, such as from 'process.env.ARM_SUBSCRIPTION_ID'"
    );
  }
  if (!GUID.test(subscriptionId)) {
    return (
      `a subscription id is a GUID such as '11111111-2222-3333-4444-555555555555'; got '${subscriptionId}'; ` +
      "'az account show --query id' prints yours"
    );
  }
  return undefined;
}
