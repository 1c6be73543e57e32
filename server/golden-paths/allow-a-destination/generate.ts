import { fromAny } from "../access/callers.ts";
import { type IntentOf, intentKey, intentsOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { useWaypointLabel } from "../waypoint/named-waypoint.ts";
import { egressGateway, egressName, isForeign } from "./egress-waypoint.ts";

type Destination = IntentOf<"allow-a-destination">;

/**
 * For each destination a ServiceEntry named as its host, and who may call it; for each namespace that keeps some the
 * waypoint through which calls leave (`resources.md` §14 “Egress”). Rules are written before the entry that they are
 * about, so that it is never open to everybody in between.
 */
export function generateDestinations({ intents: all, inventory }: Surroundings): Rendered[] {
  const byNamespace = Map.groupBy(intentsOf(all, "allow-a-destination"), ({ namespace }) => namespace);
  return [...byNamespace]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([namespace, destinations]) => [
      ...(isForeign(egressGateway(inventory, namespace)) ? [] : [waypoint(namespace)]),
      ...destinations
        .toSorted((one, other) => (intentKey(one) < intentKey(other) ? -1 : 1))
        .flatMap((destination) => [callersPolicy(destination), serviceEntry(destination)]),
    ]);
}

/** Its destinations say what they are about themselves. */
const waypoint = (namespace: string): Rendered =>
  managed(
    "Gateway",
    namespace,
    egressName,
    [],
    {
      gatewayClassName: "istio-waypoint",
      // The default is written out, so that what is live can be compared.
      listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", allowedRoutes: { namespaces: { from: "Same" } } }],
    },
    { "istio.io/waypoint-for": "service" },
  );

const callersPolicy = (destination: Destination): Rendered =>
  managed("AuthorizationPolicy", destination.namespace, `${destination.host}-callers`, [destination], {
    targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name: destination.host }],
    action: "ALLOW",
    rules: [{ from: fromAny(destination.callers) }],
  });

function serviceEntry(destination: Destination): Rendered {
  const { namespace, host, ports, addresses } = destination;
  return managed(
    "ServiceEntry",
    namespace,
    host,
    [destination],
    {
      hosts: [host],
      location: "MESH_EXTERNAL",
      resolution: addresses.length === 0 ? "DNS" : "STATIC",
      ports: ports.map(({ port, protocol }) => ({
        name: `${protocol.toLowerCase()}-${port}`,
        number: port,
        protocol,
      })),
      ...(addresses.length === 0 ? {} : { endpoints: addresses.map((address) => ({ address })) }),
    },
    { [useWaypointLabel]: egressName },
  );
}
