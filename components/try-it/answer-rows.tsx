"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { milliseconds, textOf } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { rateLimitWords } from "./rate-limit-words.ts";
import { statusTone } from "./status-tone.ts";
import type { Answer, End } from "./use-try.ts";
import { whoAnswered } from "./who-answered.ts";

/** More than this many rows help nobody; the histograms count all. */
const shownMax = 200;

/** Answers one by one, the newest first; a row opens into headers and body. */
export function AnswerRows({ answers, end }: { readonly answers: readonly Answer[]; readonly end: End | null }) {
  const only = answers.length === 1 ? (answers[0]?.index ?? null) : null;
  const [chosen, setChosen] = useState<number | null>(null);
  const open = chosen ?? only;
  const shown = answers.slice(-shownMax).reverse();
  return (
    <ScrollX label="Answers">
      <table className="table is-dense" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th className="num">#</th>
            <th scope="col">Status</th>
            <th scope="col">Answered by</th>
            <th scope="col">Version</th>
            <th scope="col">Pod</th>
            <th scope="col" className="num">
              Latency
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {shown.map((answer) => {
            const opened = open === answer.index;
            const tone = statusTone(answer.status);
            const who = whoAnswered(answer, end);
            const limited = rateLimitWords(answer);
            return (
              <Fragment key={answer.index}>
                <tr data-testid="answer" data-status={answer.status} data-version={answer.version}>
                  <td className="num t3">{answer.index + 1}</td>
                  <td className={tone === "plain" ? "mono" : `mono c-${tone}`}>
                    {answer.status === 0 ? <span title={answer.error}>no answer</span> : answer.status}
                  </td>
                  <td>
                    {who === "" ? (
                      <span className="t3">{answer.error === "" ? "not said" : answer.error}</span>
                    ) : (
                      <span data-testid="answered-by">{who}</span>
                    )}
                    {limited !== "" && <span className="t3 xs"> · {limited}</span>}
                  </td>
                  <td>
                    {answer.version === "" ? (
                      ""
                    ) : (
                      <span className={answer.version === "v1" ? "ver" : "ver is-canary"}>{answer.version}</span>
                    )}
                  </td>
                  <td className="mono t3">{answer.pod}</td>
                  <td className="num">{textOf(milliseconds(answer.latencyMs))}</td>
                  <td className="num">
                    <button
                      type="button"
                      className="btn is-ghost is-icon is-s"
                      aria-expanded={opened}
                      aria-label={`Answer ${answer.index + 1}: headers and body`}
                      onClick={() => setChosen(opened ? -1 : answer.index)}
                    >
                      {opened ? (
                        <ChevronDown className="ic ic-14" aria-hidden="true" />
                      ) : (
                        <ChevronRight className="ic ic-14" aria-hidden="true" />
                      )}
                    </button>
                  </td>
                </tr>
                {opened && (
                  <tr className="answer-detail">
                    <td colSpan={7}>
                      {answer.error !== "" && <p className="sm c-denied">{answer.error}</p>}
                      {answer.headers.length > 0 && (
                        <pre className="t3">
                          {answer.headers.map((header) => `${header.name}: ${header.value}`).join("\n")}
                        </pre>
                      )}
                      {answer.body !== "" && <pre data-testid="answer-body">{pretty(answer.body)}</pre>}
                      {answer.truncated && <p className="cap">The rest of the body is left out.</p>}
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {answers.length > shownMax && (
        <p className="cap" style={{ padding: "8px var(--page-x)" }}>
          The newest {shownMax} are listed; the histograms count all.
        </p>
      )}
    </ScrollX>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
