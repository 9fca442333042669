import { join } from 'node:path';
import { ModelSource } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';
import { concurrentRequests } from '../../../src/triton/concurrency';
import { modelSource } from '../../fixtures';

/** The calls at once of models with these configurations. */
const calls = (configs: readonly string[], gpus = 1) =>
  concurrentRequests(
    configs.map((config) => modelSource({ 'config.pbtxt': config, '1/model.onnx': '' }).read()),
    gpus,
  );

test('are two batches of one instance on each GPU', () => {
  expect(calls(['max_batch_size: 8'])).toBe(16);
  expect(calls(['max_batch_size: 8'], 4)).toBe(64);
});

test('are two where a model does not batch, and for no model at all', () => {
  expect(calls(['name: "a"'])).toBe(2);
  expect(calls(['max_batch_size: 0'])).toBe(2);
  expect(calls([])).toBe(2);
});

test('are no more than a thousand', () => {
  expect(calls(['max_batch_size: 500'])).toBe(1000);
  expect(calls(['max_batch_size: 501'])).toBe(1000);
});

test.each([
  ['instance_group [ { count: 3 } ]', 2, 6],
  ['instance_group { kind: KIND_GPU count: 3 }', 2, 6],
  ['instance_group { kind: KIND_GPU }', 2, 2],
  ['instance_group { count: 3 gpus: [ 0 ] }', 2, 3],
  ['instance_group { count: 3 gpus: 0 gpus: 1 }', 4, 6],
  ['instance_group { kind: KIND_CPU count: 3 }', 2, 3],
  ['instance_group { kind: KIND_MODEL count: 1 }', 2, 1],
  ['instance_group [ { count: 1 gpus: [0] }, { count: 2 gpus: [1] } ]', 2, 3],
  ['instance_group [ { kind: KIND_CPU }, { kind: KIND_GPU } ]', 2, 3],
  ['instance_group [ { kind: KIND_GPU }, { kind: KIND_GPU passive: true } ]', 2, 2],
])('count the instances of %s on %d GPUs: %d', (groups, gpus, instances) => {
  expect(calls([`max_batch_size: 10 ${groups}`], gpus)).toBe(20 * instances);
});

test('are those of all models', () => {
  expect(calls(['max_batch_size: 8', 'max_batch_size: 4', 'name: "a"'])).toBe(16 + 8 + 2);
});

test('are none of an ensemble, whose models count by themselves', () => {
  const ensemble = 'platform: "ensemble" max_batch_size: 64 ensemble_scheduling { step [ { model_name: "a" } ] }';

  expect(calls([ensemble, 'max_batch_size: 8'])).toBe(16);
});

test('are two of Triton’s own batches of four for a model without a configuration', () => {
  expect(concurrentRequests([modelSource().read()], 2)).toBe(16);
});

test('are the same for a configuration that cannot be read, which is refused elsewhere', () => {
  expect(calls(['max_batch_size: {'])).toBe(8);
});

test.each([0, -1, 0.5, Number.NaN])('take %d GPUs, which are refused elsewhere, for one', (gpus) => {
  expect(calls(['max_batch_size: 8'], gpus)).toBe(16);
});

test('are 128 for the example, which batches 64', () => {
  const folder = join(__dirname, '../../../examples/gpu-triton/models/digits');

  expect(concurrentRequests([ModelSource.directory(folder).read()], 1)).toBe(128);
});
