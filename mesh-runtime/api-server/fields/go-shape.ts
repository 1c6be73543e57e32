import type { KindDefinition } from "../../api/kind.ts";
import { isObject } from "./atom.ts";

type Shape = { readonly [name: string]: Shape | null };

/**
 * Structs that Go writes even when they are empty, and fields that it writes as null. A field manager does not come to own them by filling them, as it
 * would come to own a map or a pointer that was not there before. Custom kinds have none.
 */
const shapes: Readonly<Record<string, Shape>> = {
  Deployment: {
    spec: { strategy: {}, template: { metadata: { creationTimestamp: null }, spec: { containers: null } } },
    status: {},
  },
  Event: { involvedObject: {}, source: {} },
  Namespace: { spec: {}, status: {} },
  Node: { spec: {}, status: { daemonEndpoints: { kubeletEndpoint: {} }, nodeInfo: {} } },
  Pod: { spec: { containers: null }, status: {} },
  Service: { spec: {}, status: { loadBalancer: {} } },
};

function overlay(shape: Shape, value: unknown): unknown {
  if (value !== undefined && !isObject(value)) {
    return value;
  }
  const out: Record<string, unknown> = { ...value };
  for (const [name, below] of Object.entries(shape)) {
    out[name] = below === null ? (out[name] ?? null) : overlay(below, out[name]);
  }
  return out;
}

/** Completes an object of a built-in kind for comparison. */
export const goShape = (kind: KindDefinition): ((object: unknown) => unknown) => {
  const shape = kind.native ? { metadata: {}, ...shapes[kind.kind] } : {};
  return (object) => overlay(shape, object);
};
