import { InferencePlatform, ModelSource, ScoringEnvironment, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

const app = new App();

const platform = new InferencePlatform(app, 'pictures', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});

const t4 = platform.cluster.addGpuPool('t4', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });

const digits = platform.models.addModel('digits', { source: ModelSource.directory('../gpu-triton/models/digits') });

// First deploy this much: callers reach Triton itself, and request-to-triton.json shows that it serves the model.
const reader = platform.serving.addTritonService('picture-reader', { pool: t4, models: [digits], numReplicas: 1 });

// Then put the script before it, in a rolling update: callers send a picture, and get the likeliest digits.
reader.withScoringScript({
  sourceDirectory: 'scripts',
  entryScript: 'score.py',
  environment: ScoringEnvironment.curated('AzureML-Triton').with({ pip: ['pillow==13.0.0'] }),
  workerCount: 2,
  warmupRequest: 'request.json',
});

app.synth();
