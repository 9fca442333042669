import { Token } from 'cdktf';

/** What is wrong with the name of a Kubernetes namespace or service; nothing when it is right, or a token. */
export function dnsLabelProblem(what: string, name: string): string | undefined {
  if (Token.isUnresolved(name) || /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    return undefined;
  }
  return (
    `a ${what} name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or digit; ` +
    `got '${name}'`
  );
}
