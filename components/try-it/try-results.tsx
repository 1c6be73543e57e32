"use client";

import { Ban, RefreshCw, Terminal } from "lucide-react";
import { titleOf, userMessageOf } from "../query/portal-error.ts";
import { behindWords } from "../traffic-graph/behind-words.ts";
import { AppLink } from "../ui/app-link.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { count, milliseconds, plural, textOf } from "../ui/format.ts";
import { Empty, Failure, Note } from "../ui/states.tsx";
import { AnswerRows } from "./answer-rows.tsx";
import { Histogram } from "./histogram.tsx";
import { statusTone } from "./status-tone.ts";
import type { Answer, End, TryRun } from "./use-try.ts";

function tally<K extends string | number>(
  answers: readonly Answer[],
  key: (answer: Answer) => K,
): { key: K; count: number }[] {
  const counts = new Map<K, number>();
  for (const answer of answers) {
    counts.set(key(answer), (counts.get(key(answer)) ?? 0) + 1);
  }
  return [...counts].map(([value, amount]) => ({ key: value, count: amount })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Answers as they come, with histograms by status and version, and why something was refused. */
export function TryResults({ run }: { readonly run: TryRun | null }) {
  if (!run) {
    return (
      <section className="try-out" aria-label="Answers">
        <Empty icon={Terminal} title="Nothing sent yet">
          Choose who sends and press the button. Each answer says its status, the version that answered and how long it
          took; a refusal says why.
        </Empty>
      </section>
    );
  }
  const { answers, start, end, error, running, request } = run;
  const answered = answers.length;
  return (
    <section className="try-out" aria-label="Answers">
      {start && (
        <div className="try-block">
          <div className="cmd">
            <span className="p">$</span>
            <span className="grow try-cmd" data-testid="command-line">
              {start.commandLine}
            </span>
            <CopyButton text={start.commandLine} />
          </div>
          <p className="cap" role="status" aria-live="polite" data-testid="try-progress">
            {running ? `${count(answered)} of ${count(request.count)} answered` : `${plural(answered, "answer")}`}
            {start.pod !== "" && `, sent by ${start.pod} on ${start.node}`}
            {end &&
              end.p50Ms !== null &&
              `, p50 ${textOf(milliseconds(end.p50Ms))}, p95 ${textOf(milliseconds(end.p95Ms))}, p99 ${textOf(milliseconds(end.p99Ms))}`}
          </p>
        </div>
      )}
      {error !== null && error !== undefined && <Failure title={titleOf(error)}>{userMessageOf(error)}</Failure>}
      {end && end.error !== "" && (
        <div className="try-block">
          <Note tone="error">{end.error}</Note>
        </div>
      )}
      {end?.denials.map((denial) => (
        <Refusal key={denial.groupId} denial={denial} />
      ))}
      {end?.behind && <Behind behind={end.behind} />}
      {answered > 0 && (
        <>
          <div className="cols">
            <Histogram
              title="By status"
              total={answered}
              bars={tally(answers, (answer) => answer.status).map((bar) => ({
                label: bar.key === 0 ? "no answer" : String(bar.key),
                count: bar.count,
                tone: statusTone(bar.key),
              }))}
              testId="by-status"
            />
            <Histogram
              title="By version"
              total={answered}
              bars={tally(answers, (answer) => (answer.version === "" ? "not said" : answer.version)).map(
                (bar, index) => ({
                  label: bar.key,
                  count: bar.count,
                  tone: bar.key === "not said" ? "plain" : index === 0 ? "stable" : "canary",
                }),
              )}
              testId="by-version"
            />
          </div>
          <AnswerRows answers={answers} end={end} />
        </>
      )}
    </section>
  );
}

/** Why something was refused, in place, with the way to the whole story. */
function Refusal({ denial }: { readonly denial: End["denials"][number] }) {
  const { count: times, answer, enforcer, reasonTitle, sentence, expected, was, nextStep, groupId } = denial;
  return (
    <div className="try-block" data-testid="try-denial">
      <Note icon={Ban}>
        <b>
          {plural(times, "refusal")} by the {enforcer}
          {answer !== 0 && <> with {answer}</>}.
        </b>{" "}
        {sentence}
        <dl className="kv try-why">
          <dt>Reason</dt>
          <dd>{reasonTitle}</dd>
          {expected.length > 0 && (
            <>
              <dt>Asked for</dt>
              <dd className="id">{expected.slice(0, 4).join(", ")}</dd>
            </>
          )}
          {was !== "" && (
            <>
              <dt>Was</dt>
              <dd className="id">{was}</dd>
            </>
          )}
          {nextStep !== "" && (
            <>
              <dt>Next</dt>
              <dd>{nextStep}</dd>
            </>
          )}
        </dl>
        <AppLink className="link" href={`/denials?open=${encodeURIComponent(groupId)}`}>
          Why was it denied
        </AppLink>
      </Note>
    </div>
  );
}

/** What the waypoint did meanwhile that the answers do not show. */
function Behind({ behind }: { readonly behind: NonNullable<End["behind"]> }) {
  const parts = behindWords(behind);
  return parts.length === 0 ? null : (
    <div className="try-block" data-testid="try-behind">
      <Note icon={RefreshCw}>
        <b>Behind the scenes.</b> {parts.join(", ")}, for all callers of the service meanwhile.
      </Note>
    </div>
  );
}
