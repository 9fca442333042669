import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ModelSource, type TritonServiceOptions, VmSize } from 'azure-inference-cdktf';
import { folderWith, testApp, testPlatform } from '../../fixtures';
import type { SynthesizedService } from './synthesized-pod';
import { type GrpcCall, SLEEPING_MODEL_CONFIG } from './triton-server';

const SCRIPTS = join(__dirname, 'scripts');

/** The model of the example. */
export const DIGITS = ModelSource.directory(resolve(__dirname, '../../../examples/gpu-triton/models/digits'));

/** A model whose calls take as long as they say. */
export function sleeper(): ModelSource {
  const script = readFileSync(join(SCRIPTS, 'sleeping_model.py'), 'utf8');
  return ModelSource.directory(folderWith({ 'config.pbtxt': SLEEPING_MODEL_CONFIG, '1/model.py': script }));
}

const SCALER_CONFIG = `backend: "python"
max_batch_size: 0
input [ { name: "value", data_type: TYPE_FP32, dims: [ 1 ] } ]
output [ { name: "scaled", data_type: TYPE_FP32, dims: [ 1 ] } ]
`;

/**
 * A model whose answers tell its version apart: it multiplies by its weight.
 *
 * @param weights the weight of each version
 * @param policy more of its `config.pbtxt`
 */
export function scaler(weights: { readonly [version: number]: number }, policy = ''): ModelSource {
  const script = readFileSync(join(SCRIPTS, 'scaling_model.py'), 'utf8');
  const versions = Object.entries(weights).map(([version, weight]) => ({
    [`${version}/model.py`]: script,
    [`${version}/weight.txt`]: String(weight),
  }));
  return ModelSource.directory(folderWith(Object.assign({ 'config.pbtxt': SCALER_CONFIG + policy }, ...versions)));
}

/** Synthesizes a platform with one Triton service, `models`, of the models by their names. */
export function synthesizeTriton(
  sources: { readonly [name: string]: ModelSource },
  options: Partial<TritonServiceOptions> = {},
): SynthesizedService {
  const app = testApp();
  const platform = testPlatform({}, app);
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
  const models = Object.entries(sources).map(([name, source]) => platform.models.addModel(name, { source }));
  platform.serving.addTritonService('models', { pool, models, ...options });
  app.synth();
  return { outdir: app.outdir, stack: 'prod-serving', service: 'models' };
}

/** Body of a call over HTTP to a model that takes one number. */
export function numberBody(name: string, value: number): object {
  return { inputs: [{ name, datatype: 'FP32', shape: [1], data: [value] }] };
}

/** A gRPC call to a model that takes one number. */
export function numberCall(modelName: string, name: string, value: number): GrpcCall {
  const input = { name, datatype: 'FP32', shape: [1], contents: { fp32Contents: [value] } };
  return { method: 'ModelInfer', fields: { modelName, inputs: [input] } };
}
