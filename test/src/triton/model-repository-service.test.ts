import { MigProfile, ModelSource, VmSize } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import type { ModelContent } from '../../../src/models/model-source';
import { tritonModels } from '../../../src/triton/model-repository-folders';
import { frameworkProblems } from '../../../src/triton/model-repository-frameworks';
import { gpuMemoryGiB, memoryFindings } from '../../../src/triton/model-repository-memory';
import { serviceFindings } from '../../../src/triton/model-repository-service';
import { folderWith } from '../../fixtures';

type Files = { readonly [path: string]: string };

const read = (files: Files) => ModelSource.directory(folderWith(files)).read();
const QUIET = { problems: [], warnings: [] };

describe('a registered model', () => {
  const files = {
    'triton/bidaf-9/1/model.onnx': 'a',
    'triton/bidaf-9/config.pbtxt': '',
    'triton/other/1/model.onnx': 'b',
  };

  test('holds itself', () => {
    const content = read({ '1/model.onnx': '' });

    expect(tritonModels('digits', content)).toEqual([{ name: 'digits', content, prefix: '' }]);
  });

  test('holds each folder below triton/, with the files by path inside of it', () => {
    const content = read({ ...files, 'score.py': '', 'triton/README.md': '' });
    const models = tritonModels('bidaf_onnx', content);

    expect(models.map(({ name, prefix }) => [name, prefix])).toEqual([
      ['bidaf-9', 'triton/bidaf-9/'],
      ['other', 'triton/other/'],
    ]);
    expect(models[0]?.content).toMatchObject({
      folder: `${content.folder}/triton/bidaf-9`,
      isOneFile: false,
      problems: [],
      files: [{ name: '1/model.onnx' }, { name: 'config.pbtxt' }],
    });
    expect(models[0]?.content.files[0]?.path).toBe(`${content.folder}/triton/bidaf-9/1/model.onnx`);
  });

  test('has a hash for each, which changes with its files and no others', () => {
    const hashes = (given: Files) => tritonModels('a', read(given)).map(({ content }) => content.hash);
    const changed = { ...files, 'triton/other/1/model.onnx': 'c' };

    expect(hashes(files)[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(hashes(changed)[0]).toBe(hashes(files)[0]);
    expect(hashes(changed)[1]).not.toBe(hashes(files)[1]);
  });

  test.each<Files>([
    { '1/model.onnx': '', 'triton/a/1/model.onnx': '' },
    { 'config.pbtxt': '', 'triton/a/1/model.onnx': '' },
    { 'triton/model.onnx': '' },
    { 'models/triton/a/1/model.onnx': '' },
  ])('is one model where triton/ is none of its whole: %j', (given) => {
    expect(tritonModels('digits', read(given))).toMatchObject([{ name: 'digits', prefix: '' }]);
  });
});

describe('the models of a service', () => {
  const model = (modelName: string, files: Files) => ({ modelName, content: read(files) });
  const step = (name: string) =>
    `platform: "ensemble" input { name: "a" data_type: TYPE_FP32 dims: 1 } output { name: "b" data_type: TYPE_FP32 dims: 1 }
     ensemble_scheduling { step { model_name: "${name}" model_version: -1 input_map { key: "x" value: "a" } output_map { key: "y" value: "b" } } }`;

  test('are judged together, wherever they were registered', () => {
    const whole = model('chain', { 'config.pbtxt': step('bidaf-9'), '1/README.md': '' });
    const registered = model('bidaf_onnx', { 'triton/bidaf-9/1/model.onnx': '' });

    expect(serviceFindings([whole, registered], { gpus: 1 })).toEqual(QUIET);
    expect(serviceFindings([whole], { gpus: 1 }).problems).toEqual([
      "config.pbtxt:2 of the model 'chain': the step 'bidaf-9' is none of the models that the service serves (chain); add it " +
        'to the models of the service',
    ]);
  });

  test('fail with all that is wrong, each under its own name and path', () => {
    const cpu = 'backend: "onnxruntime" instance_group { kind: KIND_CPU }';
    const registered = model('all', {
      'triton/a/config.pbtxt': '\nname: "b"',
      'triton/a/1/model.onnx': '',
      'triton/b/config.pbtxt': cpu,
      'triton/b/1/model.onnx': '',
    });

    expect(serviceFindings([registered], { gpus: 1 })).toEqual({
      problems: [expect.stringMatching(/^triton\/a\/config\.pbtxt:2 of the model 'a': it names the model 'b'/)],
      warnings: [expect.stringMatching(/^triton\/b\/config\.pbtxt:1 of the model 'b': an instance_group has KIND_CPU/)],
    });
  });

  test('fail where two registrations hold one name', () => {
    const one = model('first', { 'triton/a/1/model.onnx': '' });
    const other = model('a', { '1/model.onnx': '' });

    expect(serviceFindings([one, other], { gpus: 1 }).problems).toEqual([
      "the models 'first' and 'a' both hold a model 'a' for Triton, which serves each name once; rename its folder in one of " +
        'them, or place them in services of their own',
    ]);
  });

  test('fail where a folder is named as no caller can ask for', () => {
    const content = read({ 'triton/my model/1/model.onnx': '', 'triton/bidaf-9.1/1/model.onnx': '' });

    expect(serviceFindings([{ modelName: 'all', content }], { gpus: 1 }).problems).toEqual([
      'a model for Triton is named with letters, digits, underscores, hyphens and periods, the first a letter or digit; ' +
        "got 'my model', a folder of the model 'all'; rename the folder 'triton/my model'",
    ]);
  });

  test('are said to be wrong once where one is given twice', () => {
    const broken = model('a', { '1/model.pt': '' });

    expect(serviceFindings([broken, broken], { gpus: 1 }).problems).toHaveLength(1);
  });

  test('fail where they do not fit into a GPU', () => {
    const large = model('a', { '1/model.onnx': 'x'.repeat(2048) });

    expect(serviceFindings([large], { gpus: 1, memoryGiB: 1e-6 }).problems).toHaveLength(1);
    expect(serviceFindings([large], { gpus: 1 })).toEqual(QUIET);
    expect(serviceFindings([large], { gpus: 1, memoryGiB: 1e-6, loadedNames: ['a'] }).problems).toHaveLength(1);
    expect(serviceFindings([large], { gpus: 1, memoryGiB: 1e-6, loadedNames: ['b'] })).toEqual(QUIET);
  });
});

describe('memory', () => {
  const GIB = 1024 ** 3;

  /** A model whose file is so large; the file itself is small, and nobody reads it. */
  function sized(name: string, gib: number, files: Files) {
    const content: ModelContent = read(files);
    const isWeight = (path: string) => !path.endsWith('config.pbtxt');
    const sized = content.files.map((file) => (isWeight(file.name) ? { ...file, sizeBytes: gib * GIB } : file));
    return { name, prefix: '', content: { ...content, files: sized } };
  }
  const onnx = (gib: number, config = '', name = 'digits') =>
    sized(name, gib, { 'config.pbtxt': config, '1/model.onnx': '' });
  const group = (text: string) => `instance_group { ${text} }`;

  test('is enough up to four fifths, doubted up to all of it, and refused beyond', () => {
    const remedy = 'take a size with a larger GPU, fewer instances, or part the models among services';

    expect(memoryFindings([onnx(12.8)], 1, 16)).toEqual(QUIET);
    expect(memoryFindings([onnx(13)], 1, 16)).toEqual({
      problems: [],
      warnings: [
        'the models bring weights of 13.0 GiB (digits 13.0) on a GPU that has 16 GiB, by the sizes of their files, which is an ' +
          `estimate; what they compute with comes on top and may not fit; ${remedy}`,
      ],
    });
    expect(memoryFindings([onnx(16)], 1, 16).problems).toEqual([]);
    expect(memoryFindings([onnx(10), onnx(6.5, '', 'letters')], 1, 16)).toEqual({
      problems: [`the models bring weights of 16.5 GiB (digits 10.0, letters 6.5) on a GPU that has 16 GiB; ${remedy}`],
      warnings: [],
    });
  });

  test.each<[string, string, number, number]>([
    ['each instance loads its own', group('count: 3'), 1, 3],
    ['each group does', `${group('count: 2')} ${group('kind: KIND_GPU')}`, 1, 3],
    ['each GPU has its own', group('count: 2'), 2, 2],
    ['a group is on its GPUs only', `${group('gpus: [ 0 ] count: 2')} ${group('gpus: [ 1 ]')}`, 2, 2],
    ['none is on the CPU', group('kind: KIND_CPU count: 4'), 1, 0],
    ['none is where the model says', group('kind: KIND_MODEL count: 4'), 1, 0],
    [
      'a session is shared by the instances of a group',
      `${group('count: 3')} parameters { key: "share_session_between_instances" value { string_value: "true" } }`,
      1,
      1,
    ],
    [
      'and by no others',
      `${group('count: 3')} ${group('count: 2')} parameters { key: "share_session_between_instances" value { string_value: "true" } }`,
      1,
      2,
    ],
    ['a count that Triton passes over is one', group('count: 0'), 1, 1],
  ])('holds weights as often as they are loaded: %s', (_, config, gpus, times) => {
    const findings = memoryFindings([onnx(1, config)], gpus, Math.max(times, 1) - 0.01);

    expect(findings.problems.join()).toEqual(times === 0 ? '' : expect.stringContaining(`weights of ${times}.0 GiB`));
  });

  test('holds an engine of TensorRT once', () => {
    const plan = sized('digits', 1, { 'config.pbtxt': group('count: 4'), '1/model.plan': '' });

    expect(memoryFindings([plan], 1, 1).problems).toEqual([]);
    expect(memoryFindings([plan], 1, 0.9).problems).toEqual([expect.stringContaining('weights of 1.0 GiB')]);
  });

  test('holds served versions only, and of them what belongs to the model', () => {
    const files = {
      '1/model.onnx': '',
      '2/model.onnx': '',
      '2/model.onnx.data': '',
      '2/old.onnx': '',
      'labels.txt': '',
    };

    expect(memoryFindings([sized('a', 1, files)], 1, 0.1).problems).toEqual([
      expect.stringContaining('weights of 2.0 GiB'),
    ]);
    expect(
      memoryFindings([sized('a', 1, { ...files, 'config.pbtxt': 'version_policy { all { } }' })], 1, 0.1).problems,
    ).toEqual([expect.stringContaining('weights of 3.0 GiB')]);
  });

  test.each<Files>([
    { '1/model.py': 'auto_complete_config' },
    { '1/model.xml': '' },
    { 'config.pbtxt': 'backend: "ours"', '1/model.bin': '' },
    { 'config.pbtxt': 'platform: "ensemble"', '1/model.onnx': '' },
    { 'config.pbtxt': 'this is no configuration', '1/model.bin': '' },
  ])('holds nothing that is known of %j', (files) => {
    expect(memoryFindings([sized('a', 1, files)], 1, 0.1)).toEqual(QUIET);
  });

  test.each([0, -1, 0.5, Number.NaN])('is not judged for %d GPUs, which are refused elsewhere', (gpus) => {
    expect(memoryFindings([onnx(20)], gpus, 16)).toEqual(QUIET);
  });

  test('is judged for any number of GPUs', () => {
    expect(memoryFindings([onnx(20)], Number.POSITIVE_INFINITY, 16).problems).toHaveLength(1);
  });

  test('is that of the whole GPU, of the share that a size has, or of a partition', () => {
    expect(gpuMemoryGiB(VmSize.NC4AS_T4_V3)).toBe(16);
    expect(gpuMemoryGiB(VmSize.NC24ADS_A100_V4)).toBe(80);
    expect(gpuMemoryGiB(VmSize.NV6ADS_A10_V5)).toBeCloseTo(4, 0);
    expect(gpuMemoryGiB(VmSize.NC24ADS_A100_V4, MigProfile.MIG2G)).toBe(20);
    expect(gpuMemoryGiB(VmSize.D4S_V5)).toBeUndefined();
  });
});

describe('a framework that an image lacks', () => {
  const T4 = { size: VmSize.NC4AS_T4_V3 };
  const SAVED = { '1/model.savedmodel/saved_model.pb': '', '1/model.savedmodel/variables/a': '' };

  test('fails for a SavedModel, with both ways out', () => {
    expect(frameworkProblems('digits', read(SAVED), '26.10', T4)).toEqual([
      "the model 'digits' is a SavedModel of TensorFlow ('1/model.savedmodel'), and Triton 26.10 has no backend for it, which " +
        "25.02 was the last to have; convert it with 'python -m tf2onnx.convert --saved-model 1/model.savedmodel --output " +
        "1/model.onnx' and take the backend 'onnxruntime', or give the image 'nvcr.io/nvidia/tritonserver:25.02-py3' with " +
        'loading: ModelLoading.DOWNLOAD or ModelLoading.MOUNT',
    ]);
  });

  test.each([
    [
      VmSize.ND40RS_V2,
      /, or give the image 'nvcr\.io\/nvidia\/tritonserver:24\.10-py3' with loading: \S+ or \S+MOUNT$/,
    ],
    [VmSize.named('Standard_NC6'), /take the backend 'onnxruntime'$/],
  ])('advises the image that runs on the GPU: %s', (size, message) => {
    expect(frameworkProblems('digits', read(SAVED), '26.10', { size })).toEqual([expect.stringMatching(message)]);
  });

  test('fails for a GraphDef, whose inputs and outputs nobody knows', () => {
    expect(frameworkProblems('digits', read({ '3/model.graphdef': '' }), '25.03', T4)).toEqual([
      expect.stringMatching(
        /is a GraphDef of TensorFlow \('3\/model\.graphdef'\), and Triton 25\.03 .* --graphdef 3\/model\.graphdef --inputs NAME:0 --outputs NAME:0 --output 3\/model\.onnx'/,
      ),
    ]);
  });

  test.each([
    ['backend: "tensorflow" default_model_filename: "x"', /is a SavedModel of TensorFlow, and/],
    ['platform: "tensorflow_graphdef" default_model_filename: "x"', /is a GraphDef of TensorFlow, and/],
  ])('fails where the configuration says so: %s', (config, message) => {
    expect(frameworkProblems('digits', read({ 'config.pbtxt': config, '1/x': '' }), '26.10', T4)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test.each<[Files, string | undefined]>([
    [SAVED, '25.02'],
    [SAVED, '24.07'],
    [SAVED, undefined],
    [{ '1/model.onnx': '' }, '26.10'],
    [{ '1/model.savedmodel': 'a file' }, '26.10'],
    [{ 'config.pbtxt': 'backend: "python"', ...SAVED }, '26.10'],
  ])('is none for %j on %s', (files, tag) => {
    expect(frameworkProblems('digits', read(files), tag, T4)).toEqual([]);
  });
});
