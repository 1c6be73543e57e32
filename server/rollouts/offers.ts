/** The buttons of a release, each with what it would do. Pure. */
import { type ActionOffer, type RolloutAction, rolloutAction } from "@/server/contracts/rollouts.ts";
import { weightOf } from "./figures.ts";
import { whyNot } from "./machine/command.ts";
import { backShares, gets } from "./machine/shares.ts";
import type { Release } from "./machine/state.ts";
import type { ReadyPods } from "./machine/to-answers.ts";
import type { Rates } from "./rates.ts";
import { promoteOverLimit } from "./release-limits.ts";

/** What is known of the service now. */
export type Facts = Rates & ReadyPods;

/** `may`: why this person may not; `undo`: why it cannot be undone any more; `limit`: of shares that are set by hand. */
export function offersOf(
  release: Release,
  may: string,
  undo: string,
  facts: Facts,
  limit: number | null = null,
): ActionOffer[] {
  return rolloutAction.options.map((action) => {
    const step = action === "restart" ? release.machine.step : null;
    const because =
      may ||
      whyNot(release, action, step) ||
      (action === "undo" ? undo : "") ||
      promoteOverLimit(release, action, limit);
    const { title, effect, rps } = wordsOf(release, action, facts);
    const steps = action === "restart" ? release.spec.steps.map((_, at) => restart(release, at, facts).effect) : [];
    return { action, allowed: because === "", because, title, effect, rps, steps };
  });
}

type Words = Pick<ActionOffer, "title" | "effect" | "rps">;

function wordsOf(release: Release, action: RolloutAction, facts: Facts): Words {
  const { spec, machine } = release;
  const nothing = (title: string, effect: string): Words => ({ title, effect, rps: null });
  switch (action) {
    case "promote": {
      const next = spec.steps[machine.step + 1] ?? all;
      return { title: `Promote to ${next.weight} %`, ...moved(release, next, facts) };
    }
    case "promote-fully":
      return { title: "Promote fully", ...moved(release, all, facts) };
    case "pause":
      return nothing("Pause", kept(release, facts));
    case "resume":
      if (machine.holds.version) {
        return nothing("Resume", `judges this step anew, with what runs as ${spec.canary} now`);
      }
      return machine.holds.drift
        ? nothing("Resume", "writes the shares of this step over what somebody else edited")
        : nothing("Resume", "goes on with this step");
    case "abort":
      return { title: "Abort", ...taken(release, facts) };
    case "undo":
      return { title: "Undo", ...taken(release, facts) };
    case "retry":
      return nothing("Retry", "starts the same release again from its first step");
    case "restart":
      return restart(release, machine.step, facts);
  }
}

interface Share {
  readonly weight: number;
  readonly mirror: number;
}

const all: Share = { weight: 100, mirror: 0 };

function rate(rps: number): string {
  const rounded = Math.round(rps * 10) / 10;
  return rounded === 0
    ? "less than 0.1 requests per second"
    : `${rounded} request${rounded === 1 ? "" : "s"} per second`;
}

/** Requests per second that get to the canary whatever its share, by a header, a cookie, a caller or a host. */
function matched({ spec, machine }: Release, weight: number, { total, canary }: Rates): number {
  if (weight === 100 || machine.wanted === null || (spec.match.length === 0 && spec.preview === null)) {
    return 0;
  }
  return Math.min(canary, Math.max(0, (canary - (total * weight) / 100) / (1 - weight / 100)));
}

/** What another share of the same calls would move. */
function moved(release: Release, to: Share, facts: Facts): Pick<Words, "effect" | "rps"> {
  const { spec, machine } = release;
  const always = matched(release, weightOf(release), facts);
  const change = always + ((facts.total - always) * to.weight) / 100 - facts.canary;
  const calls =
    change === 0
      ? ""
      : `moves ${rate(Math.abs(change))} ${change > 0 ? `more to ${spec.canary}` : `back to ${spec.stable}`}`;
  return told([calls, copies(machine.wanted?.mirror ?? 0, to.mirror, spec.canary, facts)], change);
}

/** What going back takes from the canary. */
function taken({ spec, machine, before }: Release, facts: Facts): Pick<Words, "effect" | "rps"> {
  // Nothing of it was in force: whatever its pods get, they get without it.
  const canary = machine.enteredUnixMs === null ? 0 : facts.canary;
  const back = backShares(spec, before, 0);
  const names = [back.stable, ...(back.canary !== null && gets(back, back.canary) ? [back.canary] : [])];
  // Calls stay where they are answered until then.
  const waits = names.includes(spec.stable) && facts.stableReady === 0 && facts.canaryReady > 0;
  return told(
    [
      canary === 0
        ? ""
        : `moves ${rate(canary)} back to ${names.join(" and ")}${waits ? ` once a pod of ${spec.stable} is ready` : ""}`,
      copies(machine.enteredUnixMs === null ? 0 : (machine.wanted?.mirror ?? 0), 0, spec.canary, facts),
    ],
    -canary,
  );
}

function restart(release: Release, at: number, facts: Facts): Words {
  return { title: `Restart from step ${at + 1}`, ...moved(release, release.spec.steps[at] ?? all, facts) };
}

/** What stays where it is. */
function kept(release: Release, facts: Facts): string {
  const { spec, machine } = release;
  if (machine.enteredUnixMs === null) {
    return `nothing begins before you resume: ${spec.canary} gets no request of it`;
  }
  const weight = weightOf(release);
  const mirror = machine.wanted?.mirror ?? 0;
  const parts = [
    facts.canary > 0 ? `keeps ${rate(facts.canary)} on ${spec.canary}` : "",
    mirror > 0 && facts.total > 0 ? `copies ${rate(copied(mirror, facts))} to ${spec.canary} on` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : `keeps ${spec.canary} at ${weight} %; nobody calls it now`;
}

/** Copies are of what the stable version answers. */
const copied = (mirror: number, { total, canary }: Rates): number => ((total - canary) * mirror) / 100;

function copies(from: number, to: number, canary: string, facts: Facts): string {
  if (from === to || copied(Math.max(from, to), facts) === 0) {
    return "";
  }
  return to === 0
    ? `stops the copies of ${rate(copied(from, facts))} to ${canary}`
    : `copies ${rate(copied(to, facts))} to ${canary}`;
}

function told(parts: readonly string[], change: number): Pick<Words, "effect" | "rps"> {
  const said = parts.filter((part) => part !== "");
  return {
    effect: said.length === 0 ? "moves no requests" : said.join(", "),
    // No minus before nothing.
    rps: Math.round(change * 10) / 10 || 0,
  };
}
