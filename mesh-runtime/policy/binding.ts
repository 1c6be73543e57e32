import { rootNamespaceDefault, targetRefsOf } from "./compile-authorization.ts";
import { type AuthorizationPolicyResource, namespaceOf, selects, type TargetRefFields } from "./resource.ts";

const waypointClass = "istio-waypoint";

/** A pod as policies see it. */
export interface WorkloadSubject {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A gateway or waypoint as policies see it. */
export interface GatewaySubject extends WorkloadSubject {
  readonly name: string;
  readonly gatewayClassName: string;
}

/** Whether a policy's selector picks the workload; policies without one bind by scope and are not meant here. */
export function selectsWorkload(
  policy: AuthorizationPolicyResource,
  workload: WorkloadSubject,
  rootNamespace: string = rootNamespaceDefault,
): boolean {
  const namespace = namespaceOf(policy);
  return (
    policy.spec?.selector !== undefined &&
    (namespace === workload.namespace || namespace === rootNamespace) &&
    selects(policy.spec.selector, workload.labels)
  );
}

/** A Service as policies see it. */
export interface ServiceSubject {
  readonly namespace: string;
  readonly name: string;
  /** Default `Service`. */
  readonly kind?: "Service" | "ServiceEntry";
}

/**
 * Whether a policy is enforced at a waypoint for requests to one of its services: by `targetRefs` to the Service, to the
 * waypoint's Gateway, or, from the root namespace, to its class. Never by selector or namespace: those bind at the
 * destination's agent (istiod's `selectPoliciesForWaypoint`).
 */
export const bindsService = (
  policy: AuthorizationPolicyResource,
  service: ServiceSubject,
  waypoint: GatewaySubject,
  rootNamespace: string = rootNamespaceDefault,
): boolean =>
  bindsWaypoint(policy, waypoint, rootNamespace) ||
  (namespaceOf(policy) === service.namespace && targetRefsOf(policy).some((ref) => namesService(ref, service)));

const namesService = ({ group, kind, name }: TargetRefFields, service: ServiceSubject): boolean =>
  kind === (service.kind ?? "Service") &&
  name === service.name &&
  (group ?? "") === (kind === "Service" ? "" : "networking.istio.io");

/** Whether a policy is enforced for all that a waypoint serves, pods that are called by their own address included. */
export const bindsWaypoint = (
  policy: AuthorizationPolicyResource,
  waypoint: GatewaySubject,
  rootNamespace: string = rootNamespaceDefault,
): boolean => targetRefsOf(policy).some((ref) => namesGateway(ref, namespaceOf(policy), waypoint, rootNamespace));

/**
 * Whether a policy binds an ingress gateway: by `targetRefs` (its Gateway, or its class from the root namespace), or,
 * without them, by namespace and selector like any workload. A waypoint is bound by `targetRefs` alone.
 */
export function bindsGateway(
  policy: AuthorizationPolicyResource,
  gateway: GatewaySubject,
  rootNamespace: string = rootNamespaceDefault,
): boolean {
  const namespace = namespaceOf(policy);
  const refs = targetRefsOf(policy);
  if (refs.length === 0) {
    return (
      gateway.gatewayClassName !== waypointClass &&
      (namespace === gateway.namespace || namespace === rootNamespace) &&
      selects(policy.spec?.selector, gateway.labels)
    );
  }
  return refs.some((ref) => namesGateway(ref, namespace, gateway, rootNamespace));
}

const namesGateway = (
  { group, kind, name }: TargetRefFields,
  namespace: string,
  gateway: GatewaySubject,
  rootNamespace: string,
): boolean =>
  group === "gateway.networking.k8s.io" &&
  ((kind === "Gateway" && name === gateway.name && namespace === gateway.namespace) ||
    (kind === "GatewayClass" && name === gateway.gatewayClassName && namespace === rootNamespace));
