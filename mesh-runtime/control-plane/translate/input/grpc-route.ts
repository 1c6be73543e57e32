import { type Fields, fields, items, text, whole } from "./lenient.ts";
import { type RouteInput, type RouteRuleInput, readBackend, readRoute } from "./route.ts";
import { readBackendFilters, readFilters } from "./route-filters.ts";
import { readGrpcMatch } from "./route-matches.ts";

/** Reads a GRPCRoute, with the defaults of its schema. */
export const readGrpcRoute = (object: unknown): RouteInput => readRoute(object, "GRPCRoute", readRule);

/** Fields of a rule that are read here. */
const known = new Set(["name", "matches", "filters", "backendRefs"]);

function readRule(rule: Fields, path: string, namespace: string, unsupported: string[]): RouteRuleInput {
  unsupported.push(
    ...Object.keys(rule)
      .filter((field) => !known.has(field))
      .sort()
      .map((field) => `${path}.${field}`),
  );
  return {
    name: text(rule["name"]),
    matches: items(rule["matches"])
      .map(fields)
      .map((match, index) => readGrpcMatch(match, `${path}.matches[${index}]`, unsupported)),
    filters: readFilters(rule["filters"], path, namespace, unsupported),
    backends: items(rule["backendRefs"])
      .map(fields)
      .map((backend, index) => ({
        ...readBackend(backend, namespace),
        weight: Math.max(0, whole(backend["weight"], 1)),
        filters: readBackendFilters(backend["filters"], `${path}.backendRefs[${index}]`, namespace, unsupported),
      })),
    requestTimeoutMs: 0,
    backendTimeoutMs: 0,
    retry: undefined,
  };
}
