import { rootNamespaceDefault, targetRefsOf } from "./compile-authorization.ts";
import { type AuthorizationPolicyResource, namespaceOf, selects } from "./resource.ts";

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

/**
 * Whether a policy binds an ingress gateway: by `targetRefs` (its Gateway, or its class from the root namespace), or,
 * without them, by namespace and selector like any workload.
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
      (namespace === gateway.namespace || namespace === rootNamespace) && selects(policy.spec?.selector, gateway.labels)
    );
  }
  return refs.some(
    ({ group, kind, name }) =>
      group === "gateway.networking.k8s.io" &&
      ((kind === "Gateway" && name === gateway.name && namespace === gateway.namespace) ||
        (kind === "GatewayClass" && name === gateway.gatewayClassName && namespace === rootNamespace)),
  );
}
