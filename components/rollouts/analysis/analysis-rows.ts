/** The table of what is judged: one row for each measure, one cell for each interval. Pure. */
import type { IntervalVerdict, MeasureVerdict, RolloutDetails, Verdict } from "@/server/contracts/rollouts.ts";
import { count, milliseconds, textOf } from "../../ui/format.ts";

/** Cells that a row has room for. */
export const mostCells = 12;

/** A measure in one interval. */
export interface MeasuredInterval {
  readonly interval: IntervalVerdict;
  readonly measured: MeasureVerdict;
}

export interface AnalysisRow {
  readonly measure: string;
  readonly title: string;
  readonly rule: string;
  /** Of the newest interval; empty where there is none. */
  readonly stable: string;
  readonly canary: string;
  /** Oldest first; `ahead` are intervals that are still needed. */
  readonly cells: readonly (Verdict | "ahead")[];
  readonly words: string;
  readonly tone: "ok" | "warn" | "error" | "none";
  /** Oldest first. */
  readonly intervals: readonly MeasuredInterval[];
}

/** A value with its unit: "99.80 %", "121 ms", "3,456". */
export function measureText(value: number | null, unit: MeasureVerdict["unit"]): string {
  if (value === null) {
    return "";
  }
  switch (unit) {
    case "%":
      return `${value === 100 ? "100" : value.toFixed(2)}\u00a0%`;
    case "ms":
      return textOf(milliseconds(value));
    case "requests":
      return count(value);
    case "points":
      return `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(2)}\u00a0points`;
    default:
      return String(Number(value.toFixed(2)));
  }
}

const runOf = (verdicts: readonly Verdict[], wanted: Verdict): number => {
  const broken = verdicts.findLastIndex((one) => one !== wanted);
  return verdicts.length - 1 - broken;
};

interface Rules {
  /** Intervals in a row that must pass. */
  readonly passes: number;
  /** Intervals in a row that may miss. */
  readonly misses: number;
}

const times = (number: number): string => (number === 1 ? "once" : number === 2 ? "twice" : `${number} times`);

/** Where a measure stands, by its verdicts, oldest first. */
export function standingOf(
  measure: string,
  verdicts: readonly Verdict[],
  { passes, misses }: Rules,
): Pick<AnalysisRow, "words" | "tone"> {
  const last = verdicts.at(-1);
  if (last === undefined) {
    return { words: "not judged yet", tone: "none" };
  }
  if (last === "inconclusive") {
    return { words: measure === "requests" ? "too few so far" : "no verdict yet", tone: "none" };
  }
  if (last === "fail") {
    const missed = runOf(verdicts, "fail");
    return missed > misses
      ? { words: missed === 1 ? "missed" : `missed ${times(missed)}, too often`, tone: "error" }
      : { words: `missed ${times(missed)}, watch`, tone: "warn" };
  }
  const passed = runOf(verdicts, "pass");
  if (measure === "requests") {
    return { words: "enough", tone: "ok" };
  }
  return { words: passed >= passes ? `${passes} of ${passes} passed` : `${passed} of ${passes} passed`, tone: "ok" };
}

/** Cells for the intervals there were, and for those that must still pass. */
export function cellsOf(verdicts: readonly Verdict[], { passes }: Pick<Rules, "passes">, running: boolean) {
  const missing = running ? Math.max(0, passes - (verdicts.at(-1) === "pass" ? runOf(verdicts, "pass") : 0)) : 0;
  const shownAhead = Math.min(missing, Math.max(1, mostCells - verdicts.length), mostCells - 1);
  const ahead = Array.from({ length: missing === 0 ? 0 : shownAhead }, () => "ahead" as const);
  return [...verdicts.slice(-(mostCells - ahead.length)), ...ahead];
}

/** The step whose verdicts are shown: the one it stands at, else the last that was judged. */
export function judgedStep({ verdicts, step }: Pick<RolloutDetails, "verdicts" | "step">): number {
  return verdicts.some((interval) => interval.step === step) ? step : (verdicts.at(-1)?.step ?? step);
}

/** Rows in the order in which the portal judges; measures that came later follow. */
export function analysisRows(
  details: Pick<RolloutDetails, "verdicts" | "step" | "spec">,
  running: boolean,
): readonly AnalysisRow[] {
  const judged = judgedStep(details);
  const intervals = details.verdicts.filter(({ step }) => step === judged);
  const measures = new Map<string, MeasuredInterval[]>();
  for (const interval of intervals) {
    for (const measured of interval.measures) {
      const row = measures.get(measured.measure) ?? [];
      row.push({ interval, measured });
      measures.set(measured.measure, row);
    }
  }
  const { analysis } = details.spec;
  return [...measures].flatMap(([measure, row]) => {
    const newest = row.at(-1)?.measured;
    if (newest === undefined) {
      return [];
    }
    const verdicts = row.map(({ measured }) => measured.verdict);
    return [
      {
        measure,
        title: newest.title,
        rule: newest.rule,
        stable: measureText(newest.stable, newest.unit),
        canary: measureText(newest.canary, newest.unit),
        cells: cellsOf(verdicts, analysis, running),
        ...standingOf(measure, verdicts, analysis),
        intervals: row,
      },
    ];
  });
}

/** What one miss more would do, beside the table. */
export function missWords({ misses }: Rules, canary: string, running: boolean): string {
  if (!running) {
    return "";
  }
  if (misses === 0) {
    return `the first miss sends ${canary} back to 0\u00a0%`;
  }
  const ordinal = misses === 1 ? "a second" : misses === 2 ? "a third" : `miss ${misses + 1}`;
  return `${ordinal}${misses > 2 ? "" : " miss"} in a row sends ${canary} back to 0\u00a0%`;
}
