/** Durations of Istio's kinds: texts as Go reads them (`1h30m`, `1.5s`, `100ms`), kept within CEL's rule. */
import { rules, str } from "../schema/builders.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = String.raw`(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)`;
const whole = new RegExp(`^[+-]?(?:0|(?:${part})+)$`);
const parts = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Go keeps 64 bits of nanoseconds. */
const maxMs = 2 ** 63 / 1e6;
/** Longer texts are no duration that anybody means. */
const maxLength = 128;

/** Milliseconds, with fractions; undefined when Go's `time.ParseDuration` refuses the text. */
export function goDurationMs(text: string): number | undefined {
  if (text.length > maxLength || !whole.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, digits, unit] of text.matchAll(parts)) {
    total += Number(digits) * (unitMs[unit ?? ""] ?? 0);
  }
  if (total >= maxMs) {
    return undefined;
  }
  return text.startsWith("-") ? -total : total;
}

/** A duration of at least a millisecond. */
export const duration = () =>
  rules(
    str(),
    {
      message:
        "type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: must be a valid duration greater than 1ms",
      check: (self) => goDurationMs(self) !== undefined,
    },
    {
      message: "must be a valid duration greater than 1ms",
      check: (self) => {
        const ms = goDurationMs(self);
        return ms === undefined || ms >= 1;
      },
    },
  );
