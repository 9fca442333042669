import type { MigProfile } from '../azure/mig-profile';
import type { VmSize } from '../azure/vm-size';
import { existenceProblems } from '../azure/vm-size-rules';
import { AcceleratorKind } from '../azure/vm-size-spec';
import { gpuDevices } from '../kubernetes/gpu-devices';
import { broken, type Rule, wholeNumber } from '../validation';

/** More nodes than AKS has in a cluster, many times over, and few enough for exact sums. */
const MOST_REPLICAS = 1_000_000;

/** What the rules look at: a computed capacity, right or wrong. */
export interface CapacityInput {
  readonly requestsPerSecond: number;
  readonly secondsPerRequest: number;
  readonly replicaMaxConcurrentRequests: number;
  readonly targetUtilizationPercent: number;
  readonly size: VmSize;
  readonly gpus: number;
  readonly migProfile?: MigProfile;
  readonly replicasPerNode: number;
  readonly minReplicas: number;
  readonly replicas: number;
}

/**
 * Everything that is wrong with the input of a capacity.
 *
 * @param mostPerNode replicas that the devices of a node suffice for
 */
export function capacityProblems(input: CapacityInput, mostPerNode: number): string[] {
  const { size, targetUtilizationPercent: percent } = input;
  const numbers = [
    aboveZero('requestsPerSecond', input.requestsPerSecond),
    aboveZero('secondsPerRequest', input.secondsPerRequest),
    wholeNumber('replicaMaxConcurrentRequests', input.replicaMaxConcurrentRequests, 1, MOST_REPLICAS),
    {
      broken: !(percent >= 1 && percent <= 100),
      message: `targetUtilizationPercent must be a number from 1 to 100; got ${percent}`,
    },
    wholeNumber('minReplicas', input.minReplicas, 1, MOST_REPLICAS),
    wholeNumber('gpus', input.gpus, 0, MOST_REPLICAS),
  ];
  const wrongNumbers = broken(numbers);
  const countable = wrongNumbers.length > 0 || input.replicas <= MOST_REPLICAS;
  return [
    ...wrongNumbers,
    ...(countable
      ? []
      : [
          `a capacity has at most ${MOST_REPLICAS} replicas, and ${input.requestsPerSecond} requests per second of ` +
            `${input.secondsPerRequest} seconds need more; give both in seconds`,
        ]),
    // capacity is the same in every region and with every driver: a pool's place is checked by the pool
    ...existenceProblems(size),
    ...(size.vcpus > 0 ? broken(deviceRules(input, mostPerNode)) : []),
  ];
}

/** Rules that only a size with known figures can break. */
function deviceRules(input: CapacityInput, mostPerNode: number): Rule[] {
  const { size, gpus, migProfile, replicasPerNode } = input;
  const { accelerator, gpusPerNode } = size;
  const devices = gpuDevices(size, migProfile).perNode;
  const kind = accelerator?.kind ?? AcceleratorKind.GPU;
  return [
    {
      broken: gpus > 0 && gpusPerNode === 0,
      message:
        `the size ${size.name} has ${kind === AcceleratorKind.GPU ? '' : `${kind.toUpperCase()}s and `}no GPUs; ` +
        `got gpus ${gpus}; give 0 or a size with GPUs`,
    },
    {
      broken: gpusPerNode > 0 && gpus > devices,
      message:
        `a node of the size ${size.name} hands out ${devices} ${deviceName(migProfile, devices)}, and a replica runs on ` +
        `one node; got gpus ${gpus}; give fewer or a larger size`,
    },
    {
      broken: migProfile !== undefined && accelerator?.mig !== true,
      message:
        `the size ${size.name} cannot be partitioned, so it takes no MIG profile; got ${migProfile?.name}; ` +
        'leave it out or choose a size with A100, H100 or H200',
    },
    // where no replica fits on a node, the rules above have said so
    ...(mostPerNode >= 1 && gpus > 0 ? [replicasOnGpus(input, mostPerNode)] : []),
    ...(gpus > 0 ? [] : [wholeNumber('replicasPerNode', replicasPerNode, 1, MOST_REPLICAS)]),
  ];
}

function replicasOnGpus({ size, gpus, replicasPerNode }: CapacityInput, mostPerNode: number): Rule {
  const { broken: wrong, message } = wholeNumber('replicasPerNode', replicasPerNode, 1, mostPerNode);
  return {
    broken: wrong,
    message: `${message}; a node of the size ${size.name} has no GPUs for more with gpus ${gpus}`,
  };
}

function deviceName(migProfile: MigProfile | undefined, count: number): string {
  return `${migProfile === undefined ? 'GPU' : `${migProfile.name} instance`}${count === 1 ? '' : 's'}`;
}

function aboveZero(what: string, value: number): Rule {
  return {
    broken: !(value > 0 && Number.isFinite(value)),
    message: `${what} must be a number above 0; got ${value}`,
  };
}
