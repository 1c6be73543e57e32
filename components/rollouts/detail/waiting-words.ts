/** What a release that has not begun waits for. Pure. */
import type { BundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { owningStates, type RolloutDetails, type RolloutSummary } from "@/server/contracts/rollouts.ts";
import { queueWords } from "../words/rollout-words.ts";

type Queued = Pick<RolloutDetails, "id" | "service" | "queuePlace">;

/** What stands before it, and where that is. */
export interface WaitsFor {
  readonly title: string;
  readonly next: string;
  /** The release to look at; null when none is known. */
  readonly release: Pick<RolloutSummary, "id" | "number"> | null;
}

const owning: ReadonlySet<string> = new Set(owningStates);

/**
 * `active`: releases that have not ended, undefined while they are not known. `bundle`: the one it is in. In order, a
 * member begins when the one before it completed; then it queues like any other.
 */
export function waitsFor(
  { id, service, queuePlace }: Queued,
  active: readonly RolloutSummary[] | undefined,
  bundle: Pick<BundleDetails, "order" | "rollouts"> | undefined,
): WaitsFor {
  const runs = active?.find(
    (one) => one.service.namespace === service.namespace && one.service.name === service.name && owning.has(one.state),
  );
  const ahead = aheadIn(bundle, id);
  if (ahead !== undefined && runs === undefined) {
    return {
      title: `It waits for release ${ahead.number} of its bundle`,
      next: `${ahead.canary} of ${ahead.service.name} comes first; this one begins by itself when that one has completed.`,
      release: ahead,
    };
  }
  return {
    title: queuePlace > 0 ? `It is ${queueWords(queuePlace)}` : "It waits for its turn",
    next: runs
      ? `Release ${runs.number} of ${service.name} runs; this one begins by itself when that one has ended.`
      : `It begins by itself when no other release of ${service.name} runs.`,
    release: runs ?? null,
  };
}

/** The nearest member before it that has not completed. */
function aheadIn(
  bundle: Pick<BundleDetails, "order" | "rollouts"> | undefined,
  id: string,
): RolloutSummary | undefined {
  if (bundle === undefined || bundle.order !== "in-order") {
    return undefined;
  }
  const at = bundle.rollouts.findIndex((member) => member.id === id);
  return bundle.rollouts.slice(0, Math.max(0, at)).findLast(({ state }) => state !== "completed");
}
