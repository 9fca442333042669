import { dnsLabelProblem } from '../kubernetes/dns-label';
import type { AutoscaleOptions } from '../monitoring/autoscale-options';
import { readProfiledOptions } from '../profile/profiled-options';
import { LogLevel } from './log-level';
import { type NumberRange, rangeProblems } from './number-range';
import {
  REQUEST_LIMIT_RANGES,
  type RequestLimits,
  resolveRequestLimits,
  SCORING_REQUEST_LIMITS,
} from './request-limits';
import { ServiceAuth } from './service-auth';

/** What is collected of the calls of a scoring script. */
export interface CollectModelDataOptions {
  /**
   * How many of a hundred calls are collected, chosen by chance, 1 to 100.
   *
   * @default 100
   */
  readonly samplePercent?: number;

  /**
   * How much of an input, and of an output, is collected, 1 to 1024 KiB. Of what is longer the beginning is, as base64.
   *
   * @default 64
   */
  readonly maxPayloadKiB?: number;
}

/**
 * How a scoring script is served: the options of an Azure ML web service on AKS, under their names and with their
 * defaults, but for `memoryGbLimit`.
 *
 * @see https://learn.microsoft.com/python/api/azureml-core/azureml.core.webservice.aks.aksservicedeploymentconfiguration
 */
export interface ScoringOptions extends RequestLimits {
  /**
   * What callers must show.
   *
   * @default - ServiceAuth.keys(): one of two keys that Terraform makes
   */
  readonly auth?: ServiceAuth;

  /**
   * CPU that one replica is promised, in cores, from 0.001 up, since Kubernetes counts thousandths of a core.
   *
   * @default 0.1
   */
  readonly cpuCores?: number;

  /**
   * CPU that one replica may use at most, in cores; refused below `cpuCores`.
   *
   * @default - what its node has to spare
   */
  readonly cpuCoresLimit?: number;

  /**
   * Main memory that one replica is promised, from 0.001 up. Kubernetes is told as many GiB.
   *
   * @default 0.5
   */
  readonly memoryGb?: number;

  /**
   * Main memory that one replica may use at most, in GiB; refused below `memoryGb`. A replica that needs more is killed
   * and started anew.
   *
   * Azure ML set no limit. On a node that services share, one that grows without a limit takes the others down with it,
   * so there is one here.
   *
   * @default - the same as memoryGb
   */
  readonly memoryGbLimit?: number;

  /**
   * Number of GPUs of one replica, 0 to 1000: whole, since replicas do not share GPUs.
   *
   * @default - 1 on a pool with GPUs, else 0
   */
  readonly gpuCores?: number;

  /**
   * Number of processes of one replica that score, 1 to 64. Each loads the script with its model by itself, so that a
   * replica needs the memory of a model as often, and memory of a GPU too. Calls of one process take turns in Python;
   * a replica that works on several at once has as many processes, or its script computes outside Python.
   *
   * @default 1
   */
  readonly workerCount?: number;

  /**
   * File with the body of a request that each process scores before it takes calls: only what has scored is ready. It is
   * posted to `/score`, as JSON where the file is named so, else as bytes. The path is absolute, or relative to the folder
   * of `cdktf.json`.
   *
   * An answer other than 2xx ends the replica, with status and answer in the state of its pod. It is part of the time
   * that a server may take to start. The file lies in a ConfigMap, which holds 1 MiB: what is larger than 512 KiB is
   * refused, as is a file that is empty, missing or no JSON under that name. No secrets: whoever reads the cluster or the
   * state reads it.
   *
   * @default - none: a replica is ready once `init()` is done
   */
  readonly warmupRequest?: string;

