/** The waypoint of a service as people care about it. Pure. */
import type { WaypointState } from "@/server/contracts/services.ts";
import { findService, type Inventory, type InventoryService, wayOf, waypointOf } from "@/server/inventory/model.ts";

/** null when its calls go through none, and none is asked for. */
export function waypointState(service: InventoryService, inventory: Inventory): WaypointState | null {
  const { waypoint, waypointBound, waypointEnforced } = service;
  if (waypoint === undefined) {
    return waypointBound === undefined || waypointBound.ok
      ? null
      : {
          waypoint: namedIn(waypointBound.message),
          way: "refused",
          text: waypointBound.message,
          pods: 0,
          readyPods: 0,
        };
  }
  const gateway = waypointOf(inventory, service);
  const pods =
    gateway === undefined
      ? []
      : (findService(inventory, { namespace: gateway.namespace, name: gateway.service })?.pods ?? []);
  const way = wayOf(service);
  // `WaypointRefused`: nobody gets past it, but neither does the waypoint get in.
  const troubled = way === "open" || waypointEnforced?.reason === "WaypointRefused";
  return {
    waypoint: `${waypoint.namespace}/${waypoint.name}`,
    way,
    text: troubled ? (waypointEnforced?.message ?? "") : "",
    pods: pods.length,
    readyPods: pods.filter(({ ready }) => ready).length,
  };
}

/** `<namespace>/<name>` in the control plane's message. */
const namedIn = (message: string): string => /"?([a-z0-9-]+\/[a-z0-9.-]+)"?/.exec(message)?.[1] ?? "";
