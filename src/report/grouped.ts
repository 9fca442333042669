/** Things by a key that each of them has, in the order in which the keys turn up. */
export function grouped<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group === undefined) {
      groups.set(keyOf(thing), [thing]);
    } else {
      group.push(thing);
    }
  }
  return groups;
}
