import { App, TerraformStack, Token } from 'cdktf';
import { expect, test } from 'vitest';
import { broken, refuse, refuseAtSynth, wholeNumber } from '../../src/validation';

const stack = () => new TerraformStack(new App(), 'stack');

test('what is wrong is kept until the construct is validated, in order', () => {
  const construct = stack();

  refuse(construct, ['first', undefined, 'second']);
  refuse(construct, ['third']);

  expect(construct.node.validate()).toEqual(['first', 'second', 'third']);
});

test('nothing is kept where nothing is wrong', () => {
  const construct = stack();

  refuse(construct, [undefined]);

  expect(construct.node.validate()).toEqual([]);
});

test('what is known only at the end is asked for at the end', () => {
  const construct = stack();
  const found: string[] = [];

  refuseAtSynth(construct, () => found);
  found.push('late');

  expect(construct.node.validate()).toEqual(['late']);
});

test('only broken rules speak', () => {
  expect(
    broken([
      { broken: true, message: 'a' },
      { broken: false, message: 'b' },
      { broken: true, message: 'c' },
    ]),
  ).toEqual(['a', 'c']);
});

test.each([1, 3])('a whole number may be its limit: %d', (value) => {
  expect(wholeNumber('replicas', value, 1, 3).broken).toBe(false);
});

test.each([0, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('fails for a number outside or between: %d', (value) => {
  expect(wholeNumber('replicas', value, 1, 3)).toEqual({
    broken: true,
    message: `replicas must be a whole number from 1 to 3; got ${value}`,
  });
});

test('fails for a number that only Terraform knows', () => {
  expect(wholeNumber('maxNodes', Token.asNumber({ any: 'thing' }), 1, 10)).toEqual({
    broken: true,
    message: 'maxNodes must be a number that is known while synthesizing; got a token',
  });
});
