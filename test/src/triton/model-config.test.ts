import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  TritonDataType,
  TritonInstanceKind,
  TritonModelConfig,
  type TritonModelConfigError,
  type TritonModelConfigProps,
  TritonModelPriority,
  TritonSequenceControlKind,
  TritonTensorFormat,
  TritonTimeoutAction,
  TritonVersionPolicy,
} from 'azure-inference-cdktf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readModelConfig } from '../../../src/triton/model-repository-config';

/** What a text is refused with. */
function refusals(text: string): readonly string[] {
  try {
    TritonModelConfig.parse(text);
  } catch (error) {
    return (error as TritonModelConfigError).problems;
  }
  return [];
}

const TENSOR = 'name: "a" data_type: TYPE_FP32 dims: [ 1 ]';

describe('a configuration', () => {
  test('is what the example’s file holds', () => {
    const text = readFileSync(join(__dirname, '../../../examples/gpu-triton/models/digits/config.pbtxt'), 'utf8');

    expect(TritonModelConfig.parse(text)).toEqual(
      new TritonModelConfig({
        name: 'digits',
        platform: 'onnxruntime_onnx',
        maxBatchSize: 64,
        inputs: [{ name: 'pixels', dataType: TritonDataType.TYPE_FP32, dims: [64] }],
        outputs: [
          { name: 'probabilities', dataType: TritonDataType.TYPE_FP32, dims: [10], labelFilename: 'labels.txt' },
          { name: 'digit', dataType: TritonDataType.TYPE_INT64, dims: [1] },
        ],
        instanceGroups: [{ kind: TritonInstanceKind.KIND_GPU, count: 1 }],
        dynamicBatching: { maxQueueDelayMicroseconds: 500 },
      }),
    );
  });

  test('has what Triton takes for what is left out', () => {
    expect(new TritonModelConfig({})).toMatchObject({
      name: undefined,
      versionPolicy: TritonVersionPolicy.latest(1),
      maxBatchSize: 0,
      inputs: [],
      outputs: [],
      batchInputs: [],
      batchOutputs: [],
      instanceGroups: [],
      parameters: {},
      modelWarmup: [],
      responseCache: false,
      metricTags: {},
    });
    expect(TritonModelConfig.parse('name: "" max_batch_size: 0')).toEqual(new TritonModelConfig({}));
    expect(new TritonModelConfig({}).toPbtxt()).toBe('');
  });

  test('is written as people write it', () => {
    const config = new TritonModelConfig({
      name: 'reader',
      backend: 'onnxruntime',
      versionPolicy: TritonVersionPolicy.specific([1, 3]),
      maxBatchSize: 8,
      inputs: [
        {
          name: 'image',
          dataType: TritonDataType.TYPE_FP32,
          dims: [3, -1, -1],
          format: TritonTensorFormat.FORMAT_NCHW,
        },
      ],
      outputs: [
        { name: 'class', dataType: TritonDataType.TYPE_FP32, dims: [10], reshape: [10, 1], labelFilename: 'l' },
      ],
      instanceGroups: [{ kind: TritonInstanceKind.KIND_GPU, count: 2, gpus: [0] }],
      dynamicBatching: { preferredBatchSizes: [4, 8], maxQueueDelayMicroseconds: 100n },
      parameters: { level: 'a "b"' },
      responseCache: true,
    });

    expect(config.toPbtxt()).toBe(`name: "reader"
backend: "onnxruntime"
version_policy {
  specific {
    versions: [1, 3]
  }
}
max_batch_size: 8
input [
  {
    name: "image"
    data_type: TYPE_FP32
    dims: [3, -1, -1]
    format: FORMAT_NCHW
  }
]
output [
  {
    name: "class"
    data_type: TYPE_FP32
    dims: [10]
    reshape {
      shape: [10, 1]
    }
    label_filename: "l"
  }
]
instance_group [
  {
    kind: KIND_GPU
    count: 2
    gpus: [0]
  }
]
dynamic_batching {
  preferred_batch_size: [4, 8]
  max_queue_delay_microseconds: 100
}
parameters {
  key: "level"
  value {
    string_value: "a \\"b\\""
  }
}
response_cache {
  enable: true
}
`);
  });

  test('keeps numbers of 64 bits to the last digit', () => {
    const text = 'dynamic_batching { max_queue_delay_microseconds: 18446744073709551615 }';
    const config = TritonModelConfig.parse(text);

    expect(config.dynamicBatching?.maxQueueDelayMicroseconds).toBe(18446744073709551615n);
    expect(config.toPbtxt()).toContain('max_queue_delay_microseconds: 18446744073709551615\n');
  });

  test('takes every spelling that Triton takes', () => {
    const text = `
      input < name: 'a' 'b', data_type: 11; dims: -1 dims: [ 0x10, 010 ] reshape: { shape: [] } >
      model_metrics { metric_control [ { metric_identifier { family: "f" } histogram_options { buckets: [1, .5, inf] } } ] }
      response_cache { enable: t }
      optimization { graph { level: 1 } input_pinned_memory { enable: False } }`;

    expect(TritonModelConfig.parse(text)).toMatchObject({
      inputs: [{ name: 'ab', dataType: 'TYPE_FP32', dims: [-1, 16, 8], reshape: [] }],
      modelMetrics: { metricControls: [{ family: 'f', histogramBuckets: [1, 0.5, Number.POSITIVE_INFINITY] }] },
      responseCache: true,
      optimization: { graphLevel: 1, inputPinnedMemory: false },
    });
  });
});

