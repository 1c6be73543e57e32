/** What people tell a release to do. Pure. */
import type { RolloutAction } from "@/server/contracts/rollouts.ts";
import { runGateClock } from "./gate-clock.ts";
import { complete, enter, goBack, type Mover, toStep } from "./moves.ts";
import {
  freshSoak,
  holdOf,
  isGoingBack,
  isOnSteps,
  isPreparing,
  type Machine,
  type Release,
  stateOf,
  type Total,
} from "./state.ts";
import { andThen, type Next, noted, stay } from "./step.ts";
import { onlyToAnswers, type ReadyPods } from "./to-answers.ts";

/** `retry` makes a release of its own. */
export type Command = Exclude<RolloutAction, "retry">;

export interface Order {
  readonly command: Command;
  /** Null: the portal, for a bundle. */
  readonly by: string | null;
  readonly reason: string;
  /** For `restart`. */
  readonly step: number | null;
  readonly nowUnixMs: number;
  /** What the canary answered so far. */
  readonly served: Total;
  /** It is taken back with its bundle. */
  readonly forBundle?: boolean;
  /** Of both versions, as the live copy has them. */
  readonly ready: ReadyPods;
}

/** Why the release cannot do that now; empty when it can. */
export function whyNot({ spec, machine }: Release, command: RolloutAction, step: number | null = null): string {
  const state = stateOf(machine);
  const ended = machine.phase === "ended";
  const hold = holdOf(machine);
  switch (command) {
    case "undo":
      return state === "completed" ? "" : "Only a completed release can be undone.";
    case "retry":
      return state === "rolled-back" || state === "failed"
        ? ""
        : "Only a release that rolled back or failed can be tried again.";
    case "abort":
      return ended ? "It has ended." : isGoingBack(machine) ? "It is on its way back already." : "";
    case "pause":
      if (ended || isGoingBack(machine) || state === "completing") {
        return ended ? "It has ended." : "It is on its way to its end.";
      }
      return machine.phase === "queued"
        ? "It waits in the queue."
        : machine.holds.person
          ? "It is paused already."
          : "";
    case "resume":
      if (ended || isGoingBack(machine) || machine.phase === "queued") {
        return "It is not paused.";
      }
      return machine.holds.person || machine.holds.drift || machine.holds.inconclusive || machine.refused !== null
        ? ""
        : hold === "gate"
          ? "A person decides at this gate: promote it or abort it."
          : hold === null
            ? "It is not paused."
            : "It goes on by itself when what holds it is over.";
    default:
      return whyNoMove({ spec, machine }, command, step);
  }
}

function whyNoMove(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  command: "promote" | "promote-fully" | "restart",
  step: number | null,
): string {
  if (!isOnSteps(machine)) {
    return machine.phase === "ended"
      ? "It has ended."
      : machine.phase === "queued" || isPreparing(machine)
        ? "It has not begun yet."
        : "It is on its way to its end.";
  }
  if (machine.enteredUnixMs === null) {
    return machine.waiting ? "Its first change waits for other teams." : "Its first step is not in force yet.";
  }
  if (machine.holds.drift) {
    if (!machine.holds.version) {
      return "Somebody else changed the route. Resume writes its shares again; abort gives back those from before.";
    }
    if (command !== "restart") {
      return `Somebody else changed what runs as ${spec.canary}. Resume judges it anew; abort sends all calls back.`;
    }
  }
  if (machine.holds.circumstance === "freeze" || machine.holds.circumstance === "mesh-unreachable") {
    return `${machine.holds.words}.`.replaceAll("..", ".");
  }
  if (command !== "restart") {
    return machine.holds.circumstance === "no-pods" ? `${spec.canary} has no ready pod.` : "";
  }
  return step === null || step > machine.step ? "Choose a step that it has come to." : "";
}

/** Assumes that `whyNot` is empty. */
export function obey(release: Release, order: Order): Next {
  const next = onlyToAnswers(release, obeyed(release, order), order.ready);
  return { ...next, machine: runGateClock(next.machine, order.nowUnixMs) };
}

