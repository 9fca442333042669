import type { IConstruct } from 'constructs';

/**
 * The child of a construct that several share: made by the first who asks, found by all others.
 *
 * @param make makes it, under this very id
 */
export function sharedChild<T extends IConstruct>(parent: IConstruct, id: string, make: () => T): T {
  return (parent.node.tryFindChild(id) as T | undefined) ?? make();
}
