import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { PreferTheZoneForm } from "@/server/contracts/golden-paths/places.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { podsByPlace } from "../keep-in-region/places.ts";
import { finding, type GoldenPath, type PathContext } from "../path.ts";
import { serviceObject } from "../service-routes/service-object.ts";
import { inServices, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { surroundingsOf } from "../surroundings.ts";

const intentOf = ({ service, near }: PreferTheZoneForm): IntentOf<"prefer-the-zone"> => ({
  slug: "prefer-the-zone",
  service,
  near,
});

export const preferTheZone: GoldenPath<"prefer-the-zone"> = {
  slug: "prefer-the-zone",
  ...pathHeads["prefer-the-zone"],
  summary: "Answer calls in the caller's zone, and fail over to the region and the rest when nobody is left there.",
  keywords: ["zone", "locality", "failover", "traffic distribution", "preferclose", "latency", "cost", "topology"],

  inUse: ({ current }) => inServices(intentsOf(current, "prefer-the-zone")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context, { waypoint: false }),

  explain({ service, near, enabled }, { inventory, current }) {
    if (!enabled) {
      return `Spreads calls to ${service.name} over all of its pods again, wherever they are.`;
    }
    // Who chooses the pod is near, and behind a waypoint that is its nearest pod.
    const chooser = surroundingsOf(current, inventory).waypointOf(service) === undefined ? "caller" : "waypoint";
    const first = near === "node" ? `on the ${chooser}'s node, then in its zone` : `in the ${chooser}'s zone`;
    return `Calls to ${service.name} go to ready pods ${first}; when there are none, to those of the region, then to the rest, and back again.`;
  },

  changeTitle: ({ enabled, near, service: { name } }) =>
    enabled ? `Prefer the ${near} for ${name}` : `Spread calls to ${name} over all places`,

  button: (form) => preferTheZone.changeTitle(form),

  confirmWord: () => "",

  findings: (form, context) =>
    form.enabled
      ? [
          ...serviceFindings(form.service, context, { waypoint: false, http: false }),
          ...overruled(form, context),
          ...onePlace(form, context),
        ]
      : [],

  probes: (form, context) => (form.enabled ? serviceProbe(form.service, context) : []),

  refill: (of) =>
    of.slug === "prefer-the-zone"
      ? { values: { service: of.service, near: of.near, enabled: true }, summary: `prefers the ${of.near}` }
      : undefined,
};

/** Somebody else's field on the Service goes before the annotation, and one before both. */
function overruled({ service, near }: PreferTheZoneForm, { inventory, current }: PathContext): Finding[] {
  const { internalTrafficPolicy, trafficDistribution } = serviceObject(inventory, service)?.spec ?? {};
  const place = `Service ${service.namespace}/${service.name}`;
  if (internalTrafficPolicy === "Local") {
    const message = `${service.name} says internalTrafficPolicy: Local, which goes before this: only pods of the caller's node answer, and there is no failover. Remove it first.`;
    return [finding("error", "rule-shadowed", "near", message, { place })];
  }
  const ours = intentsOf(current, "prefer-the-zone").some(
    (one) => one.near === "zone" && one.service.namespace === service.namespace && one.service.name === service.name,
  );
  if (near === "node" && trafficDistribution !== undefined && !ours) {
    const message = `${service.name} says trafficDistribution: ${trafficDistribution} already, which goes before this. Prefer the zone, or remove it first.`;
    const repair = { title: "Prefer the zone", values: { near: "zone" } };
    return [finding("error", "rule-shadowed", "near", message, { place, repair })];
  }
  const pinned = current.has(`keep-in-region/${service.namespace}/${service.name}`);
  const message = `Calls to ${service.name} are kept in their region: at the waypoint all zones of it are alike, and this changes nothing there.`;
  return pinned ? [finding("info", "rule-shadowed", "near", message)] : [];
}

function onePlace({ service }: PreferTheZoneForm, { inventory }: PathContext): Finding[] {
  const places = podsByPlace(inventory, service);
  const [only] = places.keys();
  const where = only === undefined || only === "" ? "one place" : only;
  const message = `All pods of ${service.name} are in ${where}: nothing changes until there are others.`;
  return places.size === 1 ? [finding("info", "rule-without-effect", "service", message)] : [];
}
