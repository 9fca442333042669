import { ModelSource } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { type RepositoryContext, repositoryFindings } from '../../../src/triton/model-repository';
import { folderWith } from '../../fixtures';

/** What is said of a model of Python with that configuration, without the place. */
function said(config: string, context?: RepositoryContext, backend = 'backend: "python"') {
  const file = { python: 'model.py', onnxruntime: 'model.onnx', tensorrt: 'model.plan', pytorch: 'model.pt' };
  const [, name = 'python'] = /"(\w+)"/.exec(backend) ?? [];
  const files = {
    'config.pbtxt': `${backend}\n${config}`,
    [`1/${file[name as keyof typeof file] ?? 'README.md'}`]: '',
  };
  const content = ModelSource.directory(folderWith(files)).read();
  const { problems, warnings } = repositoryFindings('digits', content, context);
  const bare = (messages: readonly string[]) =>
    messages.map((message) => message.replace(/^config\.pbtxt:(\d+) of the model 'digits': /, '$1: '));
  return { problems: bare(problems), warnings: bare(warnings) };
}

const problems = (...given: Parameters<typeof said>) => said(...given).problems;
const warnings = (...given: Parameters<typeof said>) => said(...given).warnings;

const ONNX = 'backend: "onnxruntime"';
const TENSORRT = 'backend: "tensorrt"';
const IN = 'input [ { name: "a" data_type: TYPE_FP32 dims: [ 1 ] } ]';
const OUT = 'output [ { name: "b" data_type: TYPE_FP32 dims: [ 1 ] } ]';

