import type { TritonModelConfig } from './model-config';
import type { ConfigFinding } from './model-config-finding';
import type { ConfigContext } from './model-config-rules';
import {
  type TritonBatchInput,
  TritonDataType,
  type TritonModelInput,
  type TritonModelOutput,
  type TritonTensor,
  TritonTensorFormat,
} from './model-config-tensors';

type Field = 'input' | 'output';

/** What is wrong with the inputs and outputs of a model. */
export function tensorFindings(config: TritonModelConfig, context: ConfigContext): ConfigFinding[] {
  const isTensorRt = context.backend?.name === 'tensorrt';
  const each = <T extends TritonTensor>(field: Field, tensors: readonly T[], rules: (tensor: T) => Finding[]) =>
    tensors.flatMap((tensor, index) =>
      [...shapeProblems(tensor, config.maxBatchSize), ...formatProblems(tensor, isTensorRt), ...rules(tensor)].map(
        ([member, message]) => ({ path: [field, index, member], message: `the ${field} '${tensor.name}' ${message}` }),
      ),
    );
  return [
    ...missingTensors(config, context),
    ...each('input', config.inputs, inputProblems),
    ...each('output', config.outputs, (output) => labelProblems(output, context)),
    ...batchDimensionDoubts(config),
    ...batchTensorProblems(config),
  ];
}

/** Field of the tensor, and what is wrong with it. */
type Finding = readonly [member: string, message: string];

/** A backend that cannot ask its model for its tensors needs them in the file. */
function missingTensors({ inputs, outputs }: TritonModelConfig, { backend }: ConfigContext): ConfigFinding[] {
  if (backend?.name !== 'pytorch') {
    return [];
  }
  return (['input', 'output'] as const)
    .filter((field) => (field === 'input' ? inputs : outputs).length === 0)
    .map((field) => ({
      path: [],
      message:
        `it has no ${field}, and a PyTorch model cannot tell Triton what it takes and gives; add '${field} [ { name: ` +
        `"${field.toUpperCase()}__0" data_type: TYPE_FP32 dims: [ … ] } ]'`,
    }));
}

function shapeProblems({ dims, reshape }: TritonTensor, maxBatchSize: number): Finding[] {
  const wrong = [...dims].find((size) => size < 1 && size !== -1);
  if (wrong !== undefined) {
    return [['dims', `has sizes from 1 up, and -1 where a size varies; got dims [${dims.join(', ')}]`]];
  }
  if (reshape === undefined || dims.length === 0) {
    return [];
  }
  if (reshape.some((size) => size < 1 && size !== -1)) {
    return [['reshape', `has sizes from 1 up, and -1 where a size varies; got the reshape [${reshape.join(', ')}]`]];
  }
  if (reshape.length === 0 && maxBatchSize === 0) {
    return [
      [
        'reshape',
        'has an empty reshape, which leaves no dimension at all where the model has no batch; raise max_batch_size, or ' +
          'give the reshape a dimension',
      ],
    ];
  }
  return elementCounts(dims) === elementCounts(reshape)
    ? []
    : [
        [
          'reshape',
          `has dims [${dims.join(', ')}] and the reshape [${reshape.join(', ')}], which hold different numbers of elements; ` +
            'both need as many between any two sizes that vary',
        ],
      ];
}

/** Numbers of elements between the sizes that vary, which a reshape leaves as they are. */
function elementCounts(sizes: readonly number[]): string {
  const counts = [1n];
  for (const size of sizes) {
    if (size === -1) {
      counts.push(1n);
    } else {
      counts[counts.length - 1] = (counts.at(-1) ?? 1n) * BigInt(size);
    }
  }
  return counts.join();
}

function formatProblems({ dims, isShapeTensor, isNonLinearFormatIo }: TritonTensor, isTensorRt: boolean): Finding[] {
  const only = "only TensorRT's models have one; leave it out";
  return [
    ...(isShapeTensor && !isTensorRt ? [['is_shape_tensor', `is a shape tensor, and ${only}`] as const] : []),
    ...(isNonLinearFormatIo && !isTensorRt
      ? [['is_non_linear_format_io', `has a format that is not linear, and ${only}`] as const]
      : []),
    ...(isNonLinearFormatIo && isTensorRt && dims.length !== 3
      ? [
          [
            'dims',
            `has a format that is not linear, which takes three dimensions; got dims [${dims.join(', ')}]`,
          ] as const,
        ]
      : []),
  ];
}

function inputProblems({ dims, format = TritonTensorFormat.FORMAT_NONE }: TritonModelInput): Finding[] {
  return format !== TritonTensorFormat.FORMAT_NONE && dims.length !== 3
    ? [['format', `has the format ${format}, which takes three dimensions; got dims [${dims.join(', ')}]`]]
    : [];
}

function labelProblems({ labelFilename }: TritonModelOutput, { files }: ConfigContext): Finding[] {
  return labelFilename === undefined || labelFilename === '' || files.includes(labelFilename)
    ? []
    : [
        [
          'label_filename',
          `has the labels '${labelFilename}', and the model has no such file; it lies beside config.pbtxt`,
        ],
      ];
}

/** Whoever writes down the shapes of a framework's tool writes the batch, too. */
function batchDimensionDoubts({ inputs, outputs, maxBatchSize }: TritonModelConfig): ConfigFinding[] {
  const tensors = [...inputs, ...outputs];
  return maxBatchSize > 0 && inputs.length > 0 && tensors.every(({ dims }) => dims.length > 1 && dims[0] === -1)
    ? [
        {
          path: ['max_batch_size'],
          message:
            `all dims begin with -1 and max_batch_size is ${maxBatchSize}; Triton adds the dimension of the batch itself, so ` +
            'leave it out of dims, unless the first dimension of an item really varies, too',
          isDoubt: true,
        },
      ]
    : [];
}

function batchTensorProblems({ inputs, outputs, batchInputs, batchOutputs }: TritonModelConfig): ConfigFinding[] {
  const inputNames = inputs.map(({ name }) => name);
  const outputNames = outputs.map(({ name }) => name);
  const sources = (field: string, entries: readonly Pick<TritonBatchInput, 'sourceInputs'>[]): ConfigFinding[] =>
    entries.flatMap(({ sourceInputs = [] }, index) =>
      sourceInputs.length === 1 && inputNames.includes(sourceInputs[0] ?? '')
        ? []
        : [
            {
              path: [field, index, 'source_input'],
              message:
                `a ${field} is made of one of the model's inputs (${inputNames.join(', ') || 'none'}); got source_input ` +
                `[${sourceInputs.join(', ')}]`,
            },
          ],
    );
  const types = [TritonDataType.TYPE_INT32, TritonDataType.TYPE_FP32];
  const targets = batchOutputs.flatMap(({ targetNames = [] }, index) => targetNames.map((name) => ({ name, index })));
  return [
    ...sources('batch_input', batchInputs),
    ...sources('batch_output', batchOutputs),
    ...batchInputs.flatMap(({ dataType }, index) =>
      dataType !== undefined && types.includes(dataType)
        ? []
        : [
            {
              path: ['batch_input', index, 'data_type'],
              message: `a batch_input has the data_type ${types.join(' or ')}; got ${dataType ?? 'none'}`,
            },
          ],
    ),
    ...targets
      .filter(({ name }, at) => !outputNames.includes(name) || targets.findIndex((each) => each.name === name) < at)
      .map(({ name, index }) => ({
        path: ['batch_output', index, 'target_name'],
        message: `a batch_output names outputs of the model (${outputNames.join(', ') || 'none'}), each once in all; got '${name}'`,
      })),
  ];
}
