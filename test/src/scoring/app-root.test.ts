import { describe, expect, test } from 'vitest';
import { modelDirectory, modelFolder } from '../../../src/scoring/app-root';

const digits = { modelName: 'digits.v_1', version: 3 };

test('the folder of a model has its name and version, where Model.get_model_path looks for them', () => {
  expect(modelFolder(digits)).toBe('/var/azureml-app/azureml-models/digits.v_1/3');
});

describe('the model directory of a script', () => {
  test('is the folder of the one model', () => {
    expect(modelDirectory([digits])).toBe(modelFolder(digits));
  });

  test.each([[[]], [[digits, { ...digits, version: 4 }]]])(
    'is the folder of all where there is not one: %j',
    (models) => {
      expect(modelDirectory(models)).toBe('/var/azureml-app/azureml-models');
    },
  );
});
