/** Lists whose order means nothing, put into one order: what means the same reads the same. Pure. */
import { isJsonObject } from "./json-object.ts";
import { canonical, type Rendered } from "./resource.ts";

/**
 * Fields by kind that hold alternatives, or conditions that must all be fulfilled. Not here: rules of routes, of which the
 * first that fits is taken, and filters, which act one after the other.
 */
const fields: Readonly<Record<string, ReadonlySet<string> | "all">> = {
  // Rules, sources, operations, conditions and their values alike.
  AuthorizationPolicy: "all",
  RequestAuthentication: new Set(["audiences", "targetRefs"]),
  HTTPRoute: new Set(["parentRefs", "hostnames", "matches", "headers", "queryParams", "backendRefs", "codes"]),
  VirtualService: new Set(["hosts", "gateways", "exportTo", "match", "route"]),
  ServiceEntry: new Set(["hosts", "addresses", "ports", "exportTo", "subjectAltNames", "endpoints"]),
  Gateway: new Set(["listeners"]),
  Service: new Set(["ports"]),
  RateLimitPolicy: new Set(["targetRefs"]),
};

/** Its spec, with such lists in one order. */
export function orderFree({ kind, spec }: Pick<Rendered, "kind" | "spec">): unknown {
  const free = fields[kind];
  return free === undefined ? spec : sorted(spec, (field) => free === "all" || free.has(field), false);
}

function sorted(value: unknown, isFree: (field: string) => boolean, free: boolean): unknown {
  if (Array.isArray(value)) {
    const entries = value.map((entry: unknown) => sorted(entry, isFree, false));
    return free ? entries.toSorted(byText) : entries;
  }
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, sorted(inner, isFree, isFree(field))]))
    : value;
}

const byText = (one: unknown, other: unknown): number => {
  const [left, right] = [canonical(one), canonical(other)];
  return left < right ? -1 : left > right ? 1 : 0;
};
