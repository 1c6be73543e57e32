import type { ServiceRef } from "@/server/contracts/names.ts";
import { managedByLabel, managedByTowpath, waypointClass } from "@/server/inventory/labels.ts";
import { intentsOf } from "../intent.ts";
import { type Surroundings, waypointName } from "../surroundings.ts";

/** Waypoints that there are once the intents are in force, by name: those given, and those that others made. */
export function waypointsOf({ intents, inventory }: Pick<Surroundings, "intents" | "inventory">): ServiceRef[] {
  const given = intentsOf(intents, "give-a-waypoint").map(({ namespace }) => ({ namespace, name: waypointName }));
  const others = inventory.gateways
    .filter(({ className }) => className === waypointClass)
    // Ours stands and falls with its intent.
    .filter(({ name, labels }) => name !== waypointName || labels[managedByLabel] !== managedByTowpath)
    .map(({ namespace, name }) => ({ namespace, name }));
  const all = new Map([...given, ...others].map((one) => [`${one.namespace}/${one.name}`, one]));
  return [...all].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, waypoint]) => waypoint);
}
