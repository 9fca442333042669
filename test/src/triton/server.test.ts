import {
  LogLevel,
  ModelControl,
  RateLimiter,
  TraceLevel,
  type TritonServerOptions,
  TritonTracing,
} from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { blobRepository, type TritonCommand, tritonArguments } from '../../../src/triton/server';

const REPOSITORY = blobRepository({ account: 'store', container: 'models', folder: 'prod/digits/1f' });
const ALWAYS = [
  'tritonserver',
  '--model-repository=as://store/models/prod/digits/1f',
  '--model-control-mode=none',
  '--strict-readiness=true',
  '--http-address=127.0.0.1',
  '--http-port=8000',
  '--http-max-input-size=104857600',
  '--grpc-address=127.0.0.1',
  '--grpc-port=8001',
  '--metrics-address=0.0.0.0',
  '--metrics-port=8002',
  '--exit-timeout-secs=30',
];

const command = (given: Partial<TritonCommand> = {}) =>
  tritonArguments({
    repositories: [REPOSITORY],
    maxRequestBodyMiB: 100,
    gpuCores: 1,
    logLevel: LogLevel.INFO,
    ...given,
  });

/** What the command has with an option and has not without it. */
const added = (given: Partial<TritonCommand>) => command(given).filter((argument) => !ALWAYS.includes(argument));

/** The command without an option that it has with it. */
const gone = (given: Partial<TritonCommand>) => ALWAYS.filter((argument) => !command(given).includes(argument));

test('leaves to Triton what nobody asked for', () => {
  expect(command()).toEqual(ALWAYS);
});

test('says nothing of what is off by default', () => {
  const off = { modelControl: ModelControl.NONE, rateLimiter: RateLimiter.OFF, tracing: TritonTracing.OFF };

  expect(command(off)).toEqual(ALWAYS);
  expect([off.modelControl.mode, off.rateLimiter.mode, off.tracing.mode]).toEqual(['none', 'off', 'off']);
});

test('takes its models from folders, too', () => {
  expect(command({ repositories: ['/models/a', '/models/b'] }).slice(1, 3)).toEqual([
    '--model-repository=/models/a',
    '--model-repository=/models/b',
  ]);
});

test.each([
  ['24.10', false],
  ['25.07', false],
  ['25.08', true],
  ['26.10', true],
  [undefined, true],
])('tells Triton %s how large a body may be: %s', (release, isTold) => {
  expect(gone({ release })).toEqual(isTold ? [] : ['--http-max-input-size=104857600']);
  expect(added({ release })).toEqual([]);
});

test.each([1, 2047])('takes large bodies from a script, whose callers may send it %d MiB', (maxRequestBodyMiB) => {
  expect(added({ maxRequestBodyMiB, isBehindScript: true })).toEqual([
    '--http-max-input-size=2146435072',
    '--metrics-address=127.0.0.1',
  ]);
});

describe('a flag follows from', () => {
  test.each<[TritonServerOptions, string]>([
    [{ exitOnError: false }, '--exit-on-error=false'],
    [{ exitOnError: true }, '--exit-on-error=true'],
    [{ modelLoadThreadCount: 8 }, '--model-load-thread-count=8'],
    [{ httpThreadCount: 16 }, '--http-thread-count=16'],
    [{ grpcInferThreadCount: 4 }, '--grpc-infer-thread-count=4'],
    [{ pinnedMemoryMiB: 0 }, '--pinned-memory-pool-byte-size=0'],
    [{ pinnedMemoryMiB: 512 }, '--pinned-memory-pool-byte-size=536870912'],
    [{ cudaMemoryMiB: 128 }, '--cuda-memory-pool-byte-size=0:134217728'],
    [{ responseCacheMiB: 1 }, '--cache-config=local,size=1048576'],
    [{ metricsIntervalMs: 500 }, '--metrics-interval-ms=500'],
    [{ logVerbosity: 2 }, '--log-verbose=2'],
    [{ logVerbosity: 0 }, '--log-verbose=0'],
  ])('%o', (given, flag) => {
    expect(added(given)).toEqual([flag]);
    expect(gone(given)).toEqual([]);
  });

  test.each<[TritonServerOptions, string, string]>([
    [{ strictReadiness: false }, '--strict-readiness=false', '--strict-readiness=true'],
    [{ exitTimeoutSeconds: 120 }, '--exit-timeout-secs=120', '--exit-timeout-secs=30'],
  ])('%o, in the place of another', (given, flag, other) => {
    expect(added(given)).toEqual([flag]);
    expect(gone(given)).toEqual([other]);
  });

  test('CUDA memory for each GPU of the replica', () => {
    expect(added({ cudaMemoryMiB: 64, gpuCores: 3 })).toEqual(
      [0, 1, 2].map((gpu) => `--cuda-memory-pool-byte-size=${gpu}:67108864`),
    );
  });

  test.each([Number.NaN, -1, 0.5])('CUDA memory, but not for %d GPUs, which are refused elsewhere', (gpuCores) => {
    expect(added({ cudaMemoryMiB: 64, gpuCores })).toEqual([]);
  });

  test('CUDA memory and more GPUs than there can be, without an end', () => {
    expect(added({ cudaMemoryMiB: 64, gpuCores: Number.POSITIVE_INFINITY })).toHaveLength(1000);
  });

  test('settings of backends', () => {
    const backendConfig = {
      onnxruntime: { 'default-max-batch-size': '8' },
      python: { 'shm-default-byte-size': '1,2=3' },
    };

    expect(added({ backendConfig })).toEqual([
      '--backend-config=onnxruntime,default-max-batch-size=8',
      '--backend-config=python,shm-default-byte-size=1,2=3',
    ]);
  });
});

