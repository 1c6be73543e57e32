import type { WantedCondition } from "../conditions.ts";
import { condition } from "../conditions.ts";
import type { GatewayInput } from "../input/gateway.ts";

/** Classes that this control plane creates, and their controllers, as Istio's. */
export const gatewayClasses = [
  { name: "istio", controllerName: "istio.io/gateway-controller", description: "The default Istio GatewayClass" },
  {
    name: "istio-remote",
    controllerName: "istio.io/unmanaged-gateway",
    description: "Remote to this cluster. Does not deploy or affect configuration.",
  },
  {
    name: "istio-waypoint",
    controllerName: "istio.io/mesh-controller",
    description: "The default Istio waypoint GatewayClass",
  },
] as const;

/** Condition of each of these classes. */
export const classAccepted: WantedCondition = condition("Accepted", "True", "Accepted", "Handled by Istio controller");

const ingressClass = "istio";
const waypointClass = "istio-waypoint";

export const isIngress = ({ className }: GatewayInput): boolean => className === ingressClass;
export const isWaypoint = ({ className }: GatewayInput): boolean => className === waypointClass;

/** Whether the Gateway is of a class that is served here. */
export const isServed = (gateway: GatewayInput): boolean => isIngress(gateway) || isWaypoint(gateway);

/** Name of the Deployment, Service and ServiceAccount behind a Gateway: `<gateway>-istio`, for waypoints its own. */
export const infrastructureName = (gateway: GatewayInput): string =>
  isWaypoint(gateway) ? gateway.name : `${gateway.name}-istio`;

/** Labels of the pods behind a Gateway, as policies may select them. */
export const gatewayLabels = (gateway: GatewayInput): Readonly<Record<string, string>> => ({
  ...gateway.labels,
  "gateway.networking.k8s.io/gateway-name": gateway.name,
  "gateway.networking.k8s.io/gateway-class-name": gateway.className,
  "gateway.istio.io/managed": isWaypoint(gateway) ? "istio.io-mesh-controller" : "istio.io-gateway-controller",
  "istio.io/gateway-name": gateway.name,
});
