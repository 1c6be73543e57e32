/** The cluster as the portal thinks of it: plain data, made by `build.ts`. Pure. */
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "@/mesh-runtime/policy/index.ts";
import type { Enrolment, ResourceRef } from "@/server/contracts/names.ts";
import type { ClusterObjects } from "./cluster-objects.ts";

export interface InventoryPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly node: string;
  readonly ip: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly startedUnixMs: number;
  /** Traffic is captured: the annotation that the node writes when capture stands. */
  readonly captured: boolean;
  /** A gateway or waypoint: speaks HBONE itself and is not captured. */
  readonly proxy: boolean;
  /** Name of the Deployment, or of the pod. */
  readonly workload: string;
  /** Istio's canonical name and revision. */
  readonly app: string;
  readonly version: string;
  readonly container: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

export interface InventoryPort {
  readonly name: string;
  readonly port: number;
  /** The pod's port; 0 when it is named and no pod has it. */
  readonly targetPort: number;
  readonly protocol: string;
}

export interface InventoryService {
  readonly namespace: string;
  readonly name: string;
  readonly kind: "service" | "gateway" | "waypoint";
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly InventoryPort[];
  readonly pods: readonly InventoryPod[];
  readonly enrolment: Enrolment;
  /** The waypoint that calls to it go through, as the control plane confirmed it; undefined without one. */
  readonly waypoint: { readonly namespace: string; readonly name: string } | undefined;
  /** What the control plane says of its waypoint: bound or why not, and whether calls can pass it by. */
  readonly waypointBound: ServiceCondition | undefined;
  readonly waypointEnforced: ServiceCondition | undefined;
}

/** A condition on a Service. */
export interface ServiceCondition {
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface InventoryGateway {
  readonly namespace: string;
  readonly name: string;
  readonly className: string;
  readonly programmed: boolean;
  readonly text: string;
  readonly addresses: readonly string[];
  /** Hostnames of its listeners and of the routes attached to it. */
  readonly hosts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The Service made for it; empty before. */
  readonly service: string;
}

/** A condition on a route or on what acts like one; `parent` names the parent that says it, empty for none. */
export interface RoutingCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly parent: string;
}

/** Something that routes, limits or protects calls besides policies: a route, a DestinationRule, a rate limit, … */
export interface InventoryRouting {
  readonly resource: ResourceRef;
  readonly managedByTowpath: boolean;
  /** Services that it is about, `<namespace>/<name>`. */
  readonly services: readonly string[];
  /** Hosts that it is about, with a namespace at least; `*` in front stands for anything. */
  readonly hosts: readonly string[];
  /** Services that it sends requests to. */
  readonly backends: readonly string[];
  /** Gateways and waypoints that it is attached to. */
  readonly gateways: readonly string[];
  /** Pods of its namespace that it is about; undefined when it names targets. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  /** Plain English. */
  readonly sentence: string;
  readonly conditions: readonly RoutingCondition[];
}

export interface InventoryNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enrolment: Enrolment;
  readonly receipt: EnforcedCondition | undefined;
}

export interface InventoryNode {
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly ready: boolean;
  readonly readyText: string;
  readonly address: string;
  readonly version: string;
}

/** The propagation receipt as the control plane writes it. */
export interface EnforcedCondition {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
}

export interface InventoryIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly services: readonly string[];
  readonly enrolled: boolean;
  readonly gateway: boolean;
}

export interface Inventory {
  readonly namespaces: readonly InventoryNamespace[];
  readonly services: readonly InventoryService[];
  readonly pods: readonly InventoryPod[];
  readonly nodes: readonly InventoryNode[];
  readonly gateways: readonly InventoryGateway[];
  readonly serviceAccounts: readonly { readonly namespace: string; readonly name: string }[];
  readonly authorizationPolicies: readonly AuthorizationPolicyResource[];
  readonly peerAuthentications: readonly PeerAuthenticationResource[];
  readonly routing: readonly InventoryRouting[];
  /** As they were read, for what compares or looks closer. */
  readonly objects: ClusterObjects;
}

export const findService = (
  inventory: Inventory,
  ref: { readonly namespace: string; readonly name: string },
): InventoryService | undefined =>
  inventory.services.find((service) => service.namespace === ref.namespace && service.name === ref.name);

/** The Gateway of the waypoint that calls to a service go through. */
export const waypointOf = (inventory: Inventory, { waypoint }: InventoryService): InventoryGateway | undefined =>
  waypoint === undefined
    ? undefined
    : inventory.gateways.find(({ namespace, name }) => namespace === waypoint.namespace && name === waypoint.name);

/** Whether calls can pass a service's waypoint by, as the control plane judged it; `unknown` also without one. */
export const wayOf = ({ waypointEnforced }: InventoryService): "guarded" | "open" | "unknown" =>
  waypointEnforced === undefined ? "unknown" : waypointEnforced.ok ? "guarded" : "open";

/** Identities that running pods have, once each. */
export function identitiesOf(inventory: Inventory): readonly InventoryIdentity[] {
  const byKey = new Map<string, { identity: InventoryIdentity; services: Set<string> }>();
  for (const pod of inventory.pods) {
    const key = `${pod.namespace}/${pod.serviceAccount}`;
    const known = byKey.get(key);
    const services = known?.services ?? new Set<string>();
    for (const service of inventory.services) {
      if (service.pods.includes(pod)) {
        services.add(service.name);
      }
    }
    byKey.set(key, {
      services,
      identity: {
        namespace: pod.namespace,
        serviceAccount: pod.serviceAccount,
        services: [],
        enrolled: (known?.identity.enrolled ?? true) && (pod.captured || pod.proxy),
        gateway: (known?.identity.gateway ?? false) || pod.proxy,
      },
    });
  }
  return [...byKey.values()]
    .map(({ identity, services }) => ({ ...identity, services: [...services].sort() }))
    .sort((one, other) =>
      `${one.namespace}/${one.serviceAccount}` < `${other.namespace}/${other.serviceAccount}` ? -1 : 1,
    );
}
