import {
  bindsGateway,
  bindsService,
  type GatewaySubject,
  type ServiceSubject,
  selectsWorkload,
  type WorkloadSubject,
} from "./binding.ts";
import { compileAuthorization, rootNamespaceDefault } from "./compile-authorization.ts";
import { compilePeerAuthentications, peerAuthenticationKeys } from "./compile-peer-authentication.ts";
import { evaluateL4 } from "./evaluate-l4.ts";
import { type CustomMatch, evaluateL7, matchCustom } from "./evaluate-l7.ts";
import type { Authorization, ConnectionAttributes, Decision } from "./model.ts";
import { type PreparedHttpPolicies, prepareHttpPolicies } from "./prepare-http.ts";
import type { RequestAttributes } from "./request-attributes.ts";
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "./resource.ts";
import { indexPolicies, selectPolicies } from "./select.ts";

/** The resources of a mesh that decide who may connect. */
export interface PolicyResources {
  readonly authorizationPolicies: readonly AuthorizationPolicyResource[];
  readonly peerAuthentications: readonly PeerAuthenticationResource[];
  /** Default `istio-system`. */
  readonly rootNamespace?: string;
  /** External authorizers that MeshConfig has. Default: none. */
  readonly providers?: readonly string[];
}

/** Answers "what would the mesh decide" for many connections and requests against one set of resources. */
export interface Simulation {
  /** At the destination's agent. The workload must be in the mesh; outside of it no policy is read. */
  connection(destination: WorkloadSubject, attributes: ConnectionAttributes): Decision;
  /** At a gateway. */
  request(gateway: GatewaySubject, attributes: RequestAttributes): Decision;
  /** On the way to a service: at its waypoint if it has one, then at the destination's agent. */
  service(destination: ServiceDestination, attributes: RequestAttributes): Passage;
}

/** A service that is called, as far as policies see it. */
export interface ServiceDestination extends ServiceSubject {
  readonly waypoint?: GatewaySubject | undefined;
  /** Address of the waypoint's pod, which the agent sees; without it no range of addresses holds there. */
  readonly waypointIp?: string | undefined;
  /** The pod behind the service that shall answer; absent when it is outside of the mesh or not known. */
  readonly workload?: PodDestination | undefined;
}

/** A pod that is called, and its own port (targetPort). */
export interface PodDestination extends WorkloadSubject {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

/** One place on the way of a request that judges it. */
export interface Hop {
  /** Who enforces: the waypoint with layer 7 policies, or the agent of the destination's node with layer 4 policies. */
  readonly at: "waypoint" | "agent";
  /** `<namespace>/<name>` of the waypoint or of the pod. */
  readonly enforcer: string;
  /** The identity that is seen there; absent on plain text. */
  readonly principal: string | undefined;
  /** What was decided, provided that the authorizers of `asks` agree. */
  readonly decision: Decision;
  /** External authorizers that the waypoint asks first. */
  readonly asks: readonly CustomMatch[];
}

/** Whether a request arrives, and what was decided on its way; ends with the hop that refuses. */
export interface Passage {
  readonly allowed: boolean;
  readonly hops: readonly Hop[];
}

/**
 * Compiles the resources once, with the same code as the control plane, and evaluates with the same code as the
 * proxies: a preview cannot disagree with enforcement.
 */
export function simulate(resources: PolicyResources): Simulation {
  const root = resources.rootNamespace ?? rootNamespaceDefault;
  const compiled = resources.authorizationPolicies.map((resource) => ({
    resource,
    ...compileAuthorization(resource, root, (name) => resources.providers?.includes(name) === true),
  }));
  const authorizations = compiled.map(({ authorization }) => authorization).filter((policy) => policy !== undefined);
  const index = indexPolicies([...authorizations, ...compilePeerAuthentications(resources.peerAuthentications, root)]);
  const keysFor = (workload: WorkloadSubject): string[] => [
    ...compiled
      .filter(({ resource, authorization }) => authorization && selectsWorkload(resource, workload, root))
      .map(({ authorization }) => (authorization === undefined ? "" : keyOf(authorization))),
    ...peerAuthenticationKeys(resources.peerAuthentications, workload, root),
  ];
  const applicable = remembering(({ namespace, labels }: WorkloadSubject) =>
    selectPolicies({ namespace, authorizationPolicies: keysFor({ namespace, labels }) }, index),
  );
  const connection = (destination: WorkloadSubject, attributes: ConnectionAttributes): Decision =>
    evaluateL4(applicable(destination, [destination.namespace, destination.labels]), attributes);
  const prepare = (binds: (resource: AuthorizationPolicyResource) => boolean): PreparedHttpPolicies =>
    prepareHttpPolicies(
      compiled
        .filter(({ resource }) => binds(resource))
        .map(({ http }) => http)
        .filter((policy) => policy !== undefined),
    );
  const atGateway = remembering((gateway: GatewaySubject) =>
    prepare((resource) => bindsGateway(resource, gateway, root)),
  );
  const atWaypoint = remembering(([service, waypoint]: readonly [ServiceSubject, GatewaySubject]) =>
    prepare((resource) => bindsService(resource, service, waypoint, root)),
  );
  return {
    connection,
    request: (gateway, attributes) =>
      evaluateL7(
        atGateway(gateway, [gateway.namespace, gateway.name, gateway.gatewayClassName, gateway.labels]),
        attributes,
      ),
    service(destination, attributes) {
      const { waypoint, workload } = destination;
      const hops: Hop[] = [];
      if (waypoint !== undefined) {
        const { kind, namespace, name } = destination;
        const policies = atWaypoint(
          [destination, waypoint],
          [kind, namespace, name, waypoint.namespace, waypoint.name, waypoint.gatewayClassName],
        );
        hops.push({
          at: "waypoint",
          enforcer: `${waypoint.namespace}/${waypoint.name}`,
          principal: attributes.sourcePrincipal,
          decision: evaluateL7(policies, attributes),
          asks: matchCustom(policies, attributes),
        });
      }
      if (workload !== undefined && hops.every(({ decision }) => decision.allowed)) {
        const principal =
          waypoint === undefined ? attributes.sourcePrincipal : waypointPrincipal(waypoint, attributes.sourcePrincipal);
        const sourceIp = waypoint === undefined ? attributes.sourceIp : (destination.waypointIp ?? "");
        hops.push({
          at: "agent",
          enforcer: `${workload.namespace}/${workload.name}`,
          principal,
          decision: connection(workload, {
            ...(principal === undefined ? {} : { sourcePrincipal: principal }),
            sourceIp,
            destinationIp: workload.ip,
            destinationPort: workload.port,
          }),
          asks: [],
        });
      }
      return { allowed: hops.every(({ decision }) => decision.allowed), hops };
    },
  };
}

/** Keeps results by the parts of the subject that they depend on. */
function remembering<S, V>(make: (subject: S) => V): (subject: S, parts: readonly unknown[]) => V {
  const made = new Map<string, V>();
  return (subject, parts) => {
    const key = JSON.stringify(parts);
    const known = made.get(key);
    if (known !== undefined) {
      return known;
    }
    const value = make(subject);
    made.set(key, value);
    return value;
  };
}

/** A waypoint calls as its own ServiceAccount, which is named as its Gateway. */
const waypointPrincipal = ({ namespace, name }: GatewaySubject, caller: string | undefined): string =>
  `${caller?.slice(0, caller.indexOf("/ns/")) ?? "cluster.local"}/ns/${namespace}/sa/${name}`;

const keyOf = (policy: Authorization): string => `${policy.namespace}/${policy.name}`;
