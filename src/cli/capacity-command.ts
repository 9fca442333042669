import { Command } from 'commander';
import type { MigProfile } from '../azure/mig-profile';
import type { VmSize } from '../azure/vm-size';
import { VmSizeStatus } from '../azure/vm-size-spec';
import { Capacity } from '../capacity/capacity';
import { ValidationError } from '../errors';
import { capacityJson, renderCapacity } from './capacity-text';
import { statusOn } from './size-status';
import type { Terminal } from './terminal';
import { migProfile, percentage, positive, vmSize, wholeFrom } from './values';

interface CapacityOptions {
  readonly rps: number;
  readonly seconds: number;
  readonly size: VmSize;
  readonly concurrency?: number;
  readonly utilization?: number;
  readonly gpus?: number;
  readonly mig?: MigProfile;
  readonly replicasPerNode?: number;
  readonly minReplicas?: number;
  readonly json?: boolean;
}

/** The options that there is nothing to compute without. */
const REQUIRED = [
  ['rps', '--rps <number>'],
  ['seconds', '--seconds <number>'],
  ['size', '--size <name>'],
] as const;

/** What the library calls a thing, and what the command line calls it. */
const OPTION_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\breplicasPerNode\b/g, '--replicas-per-node'],
  [/\bminReplicas\b/g, '--min-replicas'],
  [/\breplicaMaxConcurrentRequests\b/g, '--concurrency'],
  [/\bgpus\b/g, '--gpus'],
];

/**
 * `azure-inference capacity`: what a service needs to answer a number of requests.
 *
 * @param today such as `2026-11-21`
 */
export function capacityCommand(terminal: Terminal, today: string): Command {
  const command = new Command('capacity')
    .description('Compute replicas, nodes, quota and price from a number of requests')
    .option('--rps <number>', 'requests per second at the busiest time', positive)
    .option('--seconds <number>', 'seconds that a replica works on one request', positive)
    .option('--size <name>', 'size of the nodes, such as Standard_NC4as_T4_v3', vmSize)
    .option('--concurrency <number>', 'requests that a replica works on at once (default: 1)', wholeFrom(1))
    .option('--utilization <percent>', 'how busy the replicas may be (default: 70)', percentage)
    .option('--gpus <number>', 'GPUs of one replica (default: 1 on a size with GPUs)', wholeFrom(0))
    .option('--mig <profile>', 'how every GPU is partitioned, such as MIG1g', migProfile)
    .option('--replicas-per-node <number>', 'replicas that a node holds (default: by its GPUs)', wholeFrom(1))
    .option('--min-replicas <number>', 'replicas that stay when nobody calls (default: 1)', wholeFrom(1))
    .option('--json', 'write JSON for scripts');
  return command.action((options: CapacityOptions) => {
    const { size } = options;
    // commander would say so before it noticed that an option is misspelt
    const missing = REQUIRED.filter(([name]) => options[name] === undefined).map(([, option]) => `'${option}'`);
    if (missing.length > 0) {
      command.error(`error: required option${missing.length === 1 ? '' : 's'} ${missing.join(', ')} not specified`);
    }
    const { status, endsWithinAYear } = statusOn(size, today);
    if (status === VmSizeStatus.RETIRED) {
      const when = size.retirementDate === undefined ? '' : ` on ${size.retirementDate}`;
      command.error(`error: Azure retired the size ${size.name}${when}; ${size.successor} succeeds it`);
    }
    const capacity = computed(options, (problems) => command.error(`error: ${problems}`));
    terminal.out(options.json === true ? capacityJson(capacity) : renderCapacity(capacity, endsWithinAYear));
  });
}

function computed(options: CapacityOptions, refuse: (problems: string) => never): Capacity {
  try {
    return new Capacity({
      requestsPerSecond: options.rps,
      secondsPerRequest: options.seconds,
      size: options.size,
      replicaMaxConcurrentRequests: options.concurrency,
      targetUtilizationPercent: options.utilization,
      gpus: options.gpus,
      migProfile: options.mig,
      replicasPerNode: options.replicasPerNode,
      minReplicas: options.minReplicas,
    });
  } catch (error) {
    if (!(error instanceof ValidationError)) {
      throw error;
    }
    const problems = error.problems.map(({ message }) => message).join('; ');
    return refuse(OPTION_NAMES.reduce((text, [name, option]) => text.replaceAll(name, option), problems));
  }
}
