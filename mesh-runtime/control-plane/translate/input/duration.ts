const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  μs: 0.001,
  ns: 0.000_001,
};

/** Longest duration that is understood, so that sums stay exact: about three years. */
const longestMs = 100_000_000_000;
const shape = /^(?:(?:[0-9]{1,12}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(?:h|ms|m|s|us|µs|μs|ns)){1,6}$/;

/**
 * A duration in whole milliseconds, as Istio (Go's `time.ParseDuration`, of which protobuf's `1.5s` is a part) and
 * Gateway API (GEP-2257, `1m30s`) write it; rounded up, so that a short one is not none. `undefined` when it is none.
 */
export function durationMs(value: unknown): number | undefined {
  if (value === "0") {
    return 0;
  }
  if (typeof value !== "string" || !shape.test(value)) {
    return undefined;
  }
  let total = 0;
  for (const [, digits = "0", unit = ""] of value.matchAll(/([0-9.]+)(h|ms|m|s|us|µs|μs|ns)/g)) {
    total += Number(digits) * (unitMs[unit] ?? 0);
  }
  return total <= longestMs ? Math.ceil(total) : undefined;
}