  /**
   * Whether calls, what the script calls itself and its exceptions are sent to the Application Insights of the stack,
   * through OpenTelemetry, as the identity of the pods and without a key. Refused where the stack has none.
   *
   * A call is part of the trace that its caller names in `traceparent`, and so is what the script calls while it answers:
   * by `requests`, `urllib3`, `urllib` and `http.client`, by Triton's clients and by gRPC. Bodies and queries are not sent.
   * Telemetry waits in a queue of 2048 items a worker; what cannot be sent is lost, and no call waits for it.
   *
   * It needs the package azure-monitor-opentelemetry-exporter, which the scoring server brings from 1.5.0 on. An
   * environment that names an older server without it is refused; in an image that others made a line of the log says that
   * it is missing, and the script is served.
   *
   * @default false
   */
  readonly enableAppInsights?: boolean;

  /**
   * Collects inputs and outputs of the script in the model store; `{}` collects all of them. Refused where the stack has no
   * model store.
   *
   * They are written to the container `modeldata`, as lines of JSON, one for each call of `/score`, below
   * `<subscription>/<resource group>/<namespace>/<service>/<model>/<version>/<yyyy>/<mm>/<dd>/`: where Azure ML had the
   * workspace stands the namespace, since names of services are unique there. A service of no model or of several has
   * `all/0` for them. The identity of the pods may write there and nowhere else. Nobody deletes them: they may hold what
   * callers want to have deleted, so give the account a rule of life cycle.
   *
   * No call waits for the store and none fails with it. Each worker keeps up to 8 MiB that are not written yet, for up to a
   * minute, and in the time that the store is away; what comes when they are full is dropped, and counted in the log. Plan
   * 16 MiB of memory a worker for it.
   *
   * @default - nothing is collected
   * @see https://learn.microsoft.com/azure/machine-learning/v1/how-to-enable-data-collection
   */
  readonly collectModelData?: CollectModelDataOptions;

  /**
   * Fixed number of replicas, 1 to 400. From two on, routers stand before them and find a free one. Refused together with
   * `autoscale`; a service that may have none is autoscaled with `minReplicas: 0`. Where a service was autoscaled before, its
   * autoscaler goes once the number is set, and may have changed it again meanwhile: then a second apply sets it.
   *
   * @default - autoscaled; 1 on a cluster with Monitoring.NONE
   */
  readonly numReplicas?: number;

  /**
   * How the number of replicas follows the load. Terraform makes the service with `minReplicas` of them, one at least, and
   * leaves their number alone afterwards. Refused together with `numReplicas`, and on a cluster with `Monitoring.NONE`, whose
   * metrics nobody collects.
   *
   * @default - 1 to 10 replicas, or as many as the pool holds, that shall be 70 percent busy, as in Azure ML
   */
  readonly autoscale?: AutoscaleOptions;

  /**
   * How often a replica is asked whether it is well, 1 to 3600 seconds.
   *
   * @default 10
   */
  readonly periodSeconds?: number;

  /**
   * How long a server may take to start, 1 to 86400 seconds, before failed probes count. A replica that has not answered
   * after initialDelaySeconds + periodSeconds × failureThreshold, 340 seconds by default, is started anew.
   *
   * Azure ML let this time pass before it asked for the first time. Here a server that answers earlier is ready earlier.
   *
   * @default 310
   */
  readonly initialDelaySeconds?: number;

  /**
   * How long a replica may take to answer a probe, 1 to 3600 seconds.
   *
   * @default 2
   */
  readonly timeoutSeconds?: number;

  /**
   * Number of good answers in a row, 1 to 1000, after which a replica that failed gets calls again. Kubernetes takes
   * nothing but 1 for the probes that start a replica anew, so this applies to readiness.
   *
   * @default 1
   */
  readonly successThreshold?: number;

  /**
   * Number of probes in a row without a good answer, 1 to 1000, after which a replica is started anew.
   *
   * @default 3
   */
  readonly failureThreshold?: number;

  /**
   * Name of the Kubernetes namespace of the service. Changing it replaces the service.
   *
   * @default - the namespace of the stack
   */
  readonly namespace?: string;

  /**
   * Free values by name. They are written into one annotation, as JSON, so names and values may be any text.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };

  /**
   * More free values by name, kept apart from the tags as Azure ML did; written like them.
   *
   * @default - none
   */
  readonly properties?: { readonly [name: string]: string };

