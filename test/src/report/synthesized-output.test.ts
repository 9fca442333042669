import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { folderWith } from '../../fixtures';
import { outputOf, synthesizePlatform } from './synthesized';

describe('readSynthesizedOutput', () => {
  test('puts each stack after the ones it depends on', () => {
    const output = readSynthesizedOutput(synthesizePlatform(1));

    expect(output.stacks.map(({ name }) => name)).toEqual([
      'prod-foundation',
      'prod-cluster',
      'prod-addons',
      'prod-serving',
    ]);
  });

  test('knows each resource by type, logical id, construct path and arguments', () => {
    const output = readSynthesizedOutput(
      outputOf({
        one: {
          resource: {
            azurerm_storage_account: {
              models_1: { '//': { metadata: { path: 'one/models/Resource', uniqueId: 'models_1' } }, name: 'models' },
            },
          },
        },
      }),
    );

    expect(output.stacks[0]?.resources).toEqual([
      {
        stack: 'one',
        type: 'azurerm_storage_account',
        logicalId: 'models_1',
        path: 'one/models',
        arguments: { name: 'models' },
      },
    ]);
  });

  test('reads a stack without resources', () => {
    expect(readSynthesizedOutput(outputOf({ empty: {} })).stacks[0]?.resources).toEqual([]);
  });

  test('fails in one line that says what to run when the folder does not exist', () => {
    expect(() => readSynthesizedOutput('no/such/folder')).toThrow(
      /^the output folder 'no\/such\/folder' does not exist; run 'cdktf synth' or the program first, .*--output$/,
    );
  });

  test('fails in one line when the folder is a file', () => {
    const file = join(folderWith({ 'manifest.json': '{}' }), 'manifest.json');

    expect(() => readSynthesizedOutput(file)).toThrow(/^the output folder '.*' is a file; run 'cdktf synth'.*$/);
  });

  test('fails in one line when the folder is no output of cdktf', () => {
    expect(() => readSynthesizedOutput(folderWith({ 'main.ts': '' }))).toThrow(
      /^the folder '.*' holds no manifest\.json, so it is no output of cdktf; run 'cdktf synth'.*$/,
    );
  });

  test.each(['', '{', 'terraform {\n}\n', '[]', '"x"'])('fails in one line that names the file for %j', (text) => {
    const folder = folderWith({
      'manifest.json': JSON.stringify({ stacks: { one: { synthesizedStackPath: 'stacks/one/cdk.tf.json' } } }),
      'stacks/one/cdk.tf.json': text,
    });

    expect(() => readSynthesizedOutput(folder)).toThrow(/^the file '.*cdk\.tf\.json' .*JSON.*--hcl$/);
  });

  test('fails when the manifest names no stacks', () => {
    expect(() => readSynthesizedOutput(folderWith({ 'manifest.json': '{}' }))).toThrow('names no stacks');
  });

  test('fails when a stack of the manifest is missing', () => {
    const folder = folderWith({ 'manifest.json': JSON.stringify({ stacks: { one: {} } }) });

    expect(() => readSynthesizedOutput(folder)).toThrow("the manifest names the stack 'one', but");
  });
});
