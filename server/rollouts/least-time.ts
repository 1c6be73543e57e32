/** How long a release takes when nothing goes wrong. Pure. */
import type { RolloutSpec, RolloutStep } from "@/server/contracts/rollout-spec.ts";
import { msOf } from "./machine/circumstances.ts";

const asksPerson = ({ steps }: RolloutSpec): boolean =>
  steps.some(({ gate }) => gate) || (steps.at(-1)?.weight ?? 0) < 100;

/** Milliseconds at `rps` requests per second to both versions; null when a person must come. */
export function leastMsOf(spec: RolloutSpec, rps: number): number | null {
  return asksPerson(spec) ? null : spec.steps.reduce((sum, step) => sum + leastOfStep(spec, step, rps), 0);
}

/**
 * An interval passes once the step has seen enough requests, copies among them; those before it count for nothing. What
 * nobody can foresee, since nobody calls or only a header leads there, is left out.
 */
function leastOfStep(
  { analysis }: RolloutSpec,
  { weight, mirror, hold, analysis: judged }: RolloutStep,
  rps: number,
): number {
  if (!judged) {
    return msOf(hold);
  }
  const interval = msOf(analysis.interval);
  const each = ((rps * (weight + mirror)) / 100) * (interval / 1_000);
  const untilEnough = each > 0 ? Math.ceil(analysis.minRequests / each) : 1;
  return Math.max(msOf(hold), (untilEnough + analysis.passes - 1) * interval);
}
