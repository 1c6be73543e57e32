/** Limits that hold whatever the analysis says: asked at every look. Pure. */
import type { Release } from "./state.ts";
import type { Look } from "./step.ts";

/** Why it must go back at once; empty when nothing is over its limit. */
export function damageOf(
  { spec, machine }: Release,
  { totals, nowUnixMs }: Pick<Look, "totals" | "nowUnixMs">,
): string {
  const { maxFailedRequests, maxMinutes } = spec.analysis;
  const { requests, errors } = totals.canary;
  if (maxFailedRequests !== null && errors > maxFailedRequests) {
    return `${errors} of ${requests} requests to ${spec.canary} failed, more than the ${maxFailedRequests} that may`;
  }
  if (
    maxMinutes !== null &&
    machine.enteredUnixMs !== null &&
    nowUnixMs - machine.enteredUnixMs >= maxMinutes * 60_000
  ) {
    return `It took ${maxMinutes} minutes, which is the longest it may`;
  }
  return "";
}
