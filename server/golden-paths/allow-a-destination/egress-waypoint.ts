import { managedByLabel, managedByTowpath, waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryGateway } from "@/server/inventory/model.ts";

/** Name of the waypoint through which calls leave, one in each namespace that keeps destinations. */
export const egressName = "egress";

/** The Gateway of that name as it is. */
export const egressGateway = ({ gateways }: Inventory, namespace: string): InventoryGateway | undefined =>
  gateways.find((gateway) => gateway.namespace === namespace && gateway.name === egressName);

/** Somebody made it by hand: it is used as it is. */
export const isForeign = (gateway: InventoryGateway | undefined): boolean =>
  gateway !== undefined && gateway.labels[managedByLabel] !== managedByTowpath;

export const isWaypoint = ({ className }: InventoryGateway): boolean => className === waypointClass;
