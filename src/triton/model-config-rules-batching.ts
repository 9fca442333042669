import type { TritonModelConfig } from './model-config';
import {
  type TritonDynamicBatching,
  type TritonQueuePolicy,
  type TritonSequenceBatching,
  type TritonSequenceControl,
  TritonSequenceControlKind,
  TritonTimeoutAction,
} from './model-config-batching';
import type { ConfigFinding } from './model-config-finding';
import type { ConfigContext } from './model-config-rules';
import { TritonDataType } from './model-config-tensors';

/** What is wrong with how a model batches. */
export function batchingFindings(config: TritonModelConfig, context: ConfigContext): ConfigFinding[] {
  const { maxBatchSize, dynamicBatching, sequenceBatching } = config;
  return [
    ...(maxBatchSize < 0
      ? [
          {
            path: ['max_batch_size'],
            message: `max_batch_size is 0, for no batches, or the largest batch; got ${maxBatchSize}`,
          },
        ]
      : []),
    ...(dynamicBatching === undefined ? [] : dynamicFindings(dynamicBatching, config, context)),
    ...(sequenceBatching === undefined ? [] : sequenceFindings(sequenceBatching, config)),
    ...(config.responseCache && config.modelTransactionPolicy?.decoupled
      ? [{ path: ['response_cache'], message: cacheMessage("a model with 'decoupled' transactions") }]
      : []),
    ...(config.responseCache && sequenceBatching !== undefined
      ? [{ path: ['response_cache'], message: cacheMessage('a model with sequence_batching') }]
      : []),
  ];
}

function cacheMessage(what: string): string {
  return `Triton keeps no answers of ${what}; leave response_cache out`;
}

function dynamicFindings(
  batching: TritonDynamicBatching,
  { maxBatchSize, inputs }: TritonModelConfig,
  { backend }: ConfigContext,
): ConfigFinding[] {
  // a backend that completes the configuration may find out that the model can batch
  const isOpen = backend?.completes === true && inputs.length === 0;
  const { preferredBatchSizes = [] } = batching;
  return [
    ...(maxBatchSize === 0 && preferredBatchSizes.length === 0 && !isOpen
      ? [
          {
            path: ['dynamic_batching'],
            message:
              'dynamic_batching batches nothing where max_batch_size is 0; raise it, with dims that leave out the ' +
              'dimension of the batch, or leave dynamic_batching out',
            isDoubt: true,
          },
        ]
      : []),
    ...preferredSizes(['dynamic_batching'], preferredBatchSizes, maxBatchSize),
    ...priorityFindings(batching),
    ...orderingFindings(batching),
  ];
}

function preferredSizes(path: readonly string[], sizes: readonly number[], maxBatchSize: number): ConfigFinding[] {
  return sizes.every((size) => size >= 1 && size <= maxBatchSize)
    ? []
    : [
        {
          path: [...path, 'preferred_batch_size'],
          message: `preferred_batch_size is from 1 to max_batch_size, which is ${maxBatchSize}; got ${sizes.join(', ')}`,
        },
      ];
}

function priorityFindings({
  priorityLevels = 0,
  defaultPriorityLevel = 0,
  priorityQueuePolicies = {},
}: TritonDynamicBatching): ConfigFinding[] {
  const levels = BigInt(priorityLevels);
  const isLevel = (level: bigint) => level >= 1n && level <= levels;
  if (levels === 0n) {
    return [];
  }
  return [
    ...(isLevel(BigInt(defaultPriorityLevel))
      ? []
      : [
          {
            path: ['dynamic_batching', 'default_priority_level'],
            message:
              `default_priority_level is from 1 to priority_levels, which is ${levels}; got ` +
              `${defaultPriorityLevel || 'none'}`,
          },
        ]),
    ...Object.keys(priorityQueuePolicies)
      .filter((level) => !isLevel(BigInt(level)))
      .map((level) => ({
        path: ['dynamic_batching', 'priority_queue_policy'],
        message: `a key of priority_queue_policy is from 1 to priority_levels, which is ${levels}; got ${level}`,
      })),
  ];
}

