/**
 * A set of field paths, as `metadata.managedFields[].fieldsV1` writes it: a trie of path elements. An element is
 * `f:<name>` (field or map key), `k:{"key":value}` (item of a keyed list), `v:<value>` (item of a set) or `i:<index>`.
 */
export interface FieldSet {
  /** Paths that end here. */
  readonly members: ReadonlySet<string>;
  /** What is below; never an empty set. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { members: new Set(), children: new Map() };

export const isEmpty = (set: FieldSet): boolean => set.members.size === 0 && set.children.size === 0;

/** Builds a set while walking an object. */
export class FieldSetBuilder {
  readonly #members = new Set<string>();
  readonly #children = new Map<string, FieldSetBuilder>();

  /** Adds one path; the empty path (the object itself) is left out, nobody owns it. */
  insert(path: readonly string[]): void {
    const [first, ...rest] = path;
    if (first === undefined) {
      return;
    }
    if (rest.length === 0) {
      this.#members.add(first);
      return;
    }
    let child = this.#children.get(first);
    if (child === undefined) {
      child = new FieldSetBuilder();
      this.#children.set(first, child);
    }
    child.insert(rest);
  }

  build(): FieldSet {
    return {
      members: new Set(this.#members),
      children: new Map([...this.#children].map(([element, child]) => [element, child.build()])),
    };
  }
}

function combine(
  a: FieldSet,
  b: FieldSet,
  keepMember: (inA: boolean, inB: boolean) => boolean,
  below: (a: FieldSet, b: FieldSet) => FieldSet,
): FieldSet {
  const members = new Set<string>();
  for (const element of [...a.members, ...b.members]) {
    if (keepMember(a.members.has(element), b.members.has(element))) {
      members.add(element);
    }
  }
  const children = new Map<string, FieldSet>();
  for (const element of new Set([...a.children.keys(), ...b.children.keys()])) {
    const child = below(a.children.get(element) ?? emptySet, b.children.get(element) ?? emptySet);
    if (!isEmpty(child)) {
      children.set(element, child);
    }
  }
  return { members, children };
}

export const union = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, () => true, union);

export const intersection = (a: FieldSet, b: FieldSet): FieldSet =>
  combine(a, b, (inA, inB) => inA && inB, intersection);

export const difference = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && !inB, difference);

/** `a` without the members of `b` and everything below them. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const members = new Set([...a.members].filter((element) => !b.members.has(element)));
  const children = new Map<string, FieldSet>();
  for (const [element, child] of a.children) {
    if (!b.members.has(element)) {
      const rest = recursiveDifference(child, b.children.get(element) ?? emptySet);
      if (!isEmpty(rest)) {
        children.set(element, rest);
      }
    }
  }
  return { members, children };
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

/** Every path of the set, in the order of the trie. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort();
  for (const element of elements) {
    if (set.members.has(element)) {
      yield [...prefix, element];
    }
    const child = set.children.get(element);
    if (child !== undefined) {
      yield* pathsOf(child, [...prefix, element]);
    }
  }
}

/** To `fieldsV1`: `.` marks a member that also has children. */
export function toFieldsV1(set: FieldSet): { [key: string]: unknown } {
  const out: { [key: string]: unknown } = {};
  for (const element of [...new Set([...set.members, ...set.children.keys()])].sort()) {
    const child = set.children.get(element);
    out[element] =
      child === undefined ? {} : { ...(set.members.has(element) ? { ".": {} } : {}), ...toFieldsV1(child) };
  }
  return out;
}

const depthMax = 100;

/** From `fieldsV1`; throws on anything that is no path element, on indexes too deep. */
export function fromFieldsV1(value: unknown, depth = 0): FieldSet {
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth > depthMax) {
    throw new TypeError("fieldsV1 is no set of fields");
  }
  const members = new Set<string>();
  const children = new Map<string, FieldSet>();
  for (const [key, below] of Object.entries(value)) {
    if (key === ".") {
      continue;
    }
    const element = canonicalElement(key);
    const child = fromFieldsV1(below, depth + 1);
    if (isEmpty(child) || (below as Record<string, unknown>)["."] !== undefined) {
      members.add(element);
    }
    if (!isEmpty(child)) {
      children.set(element, child);
    }
  }
  return { members, children };
}

function canonicalElement(key: string): string {
  const kind = key.slice(0, 2);
  switch (kind) {
    case "f:":
      return key;
    case "i:":
      if (/^i:\d+$/.test(key)) {
        return key;
      }
      break;
    case "v:":
      return `v:${JSON.stringify(JSON.parse(key.slice(2)))}`;
    case "k:":
      return keyElement(JSON.parse(key.slice(2)) as Record<string, unknown>);
  }
  throw new TypeError(`"${key}" is no path element`);
}

/** The element of a keyed list's item. */
export function keyElement(keys: Readonly<Record<string, unknown>>): string {
  return `k:${JSON.stringify(Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** A path as people read it: `.spec.ports[port=80,protocol="TCP"].targetPort`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      switch (element.slice(0, 2)) {
        case "f:":
          return `.${rest}`;
        case "i:":
          return `[${rest}]`;
        case "v:":
          return `[=${rest}]`;
        default:
          return `[${keyText(rest)}]`;
      }
    })
    .join("");
}

/** `port=80,protocol="TCP"` from the JSON of a key. */
export function keyText(json: string): string {
  return Object.entries(JSON.parse(json) as Record<string, unknown>)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(",");
}
