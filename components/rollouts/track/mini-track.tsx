import type { RolloutSummary } from "@/server/contracts/rollouts.ts";
import { classNames } from "../../ui/class-names.ts";
import { hasEnded } from "../words/rollout-words.ts";

type MiniTrackProps = Pick<RolloutSummary, "step" | "steps" | "state">;

/** Steps of a release in a line of a list: done, the one it stands at, ahead. */
export function MiniTrack({ step, steps, state }: MiniTrackProps) {
  const all = state === "completed" || state === "undone";
  const ended = hasEnded(state);
  const begun = state !== "queued" && state !== "waiting";
  const words = all
    ? `all ${steps} steps done`
    : begun
      ? `${ended ? "ended at step" : "step"} ${step + 1} of ${steps}`
      : `${steps} steps ahead`;
  return (
    <span className="mini-track" role="img" aria-label={words} title={words}>
      {Array.from({ length: steps }, (_, at) => (
        <i
          // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their order
          key={at}
          className={classNames(
            (all || (begun && at < step)) && "is-done",
            !all && begun && at === step && (ended ? "is-end" : "is-now"),
          )}
        />
      ))}
    </span>
  );
}
