import { InferencePlatform, ModelSource, ScoringEnvironment, ScoringService, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

// A web service that Azure ML's CLI deployed from deploymentconfig.json and score.py goes on as it was.
const app = new App();

const platform = new InferencePlatform(app, 'scripts', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});

const cpu = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });

const digits = platform.models.addModel('digits', {
  source: ModelSource.file('../gpu-triton/models/digits/1/model.onnx'),
});

const { loginServer } = platform.foundationStack.registry;

platform.serving.addScoringService('digit-script', {
  ...ScoringService.fromDeploymentConfig('deploymentconfig.json'),
  pool: cpu,
  models: [digits],
  environment: ScoringEnvironment.image(`${loginServer}/digit-script:1`),
  entryScript: 'score.py',
});

app.synth();
