import { bindsGateway, type GatewaySubject, selectsWorkload, type WorkloadSubject } from "./binding.ts";
import { compileAuthorization, rootNamespaceDefault } from "./compile-authorization.ts";
import { compilePeerAuthentications, peerAuthenticationKeys } from "./compile-peer-authentication.ts";
import { evaluateL4 } from "./evaluate-l4.ts";
import { evaluateL7, prepareHttpPolicies, type RequestAttributes } from "./evaluate-l7.ts";
import type { Authorization, ConnectionAttributes, Decision } from "./model.ts";
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "./resource.ts";
import { indexPolicies, selectPolicies } from "./select.ts";

/** The resources of a mesh that decide who may connect. */
export interface PolicyResources {
  readonly authorizationPolicies: readonly AuthorizationPolicyResource[];
  readonly peerAuthentications: readonly PeerAuthenticationResource[];
  /** Default `istio-system`. */
  readonly rootNamespace?: string;
}

/** Answers "what would the mesh decide" for many connections and requests against one set of resources. */
export interface Simulation {
  /** At the destination's agent. The workload must be in the mesh; outside of it no policy is read. */
  connection(destination: WorkloadSubject, attributes: ConnectionAttributes): Decision;
  /** At a gateway. */
  request(gateway: GatewaySubject, attributes: RequestAttributes): Decision;
}

/**
 * Compiles the resources once, with the same code as the control plane, and evaluates with the same code as the
 * proxies: a preview cannot disagree with enforcement.
 */
export function simulate(resources: PolicyResources): Simulation {
  const root = resources.rootNamespace ?? rootNamespaceDefault;
  const compiled = resources.authorizationPolicies.map((resource) => ({
    resource,
    ...compileAuthorization(resource, root),
  }));
  const authorizations = compiled.map(({ authorization }) => authorization).filter((policy) => policy !== undefined);
  const index = indexPolicies([...authorizations, ...compilePeerAuthentications(resources.peerAuthentications, root)]);
  const keysFor = (workload: WorkloadSubject): string[] => [
    ...compiled
      .filter(({ resource, authorization }) => authorization && selectsWorkload(resource, workload, root))
      .map(({ authorization }) => (authorization === undefined ? "" : keyOf(authorization))),
    ...peerAuthenticationKeys(resources.peerAuthentications, workload, root),
  ];
  return {
    connection(destination, attributes) {
      const subject = { namespace: destination.namespace, authorizationPolicies: keysFor(destination) };
      return evaluateL4(selectPolicies(subject, index), attributes);
    },
    request(gateway, attributes) {
      const http = compiled
        .filter(({ resource }) => bindsGateway(resource, gateway, root))
        .map((entry) => entry.http)
        .filter((policy) => policy !== undefined);
      return evaluateL7(prepareHttpPolicies(http), attributes);
    },
  };
}

const keyOf = (policy: Authorization): string => `${policy.namespace}/${policy.name}`;
