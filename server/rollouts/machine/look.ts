/** The reducer: what a release becomes by what the driver saw. Pure. */
import { decidesEnd, hold, isJudged, isStale, msOf } from "./circumstances.ts";
import { damageOf } from "./damage.ts";
import { isGateOver, runGateClock } from "./gate-clock.ts";
import { count } from "./judged.ts";
import { lookBack } from "./look-back.ts";
import { complete, endAs, enter, finish, goBack, startPods, toStep, workload } from "./moves.ts";
import { settle } from "./settled.ts";
import { holdOf, isGoingBack, isOnSteps, isPreparing, type Machine, type Release } from "./state.ts";
import { andThen, type Look, type Next, noted, stay } from "./step.ts";
import { onlyToAnswers } from "./to-answers.ts";
import { otherTemplate, remembered, versionDrifted } from "./version-drift.ts";
import { webhookAnswer } from "./webhook-answer.ts";

/** Ready pods, and webhooks that say "not yet" or nothing, are waited for so long. */
export const patienceMs = 5 * 60_000;
const refusedAgainMs = 15_000;
/** A release of which nothing is in force yet keeps others waiting for so long when it is refused. */
export const refusedMs = 10 * 60_000;

export function look(release: Release, seen: Look): Next {
  const { phase } = release.machine;
  if (phase === "queued" || phase === "ended") {
    return stay(release.machine);
  }
  const next = onlyToAnswers(release, whatFollows(release, seen), seen);
  return { ...next, machine: runGateClock(next.machine, seen.nowUnixMs) };
}

function whatFollows(release: Release, seen: Look): Next {
  const first = stay(settle(release.machine, seen));
  const on = (step: Next, work: (release: Release) => Next): Next =>
    andThen(step, (machine) => work({ ...release, machine }));
  if (isGoingBack(release.machine)) {
    return on(first, (now) => lookBack(now, seen));
  }
  const damage = damageOf({ ...release, machine: first.machine }, seen);
  if (damage !== "" && !isPreparing(first.machine)) {
    return on(first, (now) => goBack(now, { end: "rolled-back", reason: damage, by: null }, seen.nowUnixMs));
  }
  const held = on(first, (now) => hold(now, seen));
  return on(held, (now) => (isPreparing(now.machine) ? prepare(now, seen) : advance(now, seen)));
}

function prepare(release: Release, seen: Look): Next {
  const { spec, machine } = release;
  const { nowUnixMs } = seen;
  const held = holdOf(machine) !== null;
  const late = !held && nowUnixMs - machine.sinceUnixMs >= patienceMs;
  const fail = (reason: string): Next => goBack(release, { end: "rolled-back", reason, by: null }, nowUnixMs);
  switch (machine.phase) {
    case "asking-before":
      return asked(release, seen, late, "Not begun", () => workload(release, nowUnixMs));
    case "guarding":
      return place(release, seen);
    case "starting": {
      const { workload: answer } = seen;
      if (answer?.state === "done") {
        return stay(enter(machine, "pods", nowUnixMs));
      }
      if (answer?.state === "for-good" || late) {
        return fail(
          `${spec.canary} could not be started: ${answer?.words ?? "the cluster did not answer within 5 minutes"}`,
        );
      }
      return stay({ ...machine, words: answer?.words ?? machine.words });
    }
    default:
      if (seen.canaryReady === 0) {
        return late
          ? fail(`${spec.canary} had no ready pod within 5 minutes. Look at its pods, then release it again.`)
          : stay({ ...machine, words: `Waits for a ready pod of ${spec.canary}` });
      }
      return held ? stay(machine) : toStep(release, 0, "done", seen.totals.canary, nowUnixMs);
  }
}

/** Webhooks of the beginning or the end: a no ends the release, and so does one that has no answer for too long. */
function asked(release: Release, { webhooks, nowUnixMs }: Look, late: boolean, not: string, passed: () => Next): Next {
  const { machine } = release;
  const answer = webhooks === null ? undefined : webhookAnswer(webhooks);
  if (answer?.state === "passed") {
    return passed();
  }
  const words = answer?.words ?? machine.words;
  const back = (why: string): Next =>
    goBack(release, { end: "rolled-back", reason: `${not}: ${why}`, by: null }, nowUnixMs);
  if (answer?.state === "failed") {
    return back(words);
  }
  return late
    ? back(`${words === "" ? "its webhooks gave no answer" : words}, for 5 minutes`)
    : stay({ ...machine, words });
}