describe('a version policy', () => {
  test.each([
    ['', TritonVersionPolicy.latest(), [3]],
    ['version_policy { latest { num_versions: 2 } }', TritonVersionPolicy.latest(2), [2, 3]],
    ['version_policy { latest { num_versions: 5 } }', TritonVersionPolicy.latest(5), [1, 2, 3]],
    ['version_policy { latest { } }', TritonVersionPolicy.latest(0), []],
    ['version_policy { all { } }', TritonVersionPolicy.all(), [1, 2, 3]],
    ['version_policy { }', TritonVersionPolicy.all(), [1, 2, 3]],
    ['version_policy { specific { versions: [ 3, 1, 9 ] } }', TritonVersionPolicy.specific([3, 1, 9]), [1, 3]],
    ['version_policy { specific { } }', TritonVersionPolicy.specific([]), []],
  ])('serves what Triton serves: %s', (text, policy, served) => {
    const { versionPolicy } = TritonModelConfig.parse(text);

    expect(versionPolicy).toEqual(policy);
    expect(versionPolicy.served([3, 1, 2])).toEqual(served);
  });
});

describe('a text is refused', () => {
  test.each([
    ['a b', ["1:3: expected ':' after 'a', got 'b'"]],
    [
      'max_batchsize: 1',
      ["1:1: Triton knows no field 'max_batchsize' of a model; 'max_batch_size' is the nearest it knows"],
    ],
    ['zzz { }', ["1:1: Triton knows no field 'zzz' of a model"]],
    [
      'instance_group [ { kind: KIND_GPU }, { gpu: 0 } ]',
      ["1:40: Triton knows no field 'gpu' of 'instance_group'; 'gpus' is the nearest it knows"],
    ],
    ['name: "a" name: "a"', ["1:11: 'name' is given more than once"]],
    ['max_batch_size: [ 1 ]', ["1:1: 'max_batch_size' has one value and no list, [ … ]"]],
    ['name: digits', ["1:7: 'name' is a text in quotation marks; got digits"]],
    ['max_batch_size: 1.0', ["1:17: 'max_batch_size' is a whole number from -2147483648 to 2147483647; got 1"]],
    [
      'max_batch_size: "1"',
      ["1:17: 'max_batch_size' is a whole number from -2147483648 to 2147483647; got '1' in quotation marks"],
    ],
    [
      'max_batch_size { }',
      ["1:16: 'max_batch_size' is a whole number from -2147483648 to 2147483647; got a message, { … }"],
    ],
    [
      'max_batch_size: 2147483648',
      ["1:17: 'max_batch_size' is a whole number from -2147483648 to 2147483647; got 2147483648"],
    ],
    ['response_cache { enable: yes }', ["1:26: 'enable' is true or false; got yes"]],
    ['response_cache: true', ["1:17: 'response_cache' is a message, { … }; got true"]],
    ['parameters: "x"', ["1:13: 'parameters' has entries, { key: … value: … }; got 'x' in quotation marks"]],
    [
      'instance_group { kind: "KIND_GPU" }',
      [
        "1:24: 'kind' is one of KIND_AUTO, KIND_GPU, KIND_CPU, KIND_MODEL; got 'KIND_GPU' in quotation marks; 'KIND_GPU' would " +
          'do, without quotation marks',
      ],
    ],
    ['instance_group { kind: 4 }', ["1:24: 'kind' is one of KIND_AUTO, KIND_GPU, KIND_CPU, KIND_MODEL; got 4"]],
    [
      'input { }',
      [
        "1:7: 'input' needs 'name', a text that is not empty",
        "1:7: 'input' needs 'data_type', such as data_type: TYPE_FP32",
        "1:7: 'input' needs 'dims', such as dims: [ 3, 224, 224 ]",
      ],
    ],
    [
      'output [ { name: "" data_type: TYPE_INVALID dims: [ ] } ]',
      [
        "1:12: 'output' needs 'name', a text that is not empty",
        "1:21: 'output' needs 'data_type', such as data_type: TYPE_FP32",
        "1:45: 'output' needs 'dims', such as dims: [ 3, 224, 224 ]",
      ],
    ],
    [
      'dynamic_batching { }\nsequence_batching { direct { } oldest { } }',
      [
        "2:1: 'sequence_batching' and 'dynamic_batching' exclude one another; leave one out",
        "2:32: 'oldest' and 'direct' exclude one another; leave one out",
      ],
    ],
    [
      'version_policy { all { } latest { num_versions: 1 } }',
      ["1:26: 'latest' and 'all' exclude one another; leave one out"],
    ],
    [
      `input { name: "a" data_type: TYPE_FP32 dims: 9007199254740992 }`,
      ["1:46: 'dims' is a whole number from -9007199254740991 to 9007199254740991; got 9007199254740992"],
    ],
    [
      `sequence_batching { direct { minimum_slot_utilization: "1" } }`,
      ["1:56: 'minimum_slot_utilization' is a number; got '1' in quotation marks"],
    ],
  ])('%s', (text, messages) => {
    expect(refusals(text)).toEqual(messages);
  });

  test('with all that is wrong, in the order of the text', () => {
    const text = `max_batchsize: 1\ninput [ { ${TENSOR} dim: 1 } ]\nname: 1`;

    expect(refusals(text)).toEqual([
      "1:1: Triton knows no field 'max_batchsize' of a model; 'max_batch_size' is the nearest it knows",
      "2:54: Triton knows no field 'dim' of 'input'; 'dims' is the nearest it knows",
      "3:7: 'name' is a text in quotation marks; got 1",
    ]);
    expect(() => TritonModelConfig.parse(text)).toThrow(
      /^the model configuration cannot be read:\n {2}- 1:1: Triton knows no field 'max_batchsize'.*\n {2}- 2:54: /,
    );
  });

  test('and never breaks the reader, whatever it is', () => {
    const pieces = [
      'name',
      'input',
      'dims',
      ':',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"a"',
      '-',
      '1',
      'TYPE_FP32',
      'step',
      'key',
      'latest',
    ];
    const texts = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom(...pieces, 'version_policy', 'parameters', 'value', 'reshape'), { maxLength: 20 })
        .map((all) => all.join(' ')),
    );

    fc.assert(
      fc.property(texts, (text) => {
        const { config, problems } = readModelConfig(text);

        expect(config !== undefined || problems.length === 1).toBe(true);
      }),
    );
  });

  test('and what is right in it is read all the same', () => {
    const { config, problems } = readModelConfig('max_batch_size: 4 instance_group [ { kind: KIND_TPU count: 2 } ]');

    expect(problems).toHaveLength(1);
    expect(config).toMatchObject({ maxBatchSize: 4, instanceGroups: [{ count: 2 }] });
  });
});

