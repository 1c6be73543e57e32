/** Which calls a change could touch. Pure. */
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import type { WrittenObject } from "./objects-after.ts";

/**
 * A rule acts on who is called in its namespace (all of them from the root namespace), a route on its gateways too,
 * joining on both ends.
 */
export function concernsOf(steps: readonly WrittenObject[]): (from: NodeRef, to: NodeRef) => boolean {
  const joined = new Set(steps.flatMap(({ ref }) => (ref.kind === "Namespace" ? [ref.name] : [])));
  const ruled = new Set(
    steps.flatMap((step) => (step.ref.kind === "Namespace" ? [] : [step.ref.namespace, ...parentNamespaces(step)])),
  );
  return (from, to) =>
    ruled.has(rootNamespace) || ruled.has(to.namespace) || joined.has(to.namespace) || joined.has(from.namespace);
}

const parentNamespaces = ({ before, after }: WrittenObject): string[] =>
  [before, after].flatMap((one) => {
    const { parentRefs = [] } = (one?.spec ?? {}) as {
      readonly parentRefs?: readonly { readonly namespace?: string }[];
    };
    return parentRefs.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]));
  });