function advance(before: Release, seen: Look): Next {
  const { spec } = before;
  const machine = isOnSteps(before.machine) ? remembered(before.machine, seen) : before.machine;
  const release = { ...before, machine };
  const { nowUnixMs, totals } = seen;
  switch (machine.phase) {
    case "placing":
    case "finishing":
      return place(release, seen);
    case "asking-after": {
      const late = nowUnixMs - machine.sinceUnixMs >= patienceMs;
      return asked(release, seen, late, "Not completed", () =>
        holdOf(machine) === null ? finish(release, nowUnixMs) : stay(machine),
      );
    }
    default: {
      if (seen.drift.length > 0 && !machine.holds.drift) {
        return drifted(machine, seen.drift.map(({ manager, words }) => `${manager}: ${words}`).join("; "));
      }
      const other = machine.holds.drift ? "" : otherTemplate(release, seen);
      if (other !== "") {
        return versionDrifted(release, other);
      }
      const judged = machine.holds.drift ? stay(interval(spec, machine, seen)) : judge(release, seen);
      return andThen(judged, (now) =>
        isOnSteps(now) && now.phase !== "placing"
          ? onward({ ...release, machine: now }, seen, totals.canary)
          : stay(now),
      );
    }
  }
}

/** The figures of what somebody else wrote say nothing about the release's shares. */
const drifted = (machine: Machine, words: string): Next =>
  noted(
    {
      ...machine,
      holds: { ...machine.holds, drift: true, words },
      soak: { ...machine.soak, intervalFromUnixMs: null },
    },
    "warning",
    "drift",
    `Somebody else changed the route (${words}): it waits for a person`,
  );

/** The clock of intervals begins with figures that are there. */
function interval(spec: Release["spec"], machine: Machine, seen: Look): Machine {
  const { soak } = machine;
  if (!isJudged(spec, machine) || isStale(seen) || soak.intervalFromUnixMs !== null || machine.holds.drift) {
    return machine;
  }
  const from = Math.max(seen.freshUnixMs ?? 0, machine.soak.sinceUnixMs ?? machine.sinceUnixMs);
  return { ...machine, soak: { ...soak, intervalFromUnixMs: from, sinceUnixMs: soak.sinceUnixMs ?? from } };
}

function judge(release: Release, seen: Look): Next {
  const { machine, spec } = release;
  const { judged } = seen;
  return judged !== null && isJudged(spec, machine) && judged.counts.fromUnixMs === machine.soak.intervalFromUnixMs
    ? count(release, judged, seen.nowUnixMs)
    : stay(interval(spec, machine, seen));
}

/** A step that is in force: long enough, well enough, and allowed by a person where one is asked. */
function onward(release: Release, seen: Look, served: Look["totals"]["canary"]): Next {
  const { spec, machine } = release;
  const { nowUnixMs } = seen;
  const step = spec.steps[machine.step];
  const isLast = machine.step + 1 >= spec.steps.length;
  const next = (passed: Release): Next =>
    isLast ? complete(passed, "done", served, nowUnixMs) : toStep(passed, machine.step + 1, "done", served, nowUnixMs);
  const why = holdOf(machine);
  if (step === undefined) {
    return stay(machine);
  }
  if (machine.phase === "gate") {
    if (why !== "gate" || !isGateOver(release, nowUnixMs)) {
      return stay(machine);
    }
    if (step.onGateTimeout === "roll-back") {
      const reason = `Nobody decided within ${step.gateTimeout}`;
      return goBack(release, { end: "rolled-back", reason, by: null }, nowUnixMs);
    }
    return decidesEnd(release) ? stay(machine) : next(release);
  }
  const longEnough = nowUnixMs - machine.sinceUnixMs >= msOf(step.hold);
  const wellEnough = !step.analysis || machine.soak.passes >= spec.analysis.passes;
  if (why !== null || !longEnough || !wellEnough) {
    return stay(machine);
  }
  return step.gate || decidesEnd(release)
    ? noted(enter(machine, "gate", nowUnixMs), "info", "gate", "A person decides whether it goes on")
    : next(release);
}

