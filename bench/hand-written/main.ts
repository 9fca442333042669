// What examples/gpu-triton deploys, written by hand on cdktf and the provider bindings: the yardstick for what the
// library costs. Its names are the ones the library generates, so that both programs can be compared word for word.
import { App } from 'cdktf';
import { AddonsStack } from './addons';
import { ClusterStack } from './cluster';
import { FoundationStack } from './foundation';
import { ServingStack } from './serving';

const app = new App();
const foundation = new FoundationStack(app, 'digits-foundation');
const cluster = new ClusterStack(app, 'digits-cluster');
cluster.addDependency(foundation);
const addons = new AddonsStack(app, 'digits-addons');
addons.addDependency(cluster);
addons.addDependency(foundation);
const serving = new ServingStack(app, 'digits-serving');
serving.addDependency(foundation);
serving.addDependency(cluster);
serving.addDependency(addons);
app.synth();
