/** What both versions answered so far. Pure. */
import type { Machine, Totals } from "./state.ts";
import type { Look } from "./step.ts";

/** Figures that will not change any more move from memory into the row. */
export function settle(machine: Machine, { settled }: Pick<Look, "settled">): Machine {
  const { served } = machine;
  return served === null || settled === null || settled.untilUnixMs <= served.untilUnixMs
    ? machine
    : { ...machine, served: { ...served, untilUnixMs: settled.untilUnixMs, totals: settled.totals } };
}

const add = (one: Totals["stable"], other: Totals["stable"]): Totals["stable"] => ({
  requests: one.requests + other.requests,
  errors: one.errors + other.errors,
});
export const addTotals = (one: Totals, other: Totals): Totals => ({
  stable: add(one.stable, other.stable),
  canary: add(one.canary, other.canary),
});
