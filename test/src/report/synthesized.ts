import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferencePlatform, type Model, ModelSource, type TritonServiceOptions, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';
import { type PlatformSummary, summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { env, folderWith } from '../../fixtures';

/** Something that people write and that a page must not read as markup. */
export const HOSTILE = '</p><script>alert("1")</script> & \'<b>\'';

/** What all services of the platform are told besides. */
export interface ReaderOptions
  extends Pick<TritonServiceOptions, 'numReplicas' | 'exposure' | 'auth' | 'sourceRanges'> {
  /** Name of a pool for the routers: the Spot pool. */
  readonly routerPool?: 'spare';

  /** Whether a scoring script stands before each service. */
  readonly scripted?: boolean;
}

/** A platform with one GPU pool, one Spot pool, system nodes of unknown price and as many services as asked for, synthesized into the folder. */
export function synthesizePlatform(services = 2, options: ReaderOptions = {}): string {
  const outdir = mkdtempSync(join(tmpdir(), 'azure-inference-report-'));
  const app = new App({ outdir });
  const unpriced = VmSize.of('Standard_D8as_v6', { vcpus: 8, memoryGiB: 32 });
  const platform = new InferencePlatform(app, 'prod', { ...env, systemNodeSize: unpriced });
  const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 40 });
  const spare = platform.cluster.addGpuPool('spare', {
    size: VmSize.NC24ADS_A100_V4,
    minNodes: 1,
    maxNodes: 3,
    spot: true,
  });
  const model = addModel(platform);
  for (let number = 0; number < services; number += 1) {
    const { scripted, routerPool, ...service } = options;
    const reader = platform.serving.addTritonService(`reader-${number}`, {
      pool: gpu,
      models: [model],
      numReplicas: 1,
      ...service,
      routerPool: routerPool && spare,
    });
    if (scripted) {
      const script = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';
      reader.withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': script }) });
    }
  }
  app.synth();
  return outdir;
}

/** What is derived from `synthesizePlatform`. */
export function summaryOf(services = 2, options: ReaderOptions = {}): PlatformSummary {
  return summarize(readSynthesizedOutput(synthesizePlatform(services, options)));
}

/** A stack of an output folder that was written by hand. */
export interface HandWrittenStack {
  readonly dependencies?: readonly string[];
  readonly resource?: object;
  readonly data?: object;
  readonly annotations?: readonly object[];
}

/** An output folder like cdktf's. */
export function outputOf(stacks: { readonly [name: string]: HandWrittenStack }): string {
  const entries = Object.entries(stacks).map(([name, { dependencies = [], annotations }]) => [
    name,
    { name, dependencies, annotations, synthesizedStackPath: `stacks/${name}/cdk.tf.json` },
  ]);
  return folderWith({
    'manifest.json': JSON.stringify({ version: 'stubbed', stacks: Object.fromEntries(entries) }),
    ...Object.fromEntries(
      Object.entries(stacks).map(([name, { resource = {}, data = {} }]) => [
        `stacks/${name}/cdk.tf.json`,
        JSON.stringify({ resource, data }),
      ]),
    ),
  });
}

function addModel(platform: InferencePlatform): Model {
  const source = folderWith({ 'digits/config.pbtxt': 'platform: "onnxruntime_onnx"\n', 'digits/1/model.onnx': 'x' });
  return platform.models.addModel('digits', {
    source: ModelSource.directory(join(source, 'digits')),
    description: HOSTILE,
    tags: { area: '<i>Vision</i>' },
  });
}
