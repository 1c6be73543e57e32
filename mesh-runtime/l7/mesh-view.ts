import { ports } from "../common/ports.ts";
import type { WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { MeshAddress } from "../xds/codec.ts";
import type { Locality, MeshService, WaypointAddress, Workload } from "../xds/model.ts";
import { ServiceMembers } from "./service-members.ts";

/** A place where a service can be reached. */
export interface Endpoint {
  /** Names the endpoint in pools: the same as long as connections to it may be shared. */
  readonly key: string;
  readonly address: string;
  /** The pod's port; of a waypoint its HBONE port. */
  readonly port: number;
  readonly hbone: boolean;
  /** `:authority` of the CONNECT: `<address>:<port>`, or the destination behind a waypoint. */
  readonly target: string;
  readonly identity: WorkloadIdentity;
  readonly workload: Workload;
  /** `<namespace>/<hostname>`; empty for a pod that is called by its own address. */
  readonly service: string;
  readonly healthy: boolean;
  readonly locality: Locality;
  /** When the pod was first heard of, by the view's clock. */
  readonly addedMs: number;
  /** It is outside of the mesh: no pod, `address` may be a name. */
  readonly outside?: true;
}

export interface MeshViewOptions {
  /** A gateway goes through the waypoints of services that ask for it; a waypoint never goes through one. */
  readonly kind?: "gateway" | "waypoint";
  /** Milliseconds, the same clock as that of the upstreams. */
  readonly now?: () => number;
}

interface CachedService {
  readonly byPort: Map<number, readonly Endpoint[]>;
  /** Key of the waypoint's service that calls go through. */
  readonly via: string | undefined;
}

/** Workloads and services as the control plane last told them. */
export class MeshView {
  readonly #now: () => number;
  readonly #workloads = new Map<string, Workload>();
  readonly #addedMs = new Map<string, number>();
  readonly #services = new Map<string, MeshService>();
  readonly #byAddress = new Map<string, Workload>();
  readonly #members = new ServiceMembers();
  readonly #cached = new Map<string, CachedService>();
  /** By hostname and by ClusterIP; made anew when asked for after a change of services. */
  #serviceNames: Map<string, MeshService> | undefined;
  #kind: "gateway" | "waypoint";
  #version = 0;

  constructor({ kind = "gateway", now = Date.now }: MeshViewOptions = {}) {
    this.#kind = kind;
    this.#now = now;
  }

  /** Grows with every change, so that whoever derives something knows when to look again. */
  get version(): number {
    return this.#version;
  }

  get kind(): "gateway" | "waypoint" {
    return this.#kind;
  }

  /** The kind that the configuration names; endpoints are chosen anew when it differs. */
  become(kind: "gateway" | "waypoint"): void {
    if (kind !== this.#kind) {
      this.#kind = kind;
      this.#cached.clear();
      this.#version++;
    }
  }

  apply(upserted: readonly { readonly name: string; readonly value: MeshAddress }[], removed: readonly string[]): void {
    const touched = new Set<string>();
    for (const name of removed) {
      this.#removeWorkload(name, touched);
      this.#addedMs.delete(name);
      if (this.#services.delete(name)) {
        touched.add(name);
        this.#serviceNames = undefined;
      }
    }
    for (const { name, value } of upserted) {
      if (value.kind === "service") {
        this.#services.set(name, value.service);
        touched.add(name);
        this.#serviceNames = undefined;
      } else {
        this.#removeWorkload(name, touched);
        this.#addWorkload(name, value.workload, touched);
      }
    }
    for (const [key, { via }] of this.#cached) {
      if (touched.has(key) || (via !== undefined && touched.has(via))) {
        this.#cached.delete(key);
      }
    }
    this.#version++;
  }

  service(key: string): MeshService | undefined {
    return this.#services.get(key);
  }

  serviceByHostname(hostname: string): MeshService | undefined {
    return this.#named(hostname);
  }

  /** The service with that ClusterIP. */
  serviceAt(address: string): MeshService | undefined {
    return this.#named(address);
  }

  workload(uid: string): Workload | undefined {
    return this.#workloads.get(uid);
  }

  workloadAt(address: string): Workload | undefined {
    return this.#byAddress.get(address);
  }

  get counts(): { readonly workloads: number; readonly services: number } {
    return { workloads: this.#workloads.size, services: this.#services.size };
  }

  /**
   * Endpoints of a service's port; `undefined` when there is no such service. The same array as long as nothing about
   * them changes.
   */
  endpoints(service: string, port: number): readonly Endpoint[] | undefined {
    const found = this.#services.get(service);
    if (found === undefined) {
      return undefined;
    }
    const waypoint = this.#waypointOf(found);
    let cached = this.#cached.get(service);
    if (cached === undefined) {
      cached = { byPort: new Map(), via: waypoint === undefined ? undefined : waypointKey(waypoint) };
      this.#cached.set(service, cached);
    }
    let endpoints = cached.byPort.get(port);
    if (endpoints === undefined) {
      endpoints =
        waypoint === undefined ? this.#collect(service, port) : this.#collectWaypoint(service, found, waypoint, port);
      cached.byPort.set(port, endpoints);
    }
    return endpoints;
  }

  /** Whether calls of this proxy to the service go through the service's waypoint. */
  throughWaypoint(service: string): boolean {
    const found = this.#services.get(service);
    return found !== undefined && this.#waypointOf(found) !== undefined;
  }

  /** A pod by itself, at one of its own ports. */
  podEndpoint(uid: string, port: number): Endpoint | undefined {
    const workload = this.#workloads.get(uid);
    return workload === undefined ? undefined : this.#endpoint(workload, "", port, undefined);
  }

  #waypointOf({ waypoint, ingressUseWaypoint }: MeshService): WaypointAddress | undefined {
    return this.#kind === "gateway" && ingressUseWaypoint === true ? waypoint : undefined;
  }

  #collect(service: string, port: number): Endpoint[] {
    const found: Endpoint[] = [];
    for (const workload of this.#members.of(service)) {
      const target = targetPortOf(workload, service, port);
      const endpoint = target === 0 ? undefined : this.#endpoint(workload, service, target, undefined);
      if (endpoint !== undefined) {
        found.push(endpoint);
      }
    }
    return found;
  }

  /** The waypoint's pods stand in for the service's; without any nobody gets past it. */
  #collectWaypoint(
    service: string,
    { hostname, ports: own }: MeshService,
    waypoint: WaypointAddress,
    port: number,
  ): Endpoint[] {
    const key = waypointKey(waypoint);
    const found: Endpoint[] = [];
    if (!this.#services.has(key) || !own.some(({ servicePort }) => servicePort === port)) {
      return found;
    }
    for (const workload of this.#members.of(key)) {
      if (workload.tunnelProtocol === "HBONE") {
        const tunnelPort = targetPortOf(workload, key, waypoint.port) || ports.hbone;
        const endpoint = this.#endpoint(workload, service, tunnelPort, `${hostname}:${port}`);
        if (endpoint !== undefined) {
          found.push(endpoint);
        }
      }
    }
    return found;
  }

  #endpoint(workload: Workload, service: string, port: number, behind: string | undefined): Endpoint | undefined {
    const address = workload.addresses[0];
    if (address === undefined) {
      return undefined;
    }
    const { uid, trustDomain, namespace, serviceAccount } = workload;
    const hbone = workload.tunnelProtocol === "HBONE";
    const secured = hbone ? `${trustDomain}/${serviceAccount}` : "plain";
    return {
      key: `${uid} ${address}:${port} ${secured}${behind === undefined ? "" : ` ${behind}`}`,
      address,
      port,
      hbone,
      target: behind ?? authorityOf(address, port),
      identity: { trustDomain, namespace, serviceAccount },
      workload,
      service,
      healthy: workload.status === "HEALTHY",
      locality: workload.locality,
      addedMs: this.#addedMs.get(uid) ?? 0,
    };
  }

  #named(name: string): MeshService | undefined {
    if (this.#serviceNames === undefined) {
      this.#serviceNames = namesOf(this.#services);
    }
    return this.#serviceNames.get(name);
  }

  #addWorkload(uid: string, workload: Workload, touched: Set<string>): void {
    this.#workloads.set(uid, workload);
    this.#members.add(workload, touched);
    if (!this.#addedMs.has(uid)) {
      this.#addedMs.set(uid, this.#now());
    }
    for (const address of workload.addresses) {
      this.#byAddress.set(address, workload);
    }
  }

  #removeWorkload(uid: string, touched: Set<string>): void {
    const workload = this.#workloads.get(uid);
    if (workload === undefined) {
      return;
    }
    this.#workloads.delete(uid);
    this.#members.remove(workload, touched);
    for (const address of workload.addresses) {
      if (this.#byAddress.get(address) === workload) {
        this.#byAddress.delete(address);
      }
    }
  }
}

const waypointKey = ({ namespace, hostname }: WaypointAddress): string => `${namespace}/${hostname}`;

const targetPortOf = (workload: Workload, service: string, port: number): number =>
  workload.services[service]?.find(({ servicePort }) => servicePort === port)?.targetPort ?? 0;

const authorityOf = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** Of services that claim the same name, the first by key has it: always the same one, in whatever order they came. */
function namesOf(services: ReadonlyMap<string, MeshService>): Map<string, MeshService> {
  const names = new Map<string, MeshService>();
  for (const key of [...services.keys()].sort()) {
    const service = services.get(key);
    for (const name of service === undefined ? [] : [service.hostname, ...service.addresses]) {
      if (service !== undefined && !names.has(name)) {
        names.set(name, service);
      }
    }
  }
  return names;
}