/** What is delayed, or more urgent, cannot leave in the order in which it came. */
function orderingFindings(batching: TritonDynamicBatching): ConfigFinding[] {
  const { preserveOrdering, priorityLevels = 0, defaultQueuePolicy = {}, priorityQueuePolicies = {} } = batching;
  if (!preserveOrdering) {
    return [];
  }
  const path = ['dynamic_batching', 'preserve_ordering'];
  const delays = ({ timeoutAction, defaultTimeoutMicroseconds = 0 }: TritonQueuePolicy) =>
    timeoutAction === TritonTimeoutAction.DELAY && BigInt(defaultTimeoutMicroseconds) !== 0n;
  return [
    ...(BigInt(priorityLevels) > 1n
      ? [{ path, message: `preserve_ordering goes with one priority level; got priority_levels ${priorityLevels}` }]
      : []),
    ...([defaultQueuePolicy, ...Object.values(priorityQueuePolicies)].some(delays)
      ? [{ path, message: 'preserve_ordering goes with the timeout_action REJECT; got DELAY' }]
      : []),
  ];
}

function sequenceFindings(batching: TritonSequenceBatching, { maxBatchSize }: TritonModelConfig): ConfigFinding[] {
  const { oldest, direct } = batching;
  const utilization = direct?.minimumSlotUtilization ?? 0;
  return [
    ...preferredSizes(['sequence_batching', 'oldest'], oldest?.preferredBatchSizes ?? [], maxBatchSize),
    ...(utilization >= 0 && utilization <= 1
      ? []
      : [
          {
            path: ['sequence_batching', 'direct', 'minimum_slot_utilization'],
            message: `minimum_slot_utilization is a share from 0 to 1; got ${utilization}`,
          },
        ]),
    ...controlFindings(batching),
  ];
}

const SEQUENCE_NUMBERS: readonly TritonDataType[] = [
  TritonDataType.TYPE_UINT64,
  TritonDataType.TYPE_INT64,
  TritonDataType.TYPE_UINT32,
  TritonDataType.TYPE_INT32,
  TritonDataType.TYPE_STRING,
];

function controlFindings({ controlInputs = [] }: TritonSequenceBatching): ConfigFinding[] {
  const controls = controlInputs.flatMap(({ controls: all = [] }, input) =>
    all.map((control, index) => ({ control, path: ['sequence_batching', 'control_input', input, 'control', index] })),
  );
  const kindOf = ({ kind = TritonSequenceControlKind.CONTROL_SEQUENCE_START }: TritonSequenceControl) => kind;
  const names = controlInputs.map(({ name }) => name);
  return [
    ...names.flatMap((name, input) =>
      names.indexOf(name) < input
        ? [
            {
              path: ['sequence_batching', 'control_input', input, 'name'],
              message: `a tensor is a control_input once; got '${name}' more than once`,
            },
          ]
        : [],
    ),
    ...controls.flatMap(({ control, path }, at) =>
      controls.findIndex((other) => kindOf(other.control) === kindOf(control)) < at
        ? [{ path, message: `one tensor tells ${kindOf(control)}; got more than one` }]
        : controlProblem(control, kindOf(control)).map((message) => ({ path, message })),
    ),
  ];
}

function controlProblem(control: TritonSequenceControl, kind: TritonSequenceControlKind): string[] {
  const { dataType, int32FalseTrue, fp32FalseTrue, boolFalseTrue } = control;
  const values = [int32FalseTrue, fp32FalseTrue, boolFalseTrue].filter((each) => each !== undefined && each.length > 0);
  if (kind !== TritonSequenceControlKind.CONTROL_SEQUENCE_CORRID) {
    return values.length === 1 && values[0]?.length === 2
      ? []
      : [
          `${kind} takes one of int32_false_true, fp32_false_true and bool_false_true, with a value for no and one for ` +
            `yes; got ${values.length === 1 ? `${values[0]?.length} values` : `${values.length} of them`}`,
        ];
  }
  return [
    ...(values.length > 0 ? [`${kind} takes a data_type and no values for no and yes; leave those out`] : []),
    ...(dataType !== undefined && SEQUENCE_NUMBERS.includes(dataType)
      ? []
      : [`${kind} takes one of the data types ${SEQUENCE_NUMBERS.join(', ')}; got ${dataType ?? 'none'}`]),
  ];
}
