/** Conditions of routes over requests of which not everything is known. Pure. */
import type { HttpRouteMatch } from "@/mesh-runtime/api/gateway-api/http-match.ts";
import type { HttpMatchRequest } from "@/mesh-runtime/api/istio/http-match.ts";
import type { StringMatch } from "@/mesh-runtime/api/istio/string-match.ts";

/** Whether something holds; `maybe` where it depends on what is not known. */
export type Certainty = "yes" | "no" | "maybe";

/** A request as routes see it. */
export interface RoutedRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** With its question mark; empty for none, null when it is not known. */
  readonly query: string | null;
  /** Host as sent; empty when it is not known. */
  readonly authority: string;
  /** Of the service or listener. */
  readonly port: number;
  readonly sourceNamespace: string;
  /** By lower-case name; undefined: absent, null: not known. */
  header(name: string): string | undefined | null;
}

export const all = (parts: readonly Certainty[]): Certainty =>
  parts.includes("no") ? "no" : parts.includes("maybe") ? "maybe" : "yes";
export const any = (parts: readonly Certainty[]): Certainty =>
  parts.includes("yes") ? "yes" : parts.includes("maybe") ? "maybe" : "no";
const not = (of: Certainty): Certainty => (of === "maybe" ? of : of === "yes" ? "no" : "yes");
const certain = (holds: boolean): Certainty => (holds ? "yes" : "no");

const regexMax = 256;

/**
 * An expression over the whole text. Expressions belong to whoever may write routes: those that could run for long (groups
 * that repeat, many repetitions) are not tried.
 */
function regexHolds(expression: string, text: string): Certainty {
  const repeats = expression.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  if (expression.length > regexMax || repeats > 2 || /\)[*+{]|\\\d/.test(expression)) {
    return "maybe";
  }
  try {
    return certain(new RegExp(`^(?:${expression})$`).test(text));
  } catch {
    return "maybe";
  }
}

const trimmed = (prefix: string): string => (prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);

/** Gateway API's prefix: by whole segments. */
const hasSegments = (path: string, prefix: string): boolean => {
  const wanted = trimmed(prefix);
  return path.startsWith(wanted) && (path.length === wanted.length || path[wanted.length] === "/");
};

function queryValue(query: string, name: string): string | undefined {
  return new URLSearchParams(query).get(name) ?? undefined;
}

const comparesTo = (type: string | undefined, wanted: string, value: string | undefined | null): Certainty =>
  value === null
    ? "maybe"
    : value === undefined
      ? "no"
      : type === "RegularExpression"
        ? regexHolds(wanted, value)
        : certain(value === wanted);

/** Whether a match of an HTTPRoute's rule holds. */
export function routeMatchHolds(
  { path, headers, queryParams, method }: HttpRouteMatch,
  request: RoutedRequest,
): Certainty {
  const value = path?.value ?? "/";
  const onPath =
    path?.type === "Exact"
      ? certain(request.path === value)
      : path?.type === "RegularExpression"
        ? regexHolds(value, request.path)
        : certain(hasSegments(request.path, value));
  return all([
    onPath,
    certain(method === undefined || method === request.method),
    ...(headers ?? []).map(({ name, type, value: wanted }) =>
      comparesTo(type, wanted, request.header(name.toLowerCase())),
    ),
    ...(queryParams ?? []).map(({ name, type, value: wanted }) =>
      comparesTo(type, wanted, request.query === null ? null : queryValue(request.query, name)),
    ),
  ]);
}

function stringHolds(match: StringMatch | undefined, value: string | undefined | null, ignoreCase = false): Certainty {
  if (match === undefined) {
    return "yes";
  }
  if (value === null || value === undefined) {
    return value === null ? "maybe" : "no";
  }
  const { exact, prefix, regex } = match;
  const given = ignoreCase ? value.toLowerCase() : value;
  const wanted = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  if (exact !== undefined) {
    return certain(given === wanted(exact));
  }
  if (prefix !== undefined) {
    return certain(given.startsWith(wanted(prefix)));
  }
  return regex === undefined ? "yes" : regexHolds(wanted(regex), given);
}

/** Whether a match of a VirtualService's rule holds. */
export function virtualMatchHolds(match: HttpMatchRequest, request: RoutedRequest): Certainty {
  const { uri, method, authority, headers, withoutHeaders, port, queryParams, ignoreUriCase, sourceNamespace } = match;
  const { query } = request;
  return all([
    stringHolds(uri, request.path, ignoreUriCase),
    stringHolds(method, request.method),
    stringHolds(authority, request.authority === "" ? null : request.authority),
    certain(port === undefined || port === request.port),
    certain(sourceNamespace === undefined || sourceNamespace === request.sourceNamespace),
    certain((match.gateways ?? ["mesh"]).includes("mesh")),
    match.sourceLabels === undefined ? "yes" : "maybe",
    ...Object.entries(headers ?? {}).map(([name, wanted]) => stringHolds(wanted, request.header(name.toLowerCase()))),
    ...Object.entries(withoutHeaders ?? {}).map(([name, wanted]) =>
      not(stringHolds(wanted, request.header(name.toLowerCase()))),
    ),
    ...Object.entries(queryParams ?? {}).map(([name, wanted]) =>
      stringHolds(wanted, query === null ? null : queryValue(query, name)),
    ),
  ]);
}
