import { InferencePlatform, ModelControl, ModelSource, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

// Two classifiers read each digit, one on each GPU of a replica, and a third model counts both votes: five models in one
// server, from one folder as Azure ML registers it.
const app = new App();

const platform = new InferencePlatform(app, 'readers', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});

const pair = platform.cluster.addGpuPool('pair', { size: VmSize.NC48ADS_A100_V4, maxNodes: 2 });

const readers = platform.models.addModel('readers', {
  source: ModelSource.directory('models'),
  description: 'Reads a handwritten digit of 8 by 8 pixels by the votes of two classifiers',
});

platform.serving.addTritonService('digit-ensemble', {
  pool: pair,
  models: [readers],
  gpuCores: 2,
  numReplicas: 2,
  // brings the models that it is made of, and no other that comes to the folder
  modelControl: ModelControl.explicit({ load: ['digit-reader'] }),
});

app.synth();
