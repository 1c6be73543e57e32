/** Durations that the CRD leaves to the webhook. */
import { goDurationMs } from "./duration.ts";
import type { Report } from "./report.ts";

/**
 * A text that is no duration is refused as a whole object that cannot be read; answers false then. `mayBeZero`: zero
 * switches something off.
 */
export function admitDuration(text: string | undefined, report: Report, mayBeZero = false): void {
  const ms = text === undefined ? undefined : goDurationMs(text);
  if (ms === undefined || (mayBeZero && Math.trunc(ms) === 0)) {
    return;
  }
  if (ms < 1) {
    report.refuse("duration must be greater than 1ms");
  } else if (!Number.isInteger(Number(ms.toFixed(6)))) {
    report.refuse("only durations to ms precision are supported");
  }
}

/** The refusal of an object whose durations protobuf cannot read; undefined when all can be read. */
export function undecodable(durations: readonly (string | undefined)[]): string | undefined {
  const bad = durations.find((text) => text !== undefined && goDurationMs(text) === undefined);
  return bad === undefined
    ? undefined
    : `error decoding configuration: bad Duration: time: invalid duration ${JSON.stringify(bad)}`;
}
