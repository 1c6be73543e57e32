/** Reads fields of a value that may be anything: a wrong shape reads as absent, nothing throws. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; empty when it is none. */
export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The value as a list; empty when it is none. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value as text. */
export const text = (value: unknown, otherwise = ""): string => (typeof value === "string" ? value : otherwise);

/** The value as a whole number. */
export const whole = (value: unknown, otherwise = 0): number =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : otherwise;

/** A TCP port, or 0. */
export const port = (value: unknown): number => {
  const number = whole(value);
  return number >= 1 && number <= 65_535 ? number : 0;
};

/** The object's entries that are texts, in order of their keys, so that equal maps read as equal values. */
export const texts = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields(value))
      .filter((entry): entry is [string, string] => typeof entry[1] === "string")
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );

/** What every object's metadata tells the translation. */
export interface Meta {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generation: number;
  /** Milliseconds since the epoch; 0 when unknown. */
  readonly createdAtMs: number;
}

/** Reads metadata. */
export function readMeta(object: unknown): Meta {
  const meta = fields(fields(object)["metadata"]);
  const createdAtMs = Date.parse(text(meta["creationTimestamp"]));
  return {
    namespace: text(meta["namespace"]),
    name: text(meta["name"]),
    labels: texts(meta["labels"]),
    annotations: texts(meta["annotations"]),
    generation: whole(meta["generation"]),
    createdAtMs: Number.isFinite(createdAtMs) ? createdAtMs : 0,
  };
}

/** Store key of an object. */
export const keyOf = ({ namespace, name }: { namespace: string; name: string }): string =>
  namespace === "" ? name : `${namespace}/${name}`;
