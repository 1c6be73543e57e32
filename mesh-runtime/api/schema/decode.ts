/**
 * Decoding of built-in kinds, as Go's JSON decoder does it with a struct: nulls are nothing, unknown fields are
 * dropped (and reported), the first value of a wrong type ends it.
 */
import { emptyObject, get, isObject, type JsonObject, jsonType, put } from "./json.ts";
import { canonicalQuantity, parseQuantity, quantityError } from "./quantity.ts";
import type { Structural } from "./structural.ts";

export interface Decoded {
  readonly object: JsonObject;
  /** Paths of fields that the schema does not have: `spec.ports[0].target`. */
  readonly unknown: readonly string[];
  /** Go's text of the first value of a wrong type. */
  readonly error?: string;
}

interface Place {
  /** The path with indices, for unknown fields. */
  readonly path: string;
  /** `ServicePort.spec.ports.port`: the struct and the path without indices, for type errors. */
  readonly goPath: string;
  /** The path alone, without indices. */
  readonly plainPath: string;
}

/** Decodes a body by its kind's schema. */
export function decode(schema: Structural, body: JsonObject): Decoded {
  const run = new Run();
  const object = run.struct(schema, body, { path: "", goPath: "", plainPath: "" });
  return { object, unknown: run.unknown, ...(run.error === undefined ? {} : { error: run.error }) };
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

/** Go's name of a node's type. */
function goType(schema: Structural): string {
  if (schema.goType !== undefined) {
    return schema.goType;
  }
  if (schema.type === "array") {
    return `[]${goType(schema.items ?? {})}`;
  }
  if (schema.additionalProperties) {
    return `map[string]${goType(schema.additionalProperties)}`;
  }
  return schema.type === "object" ? "map[string]interface {}" : (schema.type ?? "interface {}");
}

class Run {
  readonly unknown: string[] = [];
  error: string | undefined;

  private fail(text: string): undefined {
    this.error ??= text;
    return undefined;
  }

  private mismatch(value: unknown, schema: Structural, place: Place): undefined {
    const number = typeof value === "number" && schema.type === "integer";
    const found = number ? `number ${value}` : jsonType(value);
    return this.fail(`json: cannot unmarshal ${found} into Go struct field ${place.goPath} of type ${goType(schema)}`);
  }

  struct(schema: Structural, value: JsonObject, place: Place): JsonObject {
    const result = emptyObject();
    const name = (schema.goType ?? "").split(".").pop() ?? "";
    for (const [key, entry] of Object.entries(value)) {
      const property = get(schema.properties, key);
      const path = join(place.path, key);
      const plainPath = join(place.plainPath, key);
      if (property === undefined) {
        this.unknown.push(path);
      } else if (entry !== null && entry !== undefined) {
        const decoded = this.value(property, entry, { path, plainPath, goPath: `${name}.${plainPath}` });
        if (decoded !== undefined) {
          put(result, key, decoded);
        }
      }
    }
    this.fillRequired(schema, result);
    return result;
  }

  /** Go's structs have their required scalars always, empty where the body has none. */
  private fillRequired(schema: Structural, result: JsonObject): void {
    for (const name of schema.required ?? []) {
      const property = get(schema.properties, name) ?? {};
      const scalar = property["x-kubernetes-int-or-string"] || !["array", "object"].includes(property.type ?? "object");
      if (scalar && get(result, name) === undefined) {
        put(result, name, property["x-kubernetes-int-or-string"] ? 0 : zero(property));
      }
    }
  }

  /** What Go leaves where a null stands in a list or a map. */
  private empty(schema: Structural, place: Place): unknown {
    return schema.properties ? this.struct(schema, {}, place) : zero(schema);
  }

  private value(schema: Structural, value: unknown, place: Place): unknown {
    if (schema["x-kubernetes-int-or-string"]) {
      return this.intOrString(value);
    }
    switch (schema.type) {
      case "string":
        return this.string(schema, value, place);
      case "boolean":
        return typeof value === "boolean" ? value : this.mismatch(value, schema, place);
      case "integer":
        return this.integer(schema, value, place);
      case "number":
        return typeof value === "number" ? value : this.mismatch(value, schema, place);
      case "array":
        return this.array(schema, value, place);
      case "object":
        return this.object(schema, value, place);
      default:
        return value;
    }
  }

  private string(schema: Structural, value: unknown, place: Place): unknown {
    if (schema.format === "quantity") {
      const text = typeof value === "number" ? String(value) : value;
      if (typeof text !== "string" || parseQuantity(text) === undefined) {
        return this.fail(quantityError);
      }
      return canonicalQuantity(text);
    }
    if (typeof value !== "string") {
      return this.mismatch(value, schema, place);
    }
    if (schema.format === "date-time" && !isRfc3339(value)) {
      const quoted = JSON.stringify(value);
      return this.fail(
        `parsing time ${JSON.stringify(quoted)} as ${JSON.stringify('"2006-01-02T15:04:05Z07:00"')}: cannot parse ${JSON.stringify(value)} as "2006"`,
      );
    }
    if (schema.format === "byte" && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
      const at = /[^A-Za-z0-9+/=]/.exec(value)?.index ?? value.length;
      return this.fail(`illegal base64 data at input byte ${at}`);
    }
    return value;
  }

  private integer(schema: Structural, value: unknown, place: Place): unknown {
    const limit = schema.format === "int32" ? 2 ** 31 : 2 ** 63;
    if (typeof value !== "number" || !Number.isInteger(value) || value >= limit || value < -limit) {
      if (typeof value !== "number") {
        return this.fail(
          `json: cannot unmarshal ${jsonType(value)} into Go struct field ${place.goPath} of type ${goType(schema)}`,
        );
      }
      return this.mismatch(value, schema, place);
    }
    return value;
  }

  private intOrString(value: unknown): unknown {
    if (typeof value === "string" || (typeof value === "number" && Number.isInteger(value))) {
      return value;
    }
    const found = typeof value === "number" ? `number ${value}` : jsonType(value);
    return this.fail(`json: cannot unmarshal ${found} into Go value of type int32`);
  }

  private array(schema: Structural, value: unknown, place: Place): unknown {
    if (!Array.isArray(value)) {
      return this.mismatch(value, schema, place);
    }
    const items = schema.items ?? {};
    return value.map((entry: unknown, i) => {
      const inner = { ...place, path: `${place.path}[${i}]` };
      return entry === null ? this.empty(items, inner) : this.value(items, entry, inner);
    });
  }

  private object(schema: Structural, value: unknown, place: Place): unknown {
    if (!isObject(value)) {
      return this.mismatch(value, schema, place);
    }
    if (schema["x-kubernetes-preserve-unknown-fields"]) {
      return value;
    }
    const { additionalProperties } = schema;
    if (additionalProperties === undefined) {
      return this.struct(schema, value, place);
    }
    const result = emptyObject();
    for (const [key, entry] of Object.entries(value)) {
      const inner = { ...place, path: join(place.path, key) };
      put(
        result,
        key,
        entry === null ? this.empty(additionalProperties, inner) : this.value(additionalProperties, entry, inner),
      );
    }
    return result;
  }
}

/** Go's empty value. */
function zero(schema: Structural): unknown {
  switch (schema.type) {
    case "string":
      return schema.format === "quantity" ? "0" : "";
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 0;
    case "array":
      return [];
    default:
      return {};
  }
}

function isRfc3339(value: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}
