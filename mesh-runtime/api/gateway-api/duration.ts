/** Durations of the Gateway API (GEP-2257): `1h`, `10s`, `1m30s`, `100ms`. */

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds; undefined when the text is no duration. */
export function durationMs(text: string): number | undefined {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g)) {
    total += Number(digits) * (unitMs[unit ?? ""] ?? 0);
  }
  return total;
}
