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

test.each([
  [0, 1, 1, 30],
  [0, 1, 600, 30],
  [0, 1, 601, 31],
  [1, 1, 1800, 40],
  [1, 20, 1800, 40],
  [1, 30, 1800, 60],
  [0, 1, 86_400, 1440],
])(
  'on at least %i nodes with %i replicas that take %i seconds to start it may take %i minutes',
  (minNodes, replicas, startupSeconds, minutes) => {
    expect(rolloutMinutes(minNodes, replicas, startupSeconds)).toBe(minutes);
    expect(minutes * 60).toBeGreaterThanOrEqual(startupSeconds);
  },
);

test.each([
  [1, 1, 66, 20],
  [1, 1, 90, 20],
  [1, 1, 91, 21],
  [0, 1, 600, 39],
  [1, 10, 600, 110],
])(
  'on at least %i nodes with %i replicas that take %i seconds to go it may take %i minutes',
  (nodes, replicas, drain, all) => {
    expect(rolloutMinutes(nodes, replicas, 600, drain)).toBe(all);
  },
);
