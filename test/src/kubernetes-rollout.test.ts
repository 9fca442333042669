import { expect, test } from 'vitest';
import { rolloutMinutes } from '../../src/kubernetes/rollout';

test.each([
  [0, 1, 30],
  [1, 1, 20],
  [0, 15, 30],
  [1, 11, 22],
  [0, 40, 80],
  [0, 1000, 1440],
  [0, Number.NaN, 30],
])('a rollout on a pool of at least %i nodes with %i replicas may take %i minutes', (minNodes, replicas, minutes) => {
  expect(rolloutMinutes(minNodes, replicas)).toBe(minutes);
});
