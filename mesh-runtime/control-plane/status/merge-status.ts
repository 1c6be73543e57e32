import { effectiveCondition, enforcedCondition, waypointEnforcedCondition } from "../../api/conditions.ts";
import { fields, items, text } from "../translate/input/lenient.ts";
import { waypointBoundType } from "../translate/waypoint/service-status.ts";
import type { StampedCondition, WantedStatus } from "./wanted.ts";

/** Conditions that are ours wherever they stand: one that is not wanted any more goes. */
const ownTypes = [enforcedCondition, effectiveCondition, waypointBoundType, waypointEnforcedCondition];

/** The controller whose entries in `status.parents` are ours. */
const ownParents = new Set(["istio.io/gateway-controller"]);

/**
 * The status to write over the one that stands, or `undefined` when nothing would be different. Times of conditions
 * stay as long as their status does; entries of other controllers stay as they are. Pure.
 */
export function mergeStatus(
  wanted: WantedStatus,
  current: unknown,
  now: string,
): Readonly<Record<string, unknown>> | undefined {
  const before = fields(current);
  const next: Record<string, unknown> = { ...wanted.fields };
  if (wanted.conditions !== undefined) {
    next["conditions"] = timed(wanted.conditions, before["conditions"], now);
  }
  if (Array.isArray(next["listeners"])) {
    next["listeners"] = matched(next["listeners"], before["listeners"], (entry) => text(entry["name"]), now);
  }
  if (Array.isArray(next["parents"])) {
    const foreign = items(before["parents"]).filter((entry) => !ownParents.has(text(fields(entry)["controllerName"])));
    const own = matched(next["parents"], before["parents"], (entry) => stable(entry["parentRef"]), now);
    next["parents"] = [...own, ...foreign];
  }
  return differs(next, before, wanted) ? next : undefined;
}

/** Entries of a list with the times of their former selves. */
const matched = (
  wanted: readonly unknown[],
  current: unknown,
  identity: (entry: Readonly<Record<string, unknown>>) => string,
  now: string,
): unknown[] => {
  const before = new Map(items(current).map((entry) => [identity(fields(entry)), fields(entry)]));
  return wanted.map((value) => {
    const entry = fields(value);
    const conditions = entry["conditions"] as readonly StampedCondition[];
    return { ...entry, conditions: timed(conditions, before.get(identity(entry))?.["conditions"], now) };
  });
};

function timed(wanted: readonly StampedCondition[], current: unknown, now: string): unknown[] {
  const before = new Map(items(current).map((value) => [text(fields(value)["type"]), fields(value)]));
  return wanted.map(({ standing, ...condition }) => {
    const former = before.get(condition.type);
    if (standing === true && former !== undefined && stands(former, condition)) {
      return former;
    }
    const unchanged = former?.["status"] === condition.status;
    return { ...condition, lastTransitionTime: unchanged ? text(former?.["lastTransitionTime"], now) : now };
  });
}

/** Whether a receipt written before a restart of this process still says the truth. */
const stands = (former: Readonly<Record<string, unknown>>, condition: Omit<StampedCondition, "standing">): boolean =>
  former["status"] === "True" &&
  condition.status !== "False" &&
  String(former["observedGeneration"]) === String(condition.observedGeneration);

/**
 * Compares only what is ours: conditions of other writers do not count. A condition of ours that should be gone does.
 */
function differs(
  next: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
  wanted: WantedStatus,
): boolean {
  for (const [field, value] of Object.entries(next)) {
    if (field === "conditions") {
      const types = new Set([...(wanted.conditions ?? []).map(({ type }) => type), ...ownTypes]);
      const standing = items(before["conditions"]).filter((entry) => types.has(text(fields(entry)["type"])));
      if (stable(byType(standing)) !== stable(byType(items(value)))) {
        return true;
      }
    } else if (stable(value) !== stable(before[field] ?? (Array.isArray(value) ? [] : undefined))) {
      return true;
    }
  }
  return false;
}

const byType = (conditions: readonly unknown[]): readonly unknown[] =>
  conditions.toSorted((a, b) => (text(fields(a)["type"]) < text(fields(b)["type"]) ? -1 : 1));

/** JSON with sorted keys, so that equal values give equal text. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
