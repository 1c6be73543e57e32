/**
 * What a limit of the golden path "release a version" means for a release, for forms and for the portal. A limit of the
 * share (`weight`) is about shares that somebody sets by hand: a release may go over it where it is judged, since bad
 * answers take its calls back. A limit of copies (`mirror`) holds for each step. "At least" holds for neither: a release
 * begins with nothing and may have to go back to it.
 */
import type { FieldRange } from "./golden-paths.ts";
import type { RolloutStep } from "./rollout-spec.ts";

const mostOf = (ranges: readonly FieldRange[], field: string): number | null =>
  ranges.reduce<number | null>(
    (least, range) => (range.field === field && range.max !== null ? Math.min(range.max, least ?? range.max) : least),
    null,
  );

/** Percent of the calls that somebody may give a version by hand; null: no limit. */
export const shareLimit = (ranges: readonly FieldRange[]): number | null => mostOf(ranges, "weight");
/** Percent of the calls that a step may copy; null: no limit. */
export const copiesLimit = (ranges: readonly FieldRange[]): number | null => mostOf(ranges, "mirror");

/** Places, from 0, of steps over the limit where neither they nor a step before them are judged. */
export function unjudgedOver(
  steps: readonly { readonly weight: number | null; readonly analysis: RolloutStep["analysis"] }[],
  limit: number,
): number[] {
  const judged = steps.findIndex(({ analysis }) => analysis);
  return steps.flatMap(({ weight }, at) => ((weight ?? 0) > limit && (judged < 0 || at < judged) ? [at] : []));
}