  /**
   * Free text, written into an annotation.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Which messages of server and script are logged, from before `init()` on; also given to them as `AZUREML_LOG_LEVEL`.
   *
   * @default LogLevel.INFO
   */
  readonly logLevel?: LogLevel;

  /**
   * What is wrong with the file that the options were read from; the service is refused for it.
   *
   * @default - nothing
   */
  readonly problems?: readonly string[];

  /**
   * What is doubtful about the file that the options were read from; the service warns of it.
   *
   * @default - nothing
   */
  readonly warnings?: readonly string[];
}

/** Options of services out of files. */
export const ScoringOptions = {
  /**
   * Reads the options that a profile recommends, to be spread into those of `addScoringService` or `addTritonService` behind
   * the others: `cpuCores`, `memoryGb`, and as `replicaMaxConcurrentRequests` the calls at once of its best level. What is
   * wrong with the file is reported with what is wrong with the service.
   *
   * @param path of the report of `addProfile` or of `azure-inference profile`: absolute, or relative to the folder of
   *   `cdktf.json`
   */
  fromProfile: (path: string): ScoringOptions => readProfiledOptions(path),
};

/** Options of which nothing is set where nothing is given. */
type OpenOption = 'cpuCoresLimit' | 'warmupRequest' | 'collectModelData' | 'namespace' | 'description';

/** Options that say how many replicas there are, which the pool has a say in. */
type ReplicaOption = 'numReplicas' | 'autoscale';

/** Options of a scoring service with all defaults in place. */
export type ResolvedScoringOptions = Required<
  Omit<ScoringOptions, OpenOption | ReplicaOption | 'problems' | 'warnings'>
> &
  Pick<ScoringOptions, OpenOption> & {
    /** How long a server may take from its start until it answers; then it is started anew. */
    readonly startupBudgetSeconds: number;
  };

/** Cores that Azure ML promised to one replica. */
export const DEFAULT_CPU_CORES = 0.1;

/** Memory that Azure ML promised to one replica, in GiB here. */
export const DEFAULT_MEMORY_GB = 0.5;

/** Processes that a replica of Azure ML had. */
const DEFAULT_WORKER_COUNT = 1;

/** Which numbers the options take. Azure ML refused what is not above zero; the upper bounds catch a wrong unit. */
export const SCORING_RANGES = {
  ...REQUEST_LIMIT_RANGES,
  cpuCores: { minimum: 0.001 },
  cpuCoresLimit: { minimum: 0.001 },
  memoryGb: { minimum: 0.001 },
  memoryGbLimit: { minimum: 0.001 },
  gpuCores: { minimum: 0, maximum: 1000 },
  workerCount: { minimum: 1, maximum: 64 },
  numReplicas: { minimum: 1, maximum: 1000 },
  periodSeconds: { minimum: 1, maximum: 3600 },
  initialDelaySeconds: { minimum: 1, maximum: 86_400 },
  timeoutSeconds: { minimum: 1, maximum: 3600 },
  successThreshold: { minimum: 1, maximum: 1000 },
  failureThreshold: { minimum: 1, maximum: 1000 },
} satisfies { readonly [option in keyof ScoringOptions]: NumberRange };

/** Which numbers `collectModelData` takes. */
const COLLECT_MODEL_DATA_RANGES = {
  'collectModelData.samplePercent': { minimum: 1, maximum: 100 },
  'collectModelData.maxPayloadKiB': { minimum: 1, maximum: 1024 },
} as const;

/** What is wrong with what is to be collected. */
export function collectModelDataProblems(options: CollectModelDataOptions | undefined): string[] {
  const named = Object.entries(options ?? {}).map(([name, value]) => [`collectModelData.${name}`, value]);
  return rangeProblems(Object.fromEntries(named), COLLECT_MODEL_DATA_RANGES);
}

