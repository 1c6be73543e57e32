import type { ServiceRef } from "@/server/contracts/names.ts";
import { managedByLabel, managedByTowpath, waypointClass } from "@/server/inventory/labels.ts";
import { egressName } from "../allow-a-destination/egress-waypoint.ts";
import { intentsOf } from "../intent.ts";
import { type Surroundings, waypointName } from "../surroundings.ts";

/** Waypoints that there are once the intents are in force, by name: those that come with intents, and others' own. */
export function waypointsOf({ intents, inventory }: Pick<Surroundings, "intents" | "inventory">): ServiceRef[] {
  const given = intentsOf(intents, "give-a-waypoint").map(({ namespace }) => ({ namespace, name: waypointName }));
  const egress = intentsOf(intents, "allow-a-destination").map(({ namespace }) => ({ namespace, name: egressName }));
  const others = inventory.gateways
    .filter(({ className }) => className === waypointClass)
    // Ours stand and fall with their intents.
    .filter(({ labels }) => labels[managedByLabel] !== managedByTowpath)
    .map(({ namespace, name }) => ({ namespace, name }));
  const all = new Map([...given, ...egress, ...others].map((one) => [`${one.namespace}/${one.name}`, one]));
  return [...all].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, waypoint]) => waypoint);
}
