/** What platform engineers allow for numbers and durations. Pure. */
import type { FieldRange } from "@/server/contracts/golden-paths.ts";
import { duration } from "../../ui/format.ts";
import { durationMs } from "./duration-text.ts";

/** A range for `limits.requests` is about that of every limit: `limits.0.requests`. */
const isAbout = (range: FieldRange, path: string): boolean =>
  range.field === path || range.field === path.replaceAll(/\.\d+(?=\.|$)/g, "");

/** The range that holds for a field, by dotted path. */
export const rangeOf = (ranges: readonly FieldRange[], path: string): FieldRange | undefined =>
  ranges.find((range) => isAbout(range, path));

/** "1 s to 30 s", "at most 10". Durations are milliseconds. */
export function rangeWords({ min, max }: FieldRange, unit: "number" | "duration"): string {
  const words = (value: number) => (unit === "duration" ? duration(value) : value.toLocaleString("en"));
  if (min !== null && max !== null) {
    return `${words(min)} to ${words(max)}`;
  }
  return min === null ? (max === null ? "" : `at most ${words(max)}`) : `at least ${words(min)}`;
}

function problemOf(value: unknown, range: FieldRange): string | undefined {
  const ms = typeof value === "string" ? durationMs(value) : undefined;
  const number = typeof value === "number" ? value : ms;
  if (number === undefined || Number.isNaN(number)) {
    return undefined;
  }
  const { min, max } = range;
  const outside = (min !== null && number < min) || (max !== null && number > max);
  return outside ? `Allowed here: ${rangeWords(range, ms === undefined ? "number" : "duration")}` : undefined;
}

/** What is out of range, by dotted path. */
export function rangeProblems(ranges: readonly FieldRange[], values: unknown, path = ""): Map<string, string> {
  const problems = new Map<string, string>();
  if (ranges.length === 0) {
    return problems;
  }
  if (typeof values === "object" && values !== null) {
    for (const [key, value] of Object.entries(values)) {
      for (const [at, problem] of rangeProblems(ranges, value, path === "" ? key : `${path}.${key}`)) {
        problems.set(at, problem);
      }
    }
    return problems;
  }
  const range = rangeOf(ranges, path);
  const problem = range && problemOf(values, range);
  if (problem !== undefined) {
    problems.set(path, problem);
  }
  return problems;
}
