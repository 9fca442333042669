import { ModelControl } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { ensembleSteps, loadedModels } from '../../../src/triton/loaded-models';
import { modelSource } from '../../fixtures';

function model(name: string, config = 'backend: "onnxruntime"') {
  return { name, prefix: '', content: modelSource({ 'config.pbtxt': config, '1/model.onnx': '' }).read() };
}

function ensemble(name: string, ...parts: string[]) {
  const steps = parts.map((part) => `{ model_name: "${part}" }`);
  return model(name, `platform: "ensemble" ensemble_scheduling { step [ ${steps.join(', ')} ] }`);
}

const MODELS = [
  model('digits'),
  model('letters'),
  model('scale'),
  ensemble('page', 'scale', 'line'),
  ensemble('line', 'letters'),
];
const loaded = (control?: ModelControl) => loadedModels(MODELS, control).map(({ name }) => name);
const explicit = (...load: string[]) => loaded(ModelControl.explicit({ load }));

describe('a server loads', () => {
  test('all models unless some are named', () => {
    expect(loadedModels(MODELS, undefined)).toEqual(MODELS);
    expect(loaded(ModelControl.NONE)).toEqual(['digits', 'letters', 'scale', 'page', 'line']);
  });

  test('those that are named, in that order', () => {
    expect(explicit('letters', 'digits')).toEqual(['letters', 'digits']);
  });

  test('what an ensemble is made of, other ensembles and what those are made of included, after what is named', () => {
    expect(explicit('line')).toEqual(['line', 'letters']);
    expect(explicit('page', 'digits')).toEqual(['page', 'digits', 'scale', 'line', 'letters']);
  });

  test('each model once', () => {
    expect(explicit('letters', 'line', 'page')).toEqual(['letters', 'line', 'page', 'scale']);
  });

  test('nothing for a name or a step that is no model of the service, which is refused elsewhere', () => {
    expect(explicit('digit', 'digits')).toEqual(['digits']);
    const broken = [ensemble('broken', 'missing', 'broken')];
    expect(loadedModels(broken, ModelControl.explicit({ load: ['broken'] }))).toEqual(broken);
  });

  test('a model whose configuration cannot be read or that has none, like any other', () => {
    const odd = [model('odd', 'platform: {'), { name: 'bare', prefix: '', content: modelSource().read() }];
    expect(loadedModels(odd, ModelControl.explicit({ load: ['odd', 'bare'] }))).toEqual(odd);
  });
});

test('an ensemble has as many steps as it asks models, one as often as it is asked', () => {
  const twice = ensemble('twice', 'digits', 'digits', 'letters');

  expect(ensembleSteps([...MODELS, twice])).toEqual({ page: 2, line: 1, twice: 3 });
  expect(ensembleSteps([model('digits'), model('broken', 'backend: ')])).toEqual({});
});
