/** Who answers the calls of a service now, and what stands ready to. Pure. */
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { duration } from "../../ui/format.ts";
import { percent } from "../words/rollout-words.ts";

/** "v1 answers every call.", "v1 answers 80 % of the calls, v0 20 %." */
export function answeringWords({
  answering,
  versions,
  canary,
}: Pick<RolloutDetails, "answering" | "versions" | "canary">): string {
  const [first, second] = answering;
  if (first === undefined) {
    return "No shares hold: calls go to every ready pod of the service.";
  }
  if (second !== undefined) {
    return second.weight === 0
      ? `${first.version} answers every call but those that are led to ${second.version}.`
      : `${first.version} answers ${percent(first.weight)} of the calls, ${second.version} ${percent(second.weight)}.`;
  }
  const pods = versions.find(({ version }) => version === first.version)?.pods;
  if (pods !== undefined && !pods.some(({ ready }) => ready)) {
    return `Calls go to ${first.version}, which has no ready pod: start one.`;
  }
  // A later release, or a person, may have moved the calls on.
  const others = versions.every(({ version }) => version !== first.version);
  return `${first.version} answers every call${others && first.version !== canary ? " by now" : ""}.`;
}

type Completed = Pick<RolloutDetails, "wayBack" | "spec" | "stable" | "canary" | "answering" | "finishedUnixMs">;

/** What an undo would find, and what becomes of the old version; empty once calls have moved on. */
export function backWords(
  { wayBack, spec, stable, canary, answering, finishedUnixMs }: Completed,
  nowUnixMs: number,
): string {
  if (wayBack === null || answering[0]?.version !== canary) {
    return "";
  }
  const { stopOldAfterMinutes: minutes } = spec;
  const left = minutes === null || finishedUnixMs === null ? 0 : finishedUnixMs + minutes * 60_000 - nowUnixMs;
  const stops =
    left > 0 && wayBack.readyPods > 0 ? ` ${stable} is stopped in ${duration(Math.ceil(left / 60_000) * 60_000)}.` : "";
  return `${wayBack.words}${stops}`;
}
