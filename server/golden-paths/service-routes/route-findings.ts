/** What speaks against the routes that a service would have. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type IntentSet, intentsOfService } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { foreignRoutes } from "./foreign-routes.ts";
import { planRoutes } from "./plan-routes.ts";
import { matchesOf } from "./render-http-route.ts";
import { matchesMax, needsVirtualService, rulesMax } from "./route-plan.ts";

/** `next`: the intents once the form is applied. */
export function routeFindings(service: ServiceRef, next: IntentSet, context: PathContext): Finding[] {
  const plan = planRoutes({ service, intents: intentsOfService(next, service) });
  const foreign = foreignRoutes(context.inventory, service);
  const routes = foreign.filter(({ kind }) => kind !== "VirtualService");
  const virtual = foreign.filter(({ kind }) => kind === "VirtualService");
  if (plan === undefined) {
    const before = planRoutes({ service, intents: intentsOfService(context.current, service) });
    return before === undefined ? [] : withoutDefault(service, routes);
  }
  const { name } = service;
  if (needsVirtualService(plan)) {
    return foreign.map(({ place, kind }) => {
      const why = kind === "VirtualService" ? "only one of the two acts" : "it wins whole, and no call would fail";
      const message = `${place}, which Towpath did not write, routes calls to ${name} as well: ${why}. Delete it first, or write its rules by the paths of ${name}.`;
      return finding("error", "route-conflict", "", message, { place });
    });
  }
  const found: Finding[] = [];
  if (plan.rules.length > rulesMax) {
    const message = `That makes ${plan.rules.length} rules for ${name}, and a route holds at most ${rulesMax}. Name fewer paths.`;
    found.push(finding("error", "out-of-range", "", message));
  }
  const matches = plan.rules.reduce((sum, rule) => sum + matchesOf(rule).length, 0);
  if (matches > matchesMax) {
    const message = `That makes ${matches} conditions for ${name}, and a route holds at most ${matchesMax}. Name fewer paths, or fewer callers and headers.`;
    found.push(finding("error", "out-of-range", "", message));
  }
  for (const { place } of virtual) {
    const message = `${place}, which Towpath did not write, routes calls to ${name}: it would be ignored without a word as soon as this is applied. Delete it first.`;
    found.push(finding("error", "route-conflict", "", message, { place }));
  }
  for (const { place, takesAll } of routes) {
    const message = takesAll
      ? `${place}, which Towpath did not write, takes every call to ${name} already: what is set here would do nothing. Delete it, or set it there.`
      : `${place}, which Towpath did not write, goes on to take the requests that it names: what is set here does nothing for those.`;
    found.push(
      finding(takesAll ? "error" : "warning", takesAll ? "route-conflict" : "rule-shadowed", "", message, { place }),
    );
  }
  const [only] = routes;
  if (only !== undefined && !routes.some(({ takesAll }) => takesAll)) {
    const message = `Until now, requests to ${name} that no rule names were answered 404. With this they get through.`;
    found.push(finding("info", "route-without-default", "", message, { place: only.place }));
  }
  return found;
}

/** Our route goes, and with it the rule that took everything. */
function withoutDefault({ name }: ServiceRef, routes: ReturnType<typeof foreignRoutes>): Finding[] {
  const [only] = routes;
  if (only === undefined || routes.some(({ takesAll }) => takesAll)) {
    return [];
  }
  const message = `${only.place} stays, and it names some requests only: all others to ${name} will be answered 404. Give it a rule without conditions, or delete it.`;
  return [finding("warning", "route-without-default", "", message, { place: only.place })];
}
