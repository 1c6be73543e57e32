/** Groups of inputs; a group whose members are the same is the same object as the time before. */
export type StableGroups<T> = (groups: ReadonlyMap<string, readonly T[]>) => ReadonlyMap<string, readonly T[]>;

/** Remembers the groups of the last call, so that a group can stand for its members among a memo's dependencies. */
export function createStableGroups<T>(): StableGroups<T> {
  let before: ReadonlyMap<string, readonly T[]> = new Map();
  return (groups) => {
    const after = new Map<string, readonly T[]>();
    for (const [name, group] of groups) {
      const former = before.get(name);
      after.set(name, former !== undefined && sameItems(former, group) ? former : group);
    }
    before = after;
    return after;
  };
}

const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
