/** Why a release stands still, and what comes next. Pure. */
import type { RolloutDetails } from "@/server/contracts/rollouts.ts";
import { duration } from "../../ui/format.ts";

interface HoldText {
  readonly title: string;
  /** What stays as it is, and what to do. */
  readonly next: string;
  readonly tone: "info" | "warn" | "error";
  /** A page that helps. */
  readonly see: { readonly title: string; readonly href: string } | null;
}

/** What the words are made of. */
export type Held = Pick<RolloutDetails, "hold" | "stable" | "canary" | "holding" | "gateEnds" | "drift">;

const mesh = { title: "Look at the proxies", href: "/mesh" };

/** Words of what holds it; null while nothing does. The button beside them is `holding.act`. */
export function holdText(held: Held, nowUnixMs: number): HoldText | null {
  const { hold, stable, canary, holding } = held;
  const gate = gateWords(held, nowUnixMs);
  const because = sentence(holding?.words ?? "");
  switch (hold) {
    case null:
      return null;
    case "gate":
      return {
        title: "A person decides whether it goes on",
        next:
          gate === ""
            ? "The shares stay as they are until somebody promotes or aborts it."
            : `The shares stay as they are until then. ${gate}`,
        tone: "info",
        see: null,
      };
    case "person":
      return {
        title: "Paused by a person",
        next: joined("The shares stay as they are. Resume goes on where it stopped.", gate),
        tone: "info",
        see: null,
      };
    case "drift":
      return driftText(held, gate);
    case "no-telemetry":
      return {
        title: "No figures come from the proxies",
        next: joined("Nothing is guessed: the shares stay, and it goes on by itself once figures come again.", gate),
        tone: "warn",
        see: mesh,
      };
    case "mesh-unreachable":
      return {
        title: "The cluster does not answer",
        next: joined("The proxies keep the shares they have. It goes on by itself once the cluster answers.", gate),
        tone: "error",
        see: { title: "Look at the mesh", href: "/mesh" },
      };
    case "freeze":
      return {
        title: "A freeze window holds it",
        next: joined(because, "It goes on by itself when the window ends. Abort works all the same.", gate),
        tone: "info",
        see: { title: "Freeze windows", href: "/settings/guardrails" },
      };
    case "inconclusive":
      return {
        title: "Too little to judge by",
        next: `Wait for more requests, or send some: Resume goes on waiting. Or decide yourself: promote ${canary} or abort.`,
        tone: "warn",
        see: null,
      };
    case "refused":
      return {
        title: "A step was refused",
        next: joined(because, againWords(held, nowUnixMs), gate),
        tone: "error",
        see: null,
      };
    case "rejected":
      return {
        title: "Another team said no",
        next: joined(
          because,
          "The shares stay as they are. Talk to them, then Resume asks them again; Abort sends everything back.",
          gate,
        ),
        tone: "warn",
        see: null,
      };
    case "no-pods":
      return {
        title: `No pod of ${canary} is ready`,
        next: joined("No share is moved to it. It goes on by itself once a pod is ready.", gate),
        tone: "warn",
        see: null,
      };
    case "no-stable-pods":
      return {
        title: `It cannot go back: no pod of ${stable} is ready`,
        next: `Calls stay where they are, because all of them would fail. Start a pod of ${stable}, and it goes back by itself.`,
        tone: "error",
        see: null,
      };
  }
}

function driftText({ canary, drift, holding }: Held, gate: string): HoldText {
  if (drift.some(({ resource }) => resource.kind === "Deployment")) {
    return {
      title: `Somebody changed what runs as ${canary}`,
      next: joined(
        "What was judged so far was another program. Resume judges this one from the beginning of the step; Abort sends everything back.",
        gate,
      ),
      tone: "warn",
      see: null,
    };
  }
  return {
    title: "Somebody else changed the route",
    next: joined(
      drift.length === 0 ? sentence(holding?.words ?? "") : "",
      "The release writes nothing until you say so. Resume writes its own shares again and overwrites what was changed; Abort sends everything back.",
      gate,
    ),
    tone: "warn",
    see: { title: "Changed by others", href: "/drift" },
  };
}

/** What a gate does when nobody decides: "Without a word it goes back by itself in 8 min." */
function gateWords({ hold, gateEnds }: Pick<Held, "hold" | "gateEnds">, nowUnixMs: number): string {
  if (gateEnds === null) {
    return "";
  }
  const { does, atUnixMs, leftMs } = gateEnds;
  const act = does === "roll-back" ? "goes back" : "goes on";
  if (atUnixMs === null) {
    return `The clock of its gate stands: ${left(leftMs)} are left then.`;
  }
  const ms = atUnixMs - nowUnixMs;
  return `${hold === "gate" ? "If nobody decides, it" : "It"} ${act} by itself ${ms <= 1000 ? "now" : `in ${left(ms)}`}.`;
}

/** In whole seconds, above a minute and a half in whole minutes: it is read while it runs. */
const left = (ms: number): string =>
  duration(ms < 90_000 ? Math.ceil(ms / 1000) * 1000 : Math.ceil(ms / 60_000) * 60_000);

function againWords({ holding }: Pick<Held, "holding">, nowUnixMs: number): string {
  const at = holding?.againUnixMs ?? null;
  const when =
    at === null
      ? ""
      : at - nowUnixMs <= 1000
        ? "It is tried again by itself now"
        : `It is tried again by itself in ${left(at - nowUnixMs)}`;
  if (holding?.act === "resume") {
    return when === "" ? "Resume tries again." : `${when}; Resume tries at once.`;
  }
  return when === "" ? "It is tried again by itself." : `${when}.`;
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");

/** Words of others, with a capital and a full stop. */
const sentence = (words: string): string =>
  words === "" ? "" : `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
