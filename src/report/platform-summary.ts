import { Targets } from './arm-target';
import { type CostSummary, costOf, type Range } from './cost';
import { crowdedPools } from './crowded-pools';
import { type Grant, GrantReader } from './grants';
import { type ClusterSummary, clustersOf } from './pools';
import { quotaByRegion, type RegionQuota } from './quota';
import { References } from './references';
import { describeResources, kindOf, purposeOf, toldTypeOf } from './resource-purposes';
import { modelCount, type ServiceSummary, servicesOf } from './services';
import { type StoreSummary, storesOf } from './stores';
import { compare, type SynthesizedOutput, type SynthesizedStack } from './synthesized-output';
import { type Warning, warningsOf } from './warnings';
import { count, enumerate } from './words';

/** One resource, in words. */
export interface ResourceSummary {
  /** Terraform's name of the type. */
  readonly type: string;

  /** Name in Azure or Kubernetes; the end of the construct path where only they will know it. */
  readonly name: string;

  /** Path of the construct. */
  readonly path: string;

  /** What kind of thing it is. */
  readonly kind: string;

  /** What it is there for. */
  readonly purpose: string;
}

/** One stack, in words. */
export interface StackSummary {
  /** Name of the stack, as `cdktf deploy` takes it. */
  readonly name: string;

  /** What the stack is for. */
  readonly purpose: string;

  /** What it creates. */
  readonly resources: readonly ResourceSummary[];
}

/** A platform as a person wants to know it. */
export interface PlatformSummary {
  /** What the stacks have in common in their names. */
  readonly title: string;

  /** What the platform is, in one sentence. */
  readonly sentence: string;

  /** Resource groups that it lives in. */
  readonly resourceGroups: readonly string[];

  /** Azure regions that it lives in. */
  readonly locations: readonly string[];

  /** Its stacks, in deployment order. */
  readonly stacks: readonly StackSummary[];

  /** Its clusters with their pools. */
  readonly clusters: readonly ClusterSummary[];

  /** What answers callers. */
  readonly services: readonly ServiceSummary[];

  /** What keeps something. */
  readonly stores: readonly StoreSummary[];

  /** Who may do what where. */
  readonly grants: readonly Grant[];

  /** Nodes and their price. */
  readonly cost: CostSummary;

  /** vCPU quota that the nodes need, by region. */
  readonly quota: readonly RegionQuota[];

  /** What may not be meant so. */
  readonly warnings: readonly Warning[];
}

/** Derives from a synthesized program what a person wants to know of the platform. */
export function summarize(output: SynthesizedOutput): PlatformSummary {
  const references = new References(output);
  const targets = new Targets(output, references);
  const clusters = clustersOf(output, references, targets);
  const services = servicesOf(output, references);
  const pools = clusters.flatMap((cluster) => cluster.pools);
  const cost = costOf(
    pools,
    services.flatMap((service) => [service, ...(service.routers === undefined ? [] : [service.routers])]),
  );
  const locations = distinct(output, references, 'location');
  return {
    title: titleOf(output.stacks.map(({ name }) => name)),
    sentence: sentenceOf(services, clusters, cost.nodes, locations),
    resourceGroups: distinct(output, references, 'resource_group_name'),
    locations,
    stacks: output.stacks.map((stack) => summarizeStack(stack, references)),
    clusters,
    services,
    stores: storesOf(output, references),
    grants: new GrantReader(output, references, targets, services).read(),
    cost,
    quota: quotaByRegion(clusters, cost.pools),
    warnings: [...warningsOf(output), ...crowdedPools(pools, services)],
  };
}

function summarizeStack(stack: SynthesizedStack, references: References): StackSummary {
  const resources = stack.resources.map((resource) => ({
    type: resource.type,
    name: references.nameOf(resource),
    path: resource.path,
    kind: kindOf(toldTypeOf(resource)),
    purpose: purposeOf(toldTypeOf(resource)).purpose,
  }));
  const told = stack.resources.map((resource) => ({ type: toldTypeOf(resource), name: references.nameOf(resource) }));
  return { name: stack.name, purpose: describeResources(told), resources };
}

/** `prod-foundation` and `prod-cluster` are `prod`; stacks without anything in common are listed. */
function titleOf(names: readonly string[]): string {
  const [first = 'an empty program', ...others] = names;
  if (others.length === 0) {
    return first;
  }
  const words = first.split('-');
  const common = words.filter((_, index) => {
    const start = `${words.slice(0, index + 1).join('-')}-`;
    return others.every((name) => `${name}-`.startsWith(start));
  });
  return common.length > 0 ? common.join('-') : names.join(', ');
}

function sentenceOf(
  services: readonly ServiceSummary[],
  clusters: readonly ClusterSummary[],
  nodes: Range,
  locations: readonly string[],
): string {
  const models = modelCount(services);
  const served = models === 0 ? '' : ` with ${count(models, 'model')}`;
  const on = clusters.length === 0 ? '' : ` on ${count(clusters.length, 'AKS cluster')}`;
  const where = locations.length === 0 ? '' : ` in ${enumerate(locations)}`;
  const pools = clusters.flatMap((cluster) => cluster.pools);
  const size = pools.length === 0 ? '' : `: ${count(pools.length, 'pool')} ${sizeOf(nodes, pools.length > 1)}`;
  return `${count(services.length, 'service')}${served}${on}${where}${size}.`;
}

function sizeOf({ min, max }: Range, several: boolean): string {
  const kept = `that ${several ? 'keep' : 'keeps'} ${count(min, 'node')}`;
  return min === max ? kept : `${kept} and ${several ? 'grow' : 'grows'} to at most ${max}`;
}

/** The values of an argument that are known before the deployment, in alphabetical order. */
function distinct(output: SynthesizedOutput, references: References, argument: string): string[] {
  const values = output.stacks.flatMap((stack) =>
    stack.resources.map((resource) => references.literal(resource.stack, resource.arguments[argument])),
  );
  return [...new Set(values.filter((value) => value !== undefined))].sort(compare);
}
