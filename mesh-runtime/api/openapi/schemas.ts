/** Component schemas of an OpenAPI v3 document, named and shaped as a Kubernetes API server publishes them. */
import type { KindDefinition } from "../kind.ts";
import { equal, isObject, type JsonObject } from "../schema/json.ts";
import type { Structural } from "../schema/structural.ts";

export const metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1";
const metaTypes = new Set([
  "ObjectMeta",
  "ListMeta",
  "OwnerReference",
  "ManagedFieldsEntry",
  "FieldsV1",
  "LabelSelector",
  "LabelSelectorRequirement",
  "Condition",
]);

/** `io.k8s.api.core.v1.Pod`; custom kinds have their group reversed: `io.istio.security.v1.AuthorizationPolicy`. */
export function componentName(kind: KindDefinition, version: string, name: string = kind.kind): string {
  if (kind.native) {
    return `io.k8s.api.${kind.group === "" ? "core" : kind.group.split(".")[0]}.${version}.${name}`;
  }
  return `${kind.group.split(".").reverse().join(".")}.${version}.${name}`;
}

/** Name of a built-in struct's component; undefined for types that are published in place. */
function structName(goType: string | undefined): string | undefined {
  const name = goType?.split(".").pop();
  if (!name || !goType?.startsWith("v1.")) {
    return undefined;
  }
  if (metaTypes.has(name)) {
    return `${metaPrefix}.${name}`;
  }
  return `io.k8s.api.${/^(Deployment|RollingUpdateDeployment)/.test(name) ? "apps" : "core"}.v1.${name}`;
}

/** Collects components while schemas are converted. */
export class Components {
  readonly schemas: Record<string, JsonObject> = {};

  /** Adds a kind and its list under one served version. */
  addKind(kind: KindDefinition, version: string): void {
    const gvk = { group: kind.group, kind: kind.kind, version };
    const { properties = {}, ...rest } = kind.schema;
    const body = this.fields({ ...rest, properties }, kind.native);
    this.schemas[componentName(kind, version)] = { ...body, "x-kubernetes-group-version-kind": [gvk] };
    this.schemas[componentName(kind, version, kind.listKind)] = {
      type: "object",
      description: `${kind.listKind} is a list of ${kind.kind}.`,
      required: ["items"],
      properties: {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { type: "object", properties: { continue: { type: "string" }, resourceVersion: { type: "string" } } },
        items: { type: "array", items: ref(componentName(kind, version)) },
      },
      "x-kubernetes-group-version-kind": [{ ...gvk, kind: kind.listKind }],
    };
  }

  /** A node in place; built-in structs become references. */
  private node(schema: Structural, named: boolean): JsonObject {
    const name = schema.type === "object" && schema.properties ? structName(schema.goType) : undefined;
    // Custom kinds refer to ObjectMeta only.
    if (name === undefined || !(named || name === `${metaPrefix}.ObjectMeta`)) {
      return this.fields(schema, named);
    }
    const { description, default: byDefault, ...shape } = schema;
    const full = this.fields(shape, true);
    const known = this.schemas[name];
    if (known !== undefined && !equal(known, full)) {
      return this.fields(schema, named);
    }
    this.schemas[name] = full;
    return {
      allOf: [ref(name)],
      default: byDefault ?? {},
      ...(description === undefined ? {} : { description }),
      ...extensions(schema),
    };
  }

  private fields(schema: Structural, named: boolean): JsonObject {
    const {
      goType: _goType,
      validations: _validations,
      exclusive = [],
      properties,
      items,
      additionalProperties,
      ...facts
    } = schema;
    const published: JsonObject = { ...facts, ...exclusion(exclusive) };
    if (schema["x-kubernetes-int-or-string"] && named) {
      delete published["x-kubernetes-int-or-string"];
      published["format"] = "int-or-string";
      published["oneOf"] = [{ type: "integer" }, { type: "string" }];
    }
    if (schema.format === "quantity") {
      delete published["type"];
      delete published["format"];
      published["oneOf"] = [{ type: "string" }, { type: "number" }];
    }
    if (properties) {
      published["properties"] = Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [key, this.node(property, named)]),
      );
    }
    if (items) {
      published["items"] = this.node(items, named);
    }
    if (additionalProperties) {
      published["additionalProperties"] = this.node(additionalProperties, named);
    }
    return published;
  }
}

export const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** Merge behaviour is told at the field, beside the reference. */
function extensions(schema: Structural): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => key.startsWith("x-kubernetes-patch") && !isObject(value)),
  );
}

/** Fields that exclude each other: none of them, or one. */
function exclusion(groups: Structural["exclusive"] = []): JsonObject {
  const alternatives = groups.map((group) => {
    const each = group.map((name) => ({ required: [name] }));
    return { oneOf: [{ not: { anyOf: each } }, ...each] };
  });
  return alternatives.length > 1 ? { allOf: alternatives } : { ...alternatives[0] };
}
