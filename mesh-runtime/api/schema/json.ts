/** Small operations on JSON values, shared by everything that walks them. */

export type JsonObject = { [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A deep copy of plain JSON. `__proto__` stays an ordinary key. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(copy) as T;
  }
  if (isObject(value)) {
    return emptyObject(Object.entries(value).map(([key, entry]) => [key, copy(entry)])) as T;
  }
  return value;
}

/** An object of entries; never touches the prototype, whatever the keys are. */
export function emptyObject(entries: readonly (readonly [string, unknown])[] = []): JsonObject {
  return Object.fromEntries(entries);
}

/** Sets a field as an own property, also for keys such as `__proto__`. */
export function put(target: JsonObject, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** Own field of an object; undefined for inherited names. */
export function get<T>(source: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return source !== undefined && Object.hasOwn(source, key) ? source[key] : undefined;
}

/** Equality of JSON values; the order of keys does not matter, an undefined field equals an absent one. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((entry, i) => equal(entry, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => equal(get(a, key), get(b, key)));
  }
  return false;
}

/** JSON's name of a value's type, as Go's decoders say it. */
export function jsonType(value: unknown): "null" | "bool" | "number" | "string" | "array" | "object" {
  if (value === null || value === undefined) {
    return "null";
  }
  if (Array.isArray(value)) {
    return "array";
  }
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return "object";
  }
}

/** Canonical text of a value, for comparing entries of sets and keyed lists: keys sorted. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    isObject(entry) ? emptyObject(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : entry,
  );
}
