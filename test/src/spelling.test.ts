import { expect, test } from 'vitest';
import { nearestSpelling } from '../../src/spelling';

test.each([
  ['westeurop', 'westeurope'],
  ['WestEurope', 'westeurope'],
  ['estus', 'eastus'],
])('%s is meant to be %s', (word, meant) => {
  expect(nearestSpelling(word, ['eastus', 'westeurope', 'japaneast'])).toBe(meant);
});

test('a word that is like none is like nothing', () => {
  expect(nearestSpelling('mars', ['eastus', 'westeurope'])).toBeUndefined();
  expect(nearestSpelling('mars', [])).toBeUndefined();
});
