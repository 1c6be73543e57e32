/** The way back: neither a freeze, nor a pause, nor somebody's edit stops it. Pure. */
import { countWords, endAs, enter, giveBack, goBack } from "./moves.ts";
import type { Machine, Release } from "./state.ts";
import { type Look, type Next, noted, stay } from "./step.ts";
import { wouldFail } from "./to-answers.ts";

const patienceMs = 5 * 60_000;
const againMs = 3_000;
/** The last requests are reported so much later, if at all. */
const lastFiguresMs = 2_000;
const noFiguresMs = 15_000;

export function lookBack(release: Release, seen: Look): Next {
  const { machine } = release;
  switch (machine.phase) {
    case "resuming":
      return resume(release, seen);
    case "withdrawing":
      return withdraw(release, seen);
    case "going-back":
      return back(machine, seen);
    case "removing":
      return remove(release, seen);
    default:
      return counted(release, seen);
  }
}

/** Calls go to pods that are there, or stay where they are: an undo gives up after a while, a roll back never. */
function resume(release: Release, seen: Look): Next {
  const { workload, stableReady, nowUnixMs } = seen;
  const { spec, machine } = release;
  const { back } = machine;
  if (back?.end === "rolled-back") {
    return waitForStable(release, seen);
  }
  if (back !== null && workload?.state === "done" && stableReady > 0) {
    return goBack({ ...release, machine: { ...machine, leftover: null } }, back, nowUnixMs);
  }
  if (workload?.state === "for-good" || nowUnixMs - machine.sinceUnixMs >= patienceMs) {
    const why = workload?.state === "for-good" ? workload.words : `${spec.stable} had no ready pod within 5 minutes`;
    return noted({ ...enter(machine, "ended", nowUnixMs), back: null }, "error", "undo", `Not undone: ${why}`);
  }
  return stay({ ...machine, words: `Waits for a ready pod of ${spec.stable}` });
}

function waitForStable(release: Release, seen: Look): Next {
  const { spec, machine } = release;
  const { stable, canary } = spec;
  if (!seen.connected || wouldFail(seen)) {
    const words = seen.workload?.words ?? "";
    return stay({ ...machine, words: words === "" ? `Waits for a ready pod of ${stable}` : words });
  }
  const back = giveBack(release, seen.nowUnixMs);
  return seen.stableReady > 0
    ? noted(back, "info", "goes-on", `${stable} has a ready pod: all calls go back`)
    : noted(back, "warning", "goes-on", `${canary} has no ready pod either: all calls go back`);
}

/** Where a change was begun after all, the shares from before are written. */
function withdraw(release: Release, { withdrawn, nowUnixMs }: Look): Next {
  const { machine } = release;
  if (withdrawn === null) {
    return stay(machine);
  }
  return stay(
    withdrawn === "written"
      ? giveBack(release, nowUnixMs)
      : { ...enter(machine, machine.made ? "removing" : "counting", nowUnixMs), wanted: null, served: null },
  );
}

function back(machine: Machine, { placement, nowUnixMs }: Look): Next {
  if (placement === null) {
    return stay(machine);
  }
  if (placement.state === "placed") {
    return stay(enter({ ...machine, refused: null }, machine.made ? "removing" : "counting", nowUnixMs));
  }
  if (placement.state !== "refused") {
    return stay({ ...machine, refused: null, words: placement.words });
  }
  const refused = { words: placement.words, againUnixMs: nowUnixMs + againMs };
  return machine.refused?.words === placement.words
    ? stay({ ...machine, refused })
    : noted(
        { ...machine, refused },
        "error",
        "refused",
        `Going back was refused and is tried again: ${placement.words}`,
      );
}

function remove({ spec, machine }: Release, { workload, nowUnixMs }: Look): Next {
  const next = enter({ ...machine, made: false }, "counting", nowUnixMs);
  if (workload?.state === "done") {
    return noted(next, "info", "workload", `The pods of ${spec.canary} that it started are gone`);
  }
  return workload?.state === "for-good" || nowUnixMs - machine.sinceUnixMs >= patienceMs
    ? noted(
        next,
        "warning",
        "workload",
        `The pods of ${spec.canary} stay: ${workload?.words ?? "the cluster did not answer"}`,
      )
    : stay({ ...machine, words: workload?.words ?? `Takes the pods of ${spec.canary} back` });
}

function counted({ spec, machine }: Release, { freshUnixMs, totals, nowUnixMs }: Look): Next {
  const { back, served } = machine;
  const since = nowUnixMs - machine.sinceUnixMs;
  const complete = served === null || (freshUnixMs !== null && freshUnixMs >= machine.sinceUnixMs + lastFiguresMs);
  if (!complete && since < noFiguresMs) {
    return stay(machine);
  }
  const end = back?.end ?? "rolled-back";
  const settled: Machine =
    served === null ? machine : { ...machine, served: { ...served, untilUnixMs: nowUnixMs, totals } };
  const figures =
    served === null ? `${spec.canary} got no request` : `${spec.canary} answered ${countWords(totals.canary)}`;
  const word = end === "undone" ? "Undone" : "Rolled back";
  const text = `${word}: ${back?.reason ?? ""}. ${figures}.`.replaceAll("..", ".");
  const asked = back !== null && (back.by !== null || back.forBundle);
  return endAs(settled, end, text, end === "undone" ? "info" : asked ? "warning" : "error", nowUnixMs);
}
