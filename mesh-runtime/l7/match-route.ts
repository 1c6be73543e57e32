/**
 * Which rule a request takes, by Gateway API's precedence (HTTPRouteRule, "Matches"): most specific host, then exact
 * path, longest prefix, regular expression, then method, number of headers, number of query parameters, oldest route,
 * name, and place in the route. Hosts do not fall back: a host with routes of its own sees no wildcard's routes.
 */
import type { L7Listener, L7Route, L7RouteMatch, L7RouteRule } from "../xds/model.ts";
import { compareSpecificity, coversHost, intersectHosts } from "./host-pattern.ts";
import { compileRegex } from "./linear-regex.ts";

/** What routes look at. */
export interface RoutedRequest {
  readonly method: string;
  /** Normalized, without query. */
  readonly path: string;
  /** With `?`, or empty. */
  readonly query: string;
  /** By lower-case name, repeated ones joined by `,`. */
  header(name: string): string | undefined;
}

/** Where a request goes. */
export interface MatchedRoute {
  readonly route: L7Route;
  readonly rule: L7RouteRule;
}

interface Candidate extends MatchedRoute {
  readonly rank: readonly number[];
  matches(request: RoutedRequest): boolean;
}

interface VirtualHost {
  readonly pattern: string;
  readonly candidates: readonly Candidate[];
}

/** One port's listeners, made ready for matching. */
export interface PortRoutes {
  /** Most specific host first. */
  readonly listeners: readonly { readonly listener: L7Listener; readonly hosts: readonly VirtualHost[] }[];
}

/** Compiles the listeners of one port. */
export function compileRoutes(listeners: readonly L7Listener[]): PortRoutes {
  return {
    listeners: listeners
      .toSorted((one, other) => compareSpecificity(one.hostname, other.hostname))
      .map((listener) => ({ listener, hosts: virtualHosts(listener) })),
  };
}

/** The listener for a host (lower case, without port). */
export function matchListener(routes: PortRoutes, host: string): PortRoutes["listeners"][number] | undefined {
  return routes.listeners.find(({ listener }) => coversHost(listener.hostname.toLowerCase(), host));
}

/** The rule for a request, or `undefined`: answer 404. */
export function matchRoute(
  { hosts }: PortRoutes["listeners"][number],
  host: string,
  request: RoutedRequest,
): MatchedRoute | undefined {
  const virtualHost = hosts.find(({ pattern }) => coversHost(pattern, host));
  return virtualHost?.candidates.find((candidate) => candidate.matches(request));
}

function virtualHosts(listener: L7Listener): VirtualHost[] {
  const byPattern = new Map<string, Candidate[]>();
  for (const route of listener.routes) {
    const candidates = candidatesOf(route);
    const names = route.hostnames.length === 0 ? [""] : route.hostnames;
    const patterns = new Set(names.map((name) => intersectHosts(listener.hostname.toLowerCase(), name.toLowerCase())));
    for (const pattern of patterns) {
      if (pattern !== undefined) {
        byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), ...candidates]);
      }
    }
  }
  return [...byPattern]
    .map(([pattern, candidates]) => ({ pattern, candidates: candidates.toSorted(byPrecedence) }))
    .sort((one, other) => compareSpecificity(one.pattern, other.pattern));
}

/** Higher ranks first; equal ones: oldest route, then its key; sorting is stable, so then the place in the route. */
function byPrecedence(one: Candidate, other: Candidate): number {
  for (const [index, rank] of one.rank.entries()) {
    const difference = (other.rank[index] ?? 0) - rank;
    if (difference !== 0) {
      return difference;
    }
  }
  const age = one.route.createdAtMs - other.route.createdAtMs;
  return age !== 0 ? age : one.route.key < other.route.key ? -1 : one.route.key > other.route.key ? 1 : 0;
}

const anything: L7RouteMatch = { path: { type: "PathPrefix", value: "/" }, method: "", headers: [], queryParams: [] };

const candidatesOf = (route: L7Route): Candidate[] =>
  route.rules.flatMap((rule) =>
    (rule.matches.length === 0 ? [anything] : rule.matches).map((match) => ({
      route,
      rule,
      rank: [
        pathRank[match.path.type],
        match.path.type === "PathPrefix" ? match.path.value.length : 0,
        match.method === "" ? 0 : 1,
        match.headers.length,
        match.queryParams.length,
      ],
      matches: compileMatch(match),
    })),
  );

const pathRank = { Exact: 2, PathPrefix: 1, RegularExpression: 0 } as const;

function compileMatch(match: L7RouteMatch): (request: RoutedRequest) => boolean {
  const path = compilePath(match.path);
  const headers = match.headers.map(({ name, type, value }) => ({
    name: name.toLowerCase(),
    test: compileValue(type, value),
  }));
  const parameters = match.queryParams.map(({ name, type, value }) => ({ name, test: compileValue(type, value) }));
  return (request) =>
    path(request.path) &&
    (match.method === "" || match.method === request.method) &&
    headers.every(({ name, test }) => {
      const value = request.header(name);
      return value !== undefined && test(value);
    }) &&
    parameters.every(({ name, test }) => {
      const value = queryParameter(request.query, name);
      return value !== undefined && test(value);
    });
}

function compilePath({ type, value }: L7RouteMatch["path"]): (path: string) => boolean {
  if (type === "Exact") {
    return (path) => path === value;
  }
  if (type === "RegularExpression") {
    return compileValue(type, value);
  }
  // By whole segments; a slash at the end says nothing (Gateway API, PathMatchPathPrefix).
  const prefix = value.endsWith("/") ? value.slice(0, -1) : value;
  return (path) => path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}

/** An expression that cannot be compiled matches nothing. */
function compileValue(type: "Exact" | "RegularExpression", value: string): (given: string) => boolean {
  if (type === "Exact") {
    return (given) => given === value;
  }
  const expression = compileRegex(value);
  return (given) => expression?.matches(given) ?? false;
}

/** First value of a parameter, as it was sent (Envoy does not decode before matching). */
function queryParameter(query: string, name: string): string | undefined {
  for (const pair of query.slice(1).split("&")) {
    const equals = pair.indexOf("=");
    if ((equals === -1 ? pair : pair.slice(0, equals)) === name) {
      return equals === -1 ? "" : pair.slice(equals + 1);
    }
  }
  return undefined;
}
