import type { Target } from './arm-target';
import type { Grant } from './grants';
import { grouped } from './grouped';
import { poolFacts, serviceFacts } from './phrases';
import { type Arrow, arrowsOf, bundled, otherActors, rightsOnGroups } from './picture-arrows';
import { poolsFor } from './placement';
import type { PlatformSummary } from './platform-summary';
import type { ClusterSummary, PoolSummary } from './pools';
import type { ServiceSummary } from './services';
import type { StoreSummary } from './stores';
import { count, enumerate } from './words';

/** More boxes than this are no picture any more. */
const MOST_BOXES = 25;

const WORKSPACE = 'azurerm_machine_learning_workspace';

/** One box of the picture. */
export interface Box {
  /** Path of the construct, or another text that no other box has. */
  readonly key: string;

  /** What a person calls it; empty for words without a box around them. */
  readonly title: string;

  /** Smaller lines below the title. */
  readonly lines: readonly string[];

  /** Terraform's type of a store; nothing for others. */
  readonly type?: string;
}

/** A pool with what runs on it. */
export interface PoolFrame extends Box {
  /** Whether its nodes carry GPUs or FPGAs. */
  readonly accelerated: boolean;

  /** Services on the pool, and remarks, which have no title. */
  readonly services: readonly Box[];
}

/** A cluster with its pools. */
export interface ClusterFrame extends Box {
  /** Its pools. */
  readonly pools: readonly PoolFrame[];

  /** Services, and remarks, that any pool may run. */
  readonly services: readonly Box[];
}

/** What is drawn, before anything has a place. */
export interface PicturePlan {
  /** What holds for everything in the picture, such as who deploys it. */
  readonly remarks: readonly string[];

  /** The clusters. */
  readonly clusters: readonly ClusterFrame[];

  /** What acts and is neither service nor cluster: the workspace, an identity that builds images. */
  readonly actors: readonly Box[];

  /** The stores, except the workspace. */
  readonly stores: readonly Box[];

  /** Who may do what where; only between what is drawn. */
  readonly arrows: readonly Arrow[];
}

/** A pool of a cluster, by their names. */
type Place = Pick<ServiceSummary, 'cluster' | 'pool'>;

/** Which services, or stores, share a box: the key of it. */
type Grouping<T> = (thing: T) => string;

/**
 * Chooses what is drawn: everything, or less of it as long as there are too many boxes. What is left out or merged is
 * in the tables of the page.
 */
export function planPicture(summary: PlatformSummary): PicturePlan {
  const alike: Grouping<ServiceSummary> = (service) => `${placeOf(service)} ${rightsOf(service, summary.grants)}`;
  // logs, traces and metrics of a stack go together: nobody asks which of them a platform has
  const stores: Grouping<StoreSummary> = (store) => (isMonitoring(store) ? `monitoring ${store.stack}` : store.path);
  const attempts: readonly [Grouping<ServiceSummary>, Grouping<StoreSummary>][] = [
    [(service) => service.path, stores],
    [alike, stores],
    [placeOf, stores],
    [placeOf, (store) => (isMonitoring(store) ? 'monitoring' : store.type)],
  ];
  const plans = attempts.map((groupings) => plan(summary, ...groupings));
  const last = plans.at(-1) as PicturePlan;
  return plans.find((candidate) => boxesOf(candidate) <= MOST_BOXES) ?? last;
}

/** Number of boxes of a picture. */
export function boxesOf({ clusters, actors, stores }: PicturePlan): number {
  const inClusters = clusters.map(
    ({ pools, services }) => services.length + pools.map((pool) => Math.max(1, pool.services.length)).reduce(add, 0),
  );
  return actors.length + stores.length + inClusters.reduce(add, 0);
}

