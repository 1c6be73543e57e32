import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import { nodeNameOf, type UserInfo } from "./user.ts";

/** A write, with the objects it is about. */
export interface NodeWrite {
  readonly verb: "create" | "update" | "delete";
  /** `pods`, `nodes`, … */
  readonly plural: string;
  readonly subresource: string | undefined;
  readonly name: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

interface PodLike extends KubeObject {
  spec?: { nodeName?: string };
}

const nodeOf = (object: KubeObject | undefined): string | undefined => (object as PodLike | undefined)?.spec?.nodeName;

/**
 * Keeps a node to itself (Kubernetes' NodeRestriction): it writes its own Node and the pods bound to it, and never
 * binds a pod to itself. Everybody else passes. Throws 403.
 */
export function restrictNode(user: UserInfo, { plural, subresource, name, before, after, verb }: NodeWrite): void {
  const node = nodeNameOf(user);
  if (node === undefined) {
    return;
  }
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  if (plural === "nodes") {
    if (name !== node) {
      throw errors.forbidden(`node "${node}" is not allowed to modify node "${name}"`);
    }
    return;
  }
  if (plural === "pods") {
    if (verb === "create" || nodeOf(before) !== node || (after !== undefined && nodeOf(after) !== node)) {
      throw errors.forbidden(`node "${node}" can only ${verb} ${what} with spec.nodeName set to itself`);
    }
    return;
  }
  if (plural !== "events" && plural !== "serviceaccounts") {
    throw errors.forbidden(`node "${node}" is not allowed to ${verb} ${what}`);
  }
}

/** What a node may ask tokens for. */
export interface NodeTokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly bound: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  readonly podOf: (namespace: string, name: string) => KubeObject | undefined;
}

/** The ServiceAccount under which the node's agent speaks to the mesh. */
export const agentAccount = { namespace: "istio-system", name: "ztunnel" } as const;

/**
 * A node gets tokens for the ServiceAccounts of its own pods, bound to these pods, and for the agent's, bound to the
 * Node itself. Throws 403.
 */
export function restrictNodeToken(user: UserInfo, request: NodeTokenRequest): void {
  const node = nodeNameOf(user);
  if (node === undefined) {
    return;
  }
  const { namespace, serviceAccount, bound, podOf } = request;
  if (bound?.kind === "Node" && bound.name === node) {
    if (namespace === agentAccount.namespace && serviceAccount === agentAccount.name) {
      return;
    }
  } else if (bound?.kind === "Pod") {
    const pod = podOf(namespace, bound.name) as (PodLike & { spec?: { serviceAccountName?: string } }) | undefined;
    if (
      pod?.metadata?.uid === bound.uid &&
      nodeOf(pod) === node &&
      (pod.spec?.serviceAccountName ?? "default") === serviceAccount
    ) {
      return;
    }
  }
  throw errors.forbidden(
    `node "${node}" may ask for tokens of its own pods' ServiceAccounts only, bound to the pod, and for ${agentAccount.namespace}/${agentAccount.name} bound to itself`,
  );
}