function obeyed(release: Release, order: Order): Next {
  const { spec, machine } = release;
  const { command, by, reason, nowUnixMs, served } = order;
  const mover: Mover = { by, reason };
  switch (command) {
    case "promote":
      return machine.step + 1 >= spec.steps.length
        ? promoted(release, order, () => complete(release, "skipped", served, nowUnixMs, mover))
        : promoted(release, order, () =>
            toStep(release, machine.step + 1, passedAs(machine), served, nowUnixMs, mover),
          );
    case "promote-fully":
      return promoted(release, order, () => complete(release, passedAs(machine), served, nowUnixMs, mover));
    case "restart":
      // What runs now is what is judged from here on.
      return toStep(
        { ...release, machine: { ...machine, template: null } },
        order.step ?? 0,
        "skipped",
        served,
        nowUnixMs,
        mover,
        true,
      );
    case "pause":
      return noted(
        { ...machine, holds: { ...machine.holds, person: true } },
        "warning",
        "paused",
        `Paused${said(reason)}`,
        by,
      );
    case "resume":
      return resume(machine, order);
    case "abort":
      return goBack(
        release,
        { end: "rolled-back", reason: `Aborted${said(reason)}`, by, forBundle: order.forBundle === true },
        nowUnixMs,
      );
    case "undo":
      return undo(release, order);
  }
}

const said = (reason: string): string => (reason === "" ? "" : `: ${reason}`);
/** A gate comes after a step that was passed. */
const passedAs = ({ phase }: Machine): "done" | "skipped" => (phase === "gate" ? "done" : "skipped");

function promoted({ machine }: Release, { by, reason, command }: Order, work: () => Next): Next {
  const text = command === "promote-fully" ? "Promoted fully" : "Promoted";
  return andThen(noted(machine, "good", "promoted", `${text}${said(reason)}`, by), () => work());
}

function resume(machine: Machine, { by, reason, nowUnixMs }: Order): Next {
  const { drift, version, ...holds } = machine.holds;
  const on: Machine = {
    ...machine,
    // What it waits for has its whole time again.
    sinceUnixMs: isPreparing(machine) ? nowUnixMs : machine.sinceUnixMs,
    holds: { ...holds, person: false, inconclusive: false, drift: false, version: false },
    refused: null,
    soak: { ...machine.soak, inconclusive: 0 },
  };
  // What a team rejected is a wish of its own when it is asked for again.
  const rejected = machine.refused !== null && machine.refused.againUnixMs === null;
  const asked: Machine =
    rejected && on.wanted !== null
      ? {
          ...on,
          round: on.round + 1,
          wanted: { ...on.wanted, round: on.round + 1 },
          mover: { by, reason, overwrite: false },
        }
      : on;
  const how = version ? " and judges what runs now anew" : drift ? " and writes its shares again" : "";
  const text = `Goes on${how}${said(reason)}`;
  if (!drift) {
    return noted(asked, "info", "resumed", text, by);
  }
  // What was judged under somebody else's shares, or of what ran before, does not count.
  const again: Machine = {
    ...on,
    mover: { by, reason, overwrite: !version },
    template: version ? null : on.template,
    soak: freshSoak,
  };
  return noted(isOnSteps(again) ? enter(again, "placing", nowUnixMs) : again, "info", "resumed", text, by);
}

/** Pods that were stopped, by whomever, come first: calls go to nobody otherwise. */
function undo(release: Release, { by, reason, nowUnixMs, ready }: Order): Next {
  const { machine } = release;
  const way = { end: "undone" as const, reason: `Undone${said(reason)}`, by };
  const { stable } = release.spec;
  const stopped = machine.leftover?.stopped === true;
  if (!stopped && ready.stableReady > 0) {
    return goBack({ ...release, machine: { ...machine, leftover: null } }, way, nowUnixMs);
  }
  const back = { ...way, forBundle: false };
  const next = { ...enter(machine, "resuming", nowUnixMs), back };
  return andThen(stay(next), (now) =>
    noted(
      now,
      "info",
      "undo",
      stopped ? `Starts the pods of ${stable} again` : `Waits for a ready pod of ${stable}: it has none`,
      by,
    ),
  );
}