function plan(
  summary: PlatformSummary,
  groupServices: Grouping<ServiceSummary>,
  groupStores: Grouping<StoreSummary>,
): PicturePlan {
  const services = grouped(summary.services, groupServices);
  const workspaces = summary.stores.filter(({ type }) => type === WORKSPACE);
  const ownStores = new Map(workspaces.map(({ path }) => [path, storesOnlyFor(path, summary)]));
  const drawn = summary.stores.filter(
    (store) => store.type !== WORKSPACE && ![...ownStores.values()].flat().includes(store),
  );
  const stores = grouped(drawn, groupStores);
  // by path of what a right is given to or holds for, the key of the box that shows it
  const boxOf = new Map<string, string>([
    ...summary.services.map((service) => [service.path, groupServices(service)] as const),
    ...drawn.map((store) => [store.path, groupStores(store)] as const),
    ...workspaces.map(({ path }) => [path, path] as const),
    ...summary.clusters.map(({ name, path }) => [path ?? name, name] as const),
  ]);
  const others = otherActors(summary.grants, boxOf);
  for (const key of others.keys()) {
    boxOf.set(key, key);
  }
  const workspaceBoxes = workspaces.map((workspace) => {
    const own = (ownStores.get(workspace.path) ?? []).map(({ kind, name }) => `its ${kind} ${name}`);
    const box = storeBox(workspace.path, [workspace]);
    return { ...box, lines: [...box.lines, ...own] };
  });
  return {
    remarks: rightsOnGroups(summary.grants),
    clusters: clustersWith(summary, services),
    actors: [...workspaceBoxes, ...[...others].map(([key, title]) => ({ key, title, lines: [] }))],
    stores: [...stores].map(([key, members]) => storeBox(key, members)),
    arrows: summary.clusters.reduce(
      (arrows, { name }) => bundled(arrows, name, keysOn(name, services)),
      arrowsOf(summary.grants, boxOf),
    ),
  };
}

/** Keys of the boxes of services in a cluster. */
function keysOn(cluster: string, services: ReadonlyMap<string, readonly ServiceSummary[]>): string[] {
  return [...services].filter(([, members]) => members[0]?.cluster === cluster).map(([key]) => key);
}

/** Storage and vault that only a workspace has rights on are part of it to a reader, and no boxes. */
function storesOnlyFor(workspace: string, { stores, grants }: PlatformSummary): StoreSummary[] {
  return stores
    .filter(({ type }) => type === 'azurerm_storage_account' || type === 'azurerm_key_vault')
    .filter(({ path }) => {
      const actors = grants.filter(({ target }) => isOn(target, path)).flatMap((grant) => grant.actors);
      return actors.length > 0 && actors.every((actor) => actor.path === workspace);
    });
}

function isOn(target: Target, path: string): boolean {
  return target.resource?.path === path || (target.parent !== undefined && isOn(target.parent, path));
}

function clustersWith(
  summary: PlatformSummary,
  services: ReadonlyMap<string, readonly ServiceSummary[]>,
): ClusterFrame[] {
  const boxes = [...services].map(([key, members]) => ({ place: members[0], box: serviceBox(key, members) }));
  const routed = summary.services.map((service) => ({ service, place: routerPlace(service, summary) }));
  const on = (cluster: string | undefined, pool: string | undefined) => [
    ...boxes.filter(({ place }) => place?.cluster === cluster && place?.pool === pool).map(({ box }) => box),
    ...routerRemark(
      `${cluster}/${pool}/routers`,
      routed.filter(({ place }) => place?.cluster === cluster && place?.pool === pool).map(({ service }) => service),
    ),
  ];
  const frames = summary.clusters.map((cluster) => ({
    key: cluster.name,
    title: `AKS cluster ${cluster.name}`,
    lines: cluster.path === undefined ? ['made elsewhere'] : [],
    pools: [...cluster.pools.map((pool) => poolFrame(pool, on(cluster.name, pool.name))), ...foreign(cluster)],
    services: on(cluster.name, undefined),
  }));
  return frames;

  /** Pools that services name and the program does not create. */
  function foreign(cluster: ClusterSummary): PoolFrame[] {
    const known = new Set(cluster.pools.map(({ name }) => name));
    const named = [...summary.services, ...routed.map(({ place }) => place)]
      .filter((place) => place?.cluster === cluster.name)
      .map((place) => place?.pool);
    return [...new Set(named)]
      .filter((name): name is string => name !== undefined && !known.has(name))
      .map((name) => ({
        key: `${cluster.name}/${name}`,
        title: `pool ${name}`,
        lines: ['made elsewhere'],
        accelerated: false,
        services: on(cluster.name, name),
      }));
  }
}

