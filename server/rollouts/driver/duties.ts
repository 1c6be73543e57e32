/** Does what a release is to have done now, and says what came of it. Nothing here throws: what fails is an answer. */
import { isPortalError, PortalError } from "@/server/errors.ts";
import type { WebhookOutcome } from "../analysis/judge.ts";
import type { Duty } from "../machine/duty.ts";
import type { Release } from "../machine/state.ts";
import { type Answers, noAnswers } from "../machine/step.ts";
import type { Owner } from "../ports.ts";
import { askedFor } from "./asked-for.ts";
import type { DriverDeps } from "./deps.ts";
import { withdraw } from "./withdraw.ts";

export const ownerOf = (rolloutId: string, { spec, machine }: Pick<Release, "spec" | "machine">): Owner => ({
  rolloutId,
  service: spec.service,
  ...machine.mover,
});

export const wordsOf = (error: unknown): string =>
  isPortalError(error) ? error.userMessage : "The cluster does not answer";

const transient: ReadonlySet<string> = new Set([
  "cluster-unreachable",
  "database-unavailable",
  "change-in-progress",
  "conflict",
  "frozen",
]);

/** Facts that webhooks are told. */
export const factsOf = (id: string, { spec, machine }: Pick<Release, "spec" | "machine">): Record<string, unknown> => ({
  release: id,
  namespace: spec.service.namespace,
  service: spec.service.name,
  stable: spec.stable,
  canary: spec.canary,
  step: machine.step + 1,
  steps: spec.steps.length,
  weight: machine.wanted?.canary === spec.canary ? machine.wanted.weight : 0,
});

export async function perform(id: string, release: Release, duty: Duty, deps: DriverDeps): Promise<Answers> {
  const { ports } = deps;
  const { spec } = release;
  const owner = ownerOf(id, release);
  switch (duty.do) {
    case "ask": {
      const webhooks: readonly WebhookOutcome[] = await ports.webhooks.ask(
        spec.analysis.webhooks,
        duty.when,
        factsOf(id, release),
      );
      return { ...noAnswers, webhooks };
    }
    case "place":
      return { ...noAnswers, placement: await place(withWords(owner, release), duty, deps) };
    case "start": {
      const { start } = spec;
      if (start === null) {
        return { ...noAnswers, workload: { state: "done", words: "" } };
      }
      return workload(async () => {
        // It may have begun since the last look.
        const frozen = await ports.traffic.frozen(spec.service, deps.now());
        if (frozen !== "") {
          throw new PortalError("frozen", frozen);
        }
        await ports.workloads.start(owner, spec.stable, spec.canary, start);
      });
    }
    case "remove":
      return workload(() => ports.workloads.remove(owner, spec.canary));
    case "resume-old":
      return workload(() => ports.workloads.resume(owner, spec.stable));
    case "withdraw":
      return {
        ...noAnswers,
        withdrawn: await withdraw(id, spec, deps).catch((error: unknown) => {
          deps.log.warn("a question to other teams could not be taken back", { release: id, error: String(error) });
          return null;
        }),
      };
    default:
      return noAnswers;
  }
}

/** Other teams are asked with its first change: that says what the release is, where nobody gave a reason. */
const withWords = (owner: Owner, { spec, machine }: Pick<Release, "spec" | "machine">): Owner =>
  owner.by === null && owner.reason === "" && machine.enteredUnixMs === null
    ? { ...owner, reason: askedFor(spec) }
    : owner;

async function place(
  owner: Owner,
  { shares, goingBack }: Extract<Duty, { do: "place" }>,
  { ports, log }: DriverDeps,
): Promise<Answers["placement"]> {
  try {
    if (goingBack) {
      await ports.traffic
        .placeNow(owner, shares)
        .catch((error: unknown) =>
          log.warn("cannot go back at once", { release: owner.rolloutId, error: String(error) }),
        );
    }
    return await ports.traffic.place(owner, shares);
  } catch (error) {
    log.warn("shares cannot be placed", { release: owner.rolloutId, error: String(error) });
    return { state: "unreachable", words: wordsOf(error) };
  }
}

async function workload(work: () => Promise<void>): Promise<Answers> {
  try {
    await work();
    return { ...noAnswers, workload: { state: "done", words: "" } };
  } catch (error) {
    const forGood = isPortalError(error) && !transient.has(error.code);
    return { ...noAnswers, workload: { state: forGood ? "for-good" : "failed", words: wordsOf(error) } };
  }
}
