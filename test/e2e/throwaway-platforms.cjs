// Two platforms with the services of the examples, without protection: the program that the deployment tests deploy.
// MODEL_FOLDER and SCRIPT_FOLDER are the folders of model and script; REPLICAS, TIMEOUT_MS and MEMORY_GB are options of the
// scoring service; with PROCESSED a scoring script stands before Triton.
const { join } = require('node:path');
const { App } = require('cdktf');
const {
  InferencePlatform,
  Logs,
  ModelSource,
  Monitoring,
  ScoringEnvironment,
  VmSize,
} = require('azure-inference-cdktf');

const EXAMPLE_MODEL = join(__dirname, '../../examples/gpu-triton/models/digits');
const EXAMPLE_SCRIPT = join(__dirname, '../../examples/scoring-script/source');
const EXAMPLE_PROCESSING = join(__dirname, '../../examples/triton-pre-post-processing/scripts');

const app = new App();
const PLATFORMS = {
  blue: {},
  // all that Azure does for the other one, inside the cluster
  green: { monitoring: Monitoring.IN_CLUSTER, kedaAddon: false, logs: Logs.NONE },
};
for (const [name, options] of Object.entries(PLATFORMS)) {
  const { cluster, models, serving } = new InferencePlatform(app, name, {
    ...options,
    subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
    location: 'westeurope',
    protect: false,
  });
  const gpu = cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  const cpu = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
  const digits = models.addModel('digits', {
    source: ModelSource.directory(process.env.MODEL_FOLDER ?? EXAMPLE_MODEL),
    tags: { area: 'Computer vision' },
  });
  const reader = serving.addTritonService('digit-reader', { pool: gpu, models: [digits], numReplicas: 2 });
  if (process.env.PROCESSED !== undefined) {
    reader.withScoringScript({ sourceDirectory: EXAMPLE_PROCESSING, entryScript: 'score.py' });
  }
  const image = serving.addScoringImage('digit-script', {
    sourceDirectory: process.env.SCRIPT_FOLDER ?? EXAMPLE_SCRIPT,
    entryScript: 'score.py',
    environment: ScoringEnvironment.pip({ packages: ['numpy==2.4.6', 'onnxruntime==1.31.1'] }),
  });
  serving.addScoringService('digit-script', {
    pool: cpu,
    models: [digits],
    image,
    memoryGb: Number(process.env.MEMORY_GB ?? '1'),
    numReplicas: Number(process.env.REPLICAS ?? '1'),
    scoringTimeoutMs: Number(process.env.TIMEOUT_MS ?? '10000'),
  });
}
app.synth();
