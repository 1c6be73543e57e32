/** The policy engine's entry: what control plane, proxies and portal use. */
export {
  bindsGateway,
  bindsService,
  bindsWaypoint,
  type GatewaySubject,
  type ServiceSubject,
  selectsWorkload,
  type WorkloadSubject,
} from "./binding.ts";
export {
  type CompiledAuthorization,
  compileAuthorization,
  rootNamespaceDefault,
  type StatusNote,
  targetRefsOf,
} from "./compile-authorization.ts";
export { compilePeerAuthentications, peerAuthenticationKeys, staticStrictName } from "./compile-peer-authentication.ts";
export { evaluateL4 } from "./evaluate-l4.ts";
export {
  type CustomMatch,
  evaluateL7,
  evaluateShadow,
  evaluateTcp,
  matchAudit,
  matchCustom,
} from "./evaluate-l7.ts";
export { type NormalizedPath, normalizePath } from "./normalize-path.ts";
export { type PreparedHttpPolicies, prepareHttpPolicies } from "./prepare-http.ts";
export {
  type PreparedConnection,
  prepareConnection,
  type RequestAttributes,
  type TcpAttributes,
} from "./request-attributes.ts";
export type { AuthorizationPolicyResource, PeerAuthenticationResource } from "./resource.ts";
export {
  type ApplicablePolicies,
  indexPolicies,
  type PolicyIndex,
  type PolicySubject,
  selectPolicies,
} from "./select.ts";
export {
  type Hop,
  type Passage,
  type PodDestination,
  type PolicyResources,
  type ServiceDestination,
  type Simulation,
  simulate,
} from "./simulate.ts";
