/** Where pods run. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { gatewayNameLabel } from "@/server/inventory/labels.ts";
import { findService, type Inventory, type InventoryPod } from "@/server/inventory/model.ts";

const nodeOf = ({ nodes }: Inventory, pod: InventoryPod) => nodes.find(({ name }) => name === pod.node);

const counted = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(names, (name) => name)].map(([name, same]) => [name, same.length]));

/** Pods of a service by zone (`region/zone`); nodes that do not say where they are count as one place. */
export const podsByPlace = (inventory: Inventory, service: ServiceRef): ReadonlyMap<string, number> =>
  counted(
    (findService(inventory, service)?.pods ?? []).map((pod) => {
      const { region = "", zone = "" } = nodeOf(inventory, pod) ?? {};
      return [region, zone].filter((part) => part !== "").join("/");
    }),
  );

const byRegion = (inventory: Inventory, pods: readonly InventoryPod[]): ReadonlyMap<string, number> =>
  counted(pods.map((pod) => nodeOf(inventory, pod)?.region ?? ""));

/** Pods of a service by region. */
export const podsByRegion = (inventory: Inventory, service: ServiceRef): ReadonlyMap<string, number> =>
  byRegion(inventory, findService(inventory, service)?.pods ?? []);

/** Pods of a waypoint by region. */
export const waypointPodsByRegion = (inventory: Inventory, waypoint: ServiceRef): ReadonlyMap<string, number> =>
  byRegion(
    inventory,
    inventory.pods.filter(
      ({ namespace, labels }) => namespace === waypoint.namespace && labels[gatewayNameLabel] === waypoint.name,
    ),
  );
