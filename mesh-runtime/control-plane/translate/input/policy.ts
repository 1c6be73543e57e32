import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "../../../policy/index.ts";
import { fields, readMeta } from "./lenient.ts";

/** An AuthorizationPolicy with what the status needs; the engine reads `resource` itself. */
export interface AuthorizationPolicyInput {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly resource: AuthorizationPolicyResource;
}

/** A PeerAuthentication likewise. */
export interface PeerAuthenticationInput {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly resource: PeerAuthenticationResource;
}

/** Reads an AuthorizationPolicy; its spec is checked where it is compiled. */
export const readAuthorizationPolicy = (object: unknown): AuthorizationPolicyInput => read(object);

/** Reads a PeerAuthentication; its spec is checked where it is compiled. */
export const readPeerAuthentication = (object: unknown): PeerAuthenticationInput => read(object);

function read<T extends AuthorizationPolicyResource | PeerAuthenticationResource>(object: unknown) {
  const { namespace, name, generation, annotations, createdAtMs } = readMeta(object);
  const creationTimestamp = new Date(createdAtMs).toISOString();
  const spec = fields(fields(object)["spec"]);
  return {
    namespace,
    name,
    generation,
    resource: { metadata: { namespace, name, annotations, creationTimestamp }, spec } as T,
  };
}
