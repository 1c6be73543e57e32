import type { L7RouteMatch } from "../../../xds/model.ts";
import { gatewayGroup } from "./gateway.ts";
import { type Fields, fields, items, type Meta, port, readMeta, text, whole } from "./lenient.ts";

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

export interface BackendRefInput {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly weight: number;
}

export interface RouteRuleInput {
  readonly name: string;
  readonly matches: readonly L7RouteMatch[];
  readonly backends: readonly BackendRefInput[];
  readonly requestTimeoutMs: number;
  /** Paths of fields that are written but not understood here; a route with any is refused as a whole. */
  readonly unsupported: readonly string[];
}

/** What the mesh needs to know of an HTTPRoute. */
export interface HttpRouteInput extends Omit<Meta, "annotations"> {
  readonly parents: readonly ParentRefInput[];
  readonly hostnames: readonly string[];
  readonly rules: readonly RouteRuleInput[];
}

/** Reads an HTTPRoute, with the defaults of its schema. */
export function readHttpRoute(object: unknown): HttpRouteInput {
  const { annotations: _annotations, ...meta } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  return {
    ...meta,
    parents: items(spec["parentRefs"])
      .map(fields)
      .map((parent) => readParent(parent, meta.namespace)),
    hostnames: items(spec["hostnames"])
      .map((hostname) => text(hostname).toLowerCase())
      .filter((hostname) => hostname !== ""),
    rules: items(spec["rules"])
      .map(fields)
      .map((rule, index) => readRule(rule, `rules[${index}]`, meta.namespace)),
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

function readRule(rule: Fields, path: string, namespace: string): RouteRuleInput {
  const timeouts = fields(rule["timeouts"]);
  const backends = items(rule["backendRefs"]).map(fields);
  const unsupported = [
    ...unsupportedFilters(rule["filters"], path),
    ...backends.flatMap((backend, index) => unsupportedFilters(backend["filters"], `${path}.backendRefs[${index}]`)),
    ...["retry", "sessionPersistence"].filter((field) => rule[field] !== undefined).map((field) => `${path}.${field}`),
    ...(timeouts["backendRequest"] === undefined ? [] : [`${path}.timeouts.backendRequest`]),
  ];
  const matches = items(rule["matches"]).map(fields).map(readMatch);
  return {
    name: text(rule["name"]),
    matches,
    backends: backends.map((backend) => ({
      group: text(backend["group"]),
      kind: text(backend["kind"], "Service"),
      namespace: text(backend["namespace"], namespace),
      name: text(backend["name"]),
      port: port(backend["port"]),
      weight: Math.max(0, whole(backend["weight"], 1)),
    })),
    requestTimeoutMs: durationMs(text(timeouts["request"])),
    unsupported: [
      ...unsupported,
      ...matches.flatMap((match, index) => badPatterns(match, `${path}.matches[${index}]`)),
    ],
  };
}

const unsupportedFilters = (value: unknown, path: string): string[] =>
  items(value).map((filter, index) => `${path}.filters[${index}] (${text(fields(filter)["type"], "unknown")})`);

function readMatch(match: Fields): L7RouteMatch {
  const path = fields(match["path"]);
  return {
    path: { type: pathType(text(path["type"])), value: text(path["value"], "/") },
    method: text(match["method"]),
    headers: items(match["headers"]).map(fields).map(readValueMatch),
    queryParams: items(match["queryParams"]).map(fields).map(readValueMatch),
  };
}

const pathType = (type: string): L7RouteMatch["path"]["type"] =>
  type === "Exact" || type === "RegularExpression" ? type : "PathPrefix";

const readValueMatch = (match: Fields): L7RouteMatch["headers"][number] => ({
  name: text(match["name"]),
  type: text(match["type"]) === "RegularExpression" ? "RegularExpression" : "Exact",
  value: text(match["value"]),
});

/** A pattern that does not compile must not reach a gateway, where it would hold back all its other routes. */
function badPatterns(match: L7RouteMatch, path: string): string[] {
  const bad: string[] = [];
  const check = (type: string, value: string, field: string): void => {
    if (type === "RegularExpression" && !compiles(value)) {
      bad.push(`${path}.${field}`);
    }
  };
  check(match.path.type, match.path.value, "path.value");
  for (const { name, type, value } of match.headers) {
    check(type, value, `headers[${name}]`);
  }
  for (const { name, type, value } of match.queryParams) {
    check(type, value, `queryParams[${name}]`);
  }
  return bad;
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Gateway API duration (GEP-2257), such as `1m30s`, in milliseconds; 0 when it is none. */
function durationMs(value: string): number {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(value)) {
    return 0;
  }
  let total = 0;
  for (const [, digits = "0", unit = ""] of value.matchAll(/([0-9]+)(ms|h|m|s)/g)) {
    total += Number(digits) * (unitMs[unit] ?? 0);
  }
  return total;
}
