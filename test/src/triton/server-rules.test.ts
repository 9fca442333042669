import { ModelControl, RateLimiter, type TritonServerOptions, TritonTracing } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { type ServedByTriton, tritonServerProblems, tritonServerWarnings } from '../../../src/triton/server-rules';
import { token } from '../../fixtures';

const MODEL_NAMES = ['densenet_onnx', 'digits'];
const SERVED = { modelNames: MODEL_NAMES, loadedNames: MODEL_NAMES, gpuCores: 2, memoryGbLimit: 8 };

const problems = (options: TritonServerOptions, served: Partial<ServedByTriton> = {}) =>
  tritonServerProblems(options, { ...SERVED, ...served });

describe('numbers', () => {
  test.each<[keyof TritonServerOptions, number, number]>([
    ['exitTimeoutSeconds', 1, 3600],
    ['modelLoadThreadCount', 1, 128],
    ['responseCacheMiB', 1, 1_048_576],
    ['pinnedMemoryMiB', 0, 1_048_576],
    ['cudaMemoryMiB', 0, 1_048_576],
    ['sharedMemoryMiB', 1, 1_048_576],
    ['httpThreadCount', 1, 1024],
    ['grpcInferThreadCount', 2, 128],
    ['logVerbosity', 0, 9],
    ['metricsIntervalMs', 1, 3_600_000],
  ])('%s is whole, from %d to %d', (option, least, most) => {
    const judged = (value: number) => problems({ [option]: value }, { memoryGbLimit: 2048 });

    expect([least, most].flatMap(judged)).toEqual([]);
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN]) {
      expect(judged(value)).toEqual([`${option} must be a whole number from ${least} to ${most}; got ${value}`]);
    }
  });

  test('may be left out', () => {
    expect(problems({})).toEqual([]);
  });
});

describe('memory', () => {
  test('that processes share is no more than a replica has', () => {
    expect(problems({ sharedMemoryMiB: 8192 })).toEqual([]);
    expect(problems({ sharedMemoryMiB: 8193 })).toEqual([
      'sharedMemoryMiB is part of the memory of a replica, 8 GiB at most (memoryGbLimit); got 8193; lower it, or raise memoryGb',
    ]);
  });

  test('of the pinned pool and the cache leaves something of what a replica has', () => {
    expect(problems({ responseCacheMiB: 7935 })).toEqual([]);
    expect(problems({ responseCacheMiB: 7936 })).toEqual([
      'pinnedMemoryMiB and responseCacheMiB are taken at the start from the memory of a replica, 8 GiB at most ' +
        '(memoryGbLimit), and leave nothing of it; got 256 and 7936; lower them, or raise memoryGb',
    ]);
    expect(problems({ pinnedMemoryMiB: 0, responseCacheMiB: 8191 })).toEqual([]);
    expect(problems({ pinnedMemoryMiB: 8192 })).toEqual([expect.stringContaining('got 8192 and 0')]);
  });

  test('of a small replica is no matter where nobody asked for any', () => {
    expect(problems({}, { memoryGbLimit: 0.25 })).toEqual([]);
  });
});

describe('model control', () => {
  test('loads models of the service', () => {
    expect(problems({ modelControl: ModelControl.explicit({ load: ['digits'] }) })).toEqual([]);
    expect(problems({ modelControl: ModelControl.explicit({ load: ['densnet_onnx', 'digits'] }) })).toEqual([
      "ModelControl.explicit loads models of the service, 'densenet_onnx', 'digits'; got 'densnet_onnx'; did you mean " +
        "'densenet_onnx'?",
    ]);
    expect(problems({ modelControl: ModelControl.explicit({ load: ['*'] }) })).toEqual([
      "ModelControl.explicit loads models of the service, 'densenet_onnx', 'digits'; got '*'",
    ]);
  });

  test('loads something', () => {
    expect(problems({ modelControl: ModelControl.explicit({ load: [] }) })).toEqual([
      'ModelControl.explicit loads one model or more; got none, and callers cannot load any; name some in load',
    ]);
  });

  test('polls nothing, since nothing ever changes', () => {
    expect(problems({ modelControl: ModelControl.NONE })).toEqual([]);
    expect(problems({ modelControl: ModelControl.poll() })).toEqual([
      'ModelControl.poll would find nothing: the models of a service lie in folders that are named after their content and ' +
        'never change, and a changed model rolls the deployment by itself; leave out modelControl',
    ]);
  });

  test('is warned of where it leaves a model out that no ensemble brings', () => {
    const warnings = (loadedNames: string[]) => tritonServerWarnings({}, { ...SERVED, loadedNames });

    expect(warnings(['digits', 'densenet_onnx'])).toEqual([]);
    expect(warnings(['digits'])).toEqual([
      "ModelControl.explicit does not load 'densenet_onnx', and callers cannot: nobody can ask for a model that is neither " +
        'named there nor part of an ensemble that is; add it to load, or take it out of the models of the service',
    ]);
  });
});

