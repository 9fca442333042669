// A platform whose services come by the example's model in every way, each with one replica: the program that the tests of
// loading take pods from.
const { join } = require('node:path');
const { App } = require('cdktf');
const { Exposure, InferencePlatform, ModelLoading, ModelSource, VmSize } = require('azure-inference-cdktf');

const app = new App();
const { cluster, models, serving } = new InferencePlatform(app, 'loading', {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
  namespace: 'loading',
  blobDriver: true,
});
const pool = cluster.addGpuPool('loading', { size: VmSize.NC16AS_T4_V3, maxNodes: 3 });
const digits = models.addModel('digits', {
  source: ModelSource.directory(join(__dirname, '../../examples/gpu-triton/models/digits')),
});
// the release of the wheel that the tests run
const image = 'nvcr.io/nvidia/tritonserver:24.10-py3';
for (const [name, options] of Object.entries({
  reads: { loading: ModelLoading.DIRECT },
  downloads: { loading: ModelLoading.DOWNLOAD, image },
  mounts: { loading: ModelLoading.MOUNT, image },
})) {
  serving.addTritonService(name, { pool, models: [digits], exposure: Exposure.CLUSTER, numReplicas: 1, ...options });
}
app.synth();
