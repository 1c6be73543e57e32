/** The clock of a gate's timeout: it runs only while the gate is what holds the release. Pure. */
import type { GateEnds } from "@/server/contracts/rollouts.ts";
import { decidesEnd, msOf } from "./circumstances.ts";
import { holdOf, type Machine, type Release } from "./state.ts";

type Clock = NonNullable<Machine["gateClock"]>;

const clockOf = ({ gateClock, sinceUnixMs }: Machine): Clock => gateClock ?? { ranMs: 0, runsSinceUnixMs: sinceUnixMs };

const ranMs = (clock: Clock, nowUnixMs: number): number =>
  clock.ranMs + (clock.runsSinceUnixMs === null ? 0 : Math.max(0, nowUnixMs - clock.runsSinceUnixMs));

/** Stops it when something else holds the release, and goes on with it afterwards. */
export function runGateClock(machine: Machine, nowUnixMs: number): Machine {
  if (machine.phase !== "gate") {
    return machine.gateClock === null ? machine : { ...machine, gateClock: null };
  }
  const clock = clockOf(machine);
  const runs = holdOf(machine) === "gate";
  return runs === (clock.runsSinceUnixMs !== null)
    ? machine
    : { ...machine, gateClock: { ranMs: ranMs(clock, nowUnixMs), runsSinceUnixMs: runs ? nowUnixMs : null } };
}

/** Whether nobody decided in time. */
export function isGateOver({ spec, machine }: Pick<Release, "spec" | "machine">, nowUnixMs: number): boolean {
  const timeout = spec.steps[machine.step]?.gateTimeout ?? null;
  return timeout !== null && ranMs(clockOf(machine), nowUnixMs) >= msOf(timeout);
}

/** For people: what the gate does by itself, and when. */
export function gateEndsOf(release: Release): GateEnds | null {
  const { spec, machine } = release;
  const step = spec.steps[machine.step];
  const timeout = step?.gateTimeout ?? null;
  if (machine.phase !== "gate" || step === undefined || timeout === null) {
    return null;
  }
  if (step.onGateTimeout === "promote" && decidesEnd(release)) {
    return null;
  }
  const clock = clockOf(machine);
  const leftMs = Math.max(0, msOf(timeout) - clock.ranMs);
  const atUnixMs = clock.runsSinceUnixMs === null ? null : clock.runsSinceUnixMs + leftMs;
  return { does: step.onGateTimeout, atUnixMs, leftMs };
}
