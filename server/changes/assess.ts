import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "@/mesh-runtime/policy/index.ts";
import type { Impact } from "@/server/contracts/golden-paths.ts";
import { type Rendered, resourceKey } from "@/server/golden-paths/resource.ts";
import { assessImpact } from "@/server/impact/impact.ts";
import type { PolicyState } from "@/server/impact/policy-state.ts";
import { dataplaneModeLabel, rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";

const impactSeconds = 3_600;

/** The impact of steps on the traffic of the last hour. */
export function assessSteps(
  steps: readonly ResourceStep[],
  inventory: Inventory,
  telemetry: TelemetryMemory,
  trustDomain: string,
  nowMs: number,
): Impact {
  const startMs = nowMs - impactSeconds * 1_000;
  return assessImpact({
    inventory,
    shapes: telemetry.shapes.sum(startMs, nowMs + 1_000).values(),
    before: {
      authorizationPolicies: inventory.authorizationPolicies,
      peerAuthentications: inventory.peerAuthentications,
      enrolled: new Map(),
    },
    after: stateAfter(steps, inventory),
    trustDomain,
    windowSeconds: impactSeconds,
    concerns: concernsOf(steps),
    observedSinceUnixMs: Math.max(startMs, telemetry.shapes.oldestMs ?? nowMs),
  });
}

/** A rule acts on who is called in its namespace (all of them from the root namespace), joining on both ends. */
function concernsOf(steps: readonly ResourceStep[]): (from: NodeRef, to: NodeRef) => boolean {
  const joined = new Set(steps.flatMap(({ ref }) => (ref.kind === "Namespace" ? [ref.name] : [])));
  const ruled = new Set(steps.flatMap(({ ref }) => (ref.kind === "Namespace" ? [] : [ref.namespace])));
  return (from, to) =>
    ruled.has(rootNamespace) || ruled.has(to.namespace) || joined.has(to.namespace) || joined.has(from.namespace);
}

function stateAfter(steps: readonly ResourceStep[], inventory: Inventory): PolicyState {
  const changed = steps.filter((step) => !isUnchanged(step));
  const keys = new Set(changed.map(({ ref }) => resourceKey(ref)));
  const of = (kind: string): Rendered[] =>
    changed.flatMap(({ ref, after }) => (ref.kind === kind && after !== undefined ? [after] : []));
  const untouched =
    (kind: string) =>
    ({ metadata }: { readonly metadata: { name?: string | undefined; namespace?: string | undefined } }): boolean =>
      !keys.has(`${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`);
  return {
    authorizationPolicies: [
      ...inventory.authorizationPolicies.filter(untouched("AuthorizationPolicy")),
      // What is rendered is valid for its kind: the API server's dry-run says so before anything is applied.
      ...(of("AuthorizationPolicy") as AuthorizationPolicyResource[]),
    ],
    peerAuthentications: [
      ...inventory.peerAuthentications.filter(untouched("PeerAuthentication")),
      ...(of("PeerAuthentication") as PeerAuthenticationResource[]),
    ],
    enrolled: new Map(
      changed.flatMap(({ ref, after }) =>
        ref.kind === "Namespace" ? [[ref.name, after?.metadata.labels?.[dataplaneModeLabel] === "ambient"]] : [],
      ),
    ),
  };
}
