/** Durations as Gateway API writes them (GEP-2257), as a number and a unit for a form. Pure. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A unit of a duration. */
export type DurationUnit = keyof typeof unitMs;

/** Every unit, smallest first, as the text has it and as people read it. */
export const durationUnits: readonly { readonly value: DurationUnit; readonly label: string }[] = [
  { value: "ms", label: "ms" },
  { value: "s", label: "s" },
  { value: "m", label: "min" },
  { value: "h", label: "h" },
];

const whole = /^(?:[0-9]{1,5}(?:h|m|s|ms)){1,4}$/;

/** Milliseconds of `1m30s`; undefined when it is no duration. */
export function durationMs(text: string): number | undefined {
  if (!whole.test(text)) {
    return undefined;
  }
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/([0-9]+)(h|ms|m|s)/g)) {
    ms += Number(number) * unitMs[unit as DurationUnit];
  }
  return ms;
}

/** The shortest text for milliseconds: `90s`, `250ms`, `1h`. */
export function durationText(ms: number): string {
  const unit = durationUnits.findLast(({ value }) => ms > 0 && ms % unitMs[value] === 0)?.value ?? "ms";
  return `${ms / unitMs[unit]}${unit}`;
}

/** What the field for a duration shows: the number as typed, and its unit. */
export interface DurationParts {
  readonly amount: string;
  readonly unit: DurationUnit;
}

/** Number and unit of a text; what is no duration stays in the number, so that nothing is lost. */
export function durationParts(text: string, unit: DurationUnit = "s"): DurationParts {
  const ms = durationMs(text);
  if (ms === undefined) {
    const [, amount = text, end] = /^(.*?)(ms|s|m|h)?$/.exec(text) ?? [];
    return { amount, unit: end === undefined ? unit : (end as DurationUnit) };
  }
  const shortest = /^([0-9]+)(ms|s|m|h)$/.exec(text) ?? /^([0-9]+)(ms|s|m|h)$/.exec(durationText(ms));
  return { amount: shortest?.[1] ?? text, unit: (shortest?.[2] ?? unit) as DurationUnit };
}

/**
 * The text of a number and a unit. A typed unit wins ("250ms" in the field), and decimals are written in whole smaller
 * units (`1.5` s is `1500ms`). What cannot be read is kept, for the schema to say so. Empty stays empty.
 */
export function composeDuration({ amount, unit }: DurationParts): string {
  const text = amount.trim().replace(",", ".").replace(/\s+/g, "").replace(/min$/, "m");
  if (text === "") {
    return "";
  }
  if (/^[0-9]+$/.test(text)) {
    return `${Number(text)}${unit}`;
  }
  const [, decimal, own = unit] = /^([0-9]*\.?[0-9]+)(ms|s|m|h)?$/.exec(text) ?? [];
  if (decimal === undefined) {
    return whole.test(text) ? text : `${text}${unit}`;
  }
  const ms = Math.round(Number(decimal) * unitMs[own as DurationUnit]);
  return durationText(ms);
}

const steps = [
  ...[1, 2, 5, 10, 25, 50, 100, 250, 500],
  ...[1, 2, 3, 5, 10, 15, 30].map((seconds) => seconds * unitMs.s),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * unitMs.m),
  ...[1, 2, 6, 12, 24].map((hours) => hours * unitMs.h),
];

/** The next sensible duration up or down; what is no duration begins at a second. */
export function stepDuration(text: string, direction: 1 | -1): string {
  const ms = durationMs(text);
  if (ms === undefined) {
    return "1s";
  }
  const next = direction === 1 ? steps.find((step) => step > ms) : steps.findLast((step) => step < ms);
  return durationText(next ?? ms);
}
