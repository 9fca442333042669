import type { IConstruct } from 'constructs';

/**
 * An id that no child of the scope has, so that a second thing of a name, or one without a name, can be refused with
 * everything else.
 *
 * @param suffix what ends an id that would be taken otherwise
 * @param reserved ids that children will have later
 */
export function freeId(scope: IConstruct, name: string, suffix: string, reserved: readonly string[] = []): string {
  const id = name || 'unnamed';
  const free = scope.node.tryFindChild(id) === undefined && !reserved.includes(id);
  return free ? id : freeId(scope, `${id}-${suffix}`, suffix, reserved);
}
