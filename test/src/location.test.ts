import { Lazy } from 'cdktf';
import { expect, test } from 'vitest';
import { normalizeLocation } from '../../src/azure/location';

test.each(['westeurope', 'West Europe', 'WestEurope', 'WEST  EUROPE'])('reads %j as westeurope', (location) => {
  expect(normalizeLocation(location)).toBe('westeurope');
});

test('leaves a token as it is', () => {
  const token = Lazy.stringValue({ produce: () => 'westeurope' });

  expect(normalizeLocation(token)).toBe(token);
});
