import { condition, type WantedCondition } from "../conditions.ts";
import type { Binding } from "./binding.ts";

/** Istio's condition of Services and ServiceEntries that name a waypoint. */
export const waypointBoundType = "istio.io/WaypointBound";

/** `istio.io/WaypointBound`; absent for an object that names no waypoint. */
export function waypointBound(binding: Binding | undefined): WantedCondition | undefined {
  if (binding === undefined) {
    return undefined;
  }
  const { refusal, named } = binding;
  if (refusal !== undefined) {
    return condition(waypointBoundType, "False", refusal.reason, refusal.message);
  }
  const ingress = binding.ingress
    ? ". Ingress traffic will traverse the waypoint"
    : binding.ingressLabelled
      ? ". Ingress traffic is not using the waypoint, set the istio.io/ingress-use-waypoint label to true if desired."
      : "";
  return condition(
    waypointBoundType,
    "True",
    "WaypointAccepted",
    `Successfully attached to waypoint ${named}${ingress}`,
  );
}
