// A platform with one service of each kind whose metrics are collected, as MONITORING says: the program that the tests of
// dashboards and alerts deploy. ERROR_PERCENT is an option of the alerts.
const { join } = require('node:path');
const { App } = require('cdktf');
const {
  AddonsStack,
  ClusterStack,
  FoundationStack,
  ModelSource,
  Monitoring,
  ScoringImage,
  ServingStack,
  VmSize,
} = require('azure-inference-cdktf');

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const monitoring = Monitoring[process.env.MONITORING ?? 'AZURE_MANAGED'];
const errorPercent = Number(process.env.ERROR_PERCENT ?? '5');

const app = new App();
const where = { subscriptionId, location: 'westeurope' };
const foundation = new FoundationStack(app, 'shop-foundation', { ...where, monitoring, protect: false });
const { resourceGroup, registry, keyVault, models, monitorWorkspace } = foundation;
const isManaged = monitoring === Monitoring.AZURE_MANAGED;
const alertActionGroupIds = isManaged
  ? [`/subscriptions/${subscriptionId}/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call`]
  : [];
const { cluster } = new ClusterStack(app, 'shop-cluster', {
  ...where,
  resourceGroup,
  registry,
  monitoring,
  monitorWorkspace,
});
new AddonsStack(app, 'shop-addons', { ...where, cluster, alertActionGroupIds });
const serving = new ServingStack(app, 'shop-serving', { ...where, cluster, keyVault, alertActionGroupIds });
const gpu = cluster.addGpuPool('t4', { size: VmSize.NC4AS_T4_V3, maxNodes: 3 });
const cpu = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
const digits = models.addModel('digits', {
  source: ModelSource.directory(join(__dirname, '../../examples/gpu-triton/models/digits')),
});
serving.addTritonService('vision', { pool: gpu, models: [digits], numReplicas: 2, alerts: { errorPercent } });
serving.addScoringService('reader', {
  pool: cpu,
  image: ScoringImage.fromRegistry('registry.example.com/digit-script:1'),
});
app.synth();
