/** What intents are rendered into: the cluster, and which waypoint each service has once they are in force. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import { type IntentSet, intentsOf } from "./intent.ts";
import { groupByService, type ServiceIntents } from "./service-intents.ts";
import { versionServiceName, versionsNamed } from "./service-routes/service-host.ts";
import { namedWaypoint, refusesWaypoint } from "./waypoint/named-waypoint.ts";

/** Name of the waypoint that the path gives a namespace. */
export const waypointName = "waypoint";

/** A Service of one version's pods, beside the Service of all. */
export interface VersionService {
  readonly name: string;
  readonly version: string;
}

export interface Surroundings {
  readonly intents: IntentSet;
  readonly inventory: Inventory;
  /** The intents by service, by name. */
  services(): Iterable<ServiceIntents>;
  /** The waypoint that calls to the service go through when the intents are in force. */
  waypointOf(service: ServiceRef): ServiceRef | undefined;
  /** Services of single versions that its intents need, by name. */
  versionServicesOf(service: ServiceRef): readonly VersionService[];
}

export function surroundingsOf(intents: IntentSet, inventory: Inventory): Surroundings {
  const given = new Set(intentsOf(intents, "give-a-waypoint").map(({ namespace }) => namespace));
  // What we made ourselves counts by its intent alone, whatever the control plane says at this moment: equal intents
  // must render alike.
  const ours = new Set(
    inventory.gateways
      .filter(({ labels }) => labels[managedByLabel] === managedByTowpath)
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  let groups: ReturnType<typeof groupByService> | undefined;
  const grouped = () => {
    groups ??= groupByService(intents);
    return groups;
  };
  return {
    intents,
    inventory,
    services: () => grouped().values(),
    waypointOf(service) {
      if (refusesWaypoint(inventory, service)) {
        return undefined;
      }
      // One that is named and not ready yet counts: what is meant for it must not be written for the pods.
      const found = findService(inventory, service)?.waypoint ?? namedWaypoint(inventory, service);
      if (found !== undefined && !ours.has(`${found.namespace}/${found.name}`)) {
        return found;
      }
      return given.has(service.namespace) ? { namespace: service.namespace, name: waypointName } : undefined;
    },
    versionServicesOf(service) {
      const own = grouped().get(`${service.namespace}/${service.name}`)?.intents ?? [];
      const versions = own.flatMap(versionsNamed);
      return [...new Set(versions)].sort().map((version) => ({ name: versionServiceName(service, version), version }));
    },
  };
}
