/** Plain data as its single values, to compare and to replace them. Pure. */
export type Path = readonly (string | number)[];

export interface Leaf {
  readonly path: Path;
  /** A text, number, truth value or null; or a list of such. */
  readonly value: unknown;
}

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;
const isScalars = (value: unknown): boolean => Array.isArray(value) && value.every(isScalar);

export function leavesOf(value: unknown, path: Path = []): Leaf[] {
  if (value === undefined) {
    return [];
  }
  if (isScalar(value) || isScalars(value)) {
    return [{ path, value }];
  }
  return Object.entries(value as object).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Each value with where it stands, as text; entries of lists of values one by one. */
const statements = (value: unknown): Set<string> =>
  new Set(
    leavesOf(value).flatMap((leaf) => {
      const at = leaf.path.join(".");
      return Array.isArray(leaf.value)
        ? [`${at}[]`, ...leaf.value.map((entry) => `${at}[] = ${JSON.stringify(entry)}`)]
        : [`${at} = ${JSON.stringify(leaf.value)}`];
    }),
  );

/** How many statements only one of both makes. */
export function distance(one: unknown, other: unknown): number {
  const [left, right] = [statements(one), statements(other)];
  const shared = [...left].filter((statement) => right.has(statement)).length;
  return left.size + right.size - 2 * shared;
}

/** Values of `live` that `expected` does not have at the same place, as they could stand in a filled-in form. */
export function newValues(expected: unknown, live: unknown): unknown[] {
  const known = new Map(leavesOf(expected).map((leaf) => [leaf.path.join("."), JSON.stringify(leaf.value)]));
  return leavesOf(live)
    .filter((leaf) => known.get(leaf.path.join(".")) !== JSON.stringify(leaf.value))
    .map(({ value }) => value);
}

/** A copy with another value at the place. */
export function replaceAt(value: unknown, [key, ...rest]: Path, next: unknown): unknown {
  if (key === undefined) {
    return next;
  }
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) => (index === key ? replaceAt(entry, rest, next) : entry));
  }
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [key]: replaceAt(object[key], rest, next) };
}
