/** Where calls to a service or pod are sent: through which waypoint, to which endpoints first ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type GatewayAddress,
  type GatewayAddressSchema,
  LoadBalancing_Mode,
  LoadBalancing_Scope,
  type LoadBalancingSchema,
  type LoadBalancing as WireLoadBalancing,
} from "./gen/workload_pb.js";
import type { ServiceLoadBalancing, WaypointAddress } from "./model.ts";
import { closedEnum } from "./proxy-config/closed-enum.ts";
import { MalformedResource, portNumber, requiredText } from "./resource-type.ts";

const modes = closedEnum({ STRICT: LoadBalancing_Mode.STRICT, FAILOVER: LoadBalancing_Mode.FAILOVER });

const scopes = closedEnum({
  REGION: LoadBalancing_Scope.REGION,
  ZONE: LoadBalancing_Scope.ZONE,
  SUBZONE: LoadBalancing_Scope.SUBZONE,
  NODE: LoadBalancing_Scope.NODE,
  CLUSTER: LoadBalancing_Scope.CLUSTER,
  NETWORK: LoadBalancing_Scope.NETWORK,
});

/** A waypoint by its Service's host name, as istiod sends it. */
export const waypointToWire = ({
  namespace,
  hostname,
  port,
}: WaypointAddress): MessageInitShape<typeof GatewayAddressSchema> => ({
  destination: { case: "hostname", value: { namespace, hostname } },
  hboneMtlsPort: port,
});

/** And back. A waypoint that cannot be found by name is malformed: without it calls would pass it by. */
export function waypointFromWire({ destination, hboneMtlsPort }: GatewayAddress): WaypointAddress {
  if (destination.case !== "hostname") {
    throw new MalformedResource("waypoint: has no host name");
  }
  return {
    namespace: requiredText(destination.value.namespace, "waypoint namespace"),
    hostname: requiredText(destination.value.hostname, "waypoint host name"),
    port: portNumber(hboneMtlsPort, "hbone_mtls_port"),
  };
}

/** A service's preference for near endpoints. */
export const loadBalancingToWire = (value: ServiceLoadBalancing): MessageInitShape<typeof LoadBalancingSchema> => ({
  mode: modes.toWire(value.mode),
  routingPreference: value.scopes.map(scopes.toWire),
});

/** And back; `undefined` when no mode is set, which is no preference (Istio sends it for the health policy alone). */
export function loadBalancingFromWire({
  mode,
  routingPreference,
}: WireLoadBalancing): ServiceLoadBalancing | undefined {
  return mode === LoadBalancing_Mode.UNSPECIFIED_MODE
    ? undefined
    : {
        mode: modes.fromWire(mode, "load_balancing mode"),
        scopes: routingPreference.map((scope) => scopes.fromWire(scope, "routing_preference")),
      };
}
