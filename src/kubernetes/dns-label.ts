import { NameRule } from '../name-rule';

/** What is wrong with the name of a Kubernetes namespace or service; nothing when it is right, or a token. */
export function dnsLabelProblem(what: string, name: string): string | undefined {
  const rule = new NameRule({
    what: `${what} name`,
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    wording: '1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or digit',
    separator: '-',
  });
  return rule.problem(name);
}
