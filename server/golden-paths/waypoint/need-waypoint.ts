/** For paths whose rules only a waypoint can enforce. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService } from "@/server/inventory/model.ts";
import { cutOffServices } from "../give-a-waypoint/cut-off.ts";
import { type Intent, type IntentChange, intentKey } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { surroundingsOf } from "../surroundings.ts";
import { refusesWaypoint } from "./named-waypoint.ts";

type Known = Pick<PathContext, "current" | "inventory">;

/** The change that gives the service's namespace a waypoint; empty when calls to the service go through one already. */
export function needWaypoint(service: ServiceRef, { current, inventory }: Known): IntentChange[] {
  const has = surroundingsOf(current, inventory).waypointOf(service) !== undefined;
  if (has || refusesWaypoint(inventory, service)) {
    return [];
  }
  const intent: Intent = { slug: "give-a-waypoint", namespace: service.namespace, replicas: 1 };
  const key = intentKey(intent);
  return [{ key, before: current.get(key), after: intent, subject: intent }];
}

/**
 * What there is to say about the waypoint of a service that needs one: that it comes with the change and whom it cuts off,
 * that it is not ready, or that the service wants none. `rewritten`: the change writes who may call the service, at the
 * waypoint too.
 */
export function waypointFindings(
  service: ServiceRef,
  context: Known,
  { field = "service", rewritten = false }: { readonly field?: string; readonly rewritten?: boolean } = {},
): Finding[] {
  const { namespace, name } = service;
  if (refusesWaypoint(context.inventory, service)) {
    const message = `${name} is labelled to be reached without a waypoint, and this rule needs one. Remove its label istio.io/use-waypoint first.`;
    return [finding("error", "waypoint-missing", field, message, { place: `Service ${namespace}/${name}` })];
  }
  if (needWaypoint(service, context).length > 0) {
    const message = `${namespace} has no waypoint yet. It comes with this change: calls to its services go through it from then on.`;
    return [
      finding("info", "waypoint-missing", field, message, { place: `Namespace ${namespace}` }),
      ...cutOffServices(namespace, field, context, rewritten ? name : ""),
    ];
  }
  const bound = findService(context.inventory, service)?.waypointBound;
  if (bound !== undefined && !bound.ok) {
    const waypoint = surroundingsOf(context.current, context.inventory).waypointOf(service);
    const place = waypoint === undefined ? "" : `Gateway ${waypoint.namespace}/${waypoint.name}`;
    const message = `The waypoint of ${name} does not serve it yet: ${bound.message}. Until it does, calls to ${name} that this rule is about are refused or go past it.`;
    return [finding("warning", "waypoint-not-ready", field, message, { place })];
  }
  return [];
}