function poolFrame(pool: PoolSummary, services: readonly Box[]): PoolFrame {
  const facts = poolFacts(pool);
  return {
    key: `${pool.cluster}/${pool.name}`,
    title: `pool ${pool.name}`,
    lines: [[pool.vmSize, facts.nodes].join(', '), facts.device ?? ''].filter((line) => line !== ''),
    accelerated: pool.accelerator !== undefined,
    services:
      services.length === 0 && pool.system
        ? [{ key: `${pool.cluster}/${pool.name}/own`, title: '', lines: ["the cluster's own pods"] }]
        : services,
  };
}

function serviceBox(key: string, members: readonly ServiceSummary[]): Box {
  const [first] = members;
  if (first !== undefined && members.length === 1) {
    // two teams may give their services the same name
    const namespace = first.namespace === undefined ? [] : [`namespace ${first.namespace}`];
    return { key, title: first.name, lines: [...serviceFacts(first), ...namespace] };
  }
  return { key, title: `${members.length} services`, lines: shortList(members.map(({ name }) => name)) };
}

/** Where the routers of a service run: on the pool that they name, or on the only one that takes them. */
function routerPlace({ routers }: ServiceSummary, { clusters }: PlatformSummary): Place | undefined {
  if (routers === undefined) {
    return undefined;
  }
  const pools = poolsFor(
    routers,
    clusters.flatMap((cluster) => cluster.pools),
  );
  return { cluster: routers.cluster, pool: routers.pool ?? (pools.length === 1 ? pools[0]?.name : undefined) };
}

/** Routers are a remark and no boxes: nobody has more than two of them a service. */
function routerRemark(key: string, services: readonly ServiceSummary[]): Box[] {
  if (services.length === 0) {
    return [];
  }
  const routers = services.map((service) => service.routers?.replicas ?? 0).reduce(add, 0);
  const names = services.length > 2 ? [count(services.length, 'service')] : services.map(({ name }) => name);
  return [{ key, title: '', lines: [`${count(routers, 'router')} of ${enumerate(names)}`] }];
}

function storeBox(key: string, members: readonly StoreSummary[]): Box {
  const [first] = members;
  if (first !== undefined && members.length === 1) {
    return { key, type: first.type, title: first.title, lines: [first.kind, first.name] };
  }
  const title = first !== undefined && isMonitoring(first) ? 'monitoring' : `${members.length} stores`;
  const kinds = [...new Set(members.map(({ kind }) => kind))];
  return { key, type: first?.type, title, lines: [kinds.join(', '), ...shortList(members.map(({ name }) => name))] };
}

function isMonitoring({ type }: StoreSummary): boolean {
  return /insights|log_analytics|monitor/.test(type);
}

function placeOf(service: ServiceSummary): string {
  return `${service.cluster ?? ''}/${service.pool ?? ''}`;
}

function rightsOf(service: ServiceSummary, grants: readonly Grant[]): string {
  return grants
    .filter(({ actors }) => actors.some(({ path }) => path === service.path))
    .map(({ role, target }) => `${role} ${target.name}`)
    .join(' ');
}

function shortList(names: readonly string[], most = 5): string[] {
  return names.length <= most ? [...names] : [...names.slice(0, most - 1), `and ${names.length - most + 1} more`];
}

function add(a: number, b: number): number {
  return a + b;
}