/** What is collected, with all defaults in place. */
export function resolveCollectModelData(options: CollectModelDataOptions): Required<CollectModelDataOptions> {
  return { samplePercent: options.samplePercent ?? 100, maxPayloadKiB: options.maxPayloadKiB ?? 64 };
}

/** What is wrong with the options, and with the file that they were read from. */
export function scoringOptionProblems(options: ScoringOptions): string[] {
  const { cpuCores = DEFAULT_CPU_CORES, memoryGb = DEFAULT_MEMORY_GB } = options;
  const problems = [
    ...(options.problems ?? []),
    ...rangeProblems(options, SCORING_RANGES).map((problem) =>
      options.numReplicas === 0 && problem.startsWith('numReplicas ')
        ? `${problem}; for a service that may have no replica give autoscale: { minReplicas: 0 }`
        : problem,
    ),
    ceilingProblem('cpuCoresLimit', options.cpuCoresLimit, 'cpuCores', cpuCores),
    ceilingProblem('memoryGbLimit', options.memoryGbLimit, 'memoryGb', memoryGb),
    ...collectModelDataProblems(options.collectModelData),
    options.namespace === undefined ? undefined : dnsLabelProblem('namespace', options.namespace),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** What is doubtful about the options, and about the file that they were read from. */
export function scoringOptionWarnings(options: ScoringOptions): string[] {
  const { workerCount = DEFAULT_WORKER_COUNT } = options;
  const { replicaMaxConcurrentRequests } = resolveRequestLimits(options, SCORING_REQUEST_LIMITS);
  return [
    ...(options.warnings ?? []),
    ...(workerCount < replicaMaxConcurrentRequests
      ? [
          `a replica works on ${replicaMaxConcurrentRequests} calls at once (replicaMaxConcurrentRequests) in ` +
            `${workerCount === 1 ? 'one process' : `${workerCount} processes`} (workerCount): calls of one process take ` +
            'turns while they compute in Python, so each takes longer; raise workerCount, and memory with it, unless the ' +
            'script computes outside Python',
        ]
      : []),
  ];
}

/** What is wrong with the most that a replica may use, beside what it is promised. */
export function ceilingProblem(
  what: string,
  most: number | undefined,
  promise: string,
  promised: number,
): string | undefined {
  // a number that is refused by itself says nothing about the other
  return most !== undefined && most > 0 && most < promised
    ? `${what} must not be below ${promise}, which a replica is promised; got ${most} and ${promised}`
    : undefined;
}

/** The options with all defaults in place, for a service on a pool. */
export function resolveScoringOptions(
  options: ScoringOptions,
  pool: { readonly gpusPerNode: number },
): ResolvedScoringOptions {
  const { cpuCores = DEFAULT_CPU_CORES, memoryGb = DEFAULT_MEMORY_GB } = options;
  const { periodSeconds = 10, initialDelaySeconds = 310, failureThreshold = 3 } = options;
  return {
    ...resolveRequestLimits(options, SCORING_REQUEST_LIMITS),
    auth: options.auth ?? ServiceAuth.keys(),
    cpuCores,
    cpuCoresLimit: options.cpuCoresLimit,
    memoryGb,
    memoryGbLimit: options.memoryGbLimit ?? memoryGb,
    gpuCores: options.gpuCores ?? (pool.gpusPerNode > 0 ? 1 : 0),
    workerCount: options.workerCount ?? DEFAULT_WORKER_COUNT,
    warmupRequest: options.warmupRequest,
    enableAppInsights: options.enableAppInsights ?? false,
    collectModelData: options.collectModelData,
    periodSeconds,
    initialDelaySeconds,
    timeoutSeconds: options.timeoutSeconds ?? 2,
    successThreshold: options.successThreshold ?? 1,
    failureThreshold,
    startupBudgetSeconds: initialDelaySeconds + periodSeconds * failureThreshold,
    namespace: options.namespace,
    tags: options.tags ?? {},
    properties: options.properties ?? {},
    description: options.description,
    logLevel: options.logLevel ?? LogLevel.INFO,
  };
}