describe('a tensor', () => {
  const input = (rest: string) => `input [\n{ name: "a" data_type: TYPE_FP32 ${rest} } ]`;

  test.each([
    'dims: [ 1, -1 ]',
    'dims: [ 2, 3 ] reshape { shape: [ 6 ] }',
    'dims: [ 2, 4, -1, 6 ] reshape { shape: [ 8, -1, 1, 6 ] }',
    'dims: [ 3, 8, 8 ] format: FORMAT_NCHW',
    'dims: [ 8 ] format: FORMAT_NONE',
  ])('may have %s', (rest) => {
    expect(said(input(rest))).toEqual({ problems: [], warnings: [] });
  });

  test('may lose the dimension of one element only where there is a batch', () => {
    const scalar = input('dims: [ 1 ] reshape { shape: [ ] }');

    expect(problems(`max_batch_size: 2 ${scalar}`)).toEqual([]);
    expect(problems(scalar)).toEqual([
      "3: the input 'a' has an empty reshape, which leaves no dimension at all where the model has no batch; raise " +
        'max_batch_size, or give the reshape a dimension',
    ]);
  });

  test.each([
    ['dims: [ 1, 0 ]', 'has sizes from 1 up, and -1 where a size varies; got dims [1, 0]'],
    ['dims: [ 0 ]', 'has sizes from 1 up, and -1 where a size varies; got dims [0]'],
    ['dims: [ -2 ]', 'has sizes from 1 up, and -1 where a size varies; got dims [-2]'],
    ['dims: [ 4 ] reshape { shape: [ 0 ] }', 'has sizes from 1 up, and -1 where a size varies; got the reshape [0]'],
    [
      'dims: [ 2, 3 ] reshape { shape: [ 5 ] }',
      'has dims [2, 3] and the reshape [5], which hold different numbers of elements; both need as many between any two ' +
        'sizes that vary',
    ],
    ['dims: [ 2, -1 ] reshape { shape: [ -1, 2 ] }', expect.stringContaining('different numbers of elements')],
    ['dims: [ -1, -1 ] reshape { shape: [ -1 ] }', expect.stringContaining('different numbers of elements')],
    ['dims: [ 8, 8 ] format: FORMAT_NHWC', 'has the format FORMAT_NHWC, which takes three dimensions; got dims [8, 8]'],
    ['dims: [ 1 ] is_shape_tensor: true', "is a shape tensor, and only TensorRT's models have one; leave it out"],
    [
      'dims: [ 1 ] is_non_linear_format_io: true',
      "has a format that is not linear, and only TensorRT's models have one; leave it out",
    ],
  ])('fails for %s', (rest, message) => {
    const [problem = '', ...others] = problems(input(rest));

    expect(others).toEqual([]);
    expect(problem.slice(0, 17)).toBe("3: the input 'a' ");
    expect(problem.slice(17)).toEqual(message);
  });

  test('of TensorRT may be what no other is, in three dimensions', () => {
    const given = (dims: string) => input(`dims: ${dims} is_shape_tensor: true is_non_linear_format_io: true`);

    expect(problems(given('[ 1, 2, 3 ]'), {}, TENSORRT)).toEqual([]);
    expect(problems(given('[ 1 ]'), {}, TENSORRT)).toEqual([
      "3: the input 'a' has a format that is not linear, which takes three dimensions; got dims [1]",
    ]);
  });

  test('has its labels beside the configuration', () => {
    expect(problems('output [ { name: "b" data_type: TYPE_FP32 dims: [ 1 ]\nlabel_filename: "l.txt" } ]')).toEqual([
      "3: the output 'b' has the labels 'l.txt', and the model has no such file; it lies beside config.pbtxt",
    ]);
  });

  test('is needed where PyTorch cannot tell', () => {
    expect(problems('', {}, 'backend: "pytorch"')).toEqual([
      "1: it has no input, and a PyTorch model cannot tell Triton what it takes and gives; add 'input [ { name: " +
        '"INPUT__0" data_type: TYPE_FP32 dims: [ … ] } ]\'',
      "1: it has no output, and a PyTorch model cannot tell Triton what it takes and gives; add 'output [ { name: " +
        '"OUTPUT__0" data_type: TYPE_FP32 dims: [ … ] } ]\'',
    ]);
    expect(problems(IN + OUT, {}, 'backend: "pytorch"')).toEqual([]);
  });

  test('is doubted where every one begins with a size that varies, besides the batch', () => {
    const varying = 'input { name: "a" data_type: TYPE_FP32 dims: [ -1, 8 ] }';

    expect(warnings(`${varying}\nmax_batch_size: 4`)).toEqual([
      '3: all dims begin with -1 and max_batch_size is 4; Triton adds the dimension of the batch itself, so leave it out of ' +
        'dims, unless the first dimension of an item really varies, too',
    ]);
    expect(warnings(varying)).toEqual([]);
    expect(warnings(`${varying} ${OUT} max_batch_size: 4`)).toEqual([]);
  });

  test('of a batch is made of an input, and of two types only', () => {
    const batch =
      'batch_input [ { kind: BATCH_ELEMENT_COUNT target_name: "n" data_type: TYPE_FP32 source_input: "a" } ]';

    expect(problems(IN + batch)).toEqual([]);
    expect(problems(`${IN}\n${batch.replace('"a"', '"x"').replace('TYPE_FP32', 'TYPE_INT64')}`)).toEqual([
      "3: a batch_input is made of one of the model's inputs (a); got source_input [x]",
      '3: a batch_input has the data_type TYPE_INT32 or TYPE_FP32; got TYPE_INT64',
    ]);
    expect(problems(`${IN}${OUT} batch_output [ { target_name: ["b", "b", "c"] source_input: "a" } ]`)).toEqual([
      "2: a batch_output names outputs of the model (b), each once in all; got 'b'",
      "2: a batch_output names outputs of the model (b), each once in all; got 'c'",
    ]);
  });
});

