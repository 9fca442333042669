import { describe, expect, test } from 'vitest';
import { imageReferenceProblem, imageReferenceWarning } from '../../../src/image-reference';
import {
  baseImage,
  basePythons,
  curatedEnvironment,
  curatedProblem,
  DEFAULT_PYTHON,
} from '../../../src/scoring/base-images';

describe('a base image', () => {
  test('has Python 3.12, with CUDA or without, unless it is asked for another', () => {
    expect(DEFAULT_PYTHON).toBe('3.12');
    expect(baseImage(false)).toMatchObject({ name: 'minimal-py312-inference', python: '3.12', gpu: false });
    expect(baseImage(true)).toMatchObject({ name: 'minimal-py312-cuda12.4-inference', python: '3.12', gpu: true });
    expect(baseImage(false, '3.11')).toMatchObject({ name: 'minimal-py311-inference', python: '3.11', gpu: false });
  });

  test('is there for some Pythons alone', () => {
    expect(basePythons(false)).toEqual(['3.12', '3.11']);
    expect(basePythons(true)).toEqual(['3.12']);
    expect(baseImage(true, '3.11')).toBeUndefined();
    expect(baseImage(false, '3.9')).toBeUndefined();
  });

  test.each([baseImage(false), baseImage(true), baseImage(false, '3.11')])('is named by no moving tag: %o', (found) => {
    expect(imageReferenceProblem('image', found?.image ?? '')).toBeUndefined();
    expect(imageReferenceWarning('image', found?.image ?? '')).toBeUndefined();
  });
});

describe('the name of an environment', () => {
  test('is Azure ML’s own', () => {
    expect(curatedEnvironment('minimal-py311-inference')?.base.image).toBe(
      'mcr.microsoft.com/azureml/curated/minimal-py311-inference:59',
    );
    expect(curatedEnvironment('Minimal-py311-inference')).toBeUndefined();
  });

  test('fails to be misspelled, with the nearest', () => {
    expect(curatedProblem('minimal-py311-inferense')).toBe(
      "'minimal-py311-inferense' is none of Azure ML's environments for scripts, which are minimal-py312-inference, " +
        "minimal-py312-cuda12.4-inference, minimal-py311-inference, AzureML-Triton; did you mean 'minimal-py311-inference'?",
    );
    expect(curatedProblem('my-own')).toMatch(/which are [^;]*$/);
  });

  test.each([
    ['AzureML-Minimal', 'minimal-py312-inference', ''],
    ['AzureML-minimal-ubuntu18.04-py37-cpu-inference', 'minimal-py312-inference', ''],
    ['AzureML-sklearn-0.24-ubuntu18.04-py37-cpu-inference', 'minimal-py312-inference', 'scikit-learn'],
    ['AzureML-Scikit-learn-0.20.3', 'minimal-py312-inference', 'scikit-learn'],
    ['AzureML-PyTorch-1.3-GPU', 'minimal-py312-cuda12.4-inference', 'torch'],
    [
      'AzureML-tensorflow-2.4-ubuntu18.04-py37-cuda11.0.3-gpu-inference',
      'minimal-py312-cuda12.4-inference',
      'tensorflow',
    ],
    ['AzureML-onnxruntime-1.6-ubuntu18.04-py37-cpu-inference', 'minimal-py312-inference', 'onnxruntime'],
    ['AzureML-xgboost-0.9-ubuntu18.04-py37-cpu-inference', 'minimal-py312-inference', 'xgboost'],
    ['minimal-ubuntu20.04-py38-cpu-inference', 'minimal-py312-inference', ''],
    ['minimal-ubuntu22.04-py39-cuda11.8-gpu-inference', 'minimal-py312-cuda12.4-inference', ''],
  ])('fails to be a retired one, with its successor: %s', (name, successor, framework) => {
    const more = framework === '' ? '' : `, with .with({ pip: ['${framework}'] })`;

    expect(curatedProblem(name)).toBe(
      `'${name}' is an environment of Azure ML that is retired; take its successor, '${successor}'${more}`,
    );
    expect(curatedEnvironment(successor)).toBeDefined();
  });

  test('is that of scripts which call Triton: the one without CUDA, with its clients', () => {
    expect(curatedEnvironment('AzureML-Triton')).toEqual({
      base: baseImage(false),
      pip: ['numpy==2.4.6', 'tritonclient[grpc,http]==2.73.0'],
    });
  });

  test('fails to be another one for Triton, with the one there is', () => {
    expect(curatedProblem('AzureML-triton-22.07-py38-inference')).toBe(
      "'AzureML-triton-22.07-py38-inference' is none of Azure ML's environments; the one for scripts that call Triton is " +
        "'AzureML-Triton'",
    );
  });
});
