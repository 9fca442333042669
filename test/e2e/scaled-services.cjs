// A cluster whose metrics somebody collects, with a service that is scaled: the program that the tests of scaling deploy.
// SERVICES are the services by name with what they are told of their replicas, as JSON; MONITORING is who collects.
const { App } = require('cdktf');
const {
  ClusterStack,
  Exposure,
  FoundationStack,
  InferenceCluster,
  Monitoring,
  ScoringImage,
  ServiceAuth,
  ServingStack,
  UserAssignedIdentity,
  VmSize,
} = require('azure-inference-cdktf');

const services = JSON.parse(process.env.SERVICES ?? '{"reader":{"numReplicas":1}}');
const monitoring = process.env.MONITORING ?? Monitoring.IN_CLUSTER;

const app = new App();
const where = { subscriptionId: '00000000-0000-0000-0000-000000000000', location: 'westeurope' };
const foundation = new FoundationStack(app, 'shop-foundation', { ...where, monitoring, protect: false });
const { resourceGroup, registry } = foundation;
const clusterStack = new ClusterStack(app, 'shop-cluster', { ...where, resourceGroup, registry });
const pool = clusterStack.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
const isManaged = monitoring === Monitoring.AZURE_MANAGED;
const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
  clusterName: clusterStack.cluster.clusterName,
  resourceGroup,
  pools: [pool],
  monitoring,
  monitorWorkspace: foundation.monitorWorkspace,
  scalerIdentity: isManaged ? new UserAssignedIdentity(foundation, 'reads-metrics', { resourceGroup }) : undefined,
});
const serving = new ServingStack(app, 'shop-serving', { ...where, cluster });
serving.addDependency(clusterStack);

for (const [name, options] of Object.entries(services)) {
  serving.addScoringService(name, {
    pool,
    image: ScoringImage.fromRegistry('registry.example.com/digit-script:1'),
    auth: ServiceAuth.none(),
    exposure: Exposure.CLUSTER,
    ...options,
  });
}
app.synth();
