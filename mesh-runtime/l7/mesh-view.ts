import type { WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { MeshAddress } from "../xds/codec.ts";
import type { MeshService, Workload } from "../xds/model.ts";

/** A place where a service can be reached. */
export interface Endpoint {
  /** Names the endpoint in pools: the same as long as connections to it may be shared. */
  readonly key: string;
  readonly address: string;
  /** The pod's port. */
  readonly port: number;
  readonly hbone: boolean;
  readonly identity: WorkloadIdentity;
  readonly workload: Workload;
  /** `<namespace>/<hostname>` */
  readonly service: string;
  readonly healthy: boolean;
}

/** Workloads and services as the control plane last told them. */
export class MeshView {
  readonly #workloads = new Map<string, Workload>();
  readonly #services = new Map<string, MeshService>();
  readonly #byAddress = new Map<string, Workload>();
  /** Endpoints by `<service>:<port>`; emptied with every update. */
  readonly #endpoints = new Map<string, readonly Endpoint[]>();

  apply(upserted: readonly { readonly name: string; readonly value: MeshAddress }[], removed: readonly string[]): void {
    this.#endpoints.clear();
    for (const name of removed) {
      this.#removeWorkload(name);
      this.#services.delete(name);
    }
    for (const { name, value } of upserted) {
      if (value.kind === "service") {
        this.#services.set(name, value.service);
        continue;
      }
      this.#removeWorkload(name);
      this.#workloads.set(name, value.workload);
      for (const address of value.workload.addresses) {
        this.#byAddress.set(address, value.workload);
      }
    }
  }

  service(key: string): MeshService | undefined {
    return this.#services.get(key);
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

  /** Endpoints of a service's port; `undefined` when there is no such service. */
  endpoints(service: string, port: number): readonly Endpoint[] | undefined {
    if (!this.#services.has(service)) {
      return undefined;
    }
    const key = `${service}:${port}`;
    let found = this.#endpoints.get(key);
    if (found === undefined) {
      found = this.#collect(service, port);
      this.#endpoints.set(key, found);
    }
    return found;
  }

  #collect(service: string, port: number): Endpoint[] {
    const found: Endpoint[] = [];
    for (const workload of this.#workloads.values()) {
      const target = workload.services[service]?.find(({ servicePort }) => servicePort === port)?.targetPort ?? 0;
      const address = workload.addresses[0];
      if (target === 0 || address === undefined) {
        continue;
      }
      const { trustDomain, namespace, serviceAccount } = workload;
      const hbone = workload.tunnelProtocol === "HBONE";
      found.push({
        key: `${workload.uid} ${address}:${target} ${hbone ? `${trustDomain}/${serviceAccount}` : "plain"}`,
        address,
        port: target,
        hbone,
        identity: { trustDomain, namespace, serviceAccount },
        workload,
        service,
        healthy: workload.status === "HEALTHY",
      });
    }
    return found;
  }

  #removeWorkload(uid: string): void {
    const workload = this.#workloads.get(uid);
    if (workload === undefined) {
      return;
    }
    this.#workloads.delete(uid);
    for (const address of workload.addresses) {
      if (this.#byAddress.get(address) === workload) {
        this.#byAddress.delete(address);
      }
    }
  }
}
