import type { WaypointAddress } from "../../../xds/model.ts";
import type { GatewayInput } from "../input/gateway.ts";

/** A Gateway of class `istio-waypoint`. */
export interface Waypoint {
  readonly key: string;
  readonly gateway: GatewayInput;
  /** What may be called through it (label `istio.io/waypoint-for`). */
  readonly takes: ReadonlySet<"service" | "workload">;
  /**
   * It has had a ready pod. From then on it stays in force, also without pods: calls fail rather than go past it. The
   * addresses in the Gateway's status remember it over restarts of the control plane.
   */
  readonly everReady: boolean;
  readonly address: WaypointAddress;
}
