import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dnsLabelProblem } from '../../src/kubernetes/dns-label';

test('a name of Kubernetes is wrong in the words of what it names, with one that would do', () => {
  expect(dnsLabelProblem('service', 'digits-2')).toBeUndefined();
  expect(dnsLabelProblem('service', 'Digits_2')).toBe(
    'a service name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or digit; ' +
      "got 'Digits_2'; 'digits-2' would do",
  );
});

test('what would do does, and nothing is said to do where nothing can', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (name) => {
      const problem = dnsLabelProblem('namespace', name);
      const [, suggestion] = /; '([a-z0-9-]*)' would do$/.exec(problem?.slice(problem.lastIndexOf(name)) ?? '') ?? [];
      expect(suggestion === undefined || dnsLabelProblem('namespace', suggestion) === undefined).toBe(true);
    }),
  );
  expect(dnsLabelProblem('namespace', '42')).toMatch(/; got '42'$/);
});
