import { ports } from "../../../common/ports.ts";
import { isWaypoint } from "../gateway/classes.ts";
import type { GatewayInput } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { World } from "../input/world.ts";
import { hostnameOf } from "../service-address.ts";
import type { Waypoint } from "./waypoint.ts";

const waypointForLabel = "istio.io/waypoint-for";

/** All waypoints by key. `placed`: Gateways that have an address and a ready pod now. */
export function findWaypoints(world: World, placed: (gateway: GatewayInput) => boolean): ReadonlyMap<string, Waypoint> {
  const waypoints = new Map<string, Waypoint>();
  for (const gateway of world.gateways.values()) {
    if (isWaypoint(gateway)) {
      const { namespace, name } = gateway;
      waypoints.set(keyOf(gateway), {
        key: keyOf(gateway),
        gateway,
        takes: trafficOf(gateway, world),
        everReady: gateway.assigned || placed(gateway),
        address: { namespace, hostname: hostnameOf({ namespace, name }), port: ports.hbone },
      });
    }
  }
  return waypoints;
}

/** The Gateway's label, or its class's, or services only. */
function trafficOf({ labels, className }: GatewayInput, world: World): Waypoint["takes"] {
  const wish = labels[waypointForLabel] ?? world.gatewayClasses.get(className)?.labels[waypointForLabel] ?? "service";
  switch (wish) {
    case "all":
      return new Set(["service", "workload"]);
    case "workload":
      return new Set(["workload"]);
    case "service":
      return new Set(["service"]);
    default:
      return new Set();
  }
}
