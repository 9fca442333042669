/**
 * What a field holds. `index` is a 64-bit integer of which JavaScript's numbers hold every one that a machine can have,
 * such as a dimension; `int64` and `uint64` are those of which they may not.
 */
export type FieldType =
  | 'string'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'index'
  | 'float'
  | readonly string[]
  | MessageSchema
  | MapSchema;

/** A message by its fields. */
export interface MessageSchema {
  readonly kind: 'message';

  /** The fields, in the order they are written. */
  readonly fields: readonly FieldSchema[];

  /** Whether the one field stands for the message: `reshape { shape: [ 1 ] }` is `[1]`. */
  readonly isOnlyField: boolean;
}

/** A map: in the text a message for each entry, with `key` and `value`. */
export interface MapSchema {
  readonly kind: 'map';
  readonly key: 'string' | 'uint64';
  readonly value: FieldType;
}

/** One field of a message. */
export interface FieldSchema {
  /** Name in Triton's files. */
  readonly name: string;

  /** Name in the library: without underscores, and in the plural where there are several. */
  readonly member: string;
  readonly type: FieldType;
  readonly isRepeated: boolean;

  /** Whether Triton refuses a message without it. */
  readonly isRequired: boolean;

  /** Fields of one message with the same choice exclude one another. */
  readonly choice?: string;
}

type FieldExtras = Partial<Pick<FieldSchema, 'member' | 'isRequired' | 'choice'>>;

function one(name: string, type: FieldType, extras: FieldExtras = {}): FieldSchema {
  return { name, member: camelCase(name), type, isRepeated: false, isRequired: false, ...extras };
}

function many(name: string, type: FieldType, member = camelCase(name), extras: FieldExtras = {}): FieldSchema {
  return { name, member, type, isRepeated: true, isRequired: false, ...extras };
}

function message(...fields: readonly FieldSchema[]): MessageSchema {
  return { kind: 'message', fields, isOnlyField: false };
}

function only(field: FieldSchema): MessageSchema {
  return { kind: 'message', fields: [field], isOnlyField: true };
}

