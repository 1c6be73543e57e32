/**
 * Where calls go back to, something answers. Going back while the stable version has no ready pod and the canary has one
 * would turn calls that are answered into calls that fail: the shares stay then, as an error, until a pod of stable is
 * ready. Where the canary has none either nothing is lost, and it goes back. Pure.
 */
import type { Release } from "./state.ts";
import { andThen, type Look, type Next, type Noted, stay } from "./step.ts";

export type ReadyPods = Pick<Look, "stableReady" | "canaryReady">;

export const wouldFail = ({ stableReady, canaryReady }: ReadyPods): boolean => stableReady === 0 && canaryReady > 0;

/** What a release that turned round just now does first. */
export function onlyToAnswers({ spec, machine: was }: Release, next: Next, pods: ReadyPods): Next {
  const { machine } = next;
  const turned = machine.phase === "going-back" && was.phase !== "going-back";
  if (!turned || !wouldFail(pods)) {
    return next;
  }
  // The round is another one: no change of the step before is written any more.
  const wanted = was.wanted === null ? machine.wanted : { ...was.wanted, round: machine.round };
  const held = stay({ ...machine, phase: "resuming" as const, wanted });
  return andThen(next, () => ({ ...held, events: [noStablePods(spec)] }));
}

/** Told as an error, once. */
export const noStablePods = ({ stable, canary }: Pick<Release["spec"], "stable" | "canary">): Noted => ({
  level: "error",
  kind: "no-stable-pods",
  text: `${stable} has no ready pod, so the calls stay where they are: all of them would fail. Start a pod of ${stable}, and it goes back by itself. To take ${canary} out of use before, stop its pods.`,
  by: null,
});
