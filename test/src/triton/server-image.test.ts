import { VmSize } from 'azure-inference-cdktf';
import { expect, test } from 'vitest';
import { ModelLoading } from '../../../src/triton/model-loading';
import { type FrameworkModel, serverImage } from '../../../src/triton/server-image';

const NODES = { size: VmSize.NC4AS_T4_V3, gpuDriverVersion: VmSize.NC4AS_T4_V3.aksDriver };
const NEWEST = 'nvcr.io/nvidia/tritonserver:26.10-py3';

const image = (models: readonly FrameworkModel[], given?: string) => serverImage(given, models, NODES);
const digits = (frameworkVersion?: string) => ({ modelName: 'digits', frameworkVersion });
const letters = (frameworkVersion?: string) => ({ modelName: 'letters', frameworkVersion });

test('is the newest where no model names a release', () => {
  expect(image([digits(), letters()])).toEqual({ image: NEWEST, problems: [] });
});

test('is that of the release that models name, be it one of them or all', () => {
  const older = { image: 'nvcr.io/nvidia/tritonserver:26.07-py3', problems: [] };

  expect(image([digits(), letters('26.07-py3')])).toEqual(older);
  expect(image([digits('26.07-py3'), letters('26.07-py3')])).toEqual(older);
});

test('is the given one, whatever models name', () => {
  expect(image([digits('26.07-py3'), letters('scikit-learn 1.0')], 'contoso/triton:1')).toEqual({
    image: 'contoso/triton:1',
    problems: [],
  });
});

test('is judged where it is given', () => {
  expect(image([digits()], 'nvcr.io/nvidia/tritonserver:25.07-py3').problems).toEqual([
    expect.stringMatching(/^Triton 25\.07 reads models only with a key/),
  ]);
});

test('is none that models disagree about', () => {
  expect(image([digits('26.10-py3'), letters('26.07-py3')]).problems).toEqual([
    'the models of a service run in one server, and these name several releases as frameworkVersion: ' +
      "'26.10-py3' of 'digits', '26.07-py3' of 'letters'; let them agree, make a service for each, or give the service an " +
      'image',
  ]);
});

test('may be older where models are not read from the store directly', () => {
  const { DOWNLOAD } = ModelLoading;

  expect(serverImage(undefined, [digits('25.07-py3')], NODES, DOWNLOAD)).toEqual({
    image: 'nvcr.io/nvidia/tritonserver:25.07-py3',
    problems: [],
  });
  expect(serverImage('nvcr.io/nvidia/tritonserver:25.02-py3', [digits()], NODES, DOWNLOAD).problems).toEqual([]);
  expect(serverImage(undefined, [digits('20.07-py3')], NODES, DOWNLOAD).problems).toEqual([
    "frameworkVersion '20.07-py3' of the model 'digits' picks the server: Triton 20.07 is older than 24.10, the oldest " +
      "release that a service knows how to start; got '20.07-py3'; give 24.10 or later, such as '26.10-py3'",
  ]);
});

test('is the fault of the first model that names it', () => {
  expect(image([digits('20.07-py3'), letters('20.07-py3')]).problems).toEqual([
    expect.stringMatching(/^frameworkVersion '20\.07-py3' of the model 'digits'/),
  ]);
});

test('is none that is too old, and the message names the model and the nearest that would do', () => {
  expect(image([digits('20.07-py3')]).problems).toEqual([
    "frameworkVersion '20.07-py3' of the model 'digits' picks the server: Triton 20.07 reads models only with a key of the " +
      "storage account, and the model store has none; got '20.07-py3'; give 26.05 or later, such as '26.10-py3'",
  ]);
});

test('is none of a GPU that is too old for every release', () => {
  expect(serverImage(undefined, [digits('26.10-py3')], { size: VmSize.ND40RS_V2 }).problems).toEqual([
    expect.stringMatching(/^frameworkVersion '26\.10-py3' of the model 'digits' picks the server: the V100/),
  ]);
});

test.each(['26.10', '26.13-py3', '26.00-py3', 'latest', '', '0.22.2', '26.10-py3 ', '26.10-'])(
  'is none of the release %j',
  (version) => {
    expect(image([digits(version)])).toEqual({
      image: NEWEST,
      problems: [
        `frameworkVersion '${version}' of the model 'digits' is no release of Triton as its images are tagged, such as ` +
          "'26.10-py3'; give one, or give the service an image",
      ],
    });
  },
);
