import type { Target } from './arm-target';
import { type Actor, ActorKind, type Grant } from './grants';
import { grouped } from './grouped';

/** An arrow from who has a right to where the right holds. */
export interface Arrow {
  /** Key of a box or of a cluster. */
  readonly from: string;

  /** Key of a box. */
  readonly to: string;

  /** The roles, each once. */
  readonly roles: readonly string[];

  /** Who in the cluster has them, for an arrow from a cluster: `nodes`, `every service`. */
  readonly who?: string;
}

/** By path of what a right is given to or holds for, the key of the box that shows it. */
export type Boxes = ReadonlyMap<string, string>;

/** A cluster has two identities, and both arrows start at its frame. */
const WHO: { readonly [kind in ActorKind]?: string } = {
  [ActorKind.CLUSTER_NODES]: 'nodes',
  [ActorKind.CONTROL_PLANE]: 'control plane',
};

/** Fewer alike arrows than this are drawn one by one. */
const FEWEST_BUNDLED = 3;

/** The rights between what is drawn, those with the same ends as one arrow. */
export function arrowsOf(grants: readonly Grant[], boxes: Boxes): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const { actors, target, role } of grants) {
    const to = boxOfTarget(target, boxes);
    for (const actor of actors) {
      const from = boxes.get(keyOfActor(actor));
      if (from === undefined || to === undefined || from === to) {
        continue;
      }
      const who = WHO[actor.kind];
      const key = JSON.stringify([from, to, who]);
      const roles = new Set([...(arrows.get(key)?.roles ?? []), role]);
      arrows.set(key, { from, to, roles: [...roles], who });
    }
  }
  return [...arrows.values()];
}

/**
 * One arrow where every service of a cluster has the same right: many alike arrows say no more and hide the others.
 *
 * @param services keys of all boxes of services in the cluster
 */
export function bundled(arrows: readonly Arrow[], cluster: string, services: readonly string[]): Arrow[] {
  const alike = grouped(
    arrows.filter(({ from }) => services.includes(from)),
    ({ to, roles }) => JSON.stringify([to, ...roles]),
  );
  const shared = [...alike.values()].filter((each) => each.length >= FEWEST_BUNDLED && each.length === services.length);
  const replaced = new Set(shared.flat());
  return [
    ...arrows.filter((arrow) => !replaced.has(arrow)),
    ...shared.flatMap(([arrow]) => (arrow ? [{ ...arrow, from: cluster, who: 'every service' }] : [])),
  ];
}

/** Who is neither service nor cluster nor workspace and has rights on a store: by key, in words. */
export function otherActors(grants: readonly Grant[], boxes: Boxes): Map<string, string> {
  const actors = grants
    .filter(({ target }) => boxOfTarget(target, boxes) !== undefined)
    .flatMap((grant) => grant.actors)
    .filter((actor) => actor.kind === ActorKind.OTHER && !boxes.has(keyOfActor(actor)));
  return new Map(actors.map((actor) => [keyOfActor(actor), actor.label]));
}

/** Rights on whole resource groups, in words: they would be arrows to everything. */
export function rightsOnGroups(grants: readonly Grant[]): string[] {
  const onGroups = grants.filter(({ target }) => target.kind === 'resource group');
  const rights = onGroups.flatMap(({ actors, role, target }) =>
    actors.map(({ label }) => ({ who: `${label}, on all of ${target.name}`, role })),
  );
  return [...grouped(rights, ({ who }) => who)].map(
    ([who, list]) => `${who}: ${[...new Set(list.map(({ role }) => role))].join(', ')}`,
  );
}

/** A right on a container is drawn at its storage account. */
function boxOfTarget(target: Target, boxes: Boxes): string | undefined {
  const own = target.resource && boxes.get(target.resource.path);
  return own ?? (target.parent && boxOfTarget(target.parent, boxes));
}

function keyOfActor(actor: Actor): string {
  return actor.path ?? actor.label;
}
