/** From a kind's zod declaration to its structural schema. */
import type * as z from "zod";
import { facetsOf } from "./builders.ts";
import type { Structural } from "./structural.ts";

type Definition = z.core.$ZodTypes["_zod"]["def"];

/** Converts; throws on a zod type that the vocabulary in `builders.ts` does not use (a programmer's mistake). */
export function structuralOf(schema: z.core.$ZodType): Structural {
  const definition = schema._zod.def as Definition;
  if (definition.type === "optional") {
    return structuralOf(definition.innerType);
  }
  const description = (schema as z.ZodType).description;
  const inner = definition.type === "nullable" ? structuralOf(definition.innerType) : shapeOf(definition);
  return {
    ...inner,
    ...(description === undefined ? {} : { description }),
    ...facetsOf(schema),
  };
}

function shapeOf(definition: Definition): Structural {
  switch (definition.type) {
    case "string":
      return { type: "string" };
    case "boolean":
      return { type: "boolean" };
    case "number":
      return { type: "number" };
    case "enum":
      return { type: "string", enum: Object.values(definition.entries) };
    case "array":
      return { type: "array", items: structuralOf(definition.element) };
    case "record":
      return (definition.valueType._zod.def as Definition).type === "unknown"
        ? { type: "object" }
        : { type: "object", additionalProperties: structuralOf(definition.valueType) };
    case "object":
      return objectOf(definition.shape);
    case "union":
      return {};
    default:
      throw new Error(`kind declarations do not use zod's ${definition.type}`);
  }
}

function objectOf(shape: Readonly<Record<string, z.core.$ZodType>>): Structural {
  const properties: Record<string, Structural> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    properties[name] = structuralOf(schema);
    if ((schema._zod.def as Definition).type !== "optional") {
      required.push(name);
    }
  }
  return { type: "object", properties, ...(required.length > 0 ? { required: required.sort() } : {}) };
}
