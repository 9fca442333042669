import { join } from 'node:path';
import { ModelSource } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { modelVersions, repositoryProblems } from '../../../src/triton/model-repository';
import { folderWith } from '../../fixtures';

const content = (files: { readonly [path: string]: string }) => ModelSource.directory(folderWith(files)).read();
const problems = (files: { readonly [path: string]: string }) => repositoryProblems('digits', content(files));

describe('a repository', () => {
  test.each([
    [{ '1/model.onnx': '' }],
    [{ 'config.pbtxt': 'name: "digits"', '1/model.onnx': '' }],
    [{ 'config.pbtxt': 'platform: "onnxruntime_onnx"', '3/model.onnx': '', '12/model.onnx': '' }],
    [{ 'labels.txt': '', '1/model.savedmodel/variables/a': '' }],
  ])('is served as it is: %j', (files) => {
    expect(problems(files)).toEqual([]);
  });

  test.each(['latest', 'v1', '0', '01', '1.0', '-1'])('fails for the version folder %j', (folder) => {
    expect(problems({ [`${folder}/model.onnx`]: '', '1/model.onnx': '' })).toEqual([
      `the model 'digits' has a folder '${folder}', and Triton reads versions only from folders that are a whole number ` +
        "from 1 up; rename it, such as to '1', or move it out of the model",
    ]);
  });

  test('fails once for each folder, however many files it has, and asks for no version besides', () => {
    expect(problems({ 'a/1.bin': '', 'a/2.bin': '', 'b/1.bin': '' })).toHaveLength(2);
  });

  test('fails without a version', () => {
    expect(problems({ 'config.pbtxt': 'name: "digits"' })).toEqual([
      "the model 'digits' has no version; put its files into a folder '1' beside 'config.pbtxt'",
    ]);
  });

  test('fails for a configuration of another name', () => {
    expect(problems({ 'config.pbtxt': 'name: "letters"', '1/model.onnx': '' })).toEqual([
      "config.pbtxt names the model 'letters', but its folder is 'digits', and Triton loads it only when both agree; " +
        'change the name in the file or the name given to addModel',
    ]);
  });

  test('fails for a configuration that nobody can read, with the line', () => {
    expect(problems({ 'config.pbtxt': 'name: "digits"\nplatform "onnx"', '1/model.onnx': '' })).toEqual([
      "config.pbtxt of the model 'digits', line 2: expected ':' after 'platform'",
    ]);
  });

  test('fails for all of it at once', () => {
    expect(problems({ 'config.pbtxt': 'name: "letters"', 'latest/model.onnx': '' })).toHaveLength(2);
  });

  test('only the configuration beside the versions counts', () => {
    expect(problems({ '1/config.pbtxt': 'name: "letters"' })).toEqual([]);
  });

  test('fails for a model of one file, and says where to put it', () => {
    const source = ModelSource.file(join(folderWith({ 'model.onnx': 'x' }), 'model.onnx'));

    expect(repositoryProblems('digits', source.read())).toEqual([
      "the model 'digits' is the one file 'model.onnx', and a model of Triton is a folder, with 'config.pbtxt' beside a " +
        "folder for each version; put the file at '1/model.onnx' of a folder and give that to ModelSource.directory",
    ]);
  });

  test('is not judged where there is none: the source has said so', () => {
    expect(repositoryProblems('digits', ModelSource.directory('/nowhere').read())).toEqual([]);
  });
});

test('versions are numbers, each once, lowest first', () => {
  const files = { '10/a': '', '10/b': '', '2/a': '', '1/deep/a': '', 'config.pbtxt': '', 'x/1/a': '' };

  expect(modelVersions(content(files))).toEqual([1, 2, 10]);
});
