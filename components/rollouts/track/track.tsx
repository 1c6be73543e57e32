"use client";

import { Check, Minus, SkipForward } from "lucide-react";
import type { CSSProperties } from "react";
import type { RolloutDetails, StepProgress } from "@/server/contracts/rollouts.ts";
import { classNames } from "../../ui/class-names.ts";
import { useNow } from "../../ui/time-ago.tsx";
import { hasEnded } from "../words/rollout-words.ts";
import { shareWords, shortWords, stepCaption } from "../words/step-words.ts";

/** More steps than this have no room for a line of words each. */
const mostWithWords = 6;

const looks: Readonly<Record<StepProgress["state"], string>> = {
  done: "is-done",
  current: "is-now",
  ahead: "is-ahead",
  skipped: "is-skipped",
};

type TrackProps = Pick<RolloutDetails, "track" | "nextVerdictUnixMs" | "state" | "hold">;

/** The steps of a release: what is done, where it stands and how far, what is ahead. */
export function Track({ track, nextVerdictUnixMs, state, hold }: TrackProps) {
  const now = useNow();
  const many = track.length > mostWithWords;
  const ended = hasEnded(state);
  const moment = { nowUnixMs: now, nextVerdictUnixMs, over: ended };
  const current = track.find((progress) => progress.state === "current");
  return (
    <section className="band" aria-label="Steps">
      <ol
        className={classNames("track", many && "is-many", ended && "is-over", hold !== null && "is-held")}
        style={{ "--steps": track.length } as CSSProperties}
        data-testid="track"
      >
        {track.map((progress, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their order
            key={at}
            className={classNames("step", looks[progress.state], progress.startedUnixMs !== null && "is-begun")}
            style={{ "--p": `${Math.round(Math.min(1, Math.max(0, progress.progress)) * 100)}%` } as CSSProperties}
            data-testid={`step-${at}`}
            data-state={progress.state}
            aria-current={progress.state === "current" && !ended ? "step" : undefined}
          >
            <span className="node-i">
              {progress.state === "done" && <Check className="ic ic-12" aria-hidden="true" />}
              {progress.state === "skipped" &&
                (progress.startedUnixMs === null ? (
                  <Minus className="ic ic-12" aria-hidden="true" />
                ) : (
                  <SkipForward className="ic ic-12" aria-hidden="true" />
                ))}
            </span>
            <span className="step-line">
              <b className="tn">{shareWords(progress.step)}</b>{" "}
              <span className={classNames("sm", progress.state === "ahead" ? "t3" : "t2", many && "vh")}>
                {shortWords(progress)}
              </span>
            </span>
            <div className={many ? "vh" : "cap"}>{stepCaption(progress, moment)}</div>
          </li>
        ))}
      </ol>
      {many && current && (
        <p className="cap track-now">
          <b className="strong">{shareWords(current.step)}</b> {current.words}, {stepCaption(current, moment)}
        </p>
      )}
    </section>
  );
}
