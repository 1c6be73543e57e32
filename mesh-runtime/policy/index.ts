/** The policy engine's entry: what control plane, proxies and portal use. */
export { bindsGateway, type GatewaySubject, selectsWorkload, type WorkloadSubject } from "./binding.ts";
export {
  type CompiledAuthorization,
  compileAuthorization,
  rootNamespaceDefault,
  type StatusNote,
  targetRefsOf,
} from "./compile-authorization.ts";
export { compilePeerAuthentications, peerAuthenticationKeys, staticStrictName } from "./compile-peer-authentication.ts";
export { evaluateL4 } from "./evaluate-l4.ts";
export { evaluateL7, type PreparedHttpPolicies, prepareHttpPolicies, type RequestAttributes } from "./evaluate-l7.ts";
export { type NormalizedPath, normalizePath } from "./normalize-path.ts";
export type { AuthorizationPolicyResource, PeerAuthenticationResource } from "./resource.ts";
export {
  type ApplicablePolicies,
  indexPolicies,
  type PolicyIndex,
  type PolicySubject,
  selectPolicies,
} from "./select.ts";
export { type PolicyResources, type Simulation, simulate } from "./simulate.ts";
