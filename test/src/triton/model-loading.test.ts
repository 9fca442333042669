import { ModelLoading } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';
import type { ModelContent } from '../../../src/models/model-source';
import { extraLoadSeconds } from '../../../src/triton/model-loading';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const model = (...sizes: number[]) => ({ files: sizes.map((sizeBytes) => ({ sizeBytes })) }) as unknown as ModelContent;

test('knows three ways', () => {
  expect(Object.keys(ModelLoading)).toEqual(['DIRECT', 'DOWNLOAD', 'MOUNT']);
});

test.each([
  ['no file', [model()], 0],
  ['16 GiB', [model(16 * GIB)], 0],
  ['a byte more', [model(16 * GIB + 1)], 1],
  ['64 MiB more', [model(16 * GIB + 64 * MIB)], 1],
  ['64 MiB and a byte more', [model(16 * GIB, 64 * MIB, 1)], 2],
  ['several models of 80 GiB together', [model(40 * GIB), model(20 * GIB, 20 * GIB)], 1024],
])('takes what a server has the time for, and one second for each started 64 MiB beyond: %s', (_, models, seconds) => {
  expect(extraLoadSeconds(models)).toBe(seconds);
});
