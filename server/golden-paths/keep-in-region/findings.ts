import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { regionsOf } from "../destination-rules/traffic-policy.ts";
import { type IntentOf, type IntentSet, intentsOf, intentsOfService } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { offer } from "../service-routes/service-plan.ts";
import { surroundingsOf } from "../surroundings.ts";
import { podsByRegion, waypointPodsByRegion } from "./places.ts";

/** `next`: the intents once the form is applied. */
export function regionFindings(service: ServiceRef, next: IntentSet, context: PathContext): Finding[] {
  const { inventory } = context;
  const regions = regionsOf(inventory);
  if (regions.length === 0) {
    const message =
      "No node says in which region it is, so nothing can be kept there. Label the nodes topology.kubernetes.io/region.";
    return [finding("error", "rule-without-effect", "", message)];
  }
  const pods = podsByRegion(inventory, service);
  const without = regions.filter((region) => !pods.has(region));
  const found: Finding[] = [];
  if (pods.size > 0 && without.length > 0) {
    const message = `${service.name} has no pod in ${listNames(without)}: calls that are made there fail from then on.`;
    found.push(finding("warning", "no-pods-in-region", "service", message));
  }
  return [
    ...found,
    ...waypointMissing(service, next, regions, context),
    ...copiesLeave(service, next),
    ...zonesAlike(service, next),
  ];
}

/** Home is where the waypoint is, not where the caller is (`resources.md` §13). */
function waypointMissing(
  service: ServiceRef,
  next: IntentSet,
  regions: readonly string[],
  { inventory, current }: PathContext,
): Finding[] {
  const waypoint = surroundingsOf(next, inventory).waypointOf(service);
  if (waypoint === undefined || regions.length < 2) {
    return [];
  }
  const pods = waypointPodsByRegion(inventory, waypoint);
  const without = regions.filter((region) => !pods.has(region));
  if (without.length === 0) {
    return [];
  }
  const given = intentsOf(current, "give-a-waypoint").find(({ namespace }) => namespace === waypoint.namespace);
  const replicas = Math.min(10, Math.max(regions.length, given?.replicas ?? 1));
  const message = `The waypoint of ${service.name} has no pod in ${listNames(without)}: calls from there go to another region first, and are kept in that one. It needs a pod in each region.`;
  const path = offer("give-a-waypoint", `Give ${waypoint.namespace} ${replicas} waypoint pods`, "One in each region", {
    namespaces: [waypoint.namespace],
    replicas,
    given: true,
  });
  const place = `Gateway ${waypoint.namespace}/${waypoint.name}`;
  return [finding("warning", "waypoint-not-in-region", "", message, { path, place })];
}

/** Copies go to another service, which nobody keeps in the region. */
function copiesLeave(service: ServiceRef, next: IntentSet): Finding[] {
  const mirror = intentsOfService(next, service).find(
    (one): one is IntentOf<"mirror-traffic"> => one.slug === "mirror-traffic",
  );
  if (mirror?.to.kind !== "service") {
    return [];
  }
  const { service: target } = mirror.to;
  if (intentsOfService(next, target).some(({ slug }) => slug === "keep-in-region")) {
    return [];
  }
  const message = `Copies of the calls go to ${target.name}, which may be in another region.`;
  const path = offer("keep-in-region", `Keep calls to ${target.name} in their region`, "Copies are data too", {
    service: target,
    enabled: true,
  });
  return [finding("warning", "side-effects", "", message, { path })];
}

function zonesAlike(service: ServiceRef, next: IntentSet): Finding[] {
  if (!intentsOfService(next, service).some(({ slug }) => slug === "prefer-the-zone")) {
    return [];
  }
  const message = `${service.name} also prefers the zone: at the waypoint that ends, since all zones of the region are alike from then on.`;
  return [finding("info", "rule-shadowed", "", message)];
}