function map(value: FieldType, key: MapSchema['key'] = 'string'): MapSchema {
  return { kind: 'map', key, value };
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const REQUIRED = { isRequired: true };

const DATA_TYPE = [
  'TYPE_INVALID',
  'TYPE_BOOL',
  'TYPE_UINT8',
  'TYPE_UINT16',
  'TYPE_UINT32',
  'TYPE_UINT64',
  'TYPE_INT8',
  'TYPE_INT16',
  'TYPE_INT32',
  'TYPE_INT64',
  'TYPE_FP16',
  'TYPE_FP32',
  'TYPE_FP64',
  'TYPE_STRING',
  'TYPE_BF16',
] as const;

const TENSOR = [
  one('name', 'string', REQUIRED),
  one('data_type', DATA_TYPE, REQUIRED),
  many('dims', 'index', 'dims', REQUIRED),
  one('reshape', only(many('shape', 'index'))),
  one('is_shape_tensor', 'bool'),
  one('is_non_linear_format_io', 'bool'),
];

const INPUT = message(
  ...TENSOR,
  one('format', ['FORMAT_NONE', 'FORMAT_NHWC', 'FORMAT_NCHW']),
  one('allow_ragged_batch', 'bool'),
  one('optional', 'bool'),
);

const OUTPUT = message(...TENSOR, one('label_filename', 'string'));

const BATCH_INPUT = message(
  one('kind', [
    'BATCH_ELEMENT_COUNT',
    'BATCH_ACCUMULATED_ELEMENT_COUNT',
    'BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO',
    'BATCH_MAX_ELEMENT_COUNT_AS_SHAPE',
    'BATCH_ITEM_SHAPE',
    'BATCH_ITEM_SHAPE_FLATTEN',
  ]),
  many('target_name', 'string', 'targetNames'),
  one('data_type', DATA_TYPE),
  many('source_input', 'string', 'sourceInputs'),
);

const BATCH_OUTPUT = message(
  many('target_name', 'string', 'targetNames'),
  one('kind', ['BATCH_SCATTER_WITH_INPUT_SHAPE']),
  many('source_input', 'string', 'sourceInputs'),
);

const QUEUE_POLICY = message(
  one('timeout_action', ['REJECT', 'DELAY']),
  one('default_timeout_microseconds', 'uint64'),
  one('allow_timeout_override', 'bool'),
  one('max_queue_size', 'uint32'),
);

const DYNAMIC_BATCHING = message(
  many('preferred_batch_size', 'int32', 'preferredBatchSizes'),
  one('max_queue_delay_microseconds', 'uint64'),
  one('preserve_ordering', 'bool'),
  one('priority_levels', 'uint64'),
  one('default_priority_level', 'uint64'),
  one('default_queue_policy', QUEUE_POLICY),
  one('priority_queue_policy', map(QUEUE_POLICY, 'uint64'), { member: 'priorityQueuePolicies' }),
);

const CONTROL = message(
  one('kind', ['CONTROL_SEQUENCE_START', 'CONTROL_SEQUENCE_READY', 'CONTROL_SEQUENCE_END', 'CONTROL_SEQUENCE_CORRID']),
  many('int32_false_true', 'int32', 'int32FalseTrue'),
  many('fp32_false_true', 'float', 'fp32FalseTrue'),
  many('bool_false_true', 'bool', 'boolFalseTrue'),
  one('data_type', DATA_TYPE),
);

const INITIAL_STATE = message(
  one('name', 'string'),
  one('data_type', DATA_TYPE),
  many('dims', 'index'),
  one('zero_data', 'bool', { choice: 'state_data' }),
  one('data_file', 'string', { choice: 'state_data' }),
);

const STATE = message(
  one('input_name', 'string', REQUIRED),
  one('output_name', 'string', REQUIRED),
  one('data_type', DATA_TYPE, REQUIRED),
  many('dims', 'index', 'dims', REQUIRED),
  many('initial_state', INITIAL_STATE, 'initialStates'),
  one('use_same_buffer_for_input_output', 'bool'),
  one('use_growable_memory', 'bool'),
);

const SEQUENCE_BATCHING = message(
  one('direct', message(one('max_queue_delay_microseconds', 'uint64'), one('minimum_slot_utilization', 'float')), {
    choice: 'strategy_choice',
  }),
  one(
    'oldest',
    message(
      one('max_candidate_sequences', 'int32'),
      many('preferred_batch_size', 'int32', 'preferredBatchSizes'),
      one('max_queue_delay_microseconds', 'uint64'),
      one('preserve_ordering', 'bool'),
    ),
    { choice: 'strategy_choice' },
  ),
  one('max_sequence_idle_microseconds', 'uint64'),
  many(
    'control_input',
    message(one('name', 'string', REQUIRED), many('control', CONTROL, 'controls')),
    'controlInputs',
  ),
  many('state', STATE, 'states'),
  one('iterative_sequence', 'bool'),
);

const ENSEMBLE_SCHEDULING = message(
  many(
    'step',
    message(
      one('model_name', 'string', REQUIRED),
      one('model_version', 'index', REQUIRED),
      one('input_map', map('string')),
      one('output_map', map('string')),
      one('model_namespace', 'string'),
    ),
    'steps',
  ),
  one('max_inflight_requests', 'uint32'),
);

const INSTANCE_GROUP = message(
  one('name', 'string'),
  one('kind', ['KIND_AUTO', 'KIND_GPU', 'KIND_CPU', 'KIND_MODEL']),
  one('count', 'int32'),
  many('gpus', 'int32'),
  one(
    'rate_limiter',
    message(
      many('resources', message(one('name', 'string'), one('global', 'bool'), one('count', 'uint32'))),
      one('priority', 'uint32'),
    ),
  ),
  many('secondary_devices', message(one('kind', ['KIND_NVDLA']), one('device_id', 'index'))),
  many('profile', 'string', 'profiles'),
  one('passive', 'bool'),
  one('host_policy', 'string'),
);

const GRAPH_SHAPE = only(many('dim', 'index'));

const ACCELERATOR = message(one('name', 'string', REQUIRED), one('parameters', map('string')));

const OPTIMIZATION = message(
  one('graph', only(one('level', 'int32')), { member: 'graphLevel' }),
  one('priority', ['PRIORITY_DEFAULT', 'PRIORITY_MAX', 'PRIORITY_MIN']),
  one(
    'cuda',
    message(
      one('graphs', 'bool'),
      one('busy_wait_events', 'bool'),
      many(
        'graph_spec',
        message(
          one('batch_size', 'int32'),
          one('input', map(GRAPH_SHAPE), { member: 'inputs' }),
          one(
            'graph_lower_bound',
            message(one('batch_size', 'int32'), one('input', map(GRAPH_SHAPE), { member: 'inputs' })),
          ),
        ),
        'graphSpecs',
      ),
      one('output_copy_stream', 'bool'),
    ),
  ),
  one(
    'execution_accelerators',
    message(
      many('gpu_execution_accelerator', ACCELERATOR, 'gpuExecutionAccelerators'),
      many('cpu_execution_accelerator', ACCELERATOR, 'cpuExecutionAccelerators'),
    ),
  ),
  one('input_pinned_memory', only(one('enable', 'bool'))),
  one('output_pinned_memory', only(one('enable', 'bool'))),
  one('gather_kernel_buffer_threshold', 'uint32'),
  one('eager_batching', 'bool'),
);

const WARMUP_INPUT = message(
  one('data_type', DATA_TYPE),
  many('dims', 'index'),
  one('zero_data', 'bool', { choice: 'input_data_type' }),
  one('random_data', 'bool', { choice: 'input_data_type' }),
  one('input_data_file', 'string', { choice: 'input_data_type' }),
);

const SCHEDULING = { choice: 'scheduling_choice' };

/**
 * Every field of a `config.pbtxt`, as of Triton 26.09 (2.73).
 *
 * @see https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 */
export const MODEL_CONFIG = message(
  one('name', 'string'),
  one('platform', 'string'),
  one('backend', 'string'),
  one('runtime', 'string'),
  one('default_model_filename', 'string'),
  one('cc_model_filenames', map('string')),
  one(
    'version_policy',
    message(
      one('latest', message(one('num_versions', 'uint32')), { choice: 'policy_choice' }),
      one('all', message(), { choice: 'policy_choice' }),
      one('specific', message(many('versions', 'index')), { choice: 'policy_choice' }),
    ),
  ),
  one('max_batch_size', 'int32'),
  many('input', INPUT, 'inputs'),
  many('output', OUTPUT, 'outputs'),
  many('batch_input', BATCH_INPUT, 'batchInputs'),
  many('batch_output', BATCH_OUTPUT, 'batchOutputs'),
  many('instance_group', INSTANCE_GROUP, 'instanceGroups'),
  one('dynamic_batching', DYNAMIC_BATCHING, SCHEDULING),
  one('sequence_batching', SEQUENCE_BATCHING, SCHEDULING),
  one('ensemble_scheduling', ENSEMBLE_SCHEDULING, SCHEDULING),
  one('optimization', OPTIMIZATION),
  one('parameters', map(only(one('string_value', 'string')))),
  many(
    'model_warmup',
    message(
      one('name', 'string'),
      one('batch_size', 'uint32'),
      one('inputs', map(WARMUP_INPUT)),
      one('count', 'uint32'),
    ),
  ),
  one('model_operations', message(many('op_library_filename', 'string', 'opLibraryFilenames'))),
  one('model_transaction_policy', message(one('decoupled', 'bool'))),
  one(
    'model_repository_agents',
    message(many('agents', message(one('name', 'string', REQUIRED), one('parameters', map('string'))))),
  ),
  one('response_cache', only(one('enable', 'bool'))),
  one('metric_tags', map('string')),
  one(
    'model_metrics',
    message(
      many(
        'metric_control',
        message(
          one('metric_identifier', only(one('family', 'string')), { member: 'family' }),
          one('histogram_options', only(many('buckets', 'float')), { member: 'histogramBuckets' }),
        ),
        'metricControls',
      ),
    ),
  ),
);
