/** What both versions answered since a release began; memory forgets after an hour, the row does not. */
import type { VersionCounts } from "../analysis/counts.ts";
import { addTotals } from "../machine/settled.ts";
import { noTotals, type Release, type Totals } from "../machine/state.ts";
import type { Look } from "../machine/step.ts";
import type { MeasurePort } from "../ports.ts";

const minuteMs = 60_000;
/** Reports come a little late; older than this they are complete. */
const lateMs = 30_000;

const totalOf = ({ requests, errors }: VersionCounts): Totals["stable"] => ({ requests, errors });

export function totalsOf(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  measure: MeasurePort,
  nowUnixMs: number,
): Pick<Look, "totals" | "settled"> {
  const { served } = machine;
  if (served === null) {
    return { totals: noTotals, settled: null };
  }
  if (machine.phase === "ended") {
    return { totals: served.totals, settled: null };
  }
  const upTo = (untilUnixMs: number): Totals => {
    const { stable, canary } = measure.interval(
      spec.service,
      spec.stable,
      spec.canary,
      served.untilUnixMs,
      untilUnixMs,
    );
    return addTotals(served.totals, { stable: totalOf(stable), canary: totalOf(canary) });
  };
  // Whole minutes: no slot of the memory is cut in two.
  const whole = Math.floor((nowUnixMs - lateMs) / minuteMs) * minuteMs;
  return {
    totals: upTo(nowUnixMs + minuteMs),
    settled: whole > served.untilUnixMs ? { untilUnixMs: whole, totals: upTo(whole) } : null,
  };
}