describe('model control', () => {
  test('loads what is named', () => {
    expect(added({ modelControl: ModelControl.explicit({ load: ['a', 'b'] }) })).toEqual([
      '--model-control-mode=explicit',
      '--load-model=a',
      '--load-model=b',
    ]);
  });

  test.each([
    [undefined, 15],
    [{ intervalSeconds: 60 }, 60],
  ])('polls with %o every %d seconds', (options, seconds) => {
    expect(added({ modelControl: ModelControl.poll(options) })).toEqual([
      '--model-control-mode=poll',
      `--repository-poll-secs=${seconds}`,
    ]);
  });

  test('keeps its names, whatever becomes of the program’s list', () => {
    const load = ['a'];
    const control = ModelControl.explicit({ load });
    load.push('b');

    expect(control.load).toEqual(['a']);
  });
});

describe('the rate limiter', () => {
  test('counts, and says how much there is of what', () => {
    const rateLimiter = RateLimiter.executionCount([
      { name: 'R1', count: 10 },
      { name: 'R2', count: 5, gpu: 0 },
    ]);

    expect(added({ rateLimiter })).toEqual([
      '--rate-limit=execution_count',
      '--rate-limit-resource=R1:10',
      '--rate-limit-resource=R2:5:0',
    ]);
  });

  test('leaves resources to the models where none is named', () => {
    expect(added({ rateLimiter: RateLimiter.executionCount() })).toEqual(['--rate-limit=execution_count']);
  });
});

describe('the log', () => {
  test.each([
    [LogLevel.DEBUG, ['--log-verbose=1']],
    [LogLevel.INFO, []],
    [LogLevel.WARNING, ['--log-info=false']],
    [LogLevel.ERROR, ['--log-info=false', '--log-warning=false']],
    [LogLevel.CRITICAL, ['--log-info=false', '--log-warning=false']],
  ])('of level %s has %j', (logLevel, flags) => {
    expect(added({ logLevel })).toEqual(flags);
  });

  test('is as verbose as it is told, whatever its level', () => {
    expect(added({ logLevel: LogLevel.DEBUG, logVerbosity: 0 })).toEqual(['--log-verbose=0']);
  });
});

describe('traces', () => {
  test('go to a collector: timestamps of each thousandth call without end', () => {
    expect(added({ tracing: TritonTracing.openTelemetry({ url: 'http://collector:4318/v1/traces' }) })).toEqual([
      '--trace-config=mode=opentelemetry',
      '--trace-config=level=TIMESTAMPS',
      '--trace-config=rate=1000',
      '--trace-config=opentelemetry,url=http://collector:4318/v1/traces',
    ]);
  });

  test('go to a collector as they are told', () => {
    const resource = { 'service.name': 'reader', team: 'vision' };
    const tracing = TritonTracing.openTelemetry({ url: 'https://otlp.contoso.com', rate: 1, count: 5, resource });

    expect(added({ tracing })).toEqual([
      '--trace-config=mode=opentelemetry',
      '--trace-config=level=TIMESTAMPS',
      '--trace-config=rate=1',
      '--trace-config=count=5',
      '--trace-config=opentelemetry,url=https://otlp.contoso.com',
      '--trace-config=opentelemetry,resource=service.name=reader',
      '--trace-config=opentelemetry,resource=team=vision',
    ]);
  });

  test('go to files, a thousand traces, a hundred each', () => {
    expect(added({ tracing: TritonTracing.file() })).toEqual([
      '--trace-config=mode=triton',
      '--trace-config=level=TIMESTAMPS',
      '--trace-config=rate=1000',
      '--trace-config=count=1000',
      '--trace-config=triton,file=/tmp/trace.json',
      '--trace-config=triton,log-frequency=100',
    ]);
  });

  test('go to files as they are told', () => {
    const tracing = TritonTracing.file({ level: TraceLevel.TENSORS, rate: 2, count: 3, tracesPerFile: 1 });

    expect(added({ tracing })).toEqual([
      '--trace-config=mode=triton',
      '--trace-config=level=TENSORS',
      '--trace-config=rate=2',
      '--trace-config=count=3',
      '--trace-config=triton,file=/tmp/trace.json',
      '--trace-config=triton,log-frequency=1',
    ]);
  });
});
