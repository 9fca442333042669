import { Token } from 'cdktf';
import { rangeProblem, rangeProblems } from '../scoring/number-range';
import { didYouMean } from '../spelling';
import type { ModelControl } from './model-control';
import type { RateLimiter } from './rate-limiter';
import { flagProblems, flagWarnings } from './release-flags';
import {
  DEFAULT_PINNED_MEMORY_MIB,
  TRACING_RANGES,
  TRITON_SERVER_RANGES,
  type TritonServerOptions,
} from './server-options';
import type { TritonTracing } from './tracing';

/** What a server is, besides how it is started. */
export interface ServedByTriton {
  /** Names of the models of the service. */
  readonly modelNames: readonly string[];

  /** Names of those among them that are loaded, as `loadedModels` tells. */
  readonly loadedNames: readonly string[];

  /** Number of GPUs of one replica. */
  readonly gpuCores: number;

  /** Main memory that one replica may use at most, in GiB. */
  readonly memoryGbLimit: number;

  /**
   * Release of Triton, such as `26.10`.
   *
   * @default - unknown: it is taken to know every flag
   */
  readonly release?: string;
}

/** What is wrong with how Triton is started. */
export function tritonServerProblems(options: TritonServerOptions, served: ServedByTriton): string[] {
  const { modelControl, rateLimiter, tracing, backendConfig = {} } = options;
  return [
    ...rangeProblems(options, TRITON_SERVER_RANGES),
    ...memoryProblems(options, served),
    ...(modelControl === undefined ? [] : modelControlProblems(modelControl, served)),
    ...(rateLimiter === undefined ? [] : rateLimiterProblems(rateLimiter, served)),
    ...(tracing === undefined ? [] : tracingProblems(tracing)),
    ...backendProblems(backendConfig),
    ...flagProblems(options, served.release),
  ];
}

/** What is doubtful about how Triton is started. */
export function tritonServerWarnings(
  options: TritonServerOptions & { readonly maxRequestBodyMiB?: number },
  { modelNames, loadedNames, release }: ServedByTriton,
): string[] {
  const left = modelNames.filter((name) => !loadedNames.includes(name));
  return [
    ...(left.length === 0
      ? []
      : [
          `ModelControl.explicit does not load ${quoted(left)}, and callers cannot: nobody can ask for a model that is ` +
            'neither named there nor part of an ensemble that is; add it to load, or take it out of the models of the service',
        ]),
    ...flagWarnings(options, release),
  ];
}

function memoryProblems(options: TritonServerOptions, { memoryGbLimit }: ServedByTriton): string[] {
  const { sharedMemoryMiB, pinnedMemoryMiB = DEFAULT_PINNED_MEMORY_MIB, responseCacheMiB = 0 } = options;
  const most = memoryGbLimit * 1024;
  const taken = pinnedMemoryMiB + responseCacheMiB;
  const isGiven = options.pinnedMemoryMiB !== undefined || options.responseCacheMiB !== undefined;
  return [
    ...(sharedMemoryMiB !== undefined && sharedMemoryMiB > most
      ? [
          `sharedMemoryMiB is part of the memory of a replica, ${memoryGbLimit} GiB at most (memoryGbLimit); got ` +
            `${sharedMemoryMiB}; lower it, or raise memoryGb`,
        ]
      : []),
    ...(isGiven && taken >= most
      ? [
          `pinnedMemoryMiB and responseCacheMiB are taken at the start from the memory of a replica, ${memoryGbLimit} GiB at ` +
            `most (memoryGbLimit), and leave nothing of it; got ${pinnedMemoryMiB} and ${responseCacheMiB}; lower them, or ` +
            'raise memoryGb',
        ]
      : []),
  ];
}

function modelControlProblems({ mode, load }: ModelControl, { modelNames }: ServedByTriton): string[] {
  if (mode === 'poll') {
    return [
      'ModelControl.poll would find nothing: the models of a service lie in folders that are named after their content and ' +
        'never change, and a changed model rolls the deployment by itself; leave out modelControl',
    ];
  }
  if (mode !== 'explicit') {
    return [];
  }
  if (load.length === 0) {
    return ['ModelControl.explicit loads one model or more; got none, and callers cannot load any; name some in load'];
  }
  return load
    .filter((name) => !modelNames.includes(name))
    .map(
      (name) =>
        `ModelControl.explicit loads models of the service, ${quoted(modelNames)}; got '${name}'` +
        didYouMean(name, modelNames),
    );
}

function rateLimiterProblems({ resources }: RateLimiter, { gpuCores }: ServedByTriton): string[] {
  const keys = resources.map(({ name, gpu }) => `${name}:${gpu ?? ''}`);
  return resources.flatMap(({ name, count, gpu }, index) => {
    const what = `the resource '${name}' of rateLimiter`;
    return [
      /^[\w.-]+$/.test(name)
        ? undefined
        : `a resource of rateLimiter has a name of letters, digits, underscores, hyphens and periods; got '${name}'`,
      rangeProblem(`count of ${what}`, count, { minimum: 1, maximum: 2_147_483_647 }),
      gpu === undefined || (Number.isInteger(gpu) && gpu >= 0 && gpu < gpuCores)
        ? undefined
        : `gpu of ${what} counts from 0 among the GPUs of a replica (gpuCores ${gpuCores}); got ${gpu}`,
      keys.indexOf(keys[index] as string) === index
        ? undefined
        : `${what} is named more than once for ${gpu === undefined ? 'all GPUs' : `the GPU ${gpu}`}; give it one count`,
    ].filter((problem) => problem !== undefined);
  });
}

function tracingProblems(tracing: TritonTracing): string[] {
  const { url, resource } = tracing;
  return [
    ...rangeProblems(tracing, TRACING_RANGES).map((problem) => `${problem}, in tracing`),
    ...(url === undefined || Token.isUnresolved(url) || isHttpUrl(url)
      ? []
      : [`url of tracing is an address of HTTP, such as 'http://collector.monitoring:4318/v1/traces'; got '${url}'`]),
    ...Object.keys(resource)
      .filter((attribute) => !/^[\w.-]+$/.test(attribute))
      .map((name) => `resource of tracing has names such as 'service.name'; got '${name}'`),
    ...emptyValues('resource of tracing', resource),
  ];
}

function backendProblems(backendConfig: Required<TritonServerOptions>['backendConfig']): string[] {
  return Object.entries(backendConfig).flatMap(([backend, settings]) => [
    ...(/^\w+$/.test(backend) ? [] : [`backendConfig is by names of backends, such as onnxruntime; got '${backend}'`]),
    ...Object.keys(settings)
      .filter((setting) => !/^[\w.-]+$/.test(setting))
      .map((name) => `backendConfig of ${backend} has settings such as 'default-max-batch-size'; got '${name}'`),
    ...emptyValues(`backendConfig of ${backend}`, settings),
  ]);
}

/** Triton does not start with a setting that has no value. */
function emptyValues(what: string, values: { readonly [name: string]: string }): string[] {
  return Object.entries(values)
    .filter(([, value]) => value === '')
    .map(([name]) => `${what} gives '${name}' no value; write one, or leave it out`);
}

function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
