/** Rules for some requests beside those for the rest. Pure. */
import type { RouteAction, RouteCondition, RouteRule } from "./route-plan.ts";

/** Some requests, and what is different for them. */
export interface RouteCase {
  /** Added to the names of rules: `safe`, `path-1`. */
  readonly name: string;
  readonly when: RouteCondition;
  change(action: RouteAction): Partial<RouteAction>;
}

/**
 * Puts a rule for each case in front of every rule: all combinations are there, so that one intent never hides another,
 * whichever came first. Cases are in the order in which they apply.
 *
 * Gateway API does not keep the order of rules but takes the longest path, then a method, then most headers. Split by
 * paths first, by methods next and by headers last, and both orders are the same.
 */
export const splitRules = (rules: readonly RouteRule[], cases: readonly RouteCase[]): RouteRule[] =>
  rules.flatMap((rule) => [
    ...cases.flatMap(({ name, when, change }) => {
      const both = joinConditions(rule.when, when);
      return both === undefined
        ? []
        : [{ ...rule, ...change(rule), name: rule.name === "all" ? name : `${rule.name}-${name}`, when: both }];
    }),
    rule,
  ]);

/** Requests that fit both; undefined when there can be none. */
export function joinConditions(one: RouteCondition, other: RouteCondition): RouteCondition | undefined {
  const paths = [one.pathPrefix, other.pathPrefix].filter((path) => path !== undefined);
  const [longest, shorter] = paths.toSorted((a, b) => b.length - a.length);
  if (longest !== undefined && shorter !== undefined && !isUnder(longest, shorter)) {
    return undefined;
  }
  const { methods = other.methods } = one;
  const common = methods?.filter((method) => other.methods === undefined || other.methods.includes(method));
  if (common?.length === 0) {
    return undefined;
  }
  const headers = [...(one.headers ?? []), ...(other.headers ?? [])];
  const values = new Map(headers.map(({ name, value }) => [name, value]));
  if (headers.some(({ name, value }) => values.get(name) !== value)) {
    return undefined;
  }
  return {
    ...(longest === undefined ? {} : { pathPrefix: longest }),
    ...(common === undefined ? {} : { methods: common }),
    ...(headers.length === 0 ? {} : { headers: [...values].map(([name, value]) => ({ name, value })) }),
  };
}

/** By whole segments. */
export const isUnder = (path: string, prefix: string): boolean =>
  prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

/** Without slashes at the end: Gateway API takes `/api/` and `/api` for the same prefix. */
export const trimPath = (path: string): string => path.replace(/\/+$/, "") || "/";