describe('the rate limiter', () => {
  const judged = (...resources: Parameters<typeof RateLimiter.executionCount>[0] & object) =>
    problems({ rateLimiter: RateLimiter.executionCount(resources) });

  test('takes resources of every GPU of a replica, or of one', () => {
    expect(
      judged({ name: 'R1', count: 1 }, { name: 'R1', count: 2, gpu: 0 }, { name: 'R1', count: 2, gpu: 1 }),
    ).toEqual([]);
    expect(problems({ rateLimiter: RateLimiter.OFF })).toEqual([]);
  });

  test.each(['', 'R:1', 'a b'])('takes no name %j', (name) => {
    expect(judged({ name, count: 1 })).toEqual([
      `a resource of rateLimiter has a name of letters, digits, underscores, hyphens and periods; got '${name}'`,
    ]);
  });

  test.each([0, 1.5, -1])('takes no count %d', (count) => {
    expect(judged({ name: 'R1', count })).toEqual([
      `count of the resource 'R1' of rateLimiter must be a whole number from 1 to 2147483647; got ${count}`,
    ]);
  });

  test.each([-1, 2, 0.5])('takes no GPU %d of two', (gpu) => {
    expect(judged({ name: 'R1', count: 1, gpu })).toEqual([
      `gpu of the resource 'R1' of rateLimiter counts from 0 among the GPUs of a replica (gpuCores 2); got ${gpu}`,
    ]);
  });

  test('takes a resource once', () => {
    expect(judged({ name: 'R1', count: 1 }, { name: 'R1', count: 2 })).toEqual([
      "the resource 'R1' of rateLimiter is named more than once for all GPUs; give it one count",
    ]);
    expect(judged({ name: 'R1', count: 1, gpu: 1 }, { name: 'R1', count: 2, gpu: 1 })).toEqual([
      "the resource 'R1' of rateLimiter is named more than once for the GPU 1; give it one count",
    ]);
  });
});

describe('tracing', () => {
  const url = 'http://collector:4318/v1/traces';

  test('takes what is right', () => {
    const resource = { 'service.name': 'reader' };

    expect(problems({ tracing: TritonTracing.OFF })).toEqual([]);
    expect(problems({ tracing: TritonTracing.file() })).toEqual([]);
    expect(problems({ tracing: TritonTracing.openTelemetry({ url, resource, rate: 1, count: 1 }) })).toEqual([]);
  });

  test.each(['rate', 'count', 'tracesPerFile'])('takes no %s of 0', (option) => {
    expect(problems({ tracing: TritonTracing.file({ [option]: 0 }) })).toEqual([
      `${option} must be a whole number from 1 to 2147483647; got 0, in tracing`,
    ]);
  });

  test.each(['collector:4318', '', 'grpc://collector:4317'])('goes to no address %j', (wrong) => {
    expect(problems({ tracing: TritonTracing.openTelemetry({ url: wrong }) })).toEqual([
      `url of tracing is an address of HTTP, such as 'http://collector.monitoring:4318/v1/traces'; got '${wrong}'`,
    ]);
  });

  test('goes to an address that only Terraform knows', () => {
    expect(problems({ tracing: TritonTracing.openTelemetry({ url: token('10.0.0.1') }) })).toEqual([]);
  });

  test('takes no attribute that Triton would read otherwise', () => {
    const resource = { 'service=name': 'a', team: '' };

    expect(problems({ tracing: TritonTracing.openTelemetry({ url, resource }) })).toEqual([
      "resource of tracing has names such as 'service.name'; got 'service=name'",
      "resource of tracing gives 'team' no value; write one, or leave it out",
    ]);
  });
});

describe('settings of backends', () => {
  test('have names and values', () => {
    expect(problems({ backendConfig: { onnxruntime: { 'default-max-batch-size': '8' }, python: {} } })).toEqual([]);
    expect(problems({ backendConfig: { 'onnx,runtime': { a: '1' }, python: { 'a=b': '1', c: '' } } })).toEqual([
      "backendConfig is by names of backends, such as onnxruntime; got 'onnx,runtime'",
      "backendConfig of python has settings such as 'default-max-batch-size'; got 'a=b'",
      "backendConfig of python gives 'c' no value; write one, or leave it out",
    ]);
  });
});

test('all mistakes are told at once', () => {
  expect(problems({ httpThreadCount: 0, modelControl: ModelControl.poll(), backendConfig: { '': {} } })).toHaveLength(
    3,
  );
});

describe('a release that does not know a flag', () => {
  test.each(['24.10', '25.03'])('fails for the option that needs it: %s', (release) => {
    expect(problems({ grpcInferThreadCount: 4 }, { release })).toEqual([
      `grpcInferThreadCount is known to Triton 25.04 and later; got 4 for ${release}; leave it out, or give a later image`,
    ]);
    expect(problems({}, { release })).toEqual([]);
  });

  test.each(['25.04', '26.10', undefined])('is none of %s', (release) => {
    expect(problems({ grpcInferThreadCount: 4 }, { release })).toEqual([]);
  });

  test.each(['25.06', '25.07'])('or may not, is warned of where a body may be too large for it: %s', (release) => {
    const warnings = (maxRequestBodyMiB?: number) =>
      tritonServerWarnings({ maxRequestBodyMiB }, { ...SERVED, release });

    expect(warnings(65)).toEqual([
      `Triton ${release} may refuse HTTP calls of more than 64 MiB, and whether it can be told otherwise is not known; got ` +
        'maxRequestBodyMiB 65; try it first, or give 25.08 or later',
    ]);
    expect(warnings(64)).toEqual([]);
    expect(warnings()).toEqual([]);
  });

  test.each(['24.10', '25.05', '25.08', undefined])(
    'is not warned of with %s, which takes what it is told',
    (release) => {
      expect(tritonServerWarnings({ maxRequestBodyMiB: 2000 }, { ...SERVED, release })).toEqual([]);
    },
  );
});
