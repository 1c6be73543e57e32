/** Rules for some requests beside those for the rest. Pure. */
import type { HeaderCondition, RouteAction, RouteCondition, RouteRule } from "./route-plan.ts";

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
  const headers = joinHeaders(one.headers, other.headers);
  if (headers?.length === 0) {
    return undefined;
  }
  return {
    ...(longest === undefined ? {} : { pathPrefix: longest }),
    ...(common === undefined ? {} : { methods: common }),
    ...(headers === undefined ? {} : { headers }),
  };
}

type HeaderSet = readonly HeaderCondition[];

/** Every set of one side with every set of the other; empty when no two go together. */
function joinHeaders(
  one: readonly HeaderSet[] | undefined,
  other: readonly HeaderSet[] | undefined,
): readonly HeaderSet[] | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  return one.flatMap((set) => other.flatMap((more) => mergeSets(set, more) ?? []));
}

/** Routes name a header once: two conditions on it become the narrower one. */
function mergeSets(one: HeaderSet, other: HeaderSet): [HeaderSet] | undefined {
  const merged = new Map<string, HeaderCondition>();
  for (const condition of [...one, ...other]) {
    const known = merged.get(condition.name);
    const both = known === undefined ? condition : narrower(known, condition);
    if (both === undefined) {
      return undefined;
    }
    merged.set(condition.name, both);
  }
  return [[...merged.values()]];
}

function narrower(one: HeaderCondition, other: HeaderCondition): HeaderCondition | undefined {
  const [value, pattern] = one.isPattern === true ? [other, one] : [one, other];
  if (value.isPattern === true || pattern.isPattern !== true) {
    // Of two expressions nobody can say what both match; no two intents have different ones for a header.
    return one.value === other.value && one.isPattern === other.isPattern ? one : undefined;
  }
  return new RegExp(`^(?:${pattern.value})$`).test(value.value) ? value : undefined;
}

/** Conditions that an earlier rule has word for word take nothing any more, and whoever reads the route would wonder. */
export function withoutShadowed(rules: readonly RouteRule[]): RouteRule[] {
  const taken = new Set<string>();
  return rules.flatMap((rule) => {
    const { pathPrefix, methods, headers } = rule.when;
    const left = (headers ?? [[]]).filter((set) => {
      const names = set.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      const key = JSON.stringify([pathPrefix ?? "/", methods ?? [], names]);
      return taken.size !== taken.add(key).size;
    });
    return left.length === 0 ? [] : [headers === undefined ? rule : { ...rule, when: { ...rule.when, headers: left } }];
  });
}

/** By whole segments. */
export const isUnder = (path: string, prefix: string): boolean =>
  prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

/** Without slashes at the end: Gateway API takes `/api/` and `/api` for the same prefix. */
export const trimPath = (path: string): string => path.replace(/\/+$/, "") || "/";
