/** Why a release stands still, and what comes next. Pure. */
import type { HoldReason, RolloutAction } from "@/server/contracts/rollouts.ts";

interface HoldText {
  readonly title: string;
  /** What stays as it is, and what to do. */
  readonly next: string;
  readonly tone: "info" | "warn" | "error";
  /** The action that the banner offers. */
  readonly act: RolloutAction | null;
  /** A page that helps. */
  readonly see: { readonly title: string; readonly href: string } | null;
}

/** Words of each reason; `canary` is the version that is released. */
export function holdText(hold: HoldReason, canary: string): HoldText {
  switch (hold) {
    case "gate":
      return {
        title: "A person decides whether it goes on",
        next: "The shares stay as they are until somebody promotes or aborts it.",
        tone: "info",
        act: "promote",
        see: null,
      };
    case "person":
      return {
        title: "Paused by a person",
        next: "The shares stay as they are. Resume goes on where it stopped.",
        tone: "info",
        act: "resume",
        see: null,
      };
    case "drift":
      return {
        title: "Somebody else changed the route",
        next: "The release writes nothing until you say so. Resume writes its own shares again and overwrites what was changed; Abort sends everything back.",
        tone: "warn",
        act: "resume",
        see: { title: "Changed by others", href: "/drift" },
      };
    case "no-telemetry":
      return {
        title: "No figures come from the proxies",
        next: "Nothing is guessed: the shares stay, and it goes on by itself once figures come again.",
        tone: "warn",
        act: null,
        see: { title: "Look at the proxies", href: "/mesh" },
      };
    case "mesh-unreachable":
      return {
        title: "The cluster does not answer",
        next: "The proxies keep the shares they have. It goes on by itself once the cluster answers.",
        tone: "error",
        act: null,
        see: { title: "Look at the mesh", href: "/mesh" },
      };
    case "freeze":
      return {
        title: "A freeze window holds it",
        next: "It goes on by itself when the window ends. Abort works all the same.",
        tone: "info",
        act: null,
        see: { title: "Freeze windows", href: "/settings/guardrails" },
      };
    case "inconclusive":
      return {
        title: "Too little to judge by",
        next: `Wait for more requests, send some, or decide yourself: promote ${canary} or abort.`,
        tone: "warn",
        act: "resume",
        see: null,
      };
    case "refused":
      return {
        title: "A step was refused",
        next: "The newest event says why. It is tried again by itself; Resume tries at once.",
        tone: "error",
        act: "resume",
        see: null,
      };
    case "rejected":
      return {
        title: "Another team said no",
        next: "The newest event says why. The shares stay as they are; Resume asks again, Abort sends everything back.",
        tone: "warn",
        act: "resume",
        see: null,
      };
    case "no-pods":
      return {
        title: `No pod of ${canary} is ready`,
        next: "No share is moved to it. It goes on by itself once a pod is ready.",
        tone: "warn",
        act: null,
        see: null,
      };
    case "no-stable-pods":
      return {
        title: "It cannot go back: no pod of the old version is ready",
        next: `Calls stay where they are, because all of them would fail. Start a pod of the old version, and it goes back by itself. To take ${canary} out of use before that, stop its pods.`,
        tone: "error",
        act: null,
        see: null,
      };
  }
}
