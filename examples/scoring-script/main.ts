import { InferencePlatform, ModelSource, ScoringEnvironment, ScoringService, VmSize } from 'azure-inference-cdktf';
import { App } from 'cdktf';

// A web service of Azure ML goes on as it was: its script, its conda file, its deploymentconfig.json.
const app = new App();

const platform = new InferencePlatform(app, 'scripts', {
  subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
});

const cpu = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });

const digits = platform.models.addModel('digits', {
  source: ModelSource.file('../gpu-triton/models/digits/1/model.onnx'),
});

const image = platform.serving.addScoringImage('digit-script', {
  entryScript: 'score.py',
  sourceDirectory: 'source',
  environment: ScoringEnvironment.conda({ file: 'conda.yml' }),
});

const service = platform.serving.addScoringService('digit-script', {
  ...ScoringService.fromDeploymentConfig('deploymentconfig.json'),
  pool: cpu,
  image,
  models: [digits],
  workerCount: 2,
  warmupRequest: 'request.json',
});

// what Model.profile measured: the output of the service has the command that fetches the report
service.addProfile({ concurrency: [1, 2, 4] });

app.synth();
