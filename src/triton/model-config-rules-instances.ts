import { runsOnGpus } from './instance-groups';
import type { TritonModelConfig } from './model-config';
import type { ConfigFinding } from './model-config-finding';
import { type TritonInstanceGroup, TritonInstanceKind } from './model-config-instances';
import type { ConfigContext } from './model-config-rules';

/** What is wrong with the instances of a model, by the GPUs of the replica. */
export function instanceFindings(
  { instanceGroups, ensembleScheduling }: TritonModelConfig,
  context: ConfigContext,
): ConfigFinding[] {
  // an ensemble has none at all, which another rule says
  return ensembleScheduling === undefined
    ? instanceGroups.flatMap((group, index) =>
        [...countProblems(group), ...gpuFindings(group, context), ...profileProblems(group, context)].map(
          ({ path, ...finding }) => ({ path: ['instance_group', index, ...path], ...finding }),
        ),
      )
    : [];
}

/** Triton takes a count below 1 as if none were given, and loads the model. */
function countProblems({ count }: TritonInstanceGroup): ConfigFinding[] {
  return count === undefined || count >= 1
    ? []
    : [
        {
          path: ['count'],
          message:
            `an instance_group has a count from 1 up, and Triton takes any other as if it were left out; got ${count}; ` +
            'leave the model out of the service if it should not run',
        },
      ];
}

function gpuFindings(group: TritonInstanceGroup, context: ConfigContext): ConfigFinding[] {
  const { KIND_CPU, KIND_GPU } = TritonInstanceKind;
  const { kind, gpus = [] } = group;
  if (!runsOnGpus(group) && gpus.length > 0) {
    return [{ path: ['gpus'], message: `an instance_group of ${kind} names no gpus; got [${gpus.join(', ')}]` }];
  }
  if (context.gpus === undefined) {
    return [];
  }
  const beyond = gpus.filter((gpu) => gpu < 0 || gpu >= (context.gpus ?? 0));
  if (kind === KIND_GPU && context.gpus === 0) {
    return [
      {
        path: ['kind'],
        message:
          'an instance_group has KIND_GPU, and a replica has no GPU; place it on a pool with GPUs, or give KIND_CPU',
      },
    ];
  }
  if (beyond.length > 0) {
    const sees =
      context.gpus === 0 ? 'no GPU' : context.gpus === 1 ? 'one GPU, number 0' : `GPUs 0 to ${context.gpus - 1}`;
    return [
      {
        path: ['gpus'],
        message:
          `a replica sees ${sees}, whatever their numbers on the node; got gpus [${gpus.join(', ')}]; leave gpus out for all ` +
          'of them, or give a replica more',
      },
    ];
  }
  const usesGpu = context.backend !== undefined && context.backend.weights !== 'elsewhere';
  return kind === KIND_CPU && context.gpus > 0 && usesGpu
    ? [
        {
          path: ['kind'],
          message:
            'an instance_group has KIND_CPU, so the model runs on the CPU of a replica that has a GPU; give KIND_GPU, or ' +
            'leave the kind out',
          isDoubt: true,
        },
      ]
    : [];
}

function profileProblems({ profiles = [] }: TritonInstanceGroup, { backend }: ConfigContext): ConfigFinding[] {
  if (profiles.length === 0) {
    return [];
  }
  if (backend !== undefined && backend.name !== 'tensorrt') {
    return [{ path: ['profile'], message: "only TensorRT's models have profiles; leave profile out" }];
  }
  return profiles.every((profile) => /^\d+$/.test(profile))
    ? []
    : [{ path: ['profile'], message: `a profile is a whole number from 0 up, as a text; got ${profiles.join(', ')}` }];
}
