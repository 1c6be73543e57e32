/** Verdicts of a step in a row, and what follows. Pure. */
import type { MeasureVerdict } from "@/server/contracts/rollouts.ts";
import { goBack } from "./moves.ts";
import type { Release } from "./state.ts";
import { andThen, type Judged, type Next, noted, stay } from "./step.ts";

const worst = (measures: readonly MeasureVerdict[]): string =>
  measures
    .filter(({ verdict }) => verdict === "fail")
    .map(({ title, detail }) => (detail === "" ? title : `${title}: ${detail}`))
    .join(". ");

/**
 * An interval without a verdict neither counts for those in a row that passed nor for those that missed; enough of them
 * in a row are told apart (`onInconclusive`).
 */
export function count(release: Release, judged: Judged, nowUnixMs: number): Next {
  const { spec, machine } = release;
  const { counts, judgement } = judged;
  const { verdict, measures } = judgement;
  const { misses: mayMiss, inconclusive: mayBeOpen, onInconclusive } = spec.analysis;
  const { soak } = machine;
  const closed = verdict !== "inconclusive";
  const next = {
    ...machine,
    soak: {
      ...soak,
      passes: verdict === "pass" ? soak.passes + 1 : closed ? 0 : soak.passes,
      misses: verdict === "fail" ? soak.misses + 1 : closed ? 0 : soak.misses,
      inconclusive: closed ? 0 : soak.inconclusive + 1,
      intervalFromUnixMs: counts.toUnixMs,
    },
    holds: { ...machine.holds, inconclusive: machine.holds.inconclusive && !closed },
  };
  const kept: Next = { ...stay(next), verdict: { ...judged, step: machine.step, verdict } };
  const now = { ...release, machine: next };
  if (verdict === "fail") {
    const text = worst(measures);
    return andThen(kept, () =>
      next.soak.misses > mayMiss
        ? goBack(now, { end: "rolled-back", reason: `The analysis failed. ${text}`, by: null }, nowUnixMs)
        : noted(
            next,
            "warning",
            "verdict",
            `An interval failed; ${mayMiss === next.soak.misses ? "the next one that fails sends all calls back" : `${mayMiss - next.soak.misses} more in a row may`}. ${text}`,
          ),
    );
  }
  if (closed || next.soak.inconclusive < mayBeOpen) {
    return kept;
  }
  const text = `${next.soak.inconclusive} intervals in a row had no verdict`;
  if (onInconclusive === "roll-back") {
    return andThen(kept, () => goBack(now, { end: "rolled-back", reason: text, by: null }, nowUnixMs));
  }
  if (next.soak.inconclusive > mayBeOpen) {
    return kept;
  }
  return onInconclusive === "wait"
    ? andThen(kept, () => noted(next, "warning", "inconclusive", `${text}; it goes on waiting for one`))
    : andThen(kept, () =>
        noted(
          { ...next, holds: { ...next.holds, inconclusive: true } },
          "warning",
          "inconclusive",
          `${text}: a person decides`,
        ),
      );
}
