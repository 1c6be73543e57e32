import type { L7Route, L7RouteRule } from "../../../xds/proxy-config.ts";
import { type Candidate, candidatesOf } from "./candidate.ts";
import { HostTable, intersectHosts } from "./host-pattern.ts";
import { RouteTable } from "./route-table.ts";

/** The routes of one listener by host. Hosts do not fall back: one with routes of its own sees no wildcard's routes. */
export function virtualHosts<A>(
  hostname: string,
  routes: readonly L7Route[],
  compile: (rule: L7RouteRule) => A,
): HostTable<RouteTable<A>> {
  const byPattern = new Map<string, L7Route[]>();
  for (const route of routes) {
    const names = route.hostnames.length === 0 ? [""] : route.hostnames;
    const patterns = new Set(names.map((name) => intersectHosts(hostname.toLowerCase(), name.toLowerCase())));
    for (const pattern of patterns) {
      if (pattern !== undefined) {
        const group = byPattern.get(pattern);
        if (group === undefined) {
          byPattern.set(pattern, [route]);
        } else {
          group.push(route);
        }
      }
    }
  }
  const actions = new Map<L7RouteRule, A>();
  const compileOnce = (rule: L7RouteRule): A => {
    const action = actions.get(rule) ?? compile(rule);
    actions.set(rule, action);
    return action;
  };
  const tables = new Map<string, RouteTable<A>>();
  for (const [pattern, group] of byPattern) {
    const candidates: Candidate<A>[] = candidatesOf(group, compileOnce);
    tables.set(pattern, new RouteTable(candidates));
  }
  return new HostTable(tables);
}
