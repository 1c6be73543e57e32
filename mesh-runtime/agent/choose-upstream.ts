import { ports } from "../common/ports.ts";
import type { MeshService, WaypointAddress, Workload } from "../xds/model.ts";
import { nearest } from "./locality.ts";

/** What the choice reads of the mesh; `MeshState` has it. */
export interface MeshView {
  service(namespace: string, hostname: string): MeshService | undefined;
  serviceByAddress(address: string): MeshService | undefined;
  workloadByAddress(address: string): Workload | undefined;
  hasNamespace(namespace: string): boolean;
  endpoints(service: MeshService): Iterable<Workload>;
}

/** Who calls what. */
export interface UpstreamQuery {
  /** As the application wrote it, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly callerNamespace: string;
  /** The caller holds a certificate and may use HBONE. */
  readonly callerInMesh: boolean;
  /** The caller's workload, once it is known: what is near is near to it. */
  readonly caller?: Workload | undefined;
  /** The caller's own ports: what `localhost` means to it, as in a pod of Kubernetes. */
  readonly ownPorts?: readonly { readonly port: number; readonly appPort: number }[];
  /** Workloads that were tried already, by uid. */
  readonly exclude?: ReadonlySet<string>;
  /** Open requests to a workload, by uid. */
  openRequests(uid: string): number;
  /** From 0 to below 1; decides between equals. */
  random(): number;
}

export type UpstreamRefusal =
  | "no-such-service"
  | "no-healthy-endpoint"
  | "port-not-exposed"
  /** Outside of the mesh, where only listed destinations may be called. */
  | "destination-not-listed"
  /** The proxies' own ports, the host's loopback, addresses that are no pod's. */
  | "forbidden-destination";

export type Upstream =
  | {
      readonly kind: "workload";
      readonly workload: Workload;
      /** Absent when the application named the pod's address. */
      readonly service: MeshService | undefined;
      readonly address: string;
      /** The pod's port; with a waypoint in between the port that was called. */
      readonly port: number;
      readonly protocol: "HBONE" | "PLAIN";
      /** What CONNECT names: the pod's port, or, when `workload` is a waypoint, the destination behind it. */
      readonly authority: string;
    }
  | {
      readonly kind: "external";
      readonly host: string;
      readonly port: number;
      /** Where a ServiceEntry says that it is reached; absent: at its own name. */
      readonly endpoint?: { readonly host: string; readonly port: number };
    }
  /** The caller's own application, by its private port. */
  | { readonly kind: "self"; readonly port: number }
  | { readonly kind: "refused"; readonly code: UpstreamRefusal; readonly message: string };

const clusterSuffix = ".svc.cluster.local";

/**
 * Turns a destination into an upstream. Names of the mesh win; what lies in the mesh's own name or address space but is
 * unknown is an error, never a guess; everything else is the outside world.
 */
export function chooseUpstream(mesh: MeshView, query: UpstreamQuery): Upstream {
  const host = query.host.toLowerCase().replace(/\.$/, "");
  if (isAddress(host)) {
    return byAddress(mesh, host, query);
  }
  const name = serviceName(mesh, host, query.callerNamespace);
  if (name === undefined) {
    return isLocalName(host)
      ? (ownPort(query) ?? refused("forbidden-destination", `${host} is this host itself`))
      : { kind: "external", host, port: query.port };
  }
  const service = mesh.service(name.namespace, `${name.name}.${name.namespace}${clusterSuffix}`);
  return service === undefined
    ? refused("no-such-service", `no service ${name.name} in namespace ${name.namespace}`)
    : byService(mesh, service, query);
}

/** Reads `name`, `name.ns`, `name.ns.svc` and the full name; undefined when it is a name of the outside world. */
function serviceName(
  mesh: MeshView,
  host: string,
  callerNamespace: string,
): { readonly name: string; readonly namespace: string } | undefined {
  const labels = (host.endsWith(clusterSuffix) ? host.slice(0, -".cluster.local".length) : host).split(".");
  const [name = "", namespace, svc] = labels;
  if (isLocalName(host)) {
    return undefined;
  }
  if (namespace === undefined) {
    return { name, namespace: callerNamespace };
  }
  if (labels.at(-1) === "svc") {
    // `pod.service.ns.svc` would be one pod of a headless service: nobody by that name.
    return labels.length === 3 ? { name, namespace } : { name: labels.slice(0, -2).join("."), namespace };
  }
  return labels.length === 2 && svc === undefined && mesh.hasNamespace(namespace) ? { name, namespace } : undefined;
}

const isLocalName = (host: string): boolean => host === "" || host === "localhost" || host.endsWith(".localhost");

