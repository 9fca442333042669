import { Capacity, InferencePlatform, MigProfile, ModelSource, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

// Two teams share one platform: their services run on instances of the same GPUs, each team's in a state of its own.
const app = new App();

const platform = new InferencePlatform(app, 'shared', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'Sweden Central',
  namespace: 'vision',
  tags: { costCenter: '4711' },
});

const partition = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G };
const load = new Capacity({ ...partition, requestsPerSecond: 120, secondsPerRequest: 0.02 });

const slices = platform.cluster.addGpuPool('slices', { ...partition, minNodes: 1, maxNodes: load.maxNodes + 1 });
const digits = platform.models.addModel('digits', { source: ModelSource.directory('../gpu-triton/models/digits') });

platform.serving.addTritonService('digit-reader', {
  pool: slices,
  models: [digits],
  autoscale: { maxReplicas: load.replicas },
});

const archive = platform.addServingStack('archive', { callerNamespaces: ['batch'] });
archive.addTritonService('page-reader', {
  pool: slices,
  models: [digits],
  cpuCores: 1,
  memoryGb: 4,
  // pages come in batches: between them nothing is kept
  autoscale: { minReplicas: 0, maxReplicas: 2 },
});

app.synth();
