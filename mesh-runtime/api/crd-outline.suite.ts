/**
 * A schema as one line per field: path, type, what is required, limits, messages of rules. The files in `testdata/crd`
 * were made so from the CustomResourceDefinitions of Istio 1.29.1 and Gateway API 1.4 (experimental channel).
 */
import type { Structural } from "./schema/structural.ts";

const facets = [
  "format",
  "enum",
  "pattern",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "minimum",
  "maximum",
  "default",
  "nullable",
  "exclusive",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-int-or-string",
] as const satisfies readonly (keyof Structural)[];

/** Messages that no CRD has: a rule that CEL fails to evaluate, and a schema's alternative that is a rule here. */
const isOurs = (message: string) => message.includes(" evaluating rule: ") || message.includes("(oneOf)");

/** The lines of `spec`. */
export function outlineOf(schema: Structural, path = "spec", required = true): string[] {
  const list = schema["x-kubernetes-list-type"];
  const facts = facets.flatMap((name) =>
    schema[name] === undefined ? [] : [`${name}=${JSON.stringify(schema[name])}`],
  );
  const messages = (schema.validations ?? []).map(({ message }) => message).filter((message) => !isOurs(message));
  const line = [
    `${path}${required ? "!" : ""}`,
    schema["x-kubernetes-int-or-string"] ? "any" : (schema.type ?? "any"),
    ...(list === undefined || list === "atomic" ? [] : [list]),
    ...facts,
    ...[...new Set(messages)].map((message) => `rule=${JSON.stringify(message)}`),
  ].join(" ");
  const below = Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    line,
    ...below.flatMap(([name, field]) => outlineOf(field, `${path}.${name}`, schema.required?.includes(name) ?? false)),
    ...(schema.items ? outlineOf(schema.items, `${path}[]`, false) : []),
    ...(schema.additionalProperties ? outlineOf(schema.additionalProperties, `${path}{}`, false) : []),
  ];
}
