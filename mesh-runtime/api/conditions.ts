/** Reading and writing status conditions. */
import type { Condition } from "./meta.ts";

/** The propagation receipt: a condition of ours, beside Istio's. */
export const enforcedCondition = "towpath.dev/Enforced";
export type EnforcedReason = "AllProxiesInSync" | "WaitingForProxies" | "Rejected";

/** Whether an object acts as written, for kinds and cases of which Istio says nothing. False comes with the next step. */
export const effectiveCondition = "towpath.dev/Effective";

/** On a Service behind a waypoint: nobody reaches its pods past the waypoint. */
export const waypointEnforcedCondition = "towpath.dev/WaypointEnforced";

export function findCondition<C extends { readonly type?: string | undefined }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * The list with `next` in it. lastTransitionTime is kept while the status stays the same, and is `now` otherwise;
 * a condition that is already so leaves the list as it was (the same reference).
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, "lastTransitionTime">,
  now: Date,
): readonly Condition[] {
  const before = findCondition(conditions, next.type);
  const same =
    before !== undefined &&
    before.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message &&
    before.observedGeneration === next.observedGeneration;
  if (conditions !== undefined && same) {
    return conditions;
  }
  const lastTransitionTime =
    before?.status === next.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : now.toISOString().replace(/\.\d{3}Z$/, "Z");
  const written = { ...next, lastTransitionTime };
  return before === undefined
    ? [...(conditions ?? []), written]
    : (conditions ?? []).map((condition) => (condition === before ? written : condition));
}