describe('batching', () => {
  test.each([
    'max_batch_size: 8 dynamic_batching { preferred_batch_size: [ 4, 8 ] priority_levels: 2 default_priority_level: 2 }',
    'max_batch_size: 8 dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY } }',
    'max_batch_size: 8 sequence_batching { direct { minimum_slot_utilization: 1 } }',
    `max_batch_size: 8 sequence_batching { oldest { preferred_batch_size: 8 } control_input [
      { name: "START" control { int32_false_true: [ 0, 1 ] } },
      { name: "ID" control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_STRING } } ] }`,
  ])('may be %s', (config) => {
    expect(said(config)).toEqual({ problems: [], warnings: [] });
  });

  test.each([
    ['max_batch_size: -1', ['max_batch_size is 0, for no batches, or the largest batch; got -1']],
    [
      'max_batch_size: 4 dynamic_batching { preferred_batch_size: [ 4, 8 ] }',
      ['preferred_batch_size is from 1 to max_batch_size, which is 4; got 4, 8'],
    ],
    ['dynamic_batching { preferred_batch_size: [ 4 ] }', [expect.stringContaining('which is 0; got 4')]],
    [
      'max_batch_size: 4 sequence_batching { oldest { preferred_batch_size: 0 } }',
      ['preferred_batch_size is from 1 to max_batch_size, which is 4; got 0'],
    ],
    [
      'max_batch_size: 4 dynamic_batching { priority_levels: 2 priority_queue_policy { key: 3 value { } } }',
      [
        'default_priority_level is from 1 to priority_levels, which is 2; got none',
        'a key of priority_queue_policy is from 1 to priority_levels, which is 2; got 3',
      ],
    ],
    [
      'max_batch_size: 4 dynamic_batching { priority_levels: 2 default_priority_level: 3 preserve_ordering: true }',
      [
        'default_priority_level is from 1 to priority_levels, which is 2; got 3',
        'preserve_ordering goes with one priority level; got priority_levels 2',
      ],
    ],
    [
      `max_batch_size: 4 dynamic_batching { preserve_ordering: true
       default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 1 } }`,
      ['preserve_ordering goes with the timeout_action REJECT; got DELAY'],
    ],
    [
      'max_batch_size: 4 sequence_batching { direct { minimum_slot_utilization: 1.5 } }',
      ['minimum_slot_utilization is a share from 0 to 1; got 1.5'],
    ],
    [
      `max_batch_size: 4 response_cache { enable: true } model_transaction_policy { decoupled: true } sequence_batching { }`,
      [
        "Triton keeps no answers of a model with 'decoupled' transactions; leave response_cache out",
        'Triton keeps no answers of a model with sequence_batching; leave response_cache out',
      ],
    ],
    [
      `sequence_batching { control_input [ { name: "S" control [ { }, { fp32_false_true: 1 } ] }, { name: "S" } ] }`,
      [
        "a tensor is a control_input once; got 'S' more than once",
        'CONTROL_SEQUENCE_START takes one of int32_false_true, fp32_false_true and bool_false_true, with a value for no and ' +
          'one for yes; got 0 of them',
        'one tensor tells CONTROL_SEQUENCE_START; got more than one',
      ],
    ],
    [
      'sequence_batching { control_input { name: "S" control { kind: CONTROL_SEQUENCE_END bool_false_true: true } } }',
      [expect.stringMatching(/^CONTROL_SEQUENCE_END takes one of .*; got 1 values$/)],
    ],
    [
      `sequence_batching { control_input { name: "S" control { kind: CONTROL_SEQUENCE_CORRID int32_false_true: 1 data_type: TYPE_BOOL } } }`,
      [
        'CONTROL_SEQUENCE_CORRID takes a data_type and no values for no and yes; leave those out',
        'CONTROL_SEQUENCE_CORRID takes one of the data types TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32, TYPE_STRING; ' +
          'got TYPE_BOOL',
      ],
    ],
  ])('fails for %s', (config, messages) => {
    expect(problems(config).map((message) => message.replace(/^\d+: /, ''))).toEqual(messages);
  });

  test('is doubted where there are no batches, unless the backend may find that there are', () => {
    const config = 'dynamic_batching { }';

    expect(warnings(`${IN}\n${config}`)).toEqual([
      '3: dynamic_batching batches nothing where max_batch_size is 0; raise it, with dims that leave out the dimension of the ' +
        'batch, or leave dynamic_batching out',
    ]);
    expect(warnings(config, {}, ONNX)).toEqual([]);
    expect(warnings('dynamic_batching { preferred_batch_size: 4 }')).toEqual([]);
    expect(warnings(`${IN} ${config}`, {}, ONNX)).toHaveLength(1);
  });
});

