import type { Cluster } from "@/server/cluster/cluster.ts";
import { isClusterError } from "@/server/cluster/errors.ts";
import { ownedPart } from "@/server/golden-paths/owned-part.ts";
import { type Rendered, resourceName, sameResource } from "@/server/golden-paths/resource.ts";
import { ApplyError, type LeftStep } from "./apply-error.ts";
import { orderSteps } from "./order.ts";
import { byPhase, passGate } from "./phase-gates.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";
import type { ReceiptDeps, Written } from "./receipt-entry.ts";

export interface StepNotice {
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}
type Notify = (notice: StepNotice) => Promise<void>;

/** Writes one step. Throws `ClusterError`. */
async function write(cluster: Cluster, step: ResourceStep, force: boolean): Promise<Written> {
  const { ref, before, after } = step;
  // Before the write: a proxy may have applied it by the time the answer is here.
  const atUnixMs = Date.now();
  if (after === undefined) {
    await cluster.remove(ref);
    return { step, generation: 0, atUnixMs };
  }
  const { object } = await applyOver(cluster, step, after, force, false);
  for (const label of labelsLost(before, after)) {
    // Giving it up leaves it when somebody else set it too.
    if (object.metadata?.labels?.[label] !== undefined) {
      await cluster.removeLabel(ref, label);
    }
  }
  return { step, generation: object.metadata?.generation ?? 0, atUnixMs };
}

/**
 * Somebody else may own fields without having changed what we know: whoever wrote the same value once owns it too. Where
 * the object is as this change expects it, they are taken over; where it is not, the conflict stands.
 */
async function applyOver(
  cluster: Cluster,
  { ref, before }: ResourceStep,
  after: Rendered,
  force: boolean,
  dryRun: boolean,
): ReturnType<Cluster["apply"]> {
  try {
    return await cluster.apply(after, { force, dryRun });
  } catch (error) {
    if (force || !isClusterError(error) || error.code !== "conflict") {
      throw error;
    }
    const live = await cluster.read(ref);
    const part = live === undefined ? undefined : ownedPart(live, [before, after]);
    // After a crash it may have been written already.
    if (!sameResource(part, before) && !sameResource(part, after)) {
      throw error;
    }
    return cluster.apply(after, { force: true, dryRun });
  }
}

const labelsLost = (before: Rendered | undefined, after: Rendered): string[] =>
  Object.keys(before?.metadata.labels ?? {}).filter((label) => after.metadata.labels?.[label] === undefined);

/** Asks the server about every step without writing any. Throws the first refusal; answers the warnings. */
export async function dryRun(cluster: Cluster, steps: readonly ResourceStep[], force: boolean): Promise<string[]> {
  const warnings: string[] = [];
  for (const step of steps) {
    if (isUnchanged(step)) {
      continue;
    }
    if (step.after === undefined) {
      await cluster.remove(step.ref, { dryRun: true });
    } else if (!comesByItself(step)) {
      warnings.push(...(await applyOver(cluster, step, step.after, force, true)).warnings);
    }
  }
  return [...new Set(warnings)];
}

/** The control plane makes it for a Gateway of the same change: until then there is nothing to ask about. */
const comesByItself = ({ ref, before }: ResourceStep): boolean => ref.kind === "Deployment" && before === undefined;

export type ApplyDeps = ReceiptDeps;

export interface ApplyOptions {
  /** Overwrite others' edits. */
  readonly force: boolean;
  /** What was written stays when the rest fails: it takes access away, and half of that is better than none. */
  readonly keep: boolean;
}

/**
 * Writes the steps phase by phase and waits in between. When one fails, or proxies do not follow, what was written is put
 * back and an `ApplyError` says what became of it. Writing a step twice is harmless, so a change that was cut off can be
 * run again from the start.
 */
export async function applySteps(
  deps: ApplyDeps,
  steps: readonly ResourceStep[],
  { force, keep }: ApplyOptions,
  notify: Notify,
): Promise<Written[]> {
  const written: Written[] = [];
  let doubtful: ResourceStep | undefined;
  const groups = byPhase(steps.filter((step) => !isUnchanged(step)));
  try {
    for (const [index, group] of groups.entries()) {
      for (const step of group) {
        doubtful = step;
        written.push(await writeAndTell(deps.cluster, step, force, notify));
        doubtful = undefined;
      }
      await passGate(written, groups[index + 1]?.[0]?.phase, deps);
    }
  } catch (error) {
    await notify({ level: "error", text: error instanceof Error ? error.message : String(error) });
    if (keep) {
      throw new ApplyError(error, { kept: true, left: [], unconfirmed: "" });
    }
    const done = written.map(({ step }) => step);
    const begun = doubtful === undefined || isRefusal(error) ? done : [...done, doubtful];
    throw new ApplyError(error, { kept: false, ...(await putBack(deps, begun, notify)) });
  }
  return written;
}

/** The server said no: nothing was written. Without an answer it may have been. */
const isRefusal = (error: unknown): boolean =>
  isClusterError(error) && error.code !== "unreachable" && error.code !== "server-error";

async function writeAndTell(cluster: Cluster, step: ResourceStep, force: boolean, notify: Notify): Promise<Written> {
  const name = resourceName(step.ref);
  try {
    const written = await write(cluster, step, force);
    await notify({ level: "info", text: `${step.after === undefined ? "Removed" : "Applied"} ${name}` });
    return written;
  } catch (error) {
    if (isClusterError(error)) {
      error.message = `${name}: ${error.message}`;
    }
    throw error;
  }
}

/**
 * Puts steps back to how they were before, in the order that fits going back. What cannot be put back, or is not
 * confirmed, is told, and the rest goes on.
 */
async function putBack(
  deps: ApplyDeps,
  steps: readonly ResourceStep[],
  notify: Notify,
): Promise<{ readonly left: readonly LeftStep[]; readonly unconfirmed: string }> {
  const left: LeftStep[] = [];
  const unconfirmed: string[] = [];
  const inverse = steps.map(({ ref, before, after }): ResourceStep => ({ ref, before: after, after: before }));
  const groups = byPhase(orderSteps(inverse, deps.inventory.current));
  const written: Written[] = [];
  for (const [index, group] of groups.entries()) {
    for (const step of group) {
      const name = resourceName(step.ref);
      try {
        written.push(await write(deps.cluster, step, true));
        await notify({ level: "warning", text: `Put ${name} back as it was` });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        left.push({ step: { ...step, before: step.after, after: step.before }, why });
        await notify({ level: "error", text: `${name} could not be put back: ${why}` });
      }
    }
    await passGate(written, groups[index + 1]?.[0]?.phase, deps).catch((error: unknown) => {
      unconfirmed.push(error instanceof Error ? error.message : String(error));
      return notify({ level: "warning", text: unconfirmed.at(-1) ?? "" });
    });
  }
  return { left, unconfirmed: unconfirmed.join(" ") };
}
