import type { L7Route, L7RouteMatch, L7RouteRule } from "../../../xds/proxy-config.ts";
import { compileConditions, compileMatch, type RequestTest, segmentPrefix } from "./compile-match.ts";

/** One match of one rule, made ready. `A` is what the rule compiled to. */
export interface Candidate<A> {
  readonly route: L7Route;
  readonly rule: L7RouteRule;
  readonly action: A;
  /** The match it was made from; a rule without matches has one that takes everything. */
  readonly match: L7RouteMatch;
  /** Place in the order of precedence, from 0; the least that holds takes the request. */
  readonly order: number;
  /** What a prefix rewrite replaces; `undefined`: the whole path. */
  readonly prefix: string | undefined;
  readonly holds: RequestTest;
}

const anything: L7RouteMatch = {
  path: { type: "PathPrefix", value: "/", ignoreCase: false },
  method: undefined,
  headers: [],
  queryParams: [],
  authority: undefined,
  scheme: undefined,
  port: 0,
  sourceNamespace: "",
};

/**
 * All matches of some routes in the order of precedence (Gateway API, HTTPRouteRule "Matches"): exact path, longest
 * prefix, regular expression, then method, number of headers, number of query parameters, oldest route, name, place in
 * the route. Routes that are `ordered` come behind them, as written. Matches that cannot be used are left out.
 */
export function candidatesOf<A>(routes: readonly L7Route[], compile: (rule: L7RouteRule) => A): Candidate<A>[] {
  const drafts = routes.flatMap((route) =>
    route.rules.flatMap((rule) => {
      const action = compile(rule);
      return (rule.matches.length === 0 ? [anything] : rule.matches).map((match) => ({ route, rule, action, match }));
    }),
  );
  const candidates: Candidate<A>[] = [];
  for (const draft of drafts.toSorted((one, other) => comparePrecedence(one, other))) {
    const holds = compileHolds(draft.match);
    if (holds !== undefined) {
      candidates.push({ ...draft, order: candidates.length, prefix: prefixOf(draft.match), holds });
    }
  }
  return candidates;
}

/** Without the path where the index has compared it already. */
function compileHolds(match: L7RouteMatch): RequestTest | undefined {
  if (match.path.type === "RegularExpression") {
    return compileMatch(match);
  }
  const conditions = compileConditions(match);
  if (conditions === undefined) {
    return undefined;
  }
  const [first, second] = conditions;
  if (first === undefined) {
    return () => true;
  }
  return second === undefined ? first : (request) => conditions.every((test) => test(request));
}

function prefixOf({ path: { type, value } }: L7RouteMatch): string | undefined {
  switch (type) {
    case "PathPrefix":
      return segmentPrefix(value);
    case "Prefix":
      return value;
    case "Exact":
    case "RegularExpression":
      return undefined;
  }
}

interface Ranked {
  readonly route: L7Route;
  readonly match: L7RouteMatch;
}

/** Sorting is stable, so that equals keep their place in the route. */
function comparePrecedence(one: Ranked, other: Ranked): number {
  if (one.route.ordered || other.route.ordered) {
    return Number(one.route.ordered) - Number(other.route.ordered) || compareAge(one, other);
  }
  return (
    pathRank[other.match.path.type] - pathRank[one.match.path.type] ||
    prefixLength(other) - prefixLength(one) ||
    Number(other.match.method !== undefined) - Number(one.match.method !== undefined) ||
    other.match.headers.length - one.match.headers.length ||
    other.match.queryParams.length - one.match.queryParams.length ||
    compareAge(one, other)
  );
}

function compareAge({ route: one }: Ranked, { route: other }: Ranked): number {
  return one.createdAtMs - other.createdAtMs || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}

const pathRank = { Exact: 2, PathPrefix: 1, Prefix: 1, RegularExpression: 0 } as const;

const prefixLength = ({ match: { path } }: Ranked): number =>
  path.type === "PathPrefix" || path.type === "Prefix" ? path.value.length : 0;