describe('instances', () => {
  const group = (text: string) => `instance_group [\n{ ${text} } ]`;

  test.each([
    ['kind: KIND_GPU count: 2 gpus: [ 0, 1 ]', { gpus: 2 }],
    ['kind: KIND_GPU gpus: [ 7 ]', {}],
    ['kind: KIND_CPU', { gpus: 0 }],
    ['kind: KIND_CPU', {}],
    ['count: 3', { gpus: 1 }],
    ['kind: KIND_MODEL', { gpus: 1 }],
  ])('may be %s', (text, context) => {
    expect(said(group(text), context, ONNX)).toEqual({ problems: [], warnings: [] });
  });

  test.each([
    ...[0, -1].map((count) => [
      `count: ${count}`,
      {},
      `an instance_group has a count from 1 up, and Triton takes any other as if it were left out; got ${count}; leave the ` +
        'model out of the service if it should not run',
    ]),
    ['kind: KIND_CPU gpus: [ 0 ]', { gpus: 1 }, 'an instance_group of KIND_CPU names no gpus; got [0]'],
    ['kind: KIND_MODEL gpus: [ 0 ]', {}, 'an instance_group of KIND_MODEL names no gpus; got [0]'],
    [
      'kind: KIND_GPU',
      { gpus: 0 },
      'an instance_group has KIND_GPU, and a replica has no GPU; place it on a pool with GPUs, or give KIND_CPU',
    ],
    [
      'kind: KIND_GPU gpus: [ 0, 1 ]',
      { gpus: 1 },
      'a replica sees one GPU, number 0, whatever their numbers on the node; got gpus [0, 1]; leave gpus out for all of them, ' +
        'or give a replica more',
    ],
    ['gpus: [ 2 ]', { gpus: 2 }, expect.stringMatching(/^3: a replica sees GPUs 0 to 1, /)],
    ['gpus: [ 0 ]', { gpus: 0 }, expect.stringMatching(/^3: a replica sees no GPU, /)],
    ['gpus: [ -1 ]', { gpus: 2 }, expect.stringContaining('got gpus [-1]')],
    ['profile: [ "0" ]', {}, "only TensorRT's models have profiles; leave profile out"],
  ] as [string, RepositoryContext, string][])('fails for %s with %j', (text, context, message) => {
    const expected = typeof message === 'string' ? `3: ${message}` : message;

    expect(problems(group(text), context, ONNX)).toEqual([expected]);
  });

  test('of TensorRT have profiles, which are numbers', () => {
    expect(problems(group('profile: [ "0", "12" ]'), {}, TENSORRT)).toEqual([]);
    expect(problems(group('profile: [ "0", "first" ]'), {}, TENSORRT)).toEqual([
      '3: a profile is a whole number from 0 up, as a text; got 0, first',
    ]);
  });

  test('on the CPU are doubted where the model would use the GPU that is there', () => {
    expect(warnings(group('kind: KIND_CPU'), { gpus: 1 }, ONNX)).toEqual([
      '3: an instance_group has KIND_CPU, so the model runs on the CPU of a replica that has a GPU; give KIND_GPU, or leave ' +
        'the kind out',
    ]);
    expect(warnings(group('kind: KIND_CPU'), { gpus: 1 })).toEqual([]);
  });
});

