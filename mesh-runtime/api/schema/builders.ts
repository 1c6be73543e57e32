/**
 * The vocabulary in which kinds are declared: zod for the shape (and so the TypeScript type), facets for what
 * Kubernetes adds to a shape (limits, list keys, Go's type names, rules). `structural-of.ts` reads both.
 */
import * as z from "zod";
import type { Rule, Structural } from "./structural.ts";

/** Everything of a structural schema that does not follow from the zod type. */
export type Facets = Partial<Omit<Structural, "properties" | "items" | "additionalProperties" | "required">>;

const registry = z.registry<{ facets: object }>();

/** The facets of a schema, those of the schema it was cloned from included. */
export function facetsOf(schema: z.core.$ZodType): Facets {
  return (registry.get(schema)?.facets ?? {}) as Facets;
}

function withFacets<S extends z.ZodType>(schema: S, facets: Facets): S {
  registry.add(schema, { facets: { ...facetsOf(schema), ...facets } });
  return schema;
}

/** A copy with more facets. */
export function refine<S extends z.ZodType>(schema: S, facets: Facets): S {
  return withFacets(schema.clone() as S, facets);
}

/** A copy with rules: what CEL (`x-kubernetes-validations`) says of the node in a cluster. */
export function rules<S extends z.ZodType>(
  schema: S,
  ...list: (Omit<Rule, "check"> & { check: (self: z.infer<S>, old: z.infer<S>) => boolean })[]
): S {
  return refine(schema, { validations: [...(facetsOf(schema).validations ?? []), ...(list as readonly Rule[])] });
}

export const str = (facets: Facets = {}) => withFacets(z.string(), { goType: "string", ...facets });
export const bool = (facets: Facets = {}) => withFacets(z.boolean(), { goType: "bool", ...facets });
export const int32 = (facets: Facets = {}) =>
  withFacets(z.number(), { type: "integer", format: "int32", goType: "int32", ...facets });
export const int64 = (facets: Facets = {}) =>
  withFacets(z.number(), { type: "integer", format: "int64", goType: "int64", ...facets });
/** An integer of no particular size, as custom kinds write it. */
export const int = (facets: Facets = {}) => withFacets(z.number(), { type: "integer", goType: "int64", ...facets });

/** A 32-bit integer without sign, as custom kinds made from protobuf write it. */
export const uint32 = (facets: Facets = {}) =>
  withFacets(z.number(), { type: "integer", goType: "uint32", minimum: 0, maximum: 4_294_967_295, ...facets });
/** A number with a fraction. */
export const double = (facets: Facets = {}) =>
  withFacets(z.number(), { type: "number", format: "double", goType: "float64", ...facets });

/** A field that may be null in the stored object, which is then another thing than leaving it out. */
export const nullable = <S extends z.ZodType>(schema: S) => withFacets(z.nullable(schema), { nullable: true });

/** A string of a closed set that the schema itself enforces (custom kinds). */
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T, facets: Facets = {}) =>
  withFacets(z.enum(values), { goType: "string", ...facets });

/** A string that Kubernetes checks in code, typed as its closed set; unknown values pass the schema. */
export const word = <const T extends string>(_values: readonly T[], facets: Facets = {}) =>
  withFacets(z.string() as unknown as z.ZodType<T, T>, { type: "string", goType: "string", ...facets });

/** RFC 3339 with seconds. */
export const time = (facets: Facets = {}) =>
  withFacets(z.string(), { format: "date-time", goType: "v1.Time", ...facets });

/** A number or a string such as a port name or a percentage. */
export const intOrString = (facets: Facets = {}) =>
  withFacets(z.union([z.number(), z.string()]), {
    "x-kubernetes-int-or-string": true,
    goType: "intstr.IntOrString",
    ...facets,
  });

/** `100m`, `64Mi`. Bodies may carry a number; it is stored as text. */
export const quantity = (facets: Facets = {}) =>
  withFacets(z.string(), { type: "string", format: "quantity", goType: "resource.Quantity", ...facets });

/** Any object; nothing below it is checked or dropped. */
export const anything = (facets: Facets = {}) =>
  withFacets(z.record(z.string(), z.unknown()), {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    ...facets,
  });

/** A map from strings. */
export const dict = <S extends z.ZodType>(value: S, facets: Facets = {}) =>
  withFacets(z.record(z.string(), value), facets);

/** A list that has one owner and is replaced whole. */
export const list = <S extends z.ZodType>(item: S, facets: Facets = {}) =>
  withFacets(z.array(item), { "x-kubernetes-list-type": "atomic", ...facets });

/** A list of distinct scalars, each with owners of its own. */
export const set = <S extends z.ZodType>(item: S, facets: Facets = {}) =>
  withFacets(z.array(item), { "x-kubernetes-list-type": "set", ...facets });

/** A list of objects that are told apart by `keys`. */
export const keyed = <S extends z.ZodType>(item: S, keys: readonly string[], facets: Facets = {}) =>
  withFacets(z.array(item), { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys, ...facets });

type Optional<O extends z.core.$ZodLooseShape> = { [K in keyof O]: z.ZodOptional<O[K] & z.ZodType> };

/** An object: fields that must be there, fields that may be there. `goType` is Go's name (`v1.ServicePort`). */
export function struct<
  R extends Record<string, z.ZodType> = Record<never, never>,
  O extends Record<string, z.ZodType> = Record<never, never>,
>(goType: string, required: R, optional: O, facets: Facets = {}): z.ZodObject<R & Optional<O>, z.core.$strip> {
  const shape: Record<string, z.ZodType> = { ...required };
  for (const [name, schema] of Object.entries(optional)) {
    shape[name] = schema.optional();
  }
  return withFacets(z.object(shape), { goType, ...facets }) as unknown as z.ZodObject<R & Optional<O>, z.core.$strip>;
}

/** Facets of a built-in list that strategic merge patches merge by `key`. */
export const mergedBy = (key: string): Facets => ({
  "x-kubernetes-patch-merge-key": key,
  "x-kubernetes-patch-strategy": "merge",
});