function place(release: Release, seen: Look): Next {
  const { machine } = release;
  const { placement, nowUnixMs } = seen;
  if (placement === null || placement.state === "unreachable") {
    return stay(machine);
  }
  const asked = { ...machine, waiting: placement.state === "waiting", refused: null };
  switch (placement.state) {
    case "placed":
      return placed(release, asked, seen);
    case "moving":
      return stay({ ...asked, words: placement.words });
    case "waiting":
      return machine.waiting
        ? stay({ ...asked, words: placement.words, refusedSinceUnixMs: null })
        : noted({ ...asked, words: placement.words, refusedSinceUnixMs: null }, "info", "waiting", placement.words);
    case "refused":
      if (placement.reason === "freeze") {
        return stay(asked);
      }
      if (placement.reason === "drift") {
        return machine.holds.drift ? stay(asked) : drifted(asked, placement.words);
      }
      if (placement.reason === "rejected" && machine.enteredUnixMs === null) {
        return goBack(
          { ...release, machine: asked },
          { end: "rolled-back", reason: placement.words, by: null },
          nowUnixMs,
        );
      }
      return refuse(release, placement, nowUnixMs);
  }
}

function placed(release: Release, confirmed: Machine, seen: Look): Next {
  const asked = { ...confirmed, refusedSinceUnixMs: null };
  const { spec } = release;
  const { nowUnixMs } = seen;
  const good = (machine: Machine, text: string): Next =>
    noted(machine, "good", "placed", `${text}: every proxy has confirmed it`);
  switch (asked.phase) {
    case "finishing":
      return completed(release, asked, seen);
    case "guarding":
      // Neither in a freeze nor while a person paused it are pods started.
      if (holdOf(asked) !== null) {
        return stay(asked);
      }
      return andThen(good(asked, `All calls go to ${spec.stable}`), (now) => startPods(spec, now, nowUnixMs));
    default:
      return good(
        {
          ...enter(asked, "soaking", nowUnixMs),
          enteredUnixMs: asked.enteredUnixMs ?? nowUnixMs,
          mover: { ...asked.mover, overwrite: false },
        },
        `${spec.canary} has ${asked.wanted?.weight ?? 0} %`,
      );
  }
}

function refuse(release: Release, { reason, words }: { reason: string; words: string }, nowUnixMs: number): Next {
  const { canary } = release.spec;
  const refusedSinceUnixMs = release.machine.refusedSinceUnixMs ?? nowUnixMs;
  const machine = { ...release.machine, waiting: false, refusedSinceUnixMs };
  if (machine.enteredUnixMs === null && nowUnixMs - refusedSinceUnixMs >= refusedMs) {
    const why = `Its first shares were refused for 10 minutes: ${words}`;
    return goBack({ ...release, machine }, { end: "rolled-back", reason: why, by: null }, nowUnixMs);
  }
  const refused = { words, againUnixMs: reason === "rejected" ? null : nowUnixMs + refusedAgainMs };
  return machine.refused?.words === words
    ? stay({ ...machine, refused })
    : noted({ ...machine, refused }, "error", "refused", `The shares of ${canary} were refused: ${words}`);
}

function completed({ spec }: Release, { served, ...machine }: Machine, { nowUnixMs, totals }: Look): Next {
  const minutes = spec.stopOldAfterMinutes;
  const leftover = minutes === null ? null : { stopUnixMs: nowUnixMs + minutes * 60_000, done: false, stopped: false };
  const counted = served === null ? null : { ...served, untilUnixMs: nowUnixMs, totals };
  return endAs(
    { ...machine, leftover, served: counted },
    "completed",
    `All calls go to ${spec.canary}`,
    "good",
    nowUnixMs,
  );
}
