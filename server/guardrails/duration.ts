const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds of a Gateway API duration (GEP-2257): `250ms`, `1m30s`; undefined for other text. */
export function durationMs(text: string): number | undefined {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) {
    return undefined;
  }
  return [...text.matchAll(/([0-9]+)(h|ms|m|s)/g)].reduce(
    (total, [, number, unit = ""]) => total + Number(number) * (units[unit] ?? 0),
    0,
  );
}
