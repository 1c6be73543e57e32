import { changeState } from "@/server/contracts/changes.ts";
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { ChangeStateBadge } from "../../changes/change-state-badge.tsx";
import { AppLink } from "../../ui/app-link.tsx";
import { exact, plural } from "../../ui/format.ts";
import { kindTexts } from "../words/rollout-words.ts";

type WrittenProps = Pick<RolloutDetails, "changes" | "spec" | "reason" | "startedBy" | "createdUnixMs" | "bundle">;

/** What a release is, and the changes that it wrote: each with its diff, receipt and proof. */
export function WrittenSection({ changes, spec, reason, startedBy, createdUnixMs, bundle }: WrittenProps) {
  return (
    <section className="written" aria-label="About this release">
      <div className="section-head">
        <h2>About</h2>
      </div>
      <dl className="kv">
        <dt>Kind</dt>
        <dd>
          {kindTexts[spec.kind].title}, {plural(spec.steps.length, "step")}
        </dd>
        <dt>Started by</dt>
        <dd>
          {startedBy.name}, <span title={exact(createdUnixMs)}>{exact(createdUnixMs)}</span>
        </dd>
        {reason !== "" && (
          <>
            <dt>Why</dt>
            <dd>{reason}</dd>
          </>
        )}
        {bundle && (
          <>
            <dt>Bundle</dt>
            <dd>
              <AppLink className="link" href={`/rollouts#bundle-${bundle.id}`}>
                {bundle.title}
              </AppLink>
            </dd>
          </>
        )}
        <dt>Limits</dt>
        <dd>{limitsOf(spec.analysis)}</dd>
      </dl>
      <div className="section-head" style={{ marginTop: 6 }}>
        <h2>Changes it wrote</h2>
        <span className="sub">{changes.length > 0 && changes.length}</span>
      </div>
      {changes.length === 0 && <p className="cap">None yet.</p>}
      <ul data-testid="written-changes">
        {changes.map(({ id, number, title, state }) => {
          const known = changeState.safeParse(state);
          return (
            <li key={id} className="written-change">
              <AppLink className="rowlink grow" href={`/changes/${id}`}>
                <span className="t3 tn">{number}</span> <span className="trunc">{title}</span>
              </AppLink>
              {known.success ? <ChangeStateBadge state={known.data} /> : <span className="t3">{state}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function limitsOf({ maxFailedRequests, maxMinutes }: RolloutDetails["spec"]["analysis"]): string {
  const limits = [
    maxFailedRequests === null ? "" : `at most ${plural(maxFailedRequests, "failed request")}`,
    maxMinutes === null ? "" : `at most ${maxMinutes} min`,
  ].filter((limit) => limit !== "");
  return limits.length === 0 ? "none on the whole release" : limits.join(", ");
}
