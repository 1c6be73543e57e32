import type { EdgeLabels, ResponseFlag } from "@/mesh-runtime/api/telemetry.ts";
import type { NodeKind } from "@/server/contracts/traffic.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";

/** A node of the graph, before figures. `id` is `<namespace>/<name>`, `outside/<host>` or `unknown`. */
export interface NodeRef {
  readonly id: string;
  readonly kind: NodeKind;
  readonly namespace: string;
  readonly name: string;
}

const unknownValue = "unknown";
const known = (value: string): boolean => value !== "" && value !== unknownValue;

export const unknownNode: NodeRef = { id: "unknown", kind: "unknown", namespace: "", name: "unknown" };

const inMesh = (hostname: string): boolean => hostname.endsWith(".svc.cluster.local");

const outsideNode = (host: string): NodeRef => ({ id: `outside/${host}`, kind: "outside", namespace: "", name: host });

export const serviceNode = (service: Pick<InventoryService, "namespace" | "name" | "kind">): NodeRef => ({
  id: `${service.namespace}/${service.name}`,
  kind: service.kind,
  namespace: service.namespace,
  name: service.name,
});

/** Finds the node behind each end of a proxy's labels. One per inventory; look-ups are indexed. */
export class NodeFinder {
  readonly #services = new Map<string, InventoryService>();
  /** By namespace and workload, canonical name or pod. */
  readonly #byWorkload = new Map<string, InventoryService>();
  readonly #gatewayHosts = new Map<string, string>();

  constructor(inventory: Inventory) {
    // Backwards: of several services over the same pods the first by name keeps the workload.
    for (const service of inventory.services.toReversed()) {
      this.#services.set(`${service.namespace}/${service.name}`, service);
      for (const pod of service.pods) {
        for (const name of [pod.workload, pod.app, pod.name]) {
          this.#byWorkload.set(`${pod.namespace}/${name}`, service);
        }
      }
    }
    for (const gateway of inventory.gateways) {
      this.#gatewayHosts.set(`${gateway.namespace}/${gateway.service}`, gateway.hosts.join(", "));
    }
  }

  destination(labels: EdgeLabels): NodeRef {
    const service = this.#services.get(`${labels.destination_service_namespace}/${labels.destination_service_name}`);
    if (service !== undefined) {
      return serviceNode(service);
    }
    // A host that is listed for callers outside: its waypoint is on the way, not the end of it.
    if (known(labels.destination_service) && !inMesh(labels.destination_service)) {
      return outsideNode(labels.destination_service);
    }
    const found = this.#workload(
      labels.destination_workload_namespace,
      labels.destination_workload,
      labels.destination_canonical_service,
    );
    if (found !== undefined) {
      return found;
    }
    if (known(labels.destination_service) && !known(labels.destination_service_namespace)) {
      return outsideNode(labels.destination_service);
    }
    return unknownNode;
  }

  /** What has no name is outside when a gateway heard it, else unknown. */
  source(labels: EdgeLabels): NodeRef {
    const found = this.#workload(
      labels.source_workload_namespace,
      labels.source_workload,
      labels.source_canonical_service,
    );
    if (found !== undefined) {
      return found;
    }
    const destination = this.destination(labels);
    if (destination.kind === "gateway") {
      return outsideNode(this.#gatewayHosts.get(destination.id) || "outside");
    }
    return unknownNode;
  }

  /** Whether the labels' destination is a waypoint's own pod: the call went on from there. */
  isWaypoint({ destination_workload_namespace: namespace, destination_workload: workload }: EdgeLabels): boolean {
    return known(namespace) && this.#byWorkload.get(`${namespace}/${workload}`)?.kind === "waypoint";
  }

  /** The node of a service by its host name, by way of its pods: versions of a service are one node. */
  ofHost(namespace: string, hostname: string): NodeRef | undefined {
    const service = this.#services.get(`${namespace}/${hostname.split(".")[0] ?? ""}`);
    const pod = service?.pods[0];
    const owner = pod === undefined ? undefined : this.#byWorkload.get(`${pod.namespace}/${pod.workload}`);
    return owner === undefined ? (service === undefined ? undefined : serviceNode(service)) : serviceNode(owner);
  }

  /** The node that a workload belongs to. */
  ofWorkload(namespace: string, workload: string): NodeRef | undefined {
    return this.#workload(namespace, workload, unknownValue);
  }

  #workload(namespace: string, workload: string, canonical: string): NodeRef | undefined {
    if (!known(namespace)) {
      return undefined;
    }
    for (const name of [workload, canonical]) {
      const service = known(name) ? this.#byWorkload.get(`${namespace}/${name}`) : undefined;
      if (service !== undefined) {
        return serviceNode(service);
      }
    }
    // A workload without a Service, or one that is gone.
    const name = known(canonical) ? canonical : workload;
    return known(name) ? { id: `${namespace}/${name}`, kind: "service", namespace, name } : undefined;
  }
}

/**
 * Layer 4 and layer 7, caller's and callee's proxy all report: only one of them counts an edge. Where a waypoint is in
 * between it knows more than the caller's agent, which counts only what never reached the waypoint (`flag`).
 */
export function countsEdge(labels: EdgeLabels, flag: ResponseFlag, finder: NodeFinder): boolean {
  if (labels.reporter === "waypoint") {
    return true;
  }
  if (labels.reporter === "source") {
    return flag === "-" || flag === "DC" ? !finder.isWaypoint(labels) : true;
  }
  return !known(labels.source_workload) && !known(labels.source_workload_namespace);
}

export const edgeId = (from: NodeRef, to: NodeRef): string => `${from.id}~${to.id}`;
