/** What validation says about giving a waypoint and taking it away. Pure. */
import type { GiveAWaypointForm } from "@/server/contracts/golden-paths/scoped.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { type Intent, intentNamespace, isServiceIntent } from "../intent.ts";
import { count, finding, type PathContext } from "../path.ts";
import { findNamespace, namespaceFindings } from "../scope.ts";
import { waypointName } from "../surroundings.ts";
import { useWaypointLabel } from "../waypoint/named-waypoint.ts";
import { requiresWaypoint } from "../waypoint/requires-waypoint.ts";
import { withdrawalOf } from "../withdrawal.ts";
import { cutOffServices } from "./cut-off.ts";
import { policiesAtWaypoint } from "./policies-at-waypoint.ts";

const named = (form: GiveAWaypointForm): Pick<GiveAWaypointForm, "namespaces"> & { scope: "namespaces" } => ({
  scope: "namespaces",
  namespaces: form.namespaces,
});

/** Of giving one. */
export function givenFindings(form: GiveAWaypointForm, context: PathContext): Finding[] {
  const { inventory, current } = context;
  const found = namespaceFindings(named(form), inventory);
  for (const [index, name] of form.namespaces.entries()) {
    const namespace = findNamespace(inventory, name);
    const field = `namespaces.${index}`;
    if (namespace === undefined || current.has(`give-a-waypoint/${name}`)) {
      continue;
    }
    const { captured, pods } = namespace.enrolment;
    if (captured < pods) {
      const message = `${count(pods - captured, "pod")} of ${name} ${pods - captured === 1 ? "is" : "are"} not in the mesh: callers that are in it go through the waypoint, but nothing keeps others from the pods.`;
      const path = {
        slug: "join-the-mesh" as const,
        title: `Enrol ${name}`,
        reason: "Nobody gets past the waypoint of pods in the mesh",
        values: { namespaces: [name], enrolled: true },
      };
      found.push(finding("warning", "namespace-not-enrolled", field, message, { path }));
    }
    const label = namespace.labels[useWaypointLabel];
    if (label !== undefined) {
      const message = `${name} is labelled by hand to use the waypoint ${label}. From now on Towpath's waypoint takes its place.`;
      found.push(finding("warning", "managed-elsewhere", field, message, { place: `Namespace ${name}` }));
    }
    const gateway = inventory.gateways.find((one) => one.namespace === name && one.name === waypointName);
    if (gateway !== undefined && gateway.labels[managedByLabel] !== managedByTowpath) {
      const message = `${name} has a Gateway named ${waypointName} that was made by hand. Towpath would take it over.`;
      found.push(finding("warning", "managed-elsewhere", field, message, { place: `Gateway ${name}/${waypointName}` }));
    }
    found.push(...cutOffServices(name, field, context));
  }
  return found;
}

/** Of taking it away: every rule that only it can enforce. */
export function takenFindings(form: GiveAWaypointForm, { inventory, current }: PathContext): Finding[] {
  const found = namespaceFindings(named(form), inventory);
  for (const [index, name] of form.namespaces.entries()) {
    const field = `namespaces.${index}`;
    const intents = [...current.values()].filter((one) => requiresWaypoint(one) && intentNamespace(one) === name);
    for (const intent of intents) {
      const about = subjectOf(intent);
      const message = `The rule “${intent.slug.replaceAll("-", " ")}” of ${about} needs the waypoint. Take that rule back first.`;
      const path = withdrawalOf(intent, `Take it back from ${about}`, "Only a waypoint can enforce it") ?? null;
      found.push(finding("error", "waypoint-missing", field, message, { path }));
    }
    for (const place of policiesAtWaypoint(name, inventory)) {
      const message = `${place} was made by hand for the waypoint: without it nothing enforces it.`;
      found.push(finding("warning", "policy-ignored", field, message, { place }));
    }
  }
  return found;
}

const subjectOf = (of: Intent): string => (isServiceIntent(of) ? of.service.name : intentNamespace(of));
