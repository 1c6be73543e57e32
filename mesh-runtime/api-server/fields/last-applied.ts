import type { KubeObject } from "../../api/meta.ts";
import type { Structural } from "../../api/schema/structural.ts";
import { isObject, type JsonObject } from "./atom.ts";
import { compare } from "./compare.ts";
import { difference, emptySet, type FieldSet } from "./field-set.ts";
import { fieldsOf } from "./own.ts";

/** Where client-side `kubectl apply` keeps what it applied. */
const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The fields that client-side apply wrote and nobody changed since. kubectl may take them over without a conflict, so
 * that people can go from client-side to server-side apply.
 */
export function allowedByLastApplied(schema: Structural, live: KubeObject): FieldSet {
  const text = live.metadata?.annotations?.[lastAppliedAnnotation];
  if (text === undefined) {
    return emptySet;
  }
  try {
    const applied: unknown = JSON.parse(text);
    if (!isObject(applied)) {
      return emptySet;
    }
    const { added, modified, removed } = compare(schema, applied, live);
    return [added, modified, removed].reduce(difference, fieldsOf(schema, applied));
  } catch {
    return emptySet;
  }
}

/** Keeps the annotation of an object that has one in step with what kubectl applies on the server side. */
export function withLastApplied(object: KubeObject, config: JsonObject): KubeObject {
  const annotations = object.metadata?.annotations;
  if (annotations?.[lastAppliedAnnotation] === undefined) {
    return object;
  }
  const text = `${JSON.stringify(sorted(plain(config)))}\n`;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: text } },
  };
}

function plain(config: JsonObject): JsonObject {
  const metadata = (config["metadata"] ?? {}) as { annotations?: Record<string, string> };
  const { annotations, ...rest } = metadata;
  const { [lastAppliedAnnotation]: _own, ...others } = annotations ?? {};
  return { ...config, metadata: annotations === undefined ? rest : { ...rest, annotations: others } };
}

/** Keys in order, as Go writes maps. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sorted(value[key])]),
      )
    : value;
}