const isAddress = (host: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(":");

/** Loopback and "this host" (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), also as IPv4 written in IPv6. */
export function isHostAddress(address: string): boolean {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.exec(address);
  if (v4 !== null) {
    return v4[1] === "127" || v4[1] === "0";
  }
  // `::`, `::1`, and anything else that starts with zeros: mapped, compatible and unspecified addresses.
  return /^[0:]+/.test(address) && !/^0*[1-9a-f]/i.test(address);
}

function ownPort({ ownPorts = [], port }: UpstreamQuery): Upstream | undefined {
  const own = ownPorts.find((entry) => entry.port === port || entry.appPort === port);
  return own === undefined ? undefined : { kind: "self", port: own.appPort };
}

/** Ports of the proxies themselves, on every pod's address: the fronts and admin pages are nobody else's. */
const proxyPorts: ReadonlySet<number> = new Set([15000, 15001, 15006, 15008, 15012, 15014]);

function byAddress(mesh: MeshView, address: string, query: UpstreamQuery): Upstream {
  const service = mesh.serviceByAddress(address);
  if (service !== undefined) {
    return byService(mesh, service, query);
  }
  const workload = mesh.workloadByAddress(address);
  if (workload !== undefined) {
    if (proxyPorts.has(query.port)) {
      return refused("port-not-exposed", `port ${query.port} of ${address} is the proxy's own`);
    }
    return workload.waypoint !== undefined && query.callerInMesh
      ? throughWaypoint(mesh, workload.waypoint, undefined, `${address}:${query.port}`, query)
      : toWorkload(workload, undefined, query.port, query.callerInMesh, address);
  }
  return isHostAddress(address)
    ? (ownPort(query) ?? refused("forbidden-destination", `${address} is no pod and no service`))
    : { kind: "external", host: address, port: query.port };
}

function byService(mesh: MeshView, service: MeshService, query: UpstreamQuery): Upstream {
  const port = service.ports.find(({ servicePort }) => servicePort === query.port);
  if (port === undefined) {
    const known = service.ports.map(({ servicePort }) => servicePort).join(", ");
    return refused("port-not-exposed", `service ${service.hostname} has no port ${query.port}, only ${known}`);
  }
  // A caller outside the mesh has no identity to show to a waypoint: it goes straight to the pods, as in Istio.
  if (service.waypoint !== undefined && query.callerInMesh) {
    return throughWaypoint(mesh, service.waypoint, service, `${service.hostname}:${query.port}`, query);
  }
  const key = `${service.namespace}/${service.hostname}`;
  const targetPort = (workload: Workload): number => {
    const own = workload.services[key]?.find(({ servicePort }) => servicePort === query.port)?.targetPort ?? 0;
    return own === 0 ? port.targetPort : own;
  };
  const best = leastLoaded(mesh, service, query, (workload) => targetPort(workload) !== 0);
  return best === undefined
    ? refused("no-healthy-endpoint", `service ${service.hostname} has no healthy endpoint for port ${query.port}`)
    : toWorkload(best, service, targetPort(best), query.callerInMesh, best.addresses[0]);
}

/** Any ready pod of the waypoint; without one nobody gets past it. */
export function throughWaypoint(
  mesh: MeshView,
  { namespace, hostname }: WaypointAddress,
  service: MeshService | undefined,
  authority: string,
  query: UpstreamQuery,
): Upstream {
  const own = mesh.service(namespace, hostname);
  const workload =
    own === undefined ? undefined : leastLoaded(mesh, own, query, ({ tunnelProtocol }) => tunnelProtocol === "HBONE");
  const address = workload?.addresses[0];
  return workload === undefined || address === undefined
    ? refused("no-healthy-endpoint", `waypoint ${hostname} of ${authority} has no healthy pod`)
    : { kind: "workload", workload, service, address, port: query.port, protocol: "HBONE", authority };
}

/** The healthy endpoint with the fewest open requests among the nearest; equals are drawn with equal chances. */
function leastLoaded(
  mesh: MeshView,
  service: MeshService,
  query: UpstreamQuery,
  fits: (workload: Workload) => boolean,
): Workload | undefined {
  const usable: Workload[] = [];
  for (const workload of mesh.endpoints(service)) {
    if (workload.status === "HEALTHY" && fits(workload) && query.exclude?.has(workload.uid) !== true) {
      usable.push(workload);
    }
  }
  const candidates =
    service.loadBalancing === undefined ? usable : nearest(usable, query.caller, service.loadBalancing);
  let best: Workload | undefined;
  let bestLoad = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const workload of candidates) {
    const load = query.openRequests(workload.uid);
    ties = load === bestLoad ? ties + 1 : 1;
    if (load < bestLoad || (load === bestLoad && query.random() * ties < 1)) {
      best = workload;
      bestLoad = load;
    }
  }
  return best;
}

function toWorkload(
  workload: Workload,
  service: MeshService | undefined,
  port: number,
  callerInMesh: boolean,
  address: string | undefined,
): Upstream {
  if (address === undefined) {
    return refused("no-healthy-endpoint", `${workload.uid} has no address`);
  }
  const native = workload.tunnelProtocol === "HBONE" && workload.nativeTunnel;
  if (native && port !== ports.metrics && port !== ports.readiness) {
    return refused("port-not-exposed", `${workload.uid} is a waypoint: it serves what is behind it, not itself`);
  }
  const protocol = callerInMesh && !native && workload.tunnelProtocol === "HBONE" ? "HBONE" : "PLAIN";
  return { kind: "workload", workload, service, address, port, protocol, authority: `${address}:${port}` };
}

/** Nowhere to go, and why. */
export const refused = (code: UpstreamRefusal, message: string): Upstream => ({ kind: "refused", code, message });
