// Two platforms as in examples/gpu-triton, without protection: the program that the deployment tests deploy.
const { join } = require('node:path');
const { App } = require('cdktf');
const { InferencePlatform, ModelSource, VmSize } = require('azure-inference-cdktf');

const EXAMPLE_MODEL = join(__dirname, '../../examples/gpu-triton/models/digits');

const app = new App();
for (const name of ['blue', 'green']) {
  const platform = new InferencePlatform(app, name, {
    subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
    location: 'westeurope',
    protect: false,
  });
  const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  const digits = platform.models.addModel('digits', {
    source: ModelSource.directory(process.env.MODEL_FOLDER ?? EXAMPLE_MODEL),
    tags: { area: 'Computer vision' },
  });
  platform.serving.addTritonService('digit-reader', { pool: gpu, models: [digits], replicas: 2 });
}
app.synth();
