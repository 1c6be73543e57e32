import { proxyConfigType } from "../../xds/codec.ts";
import { type Caller, callerKey } from "../ca/caller.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

/**
 * Why a proxy may not call itself so; `undefined` when it may. A node id is `type~ip~name.namespace~domain` (Istio). Its
 * name is the pod that the token is bound to, or `<service account>-<node>` for an agent's token, which is bound to its
 * Node: whoever holds another token cannot speak for this proxy, and so not hold back its receipts.
 */
export function nodeIdProblem(nodeId: string, caller: Caller): string | undefined {
  const [, , name = "", domain, ...rest] = nodeId.split("~");
  if (domain === undefined || rest.length > 0) {
    return "the node id is not type~ip~name.namespace~domain";
  }
  const expected = ownName(caller);
  if (expected === undefined) {
    return "the token is bound to no pod and no node";
  }
  return name === `${expected}.${caller.namespace}`
    ? undefined
    : `the token is for ${expected}.${caller.namespace}, not for ${name.slice(0, 253)}`;
}

const ownName = ({ pod, node, serviceAccount }: Caller): string | undefined =>
  pod ?? (node === undefined ? undefined : `${serviceAccount}-${node}`);

/** Whether the caller is a proxy at all: an agent, or one that a configuration is made for. */
export function isProxy(caller: Caller, agents: ReadonlySet<string>, snapshot: Snapshot): boolean {
  const key = callerKey(caller);
  if (agents.has(key)) {
    return true;
  }
  for (const { reader } of snapshot.types.get(proxyConfigType.typeUrl)?.values() ?? []) {
    if (reader === key) {
      return true;
    }
  }
  return false;
}
