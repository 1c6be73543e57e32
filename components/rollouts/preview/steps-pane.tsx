import { Hourglass } from "lucide-react";
import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { count, duration, rate, textOf } from "../../ui/format.ts";
import { percent } from "../words/rollout-words.ts";

interface StepsPaneProps {
  readonly preview: RolloutPreview;
  readonly stable: string;
  readonly canary: string;
}

/** What the share will be at each step, in requests, and how long it takes to judge it. */
export function StepsPane({ preview: { steps, leastMs, sample }, stable, canary }: StepsPaneProps) {
  return (
    <div data-testid="preview-steps">
      <dl className="preview-figs">
        <div>
          <dt className="cap">Steps</dt>
          <dd className="fig tn">{count(steps.length)}</dd>
        </div>
        <div>
          <dt className="cap">{leastMs === null ? "Goes on when" : "Takes at least"}</dt>
          <dd className="fig tn">{leastMs === null ? "somebody promotes it" : duration(leastMs)}</dd>
        </div>
      </dl>
      <ol className="preview-steps">
        {steps.map(({ weight, rps, words }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their order
          <li key={at}>
            <span className="preview-weight tn">
              <b className="strong">{percent(weight)}</b>
            </span>
            <span
              className="split-bar"
              role="img"
              aria-label={`${percent(weight)} to ${canary}, ${percent(100 - weight)} to ${stable}`}
            >
              <i className="is-canary" style={{ width: `${weight}%` }} />
              <i className="is-stable" style={{ width: `${100 - weight}%` }} />
            </span>
            <span className="num tn">{rps === null ? "–" : textOf(rate(rps))}</span>
            <span className="t2 sm preview-words">{words}</span>
          </li>
        ))}
      </ol>
      {sample !== "" && (
        <p className="row sm t2 sample" data-testid="sample">
          <Hourglass className="ic ic-14" aria-hidden="true" />
          <span>{sample}</span>
        </p>
      )}
    </div>
  );
}
