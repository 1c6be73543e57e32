/** When something ends, as a choice of usual spans or a date of one's own. Pure. */

/** Spans that are offered. */
export const untilSpans = [
  { value: "1h", label: "In 1 hour", ms: 3_600_000 },
  { value: "1d", label: "In 1 day", ms: 86_400_000 },
  { value: "1w", label: "In a week", ms: 604_800_000 },
] as const;

/** A moment as a date field writes it, in UTC: `2026-11-22T21:30`. */
export const dateText = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 16);

/** The moment of a date field, read as UTC; undefined while it is incomplete. */
export function momentOf(text: string): number | undefined {
  const unixMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(unixMs) ? undefined : unixMs;
}
