/** Releases for tests of the machine, and a world that answers them. */

import { type RolloutSpec, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { Verdict } from "@/server/contracts/rollouts.ts";
import { noCounts } from "../analysis/counts.ts";
import type { Placement } from "../ports.ts";
import { type Command, obey, whyNot } from "./command.ts";
import { dutyOf } from "./duty.ts";
import { look } from "./look.ts";
import { admit } from "./moves.ts";
import { newMachine, noTotals, type Release, stateOf } from "./state.ts";
import { type Look, type Next, noAnswers } from "./step.ts";

export const minute = 60_000;

export const testSpec = (more: object = {}): RolloutSpec =>
  rolloutSpec.parse({
    service: { namespace: "purchase-history", name: "purchase-history" },
    kind: "progressive",
    stable: "v1",
    canary: "v2",
    steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }],
    ...more,
    analysis: { interval: "10s", passes: 2, misses: 1, ...("analysis" in more ? (more.analysis as object) : {}) },
  });

/** Everything is as it should be; whatever is asked is done at once. */
export function goodLook(release: Release, nowUnixMs: number, more: Partial<Look> = {}): Look {
  const duty = dutyOf(release, nowUnixMs);
  return {
    ...noAnswers,
    placement: duty.do === "place" ? { state: "placed" } : null,
    webhooks: duty.do === "ask" ? [] : null,
    withdrawn: duty.do === "withdraw" ? "nothing-written" : null,
    workload:
      duty.do === "start" || duty.do === "remove" || duty.do === "resume-old" ? { state: "done", words: "" } : null,
    nowUnixMs,
    connected: true,
    frozen: "",
    drift: [],
    canaryReady: 1,
    stableReady: 1,
    template: null,
    freshUnixMs: nowUnixMs,
    first: false,
    judged: null,
    totals: noTotals,
    settled: null,
    ...more,
  };
}

/** Takes a release along, and keeps what was put on record. */
export class TestRelease {
  release: Release;
  nowUnixMs = 1_000_000;
  readonly records: Next[] = [];
  /** What the newest look or command met. */
  pods = { stableReady: 1, canaryReady: 1 };
  /** What a command meets. */
  ready = { stableReady: 1, canaryReady: 1 };

  constructor(spec: RolloutSpec = testSpec(), before: Release["before"] = null) {
    this.release = { spec, before, machine: newMachine(spec, this.nowUnixMs) };
    this.take(admit(this.release, before, this.nowUnixMs));
  }

  get state(): ReturnType<typeof stateOf> {
    return stateOf(this.release.machine);
  }
  get machine(): Release["machine"] {
    return this.release.machine;
  }
  get texts(): string[] {
    return this.records.flatMap(({ events }) => events.map(({ text }) => text));
  }

  take(next: Next): void {
    this.records.push(next);
    this.release = { ...this.release, machine: next.machine };
  }

  /** One look, a second later. */
  see(more: Partial<Look> = {}): void {
    this.nowUnixMs += 1_000;
    const seen = goodLook(this.release, this.nowUnixMs, more);
    this.pods = seen;
    this.take(look(this.release, seen));
  }

  place(placement: Placement): void {
    this.see({ placement });
  }

  /** Until it soaks in its step. */
  untilSoaking(): void {
    for (let times = 0; this.machine.phase !== "soaking" && times < 10; times++) {
      this.see();
    }
  }

  /** The interval that is under way ends like this. */
  judge(verdict: Verdict, more: Partial<Look> = {}): void {
    if (this.machine.soak.intervalFromUnixMs === null) {
      this.see(more);
    }
    const fromUnixMs = this.machine.soak.intervalFromUnixMs ?? 0;
    this.nowUnixMs += 9_000;
    const counts = { fromUnixMs, toUnixMs: fromUnixMs + 10_000, stable: noCounts, canary: noCounts };
    this.see({ judged: { counts, judgement: { verdict, measures: [] } }, ...more });
  }

  /** Why it is refused; empty when it is done. */
  order(command: Command, more: { reason?: string; step?: number; by?: string } = {}): string {
    const { reason = "", step = null, by = "dana" } = more;
    const why = whyNot(this.release, command, step);
    if (why === "") {
      const { nowUnixMs, ready } = this;
      this.pods = ready;
      this.take(obey(this.release, { command, by, reason, step, nowUnixMs, served: noTotals.canary, ready }));
    }
    return why;
  }
}