describe('an ensemble', () => {
  const PLATFORM = 'platform: "ensemble"';
  const step = (name: string, input: string, output: string) =>
    `{ model_name: "${name}" model_version: -1 input_map { key: "IN" value: "${input}" } output_map { key: "OUT" value: "${output}" } }`;
  const steps = (...given: string[]) => `ensemble_scheduling { step [\n${given.join(',\n')} ] }`;
  const ends = `${IN} ${OUT}`;
  const models = { models: ['digits', 'prepare', 'classify'] };

  test('is made of models that are served with it', () => {
    const config = `${ends} ${steps(step('prepare', 'a', 'mid'), step('classify', 'mid', 'b'))}`;

    expect(said(config, models, PLATFORM)).toEqual({ problems: [], warnings: [] });
    expect(problems(config, {}, PLATFORM)).toEqual([]);
    expect(problems(config, { models: ['digits', 'prepare', 'classifi'] }, PLATFORM)).toEqual([
      "4: the step 'classify' is none of the models that the service serves (digits, prepare, classifi); 'classifi' is " +
        'the nearest',
    ]);
    expect(problems(config, { models: ['digits', 'prepare'] }, PLATFORM)).toEqual([
      "4: the step 'classify' is none of the models that the service serves (digits, prepare); add it to the models of the " +
        'service',
    ]);
  });

  test.each([
    [PLATFORM, '', ["1: a model of the platform 'ensemble' has ensemble_scheduling; got none"]],
    [PLATFORM, 'ensemble_scheduling { }', ['2: ensemble_scheduling has one step or more; got none']],
    [
      '',
      `${ends} ${steps(step('prepare', 'a', 'b'))}`,
      ["2: a model with ensemble_scheduling has the platform 'ensemble'; got none"],
    ],
    [
      'backend: "python"',
      `${ends} ${steps(step('prepare', 'a', 'b'))}`,
      [
        "2: a model with ensemble_scheduling has the platform 'ensemble'; got none",
        "1: an ensemble has no backend of its own; got 'python'; leave it out",
      ],
    ],
    [
      PLATFORM,
      `${ends} ${steps(step('prepare', 'a', 'b'))} instance_group { } optimization { } model_warmup { }`,
      ['instance_group', 'optimization', 'model_warmup'].map(
        (field) => `3: an ensemble has no ${field} of its own; give it to the models that it is made of`,
      ),
    ],
    [PLATFORM, `${ends} ${steps(step('digits', 'a', 'b'))}`, ["3: the ensemble 'digits' has itself as a step"]],
    [
      PLATFORM,
      `${ends} ${steps(step('prepare', 'a', 'b').replace('model_version: -1', ''))}`,
      ["3: 'step' needs 'model_version', such as model_version: -1"],
    ],
    [
      PLATFORM,
      steps('{ model_name: "prepare" model_version: 0 }'),
      [
        "3: 'step' needs 'model_version', such as model_version: -1",
        "3: the step 'prepare' has no input_map; add 'input_map { key: \"…\" value: \"…\" }' for each input, the model's name " +
          "of it first, the ensemble's second",
        "3: the step 'prepare' has no output_map; add 'output_map { key: \"…\" value: \"…\" }' for each output, the model's " +
          "name of it first, the ensemble's second",
      ],
    ],
    [
      PLATFORM,
      `${ends} ${steps(step('prepare', 'x', 'y'))}`,
      [
        "2: no step takes the input 'a'; map it in a step, or leave it out",
        "2: no step writes the output 'b'; map it in a step's output_map",
        "3: the step 'prepare' takes 'x', which is no input of the ensemble, and no step writes it",
        "3: the step 'prepare' writes 'y', which no step takes and is no output of the ensemble; leave it out of output_map",
      ],
    ],
    [
      PLATFORM,
      `${ends} ${steps(step('prepare', 'a', 'b'), step('classify', 'a', 'b'))}`,
      ["4: one step writes a tensor; got 'b' in more than one output_map"],
    ],
    [
      PLATFORM,
      `${ends} ${steps(step('prepare', 'a', 'b'), step('classify', 'y', 'x'), step('classify', 'x', 'y'))}`,
      ['y', 'x'].map(
        (tensor, index) =>
          `${index + 4}: the step 'classify' waits for '${tensor}', which waits for what never comes, such as itself`,
      ),
    ],
  ])('fails for %s %s', (platform, config, messages) => {
    expect(problems(config, models, platform)).toEqual(messages);
  });
});
