import { durationMs } from "./duration.ts";
import { type Fields, fields, items, text, whole } from "./lenient.ts";

/**
 * Reads fields and remembers what was written but is not understood: nothing that somebody asked for is passed over in
 * silence. Each reader takes the fields that it knows; what nobody took is reported by `rest`.
 */
export interface FieldReader {
  /** Where the fields stand, such as `trafficPolicy.connectionPool`. Empty at the top. */
  readonly path: string;
  /** What is read, as it came. */
  readonly value: unknown;
  /** Whether the field is there (null counts as absent, as everywhere in Kubernetes). */
  has(name: string): boolean;
  raw(name: string): unknown;
  text(name: string, otherwise?: string): string;
  flag(name: string): boolean;
  /** A whole number from 0 on; anything else is reported and reads as `undefined`. */
  count(name: string): number | undefined;
  /** A duration in milliseconds; what is none is reported and reads as `undefined`. */
  duration(name: string): number | undefined;
  /** The texts of a list. */
  list(name: string): readonly string[];
  object(name: string): FieldReader | undefined;
  objects(name: string): readonly FieldReader[];
  /** Entries of a map, in the order of their keys. */
  entries(name: string): readonly (readonly [string, unknown])[];
  /** Reports the field, with a word of why. */
  report(name: string, why?: string): void;
  /** Reports all fields that nobody asked for. Call it last. */
  rest(): void;
  /** Reads the same fields anew, with reports of their own. */
  again(unsupported: string[]): FieldReader;
}

const reportedMax = 32;

/** Starts reading an object; `unsupported` collects paths of what is not understood, up to 32. */
export function readFields(value: unknown, unsupported: string[], path = ""): FieldReader {
  const source: Fields = fields(value);
  const asked = new Set<string>();
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const add = (entry: string): void => {
    if (unsupported.length < reportedMax && !unsupported.includes(entry)) {
      unsupported.push(entry);
    }
  };
  const present = (candidate: unknown): boolean => candidate !== undefined && candidate !== null;
  const get = (name: string): unknown => {
    asked.add(name);
    return Object.hasOwn(source, name) ? source[name] : undefined;
  };
  if (present(value) && (typeof value !== "object" || Array.isArray(value))) {
    add(path);
  }
  const reader: FieldReader = {
    path,
    value,
    has: (name) => present(get(name)),
    raw: get,
    text: (name, otherwise = "") => {
      const found = get(name);
      if (present(found) && typeof found !== "string") {
        add(at(name));
      }
      return text(found, otherwise);
    },
    flag: (name) => {
      const found = get(name);
      if (present(found) && typeof found !== "boolean") {
        add(at(name));
      }
      return found === true;
    },
    count: (name) => {
      const found = get(name);
      if (!present(found)) {
        return undefined;
      }
      const number = whole(found, -1);
      if (number < 0) {
        add(at(name));
        return undefined;
      }
      return number;
    },
    duration: (name) => {
      const found = get(name);
      const duration = durationMs(found);
      if (present(found) && duration === undefined) {
        add(at(name));
      }
      return duration;
    },
    list: (name) => {
      const found = get(name);
      const list = items(found).filter((entry): entry is string => typeof entry === "string");
      if (present(found) && list.length !== (Array.isArray(found) ? found.length : -1)) {
        add(at(name));
      }
      return list;
    },
    object: (name) => {
      const found = get(name);
      return present(found) ? readFields(found, unsupported, at(name)) : undefined;
    },
    objects: (name) => items(get(name)).map((entry, index) => readFields(entry, unsupported, `${at(name)}[${index}]`)),
    entries: (name) => Object.entries(fields(get(name))).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    report: (name, why) => {
      asked.add(name);
      add(why === undefined ? at(name) : `${at(name)} (${why})`);
    },
    rest: () => {
      for (const [name, found] of Object.entries(source)) {
        if (!asked.has(name) && present(found)) {
          add(at(name));
        }
      }
    },
    again: (elsewhere) => readFields(value, elsewhere, path),
  };
  return reader;
}
