import type { MeshService } from "../xds/model.ts";
import type { OutsideDestination } from "../xds/outside.ts";
import { type MeshView, refused, throughWaypoint, type Upstream, type UpstreamQuery } from "./choose-upstream.ts";
import type { OutsideView } from "./outside-destinations.ts";

/**
 * What becomes of a call that leads out of the mesh (`chosen` says so): through the waypoint that a ServiceEntry names
 * for it, straight there, or nowhere, where only listed destinations may be called. A caller outside of the mesh has no
 * identity to show, and no policy of the mesh is asked for it.
 */
export function chooseOutside(mesh: MeshView, outside: OutsideView, query: UpstreamQuery, chosen: Upstream): Upstream {
  const leadsOut = chosen.kind === "external" || (chosen.kind === "refused" && chosen.code === "no-such-service");
  if (!leadsOut || !query.callerInMesh) {
    return chosen;
  }
  const { port } = query;
  const host = query.host.toLowerCase().replace(/\.$/, "");
  const onlyListed = outside.mode === "REGISTRY_ONLY";
  const destination = outside.find(host, port, query.callerNamespace);
  if (destination === undefined) {
    return onlyListed && chosen.kind === "external"
      ? refused("destination-not-listed", `no ServiceEntry lists ${host}`)
      : chosen;
  }
  const { waypoint, missingWaypoint } = destination;
  const name = `${destination.namespace}/${destination.name}`;
  if (!destination.ports.includes(port)) {
    if (onlyListed) {
      return refused("destination-not-listed", `ServiceEntry ${name} lists no port ${port} of ${host}`);
    }
    return waypoint === undefined
      ? chosen
      : refused("port-not-exposed", `ServiceEntry ${name} lists no port ${port} of ${host}`);
  }
  const named = destination.host.startsWith("*.") ? host : destination.host;
  if (waypoint !== undefined) {
    return throughWaypoint(mesh, waypoint, serviceOf(destination, named), `${named}:${port}`, query);
  }
  // As in Istio a waypoint that never was ready is passed by; not where nothing unlisted may be called.
  return missingWaypoint !== "" && onlyListed
    ? refused("no-healthy-endpoint", `waypoint ${missingWaypoint} of ServiceEntry ${name} is not ready`)
    : direct(destination, named, query);
}

/** The destination as telemetry knows services. */
const serviceOf = ({ namespace, addresses, ports }: OutsideDestination, hostname: string): MeshService => ({
  name: hostname,
  namespace,
  hostname,
  addresses,
  ports: ports.map((port) => ({ servicePort: port, targetPort: port })),
});

function direct({ endpoints }: OutsideDestination, host: string, { port, random }: UpstreamQuery): Upstream {
  const endpoint = endpoints[Math.floor(random() * endpoints.length)];
  return endpoint === undefined
    ? { kind: "external", host, port }
    : { kind: "external", host, port, endpoint: { host: endpoint.host, port: endpoint.ports[port] ?? port } };
}
