/**
 * Remembers a result by the identity of what it was made from: inputs are never changed in place, so the same inputs
 * give the same result, and an unchanged result stays the same object.
 */
export type Memo<V> = (key: object, dependencies: readonly unknown[], make: () => V) => V;

/** An empty memory; entries go away with their keys. */
export function createMemo<V>(): Memo<V> {
  const entries = new WeakMap<object, { readonly dependencies: readonly unknown[]; readonly value: V }>();
  return (key, dependencies, make) => {
    const known = entries.get(key);
    if (
      known !== undefined &&
      known.dependencies.length === dependencies.length &&
      known.dependencies.every((dependency, index) => dependency === dependencies[index])
    ) {
      return known.value;
    }
    const value = make();
    entries.set(key, { dependencies, value });
    return value;
  };
}
