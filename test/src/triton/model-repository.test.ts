import { join } from 'node:path';
import { ModelSource } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { modelVersions, type RepositoryContext, repositoryFindings } from '../../../src/triton/model-repository';
import { folderWith } from '../../fixtures';

type Files = { readonly [path: string]: string };

const content = (files: Files) => ModelSource.directory(folderWith(files)).read();
const findings = (files: Files, context?: RepositoryContext) => repositoryFindings('digits', content(files), context);
const problems = (files: Files, context?: RepositoryContext) => findings(files, context).problems;
const warnings = (files: Files, context?: RepositoryContext) => findings(files, context).warnings;

const PYTHON = 'def auto_complete_config(config): pass';

describe('a repository', () => {
  test.each<[Files]>([
    [{ '1/model.onnx': '' }],
    [{ '1/model.onnx/graph.onnx': '', '1/model.onnx/weights.bin': '' }],
    [{ '1/model.plan': '' }],
    [{ '1/model.xml': '', '1/model.bin': '' }],
    [{ '1/model.py': PYTHON }],
    [{ 'config.pbtxt': 'name: "digits"', '1/model.onnx': '' }],
    [{ 'config.pbtxt': '', '1/model.onnx': '' }],
    [{ 'config.pbtxt': 'platform: "onnxruntime_onnx"', '3/model.onnx': '', '12/model.onnx': '' }],
    [{ 'config.pbtxt': '', '2/model.bin': '', '10/model.onnx': '' }],
    [{ 'labels.txt': '', '1/model.savedmodel/variables/a': '' }],
    [{ 'config.pbtxt': 'backend: "python"', '1/model.py': '', 'warmup/input': '', 'initial_state/zero': '' }],
    [{ 'config.pbtxt': 'default_model_filename: "model.py"', '1/model.py': '' }],
    [{ 'config.pbtxt': 'backend: "onnxruntime" default_model_filename: "a.onnx"', '1/a.onnx': '' }],
    [
      {
        'config.pbtxt': 'backend: "fil" parameters { key: "model_type" value { string_value: "lightgbm" } }',
        '1/model.txt': '',
      },
    ],
    [{ 'config.pbtxt': 'backend: "dali"', '1/dali.py': '' }],
    [{ 'config.pbtxt': 'backend: "vllm"', '1/model.json': '' }],
    [{ 'config.pbtxt': 'backend: "tensorrtllm"', '1/rank0.engine': '' }],
    [{ 'config.pbtxt': 'backend: "ours"', '1/libtriton_ours.so': '' }],
    [{ 'config.pbtxt': 'backend: "python" platform: "anything"', '1/model.py': '' }],
  ])('is served as it is: %j', (files) => {
    expect(problems(files)).toEqual([]);
    expect(warnings(files)).toEqual([]);
  });

  test.each(['latest', 'v1', '0', '01', '1.0', '-1', 'triton'])('fails for the version folder %j', (folder) => {
    expect(problems({ [`${folder}/model.onnx`]: '', '1/model.onnx': '' })).toEqual([
      `the model 'digits' has a folder '${folder}', and Triton reads versions only from folders that are a whole number ` +
        "from 1 up; rename it, such as to '1', or move it out of the model",
    ]);
  });

  test.each([
    [{ 'bidaf-9/1/model.onnx': '' }, "is a model itself: 'bidaf-9'"],
    [
      { 'bidaf-9/1/model.onnx': '', 'densenet/config.pbtxt': '', 'readme/a.md': '' },
      "are models themselves: 'bidaf-9', 'densenet'",
    ],
  ])('fails for a whole model repository, which belongs into a folder of its own: %j', (files, what) => {
    expect(problems(files)).toEqual([
      `the model 'digits' has no version, and holds what ${what}; give the folder of one model, or put all of them into a ` +
        "folder 'triton' and give the folder that it is in",
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

  test('fails for an ensemble without a version, of which blob storage keeps no empty folder', () => {
    expect(problems({ 'config.pbtxt': 'platform: "ensemble"' })).toContain(
      "the model 'digits' has no version; an ensemble needs one, too, and blob storage has no empty folders: put any file, " +
        "such as '1/README.md', beside 'config.pbtxt'",
    );
  });

  test('fails for all of it at once, each with its line', () => {
    const config = 'name: "letters"\nmax_batchsize: 1\nbackend: "onnxruntime"\nplatform: "tensorrt_plan"\n';

    expect(problems({ 'config.pbtxt': config, 'latest/model.onnx': '', '1/model.plan': '' })).toEqual([
      expect.stringMatching(/^the model 'digits' has a folder 'latest'/),
      "config.pbtxt:2 of the model 'digits': Triton knows no field 'max_batchsize' of a model; 'max_batch_size' is the " +
        'nearest it knows',
      "config.pbtxt:1 of the model 'digits': it names the model 'letters', but its folder is 'digits', and Triton loads it " +
        'only when both agree; change the name in the file, leave it out, or change the name that the model is served under',
      "config.pbtxt:4 of the model 'digits': the backend 'onnxruntime' has the platform 'onnxruntime_onnx'; got " +
        "'tensorrt_plan'; leave one of the two out",
      "version 1 of the model 'digits' has no 'model.onnx', which the backend 'onnxruntime' loads; it has model.plan; rename " +
        "the model's file, or name it with default_model_filename in 'config.pbtxt'",
    ]);
  });

  test('names files as they lie among those that were registered', () => {
    const files = { 'config.pbtxt': '\nname: "letters"', '1/model.onnx': '', '1/config.pbtxt': '' };

    expect(problems(files, { prefix: 'triton/digits/' })).toEqual([
      "the model 'digits' has 'triton/digits/1/config.pbtxt', where Triton never looks; remove it, since " +
        "'triton/digits/config.pbtxt' is what holds",
      expect.stringMatching(/^triton\/digits\/config\.pbtxt:2 of the model 'digits': it names/),
    ]);
  });

  test('fails for a configuration that nobody can read, and for nothing that follows from that', () => {
    expect(problems({ 'config.pbtxt': 'name: "digits"\nplatform "onnx"', '1/model.bin': '' })).toEqual([
      "config.pbtxt:2 of the model 'digits': expected ':' after 'platform', got 'onnx'",
    ]);
  });

  test('fails for a configuration where Triton never looks, with the place where it belongs', () => {
    expect(problems({ '1/config.pbtxt': 'name: "letters"', '1/model.onnx': '' })).toEqual([
      "the model 'digits' has '1/config.pbtxt', where Triton never looks; move it to 'config.pbtxt'",
    ]);
  });

  test('fails for a model of one file, and says where to put it', () => {
    const source = ModelSource.file(join(folderWith({ 'model.onnx': 'x' }), 'model.onnx'));

    expect(repositoryFindings('digits', source.read()).problems).toEqual([
      "the model 'digits' is the one file 'model.onnx', and a model of Triton is a folder, with 'config.pbtxt' beside a " +
        "folder for each version; put the file at '1/model.onnx' of a folder and give that to ModelSource.directory",
    ]);
  });

  test('is not judged where there is none: the source has said so', () => {
    expect(repositoryFindings('digits', ModelSource.directory('/nowhere').read()).problems).toEqual([]);
  });
});

describe('a platform or backend', () => {
  const config = (text: string, files: Files = { '1/model.onnx': '' }) => ({ 'config.pbtxt': text, ...files });

  test.each([
    ['onnxruntime', ', which is the name of a backend; write \'backend: "onnxruntime"\' instead'],
    [
      'onnxruntime-onnx',
      ", and 'onnxruntime_onnx' is the nearest; give one of ensemble, tensorflow_savedmodel, tensorflow_graphdef, " +
        'tensorrt_plan, onnxruntime_onnx, pytorch_libtorch, torch_aoti, or the backend that runs the model',
    ],
    ['libtorch', expect.stringMatching(/^; give one of/)],
  ])('fails where Triton knows no such platform: %s', (platform, remedy) => {
    const [message = '', ...others] = problems(config(`platform: "${platform}"`));
    const start = `config.pbtxt:1 of the model 'digits': Triton knows no platform '${platform}'`;

    expect(others).toEqual([]);
    expect(message.slice(0, start.length)).toBe(start);
    expect(message.slice(start.length)).toEqual(remedy);
  });

  test('is doubted where no image of NVIDIA’s has the backend', () => {
    const files = config('\nbackend: "onnx-runtime"');

    expect(problems(files)).toEqual([]);
    expect(warnings(files)).toEqual([
      "config.pbtxt:2 of the model 'digits': the backend 'onnx-runtime' is none of NVIDIA's images, and 'onnxruntime' is the " +
        'nearest; the image of the service must bring it, or the model fails to load',
    ]);
  });

  test('is asked for where the files do not tell', () => {
    expect(problems(config('max_batch_size: 1', { '1/model.bin': '' }))).toEqual([
      "config.pbtxt:1 of the model 'digits': it names neither platform nor backend, and the files of the model do not tell " +
        'Triton which runs it; add \'backend: "…"\'',
    ]);
  });
});

describe('a version', () => {
  const TWO = { '1/other.onnx': '', '2/model.onnx': '' };

  test('is judged only where it is served', () => {
    const missing = /^version 1 of the model 'digits' has no 'model\.onnx'/;
    const config = (policy: string) => `backend: "onnxruntime" version_policy { ${policy} }`;

    expect(problems({ 'config.pbtxt': 'backend: "onnxruntime"', ...TWO })).toEqual([]);
    expect(problems({ 'config.pbtxt': config('all { }'), ...TWO })).toEqual([expect.stringMatching(missing)]);
    expect(problems({ 'config.pbtxt': config('latest { num_versions: 2 }'), ...TWO })).toHaveLength(1);
    expect(problems({ 'config.pbtxt': config('specific { versions: [ 2 ] }'), ...TWO })).toEqual([]);
  });

  test('fails where the policy names one that is not there', () => {
    const config = 'backend: "onnxruntime"\nversion_policy { specific { versions: [ 2, 3, 4 ] } }';

    expect(problems({ 'config.pbtxt': config, ...TWO })).toEqual([
      "config.pbtxt:2 of the model 'digits': version_policy names the versions 3, 4, and the model has 1, 2; add the " +
        'folder, or name one that is there',
    ]);
  });

  test.each(['latest { }', 'specific { }'])('fails where the policy serves none: %s', (policy) => {
    expect(problems({ 'config.pbtxt': `version_policy { ${policy} }`, '1/model.onnx': '' })).toEqual([
      "config.pbtxt:1 of the model 'digits': version_policy serves no version; name one, such as with 'latest { " +
        "num_versions: 1 }'",
    ]);
  });

  test.each<[string, string]>([
    ['backend: "tensorrt"', "'model.plan', which the backend 'tensorrt' loads"],
    ['platform: "tensorflow_savedmodel"', "'model.savedmodel', which the backend 'tensorflow' loads"],
    ['platform: "tensorflow_graphdef"', "'model.graphdef', which the backend 'tensorflow' loads"],
    ['backend: "tensorflow"', "'model.savedmodel' or 'model.graphdef', which the backend 'tensorflow' loads"],
    ['backend: "openvino"', "'model.xml', which the backend 'openvino' loads"],
    ['backend: "python"', "'model.py', which the backend 'python' loads"],
    ['backend: "fil"', "'xgboost.model', which the backend 'fil' loads"],
    ['backend: "dali"', "'model.dali' or 'dali.py', which the backend 'dali' loads"],
    ['backend: "vllm"', "'model.json', which the backend 'vllm' loads"],
    ['backend: "python" default_model_filename: "serve.py"', "'serve.py', which the backend 'python' loads"],
    ['backend: "ours" default_model_filename: "a.bin"', "'a.bin'"],
    [
      'backend: "tensorrt" cc_model_filenames { key: "8.0" value: "a100.plan" }',
      "'a100.plan', which the backend 'tensorrt' loads",
    ],
  ])('fails without the file that is needed: %s', (config, needed) => {
    expect(problems({ 'config.pbtxt': config, '1/model.bin': '' })).toEqual([
      `version 1 of the model 'digits' has no ${needed}; it has model.bin; rename the model's file, or name it with ` +
        "default_model_filename in 'config.pbtxt'",
    ]);
  });

  test.each([
    ['', 'model.pt'],
    ['runtime: "model.py"', 'model.py'],
    ['platform: "torch_aoti"', 'model.pt2'],
  ])('of PyTorch needs the file of its runtime: %j', (extra, file) => {
    const tensor = '[ { name: "a" data_type: TYPE_FP32 dims: 1 } ]';
    const config = `backend: "pytorch" input ${tensor} output ${tensor} ${extra}`;

    expect(problems({ 'config.pbtxt': config, [`1/${file}`]: '' })).toEqual([]);
    expect(problems({ 'config.pbtxt': config, '1/model.bin': '' })).toEqual([
      expect.stringContaining(`has no '${file}', which the backend 'pytorch' loads`),
    ]);
  });

  test('are numbers, each once, lowest first', () => {
    const files = { '10/a': '', '10/b': '', '2/a': '', '1/deep/a': '', 'config.pbtxt': '', 'x/1/a': '' };

    expect(modelVersions(content(files))).toEqual([1, 2, 10]);
  });
});

describe('without a configuration', () => {
  const starter = (backend: string, input = '…', output = '…') =>
    `add 'config.pbtxt' beside the versions, such as 'backend: "${backend}" max_batch_size: 8 input [ { name: "${input}" ` +
    `data_type: TYPE_FP32 dims: [ … ] } ] output [ { name: "${output}" data_type: TYPE_FP32 dims: [ … ] } ]'`;

  test.each<[string, Files, string]>([
    [
      'a PyTorch model',
      { '1/model.pt': '' },
      `a PyTorch model cannot tell Triton what it takes and gives; ${starter('pytorch', 'INPUT__0', 'OUTPUT__0')}`,
    ],
    [
      'a GraphDef',
      { '1/model.graphdef': '' },
      `a GraphDef cannot tell Triton what it takes and gives; ${starter('tensorflow')}`,
    ],
    [
      'a Python model that does not describe itself',
      { '1/model.py': 'class TritonPythonModel: pass' },
      `its model.py has no 'auto_complete_config' that would say what it takes and gives; ${starter('python')}`,
    ],
    [
      'files of any kind',
      { '1/model.bin': '', '1/a/b': '' },
      `its files (a, model.bin) do not tell Triton which backend runs it; ${starter('…')}`,
    ],
    [
      'trees',
      { '1/xgboost.json': '' },
      `its files (xgboost.json) do not tell Triton which backend runs it; ${starter('fil')}`,
    ],
    [
      'a language model',
      { '1/model.json': '' },
      `its files (model.json) do not tell Triton which backend runs it; ${starter('vllm')}`,
    ],
    [
      'a pipeline',
      { '1/model.dali': '' },
      `its files (model.dali) do not tell Triton which backend runs it; ${starter('dali')}`,
    ],
  ])('%s fails, with one to begin with', (_, files, message) => {
    expect(problems(files)).toEqual([`the model 'digits' has no config.pbtxt, and ${message}`]);
  });

  test('several files that could be the model fail', () => {
    expect(problems({ '1/model.onnx': '', '1/model.plan': '' })).toEqual([
      "the model 'digits' has no config.pbtxt and several files that could be the model (model.plan, model.onnx), of which " +
        "Triton would load 'model.plan'; take the others out of the versions, or say which with 'config.pbtxt' beside the " +
        'versions, such as \'backend: "tensorrt" max_batch_size: 8 input [ { name: "…" data_type: TYPE_FP32 dims: [ … ] } ] ' +
        'output [ { name: "…" data_type: TYPE_FP32 dims: [ … ] } ]\'',
    ]);
  });

  test('a model is served whose name tells the backend', () => {
    expect(repositoryFindings('reader.ours', content({ '1/model.ours': '' })).problems).toEqual([]);
    expect(repositoryFindings('reader.ours', content({ '1/model.theirs': '' })).problems).toHaveLength(1);
  });
});