describe('what is written is read as the same', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const many = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
  const enumOf = <T extends string>(values: { readonly [name: string]: T }) =>
    fc.constantFrom(...Object.values(values));
  const int32 = fc.integer();
  const uint32 = fc.nat();
  const uint64 = fc
    .bigInt({ min: 0n, max: 2n ** 64n - 1n })
    .map((value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value));
  const dims = fc.array(fc.maxSafeInteger(), { maxLength: 4 });
  const texts = fc.dictionary(text, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  const tensor = { name: text, dataType: enumOf(TritonDataType), dims: many(fc.maxSafeInteger()), reshape: some(dims) };
  const queuePolicy = fc.record({
    timeoutAction: some(enumOf(TritonTimeoutAction)),
    defaultTimeoutMicroseconds: some(uint64),
    allowTimeoutOverride: some(fc.boolean()),
    maxQueueSize: some(uint32),
  });
  const scheduling = fc.oneof(
    fc.record({
      dynamicBatching: fc.record({
        preferredBatchSizes: some(many(int32)),
        maxQueueDelayMicroseconds: some(uint64),
        priorityLevels: some(uint64),
        defaultQueuePolicy: some(queuePolicy),
        priorityQueuePolicies: some(
          fc.dictionary(uint32.map(String), queuePolicy, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
        ),
      }),
    }),
    fc.record({
      sequenceBatching: fc.record({
        direct: some(fc.record({ minimumSlotUtilization: some(fc.double({ noNaN: true })) })),
        controlInputs: some(
          many(
            fc.record({
              name: text,
              controls: some(
                many(
                  fc.record({
                    kind: some(enumOf(TritonSequenceControlKind)),
                    fp32FalseTrue: some(many(fc.double({ noNaN: true }))),
                    boolFalseTrue: some(many(fc.boolean())),
                  }),
                ),
              ),
            }),
          ),
        ),
      }),
    }),
    fc.record({
      ensembleScheduling: fc.record({
        steps: some(many(fc.record({ modelName: text, modelVersion: fc.integer({ min: 1 }), inputMap: some(texts) }))),
      }),
    }),
  );
  const props = fc
    .tuple(
      fc.record({
        name: some(text),
        platform: some(text),
        backend: some(text),
        versionPolicy: some(
          fc.oneof(
            fc.constant(TritonVersionPolicy.all()),
            uint32.map((count) => TritonVersionPolicy.latest(count)),
            fc.array(fc.maxSafeInteger()).map((versions) => TritonVersionPolicy.specific(versions)),
          ),
        ),
        maxBatchSize: some(int32),
        inputs: some(
          many(fc.record({ ...tensor, format: some(enumOf(TritonTensorFormat)), optional: some(fc.boolean()) })),
        ),
        outputs: some(many(fc.record({ ...tensor, labelFilename: some(text) }))),
        instanceGroups: some(
          many(
            fc.record({
              kind: some(enumOf(TritonInstanceKind)),
              count: some(int32),
              gpus: some(many(int32)),
              rateLimiter: some(
                fc.record({ resources: some(many(fc.record({ name: some(text), count: some(uint32) }))) }),
              ),
              profiles: some(many(text)),
            }),
          ),
        ),
        optimization: some(
          fc.record({
            graphLevel: some(int32),
            priority: some(enumOf(TritonModelPriority)),
            inputPinnedMemory: some(fc.boolean()),
            cuda: some(
              fc.record({
                graphs: some(fc.boolean()),
                graphSpecs: some(many(fc.record({ batchSize: some(int32), inputs: some(fc.record({ a: dims })) }))),
              }),
            ),
          }),
        ),
        parameters: some(texts),
        responseCache: some(fc.boolean()),
        metricTags: some(texts),
        modelWarmup: some(
          many(
            fc.record({
              name: some(text),
              inputs: some(
                fc.record({ a: fc.record({ dims: some(many(fc.maxSafeInteger())), zeroData: some(fc.boolean()) }) }),
              ),
            }),
          ),
        ),
      }),
      scheduling,
    )
    .map(([rest, schedule]): TritonModelConfigProps => ({ ...rest, ...schedule }));

  test('for every configuration', () => {
    fc.assert(
      fc.property(props, (given) => {
        const config = new TritonModelConfig(given);

        expect(TritonModelConfig.parse(config.toPbtxt())).toEqual(config);
      }),
    );
  });

  test.each([
    [
      'an image classifier',
      `name: "densenet_onnx" platform: "onnxruntime_onnx" max_batch_size: 0
       input [ { name: "data_0" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 3, 224, 224 ] reshape { shape: [ 1, 3, 224, 224 ] } } ]
       output [ { name: "fc6_1" data_type: TYPE_FP32 dims: [ 1000 ] reshape { shape: [ 1, 1000, 1, 1 ] } label_filename: "labels.txt" } ]`,
    ],
    [
      'two inputs of whole numbers',
      `name: "simple" backend: "onnxruntime" max_batch_size: 8
       input { name: "INPUT0" data_type: TYPE_INT32 dims: [ 16 ] } input { name: "INPUT1" data_type: TYPE_INT32 dims: [ 16 ] }
       output { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 16 ] } output { name: "OUTPUT1" data_type: TYPE_INT32 dims: [ 16 ] }`,
    ],
    [
      'an ensemble',
      `platform: "ensemble" max_batch_size: 1
       input [ { name: "IMAGE" data_type: TYPE_STRING dims: [ 1 ] } ] output [ { name: "CLASS" data_type: TYPE_FP32 dims: [ 1000 ] } ]
       ensemble_scheduling { step [
         { model_name: "prepare" model_version: -1 input_map { key: "RAW" value: "IMAGE" } output_map { key: "OUT" value: "pixels" } },
         { model_name: "classify" model_version: 2 input_map { key: "IN" value: "pixels" } output_map { key: "OUT" value: "CLASS" } } ] }`,
    ],
    [
      'sequences',
      `backend: "onnxruntime" max_batch_size: 2
       sequence_batching { max_sequence_idle_microseconds: 5000000 oldest { max_candidate_sequences: 4 preferred_batch_size: [ 2 ] }
         control_input [ { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] },
           { name: "ID" control [ { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT64 } ] } ]
         state [ { input_name: "S_IN" output_name: "S_OUT" data_type: TYPE_INT32 dims: [ -1 ]
           initial_state { name: "zero" data_type: TYPE_INT32 dims: [ 1 ] zero_data: true } } ] }`,
    ],
    [
      'sizes that vary',
      `name: "identity" backend: "identity" max_batch_size: 64
       input [ { name: "IN" data_type: TYPE_STRING dims: [ -1, -1 ] allow_ragged_batch: true } ]
       output [ { name: "OUT" data_type: TYPE_STRING dims: [ -1, -1 ] } ]
       batch_input [ { kind: BATCH_ACCUMULATED_ELEMENT_COUNT target_name: "INDEX" data_type: TYPE_FP32 source_input: "IN" } ]
       instance_group [ { count: 4 kind: KIND_CPU } ] dynamic_batching { }
       model_transaction_policy { decoupled: true } cc_model_filenames { key: "8.0" value: "a100" }`,
    ],
  ])('for %s', (_, source) => {
    const config = TritonModelConfig.parse(source);

    expect(TritonModelConfig.parse(config.toPbtxt())).toEqual(config);
    expect(config).not.toEqual(new TritonModelConfig({}));
  });
});
