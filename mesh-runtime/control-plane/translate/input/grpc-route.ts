import { type Fields, fields, items, text } from "./lenient.ts";
import { type RouteInput, type RouteRuleInput, readRoute } from "./route.ts";
import { asksFirst, readBackends, readFilters } from "./route-filters.ts";
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
    backends: readBackends(rule["backendRefs"], path, namespace, unsupported),
    closed:
      asksFirst(rule["filters"]) || items(rule["backendRefs"]).some((backend) => asksFirst(fields(backend)["filters"])),
    requestTimeoutMs: 0,
    backendTimeoutMs: 0,
    retry: undefined,
  };
}
