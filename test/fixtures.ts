import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import {
  type INodePool,
  InferenceCluster,
  InferencePlatform,
  type InferencePlatformProps,
  type IResourceGroup,
  Model,
  ModelSource,
  ModelStore,
  Monitoring,
  MonitorWorkspace,
  NodePool,
  type NodePoolAttributes,
  PlatformStack,
  type PlatformStackProps,
  type Problem,
  ResourceGroup,
  type ResourceGroupAttributes,
  type ResourceGroupProps,
  ServingStack,
  UserAssignedIdentity,
  ValidationError,
  VmSize,
} from 'azure-inference-cdktf';
import { Template, type TerraformClass } from 'azure-inference-cdktf/testing';
import { AnnotationMetadataEntryType, App, Lazy, TerraformOutput, type TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

/** What every platform of the tests has in common. */
export const env = { subscriptionId: '11111111-2222-3333-4444-555555555555', location: 'westeurope' };

/** Id of what is in the resource group that `sharedGroup` refers to. */
export const SHARED_GROUP_ID = `/subscriptions/${env.subscriptionId}/resourceGroups/shared`;

/** An App whose output goes to a folder of its own. */
export function testApp(): App {
  return new App({ outdir: mkdtempSync(join(tmpdir(), 'azure-inference-test-')) });
}

/** A platform, in an App of its own where none is given. */
export function testPlatform(props: Partial<InferencePlatformProps> = {}, app = testApp()): InferencePlatform {
  return new InferencePlatform(app, 'prod', { ...env, ...props });
}

/** The smallest stack of this library. */
export class BareStack extends PlatformStack {}

/** An empty stack, in an App of its own where none is given. */
export function testStack(id = 'test', app = testApp(), props: Partial<PlatformStackProps> = {}): BareStack {
  return new BareStack(app, id, { ...env, ...props });
}

/** An empty stack that may hold Kubernetes objects and Helm releases. */
export function testKubernetesStack(id = 'test', app = testApp()): BareStack {
  const stack = testStack(id, app);
  new KubernetesProvider(stack, 'kubernetes', {});
  new HelmProvider(stack, 'helm', {});
  return stack;
}

/** A resource group of the scope. */
export function testGroup(scope: Construct, props: Partial<ResourceGroupProps> = {}): ResourceGroup {
  return new ResourceGroup(scope, 'group', { ...env, ...props });
}

/** A resource group that somebody else made. */
export function sharedGroup(scope: Construct, props: Partial<ResourceGroupAttributes> = {}): IResourceGroup {
  const attributes = { ...env, resourceGroupName: 'shared', ...props };
  return ResourceGroup.fromResourceGroupAttributes(scope, 'shared', attributes);
}

/** A new folder with these files, by path. */
export function folderWith(files: { readonly [path: string]: string | Buffer }): string {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-files-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A folder that Triton would serve. */
export function modelSource(files: { readonly [path: string]: string } = { '1/model.onnx': 'weights' }): ModelSource {
  return ModelSource.directory(folderWith(files));
}

/** What services on a cluster whose metrics somebody collects are made of. */
export interface Monitored {
  readonly serving: ServingStack;
  readonly gpu: INodePool;
  readonly cpu: INodePool;
  readonly models: readonly Model[];
}

/** A stack for services on a cluster whose metrics somebody collects, with pools of four T4 and of four cores each. */
export function monitoredServing(
  monitoring = Monitoring.IN_CLUSTER,
  pool: Partial<NodePoolAttributes> = {},
): Monitored {
  const app = testApp();
  const owner = testStack('owner', app);
  const resourceGroup = testGroup(owner, { resourceGroupName: 'shop' });
  const isManaged = monitoring === Monitoring.AZURE_MANAGED;
  const gpu = NodePool.fromNodePoolAttributes(app, 'gpu', {
    poolName: 'gpu',
    size: VmSize.NC4AS_T4_V3,
    maxNodes: 4,
    ...pool,
  });
  const cpu = NodePool.fromNodePoolAttributes(app, 'cpu', {
    poolName: 'cpu',
    size: VmSize.D4S_V5,
    maxNodes: 4,
    ...pool,
  });
  const cluster = InferenceCluster.fromClusterAttributes(app, 'aks', {
    clusterName: 'shop-aks',
    resourceGroup,
    pools: [gpu, cpu],
    monitoring,
    monitorWorkspace: isManaged ? new MonitorWorkspace(owner, 'metrics', { resourceGroup }) : undefined,
    scalerIdentity: isManaged ? new UserAssignedIdentity(owner, 'scaler', { resourceGroup }) : undefined,
  });
  const store = new ModelStore(owner, 'models', { resourceGroup });
  const models = [new Model(owner, 'digits', { store, source: modelSource() })];
  return { serving: new ServingStack(app, 'team', { ...env, cluster }), gpu, cpu, models };
}

/** A model that Triton would serve, in the store of the platform. */
export function testModel(platform: InferencePlatform, name = 'digits'): Model {
  return platform.models.addModel(name, { source: modelSource() });
}

/** What the program is refused for; nothing when it is accepted. */
export function problemsOf(stack: TerraformStack): readonly Problem[] {
  try {
    Template.of(stack);
  } catch (error) {
    if (error instanceof ValidationError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

/** The messages of `problemsOf`. */
export function messagesOf(stack: TerraformStack): string[] {
  return problemsOf(stack).map((problem) => problem.message);
}

/** What a construct itself warns of. */
export function warningsOf(construct: IConstruct): string[] {
  const warnings = construct.node.metadata.filter(({ type }) => type === AnnotationMetadataEntryType.WARN);
  return warnings.map(({ data }) => String(data));
}

/** All files below a folder, their text by path. */
export function filesIn(folder: string): { [path: string]: string } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(files.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** What `app.synth()` writes, by path in the output folder. */
export function outputOf(app: App): { [path: string]: string } {
  app.synth();
  return filesIn(app.outdir);
}

/** What the stack writes for a value, with references as Terraform reads them. */
export function written(stack: TerraformStack, value: string): unknown {
  stack.node.tryRemoveChild('written');
  new TerraformOutput(stack, 'written', { value });
  return Template.of(stack).output('written');
}

/** A value that only Terraform knows, which resolves to the given one. */
export function token(value: string): string {
  return Lazy.stringValue({ produce: () => value });
}

/** The pause between role assignments and what uses them; no binding of its provider exists. */
export const TimeSleep: TerraformClass = { tfResourceType: 'time_sleep' };
