import type { L7Filter, L7RouteMatch } from "../../../xds/proxy-config.ts";
import { gatewayGroup } from "./gateway.ts";
import { type Fields, fields, items, type Meta, port, readMeta, text } from "./lenient.ts";

export type RouteKind = "HTTPRoute" | "GRPCRoute";

export interface ParentRefInput {
  readonly group: string;
  readonly kind: string;
  /** The route's own when not written. */
  readonly namespace: string;
  readonly name: string;
  /** Empty: all listeners. */
  readonly sectionName: string;
  /** 0: any. */
  readonly port: number;
  /** As written, to be echoed in the status. */
  readonly written: Fields;
}

/** An object that requests or their copies may be sent to. */
export interface BackendInput {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface BackendRefInput extends BackendInput {
  readonly weight: number;
  readonly filters: readonly FilterInput[];
}

/** A filter as written; only a mirror refers to something. */
export type FilterInput =
  | Exclude<L7Filter, { readonly kind: "mirror" }>
  | { readonly kind: "mirror"; readonly backend: BackendInput; readonly fraction: number };

/** `retry` of a rule; absent fields have Istio's defaults. */
export interface RetryInput {
  readonly attempts: number | undefined;
  readonly codes: readonly number[];
  readonly backoffMs: number | undefined;
}

export interface RouteRuleInput {
  readonly name: string;
  readonly matches: readonly L7RouteMatch[];
  readonly filters: readonly FilterInput[];
  readonly backends: readonly BackendRefInput[];
  /** 0: none. */
  readonly requestTimeoutMs: number;
  readonly backendTimeoutMs: number;
  readonly retry: RetryInput | undefined;
  /** Asks for a check that is not done here: nothing may pass. */
  readonly closed: boolean;
}

/** What the mesh needs to know of an HTTPRoute or a GRPCRoute. */
export interface RouteInput extends Omit<Meta, "annotations" | "labels"> {
  readonly kind: RouteKind;
  readonly parents: readonly ParentRefInput[];
  readonly hostnames: readonly string[];
  readonly rules: readonly RouteRuleInput[];
  /** Paths of fields that are written but not understood here; a route with any is refused as a whole. */
  readonly unsupported: readonly string[];
}

/** Reads what all kinds of routes have in common. `readRule` adds to `unsupported` what it does not know. */
export function readRoute(
  object: unknown,
  kind: RouteKind,
  readRule: (rule: Fields, path: string, namespace: string, unsupported: string[]) => RouteRuleInput,
): RouteInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  const unsupported: string[] = [];
  if (spec["useDefaultGateways"] === "All") {
    unsupported.push("useDefaultGateways");
  }
  const rules = items(spec["rules"])
    .map(fields)
    .map((rule, index) => readRule(rule, `rules[${index}]`, namespace, unsupported));
  return {
    namespace,
    name,
    generation,
    createdAtMs,
    kind,
    parents: items(spec["parentRefs"])
      .map(fields)
      .map((parent) => readParent(parent, namespace)),
    hostnames: items(spec["hostnames"])
      .map((hostname) => text(hostname).toLowerCase())
      .filter((hostname) => hostname !== ""),
    rules,
    unsupported,
  };
}

const readParent = (parent: Fields, namespace: string): ParentRefInput => ({
  group: text(parent["group"], gatewayGroup),
  kind: text(parent["kind"], "Gateway"),
  namespace: text(parent["namespace"], namespace),
  name: text(parent["name"]),
  sectionName: text(parent["sectionName"]),
  port: port(parent["port"]),
  written: parent,
});

/** Reads a `backendRef`. */
export const readBackend = (backend: Fields, namespace: string): BackendInput => ({
  group: text(backend["group"]),
  kind: text(backend["kind"], "Service"),
  namespace: text(backend["namespace"], namespace),
  name: text(backend["name"]),
  port: port(backend["port"]),
});
