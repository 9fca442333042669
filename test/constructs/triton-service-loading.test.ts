import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { Exposure, ModelControl, type TritonServiceOptions, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { modelSource, testPlatform, warningsOf } from '../fixtures';

/** An ensemble of one other model, and one that has nothing to do with it. */
const FILES = {
  'triton/a-spare/1/model.onnx': 'weights',
  'triton/part/1/model.onnx': 'weights',
  'triton/part/config.pbtxt': `max_batch_size: 4
    input { name: "a" data_type: TYPE_FP32 dims: [ 1 ] }
    output { name: "b" data_type: TYPE_FP32 dims: [ 1 ] }`,
  'triton/whole/1/README.md': 'no file of its own',
  'triton/whole/config.pbtxt': `platform: "ensemble" max_batch_size: 4
    input { name: "in" data_type: TYPE_FP32 dims: [ 1 ] }
    output { name: "out" data_type: TYPE_FP32 dims: [ 1 ] }
    ensemble_scheduling { step {
      model_name: "part" model_version: -1
      input_map { key: "a" value: "in" }
      output_map { key: "b" value: "out" }
    } }`,
};

const WHOLE = ModelControl.explicit({ load: ['whole'] });

function served(options: Partial<TritonServiceOptions> = {}) {
  const platform = testPlatform();
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  const models = [platform.models.addModel('models', { source: modelSource(FILES) })];
  const service = { pool, models, exposure: Exposure.CLUSTER, numReplicas: 1, ...options };
  const triton = platform.serving.addTritonService('reader', service);
  return { triton, template: Template.of(platform.serving) };
}

const told = (options?: Partial<TritonServiceOptions>) =>
  served(options).template.output('service_reader') as {
    readonly scoring_uris: object;
    readonly models: readonly { readonly name: string }[];
    readonly commands: { readonly query: string };
  };

describe('an ensemble that is to be loaded', () => {
  test('brings its models, and is warned of for no other', () => {
    expect(warningsOf(served({ modelControl: WHOLE }).triton)).toEqual([
      expect.stringMatching(/^ModelControl\.explicit does not load 'a-spare', and callers cannot:/),
    ]);
  });

  test('comes first in what callers are told of, its models after it, and what is not loaded not at all', () => {
    const { scoring_uris: uris, models, commands } = told({ modelControl: WHOLE });

    expect(Object.keys(uris).sort()).toEqual(['part', 'whole']);
    expect(models).toEqual(['whole', 'part'].map((name) => ({ name, versions: [1] })));
    expect(commands.query).toContain('/v2/models/whole/infer ');
  });

  test('makes room for the calls of its models, and for those of no others', () => {
    const limit = (options: Partial<TritonServiceOptions>) => {
      const configs = served(options).template.resources(ConfigMapV1) as { data?: { [file: string]: string } }[];
      return configs.map(({ data }) => / maxconn (\d+) /.exec(data?.['haproxy.cfg'] ?? '')?.[1]);
    };

    expect(limit({ modelControl: WHOLE })).toEqual(['8']);
    expect(limit({})).toEqual(['16']);
  });
});

test('a folder of models is said to be one, with what callers ask for in its place', () => {
  const annotated = (options: Partial<TritonServiceOptions>) => {
    const { metadata } = served(options).template.resource(DeploymentV1) as {
      metadata?: { annotations: { readonly [name: string]: string } };
    };
    return JSON.parse(metadata?.annotations['azure-inference-cdktf/models'] ?? '');
  };
  const held = (...names: string[]) => names.map((name) => ({ name, versions: [1] }));

  expect(annotated({})).toMatchObject([{ name: 'models', versions: [], holds: held('a-spare', 'part', 'whole') }]);
  expect(annotated({ modelControl: WHOLE })).toMatchObject([{ versions: [], holds: held('whole', 'part') }]);
});

test('a service tells callers of all its models where none is named', () => {
  const { scoring_uris: uris, models } = told();

  expect(Object.keys(uris)).toEqual(['a-spare', 'part', 'whole']);
  expect(models.map(({ name }) => name)).toEqual(['a-spare', 'part', 'whole']);
});
