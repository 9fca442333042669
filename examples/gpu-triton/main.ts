import { InferencePlatform, ModelSource, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

const app = new App();

const platform = new InferencePlatform(app, 'digits', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});

const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });

const digits = platform.models.addModel('digits', {
  source: ModelSource.directory('models/digits'),
  description: 'Reads a handwritten digit of 8 by 8 pixels',
  tags: { area: 'Computer vision', type: 'Image classification' },
});

platform.serving.addTritonService('digit-reader', { pool: gpu, models: [digits], autoscale: { maxReplicas: 4 } });

app.synth();
