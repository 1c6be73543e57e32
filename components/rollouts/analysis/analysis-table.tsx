"use client";

import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import { Fragment, useState } from "react";
import type { RolloutDetails, Verdict } from "@/server/contracts/rollouts.ts";
import { durationMs } from "../../golden-paths/form/duration-text.ts";
import { classNames } from "../../ui/class-names.ts";
import { clock, count, duration, exact } from "../../ui/format.ts";
import { ScrollX } from "../../ui/scroll-x.tsx";
import { useNow } from "../../ui/time-ago.tsx";
import { hasEnded } from "../words/rollout-words.ts";
import { shareWords } from "../words/step-words.ts";
import {
  type AnalysisRow,
  analysisRows,
  judgedStep,
  type MeasuredInterval,
  measureText,
  missWords,
} from "./analysis-rows.ts";
import { type LimitRow, limitRows } from "./limit-rows.ts";

const tones: Readonly<Record<AnalysisRow["tone"], { readonly icon: LucideIcon; readonly className: string }>> = {
  ok: { icon: CircleCheck, className: "c-ok" },
  warn: { icon: TriangleAlert, className: "c-warn" },
  error: { icon: CircleX, className: "c-error" },
  none: { icon: CircleDashed, className: "t3" },
};

const verdicts: Readonly<
  Record<Verdict, { readonly icon: LucideIcon; readonly className: string; readonly word: string }>
> = {
  pass: { icon: CircleCheck, className: "c-ok", word: "Passed" },
  fail: { icon: CircleX, className: "c-error", word: "Missed" },
  inconclusive: { icon: CircleDashed, className: "t3", word: "No verdict" },
};

const cellClass: Readonly<Record<Verdict | "ahead", string>> = { pass: "p", fail: "f", inconclusive: "n", ahead: "" };

/** How the step is judged: a row for each measure, a cell for each interval, and on demand the numbers behind it. */
export function AnalysisTable({ details }: { readonly details: RolloutDetails }) {
  const [open, setOpen] = useState<string | null>(null);
  const running = !hasEnded(details.state);
  const rows = analysisRows(details, running);
  const limits = limitRows(details, useNow());
  const step = details.spec.steps[judgedStep(details)];
  const { analysis } = details.spec;
  const interval = durationMs(analysis.interval);
  const every = interval === undefined ? analysis.interval : duration(interval);
  return (
    <section aria-label="Analysis" data-testid="analysis">
      <div className="section-head part-head">
        <h2>{step ? `Analysis at ${shareWords(step)}` : "Analysis"}</h2>
        {(step === undefined || step.analysis) && (
          <>
            <span className="sub">every {every}, the same time for both versions</span>
            <span className="grow" />
            <span className="xs t3 hide-narrow">{missWords(analysis, details.canary, running)}</span>
          </>
        )}
      </div>
      {rows.length === 0 && (
        <p className="cap part-empty">
          {step && !step.analysis
            ? "This step is not judged by figures."
            : running
              ? "No interval is over yet. The first verdict stands here then."
              : "Nothing was judged before it ended."}
        </p>
      )}
      {rows.length + limits.length > 0 && (
        <ScrollX label="Analysis">
          <table className="table is-dense verd" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Measure</th>
                <th scope="col" className="hide-narrow">
                  Rule
                </th>
                <th scope="col" className="num">
                  <span className="ver">{details.stable}</span>
                </th>
                <th scope="col" className="num">
                  <span className="ver is-canary">{details.canary}</span>
                </th>
                <th scope="col">Intervals</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Fragment key={row.measure}>
                  <MeasureRow
                    row={row}
                    open={open === row.measure}
                    onToggle={() => setOpen(open === row.measure ? null : row.measure)}
                  />
                  {open === row.measure && <IntervalRows row={row} />}
                </Fragment>
              ))}
              {limits.map((row) => (
                <WholeRow key={row.limit} row={row} />
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
    </section>
  );
}

/** Where a column of its own would push the verdict off the screen. */
function Below({ children }: { readonly children: string }) {
  return (
    <span style={{ display: "block", whiteSpace: "normal" }}>
      <span className="only-narrow cap">{children}</span>
    </span>
  );
}

interface MeasureRowProps {
  readonly row: AnalysisRow;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function MeasureRow({ row, open, onToggle }: MeasureRowProps) {
  const { icon: Icon, className } = tones[row.tone];
  const judged = row.cells.filter((cell) => cell !== "ahead");
  return (
    <tr data-testid={`measure-${row.measure}`} data-tone={row.tone}>
      <th scope="row" className="med">
        {row.title}
        <Below>{row.rule}</Below>
      </th>
      <td className="t3 hide-narrow">{row.rule}</td>
      <td className="num">{row.stable}</td>
      <td className="num">{row.canary}</td>
      <td>
        <button
          type="button"
          className="pips-button"
          aria-expanded={open}
          aria-label={`Intervals of ${row.title}: ${judged.map((cell) => verdicts[cell].word.toLowerCase()).join(", ")}. ${open ? "Hide" : "Show"} their numbers`}
          title={open ? "Hide the numbers" : "Show the numbers of each interval"}
          onClick={onToggle}
        >
          <span className="pips">
            {row.cells.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: intervals keep their order
              <i key={at} className={cellClass[cell]} />
            ))}
          </span>
        </button>
      </td>
      <td>
        <span className={classNames("row med", className)} style={{ gap: 6 }}>
          <Icon className="ic ic-14" aria-hidden="true" />
          {row.words}
        </span>
      </td>
    </tr>
  );
}

/** A limit of the whole release: no interval is compared, one figure is. */
function WholeRow({ row }: { readonly row: LimitRow }) {
  const { icon: Icon, className } = tones[row.tone];
  return (
    <tr data-testid={`limit-${row.limit}`} data-tone={row.tone}>
      <th scope="row" className="med">
        {row.title}
        <Below>{row.rule}</Below>
      </th>
      <td className="t3 hide-narrow">{row.rule}</td>
      <td className="num" />
      <td className="num">{row.value}</td>
      <td className="t3">whole release</td>
      <td>
        <span className={classNames("row med", className)} style={{ gap: 6 }}>
          <Icon className="ic ic-14" aria-hidden="true" />
          {row.words}
        </span>
      </td>
    </tr>
  );
}

/** Each interval of a measure in numbers, newest first. */
function IntervalRows({ row }: { readonly row: AnalysisRow }) {
  return [...row.intervals].reverse().map((one) => <IntervalRow key={one.interval.sequence} {...one} />);
}

function IntervalRow({ interval, measured }: MeasuredInterval) {
  const { icon: Icon, className, word } = verdicts[measured.verdict];
  const why =
    measured.detail === ""
      ? `${count(interval.stableRequests)} and ${count(interval.canaryRequests)} requests, ${count(interval.canaryErrors)} failed`
      : measured.detail;
  return (
    <tr className="interval">
      <td className="t3 tn" title={`${exact(interval.fromUnixMs)} to ${exact(interval.toUnixMs)}`}>
        {clock(interval.fromUnixMs).slice(0, 5)} to {clock(interval.toUnixMs)}
        <Below>{why}</Below>
      </td>
      <td className="t2 why-cell hide-narrow">{why}</td>
      <td className="num">{measureText(measured.stable, measured.unit)}</td>
      <td className="num">{measureText(measured.canary, measured.unit)}</td>
      <td className="t3">interval {interval.sequence}</td>
      <td>
        <span className={classNames("row", className)} style={{ gap: 6 }}>
          <Icon className="ic ic-14" aria-hidden="true" />
          {word}
        </span>
      </td>
    </tr>
  );
}
