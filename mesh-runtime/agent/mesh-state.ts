import { evaluateL4 } from "../policy/evaluate-l4.ts";
import type { Authorization, ConnectionAttributes, Decision } from "../policy/model.ts";
import { type ApplicablePolicies, indexPolicies, type PolicyIndex, selectPolicies } from "../policy/select.ts";
import type { MeshAddress } from "../xds/codec.ts";
import { serviceKey } from "../xds/codec.ts";
import type { MeshService, Workload } from "../xds/model.ts";
import type { XdsUpdate } from "../xds/subscription.ts";

/** What an update touched. */
export interface MeshChange {
  /** Workloads that came, changed or went, as they were before and are now. */
  readonly workloads: readonly { readonly before: Workload | undefined; readonly after: Workload | undefined }[];
  readonly policies: boolean;
}

/**
 * Everything the control plane told this agent. Updates are converted before they get here and applied in one
 * synchronous step, so no reader ever sees half of one.
 */
export class MeshState {
  readonly workloads = new Map<string, Workload>();
  readonly services = new Map<string, MeshService>();
  readonly policies = new Map<string, Authorization>();
  readonly #workloadByAddress = new Map<string, Workload>();
  readonly #serviceByAddress = new Map<string, MeshService>();
  readonly #endpoints = new Map<string, Map<string, Workload>>();
  /** How many resources each namespace has here. */
  readonly #namespaces = new Map<string, number>();
  readonly #listeners = new Set<(change: MeshChange) => void>();
  #index: PolicyIndex = indexPolicies([]);
  #selected = new WeakMap<Workload, ApplicablePolicies>();

  onChange(listener: (change: MeshChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  applyAddresses(update: XdsUpdate<MeshAddress>): undefined {
    const workloads: MeshChange["workloads"][number][] = [];
    const before = new Map<string, Workload>();
    for (const name of [...update.removed, ...update.upserted.map((resource) => resource.name)]) {
      const known = this.#drop(name);
      if (known !== undefined) {
        before.set(name, known);
      }
    }
    for (const { name, value } of update.upserted) {
      if (value.kind === "workload") {
        this.#addWorkload(value.workload);
        workloads.push({ before: before.get(name), after: value.workload });
        before.delete(name);
      } else {
        this.#addService(name, value.service);
      }
    }
    workloads.push(...[...before.values()].map((workload) => ({ before: workload, after: undefined })));
    this.#tell({ workloads, policies: false });
  }

  applyAuthorizations(update: XdsUpdate<Authorization>): undefined {
    for (const name of update.removed) {
      this.policies.delete(name);
    }
    for (const { name, value } of update.upserted) {
      this.policies.set(name, value);
    }
    this.#index = indexPolicies(this.policies.values());
    this.#selected = new WeakMap();
    this.#tell({ workloads: [], policies: true });
  }

  /** Decides about a connection to a workload by all policies that bind it. */
  decide(destination: Workload, attributes: ConnectionAttributes): Decision {
    let policies = this.#selected.get(destination);
    if (policies === undefined) {
      policies = selectPolicies(destination, this.#index);
      this.#selected.set(destination, policies);
    }
    return evaluateL4(policies, attributes);
  }

  workload(uid: string): Workload | undefined {
    return this.workloads.get(uid);
  }

  workloadByAddress(address: string): Workload | undefined {
    return this.#workloadByAddress.get(address);
  }

  service(namespace: string, hostname: string): MeshService | undefined {
    return this.services.get(`${namespace}/${hostname}`);
  }

  serviceByAddress(address: string): MeshService | undefined {
    return this.#serviceByAddress.get(address);
  }

  /** True when any workload or service is in the namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  endpoints(service: MeshService): Iterable<Workload> {
    return this.#endpoints.get(serviceKey(service))?.values() ?? [];
  }

  #addWorkload(workload: Workload): void {
    this.workloads.set(workload.uid, workload);
    this.#count(workload.namespace, 1);
    for (const address of workload.addresses) {
      this.#workloadByAddress.set(address, workload);
    }
    for (const key of Object.keys(workload.services)) {
      const endpoints = this.#endpoints.get(key) ?? new Map<string, Workload>();
      this.#endpoints.set(key, endpoints.set(workload.uid, workload));
    }
  }

  #addService(key: string, service: MeshService): void {
    this.services.set(key, service);
    this.#count(service.namespace, 1);
    for (const address of service.addresses) {
      this.#serviceByAddress.set(address, service);
    }
  }

  /** Forgets a workload or service; returns it if it was a workload. */
  #drop(name: string): Workload | undefined {
    const workload = this.workloads.get(name);
    if (workload !== undefined) {
      this.workloads.delete(name);
      this.#count(workload.namespace, -1);
      forgetAddresses(this.#workloadByAddress, workload, workload.addresses);
      for (const key of Object.keys(workload.services)) {
        const endpoints = this.#endpoints.get(key);
        endpoints?.delete(name);
        if (endpoints?.size === 0) {
          this.#endpoints.delete(key);
        }
      }
      return workload;
    }
    const service = this.services.get(name);
    if (service !== undefined) {
      this.services.delete(name);
      this.#count(service.namespace, -1);
      forgetAddresses(this.#serviceByAddress, service, service.addresses);
    }
    return undefined;
  }

  #count(namespace: string, by: 1 | -1): void {
    const count = (this.#namespaces.get(namespace) ?? 0) + by;
    if (count > 0) {
      this.#namespaces.set(namespace, count);
    } else {
      this.#namespaces.delete(namespace);
    }
  }

  #tell(change: MeshChange): void {
    for (const listener of this.#listeners) {
      listener(change);
    }
  }
}

/** An address may already belong to somebody else: a new pod can come before the old one goes. */
function forgetAddresses<T>(byAddress: Map<string, T>, owner: T, addresses: readonly string[]): void {
  for (const address of addresses) {
    if (byAddress.get(address) === owner) {
      byAddress.delete(address);
    }
  }
}
