import { durationMs } from "./duration.ts";
import { type Fields, fields, items, text, whole } from "./lenient.ts";
import { type RetryInput, type RouteInput, type RouteRuleInput, readRoute } from "./route.ts";
import { asksFirst, readBackends, readFilters } from "./route-filters.ts";
import { readHttpMatch } from "./route-matches.ts";

/** Reads an HTTPRoute, with the defaults of its schema. */
export const readHttpRoute = (object: unknown): RouteInput => readRoute(object, "HTTPRoute", readRule);

/** Fields of a rule that are read here. */
const known = new Set(["name", "matches", "filters", "backendRefs", "timeouts", "retry"]);

function readRule(rule: Fields, path: string, namespace: string, unsupported: string[]): RouteRuleInput {
  const timeouts = fields(rule["timeouts"]);
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
      .map((match, index) => readHttpMatch(match, `${path}.matches[${index}]`, unsupported)),
    filters: readFilters(rule["filters"], path, namespace, unsupported),
    backends: readBackends(rule["backendRefs"], path, namespace, unsupported),
    closed:
      asksFirst(rule["filters"]) || items(rule["backendRefs"]).some((backend) => asksFirst(fields(backend)["filters"])),
    requestTimeoutMs: durationMs(timeouts["request"]) ?? 0,
    backendTimeoutMs: durationMs(timeouts["backendRequest"]) ?? 0,
    retry: rule["retry"] === undefined ? undefined : readRetry(fields(rule["retry"])),
  };
}

const readRetry = (retry: Fields): RetryInput => ({
  attempts: retry["attempts"] === undefined ? undefined : Math.max(0, whole(retry["attempts"])),
  codes: items(retry["codes"])
    .map((code) => whole(code))
    .filter((code) => code >= 400 && code <= 599),
  backoffMs: durationMs(retry["backoff"]),
});
