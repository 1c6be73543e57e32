import { type PreparedHttpPolicies, prepareHttpPolicies } from "../policy/index.ts";
import type { L7Listener } from "../xds/model.ts";
import { compileRoutes, type PortRoutes } from "./match-route.ts";

/** The configuration of one port, made ready. Replaced as a whole; requests under way keep the one they began with. */
export interface PortState {
  /** The Gateway's port, which policies and telemetry name. */
  readonly port: number;
  readonly routes: PortRoutes;
  readonly policies: ReadonlyMap<L7Listener, PreparedHttpPolicies>;
  /** For hosts that no listener covers. */
  readonly fallbackPolicies: PreparedHttpPolicies;
}

/** Makes the listeners of one port ready. */
export function preparePort(port: number, listeners: readonly L7Listener[]): PortState {
  const policies = new Map(listeners.map((listener) => [listener, prepareHttpPolicies(listener.authorizations)]));
  const fallback = new Map(
    listeners.flatMap(({ authorizations }) =>
      authorizations.map((policy) => [`${policy.namespace}/${policy.name}`, policy]),
    ),
  );
  return {
    port,
    routes: compileRoutes(listeners),
    policies,
    fallbackPolicies: prepareHttpPolicies([...fallback.values()]),
  };
}
