import type { Cluster } from "@/server/cluster/cluster.ts";
import { isClusterError } from "@/server/cluster/errors.ts";
import { type Rendered, resourceName } from "@/server/golden-paths/resource.ts";
import { dataplaneModeLabel } from "@/server/inventory/labels.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";
import type { Written } from "./receipt.ts";

export interface StepNotice {
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** Writes one step. Throws `ClusterError`. */
async function write(cluster: Cluster, step: ResourceStep, to: Rendered | undefined, force: boolean): Promise<Written> {
  // Before the write: a proxy may have applied it by the time the answer is here.
  const atUnixMs = Date.now();
  if (to === undefined) {
    await cluster.remove(step.ref);
    return { step, generation: 0, atUnixMs };
  }
  const { object } = await cluster.apply(to, { force });
  if (leavesMesh(step, to) && object.metadata?.labels?.[dataplaneModeLabel] !== undefined) {
    await cluster.removeLabel(step.ref, dataplaneModeLabel);
  }
  return { step, generation: object.metadata?.generation ?? 0, atUnixMs };
}

const leavesMesh = ({ ref }: ResourceStep, to: Rendered): boolean =>
  ref.kind === "Namespace" && to.metadata.labels?.[dataplaneModeLabel] === undefined;

/** Asks the server about every step without writing any. Throws the first refusal; answers the warnings. */
export async function dryRun(cluster: Cluster, steps: readonly ResourceStep[], force: boolean): Promise<string[]> {
  const warnings: string[] = [];
  for (const step of steps) {
    if (isUnchanged(step)) {
      continue;
    }
    if (step.after === undefined) {
      await cluster.remove(step.ref, { dryRun: true });
    } else {
      warnings.push(...(await cluster.apply(step.after, { dryRun: true, force })).warnings);
    }
  }
  return [...new Set(warnings)];
}

/**
 * Writes the steps in order. When one fails, those before it are put back in reverse order and the failure is thrown.
 * Writing a step twice is harmless, so a change that was cut off can be run again from the start.
 */
export async function applySteps(
  cluster: Cluster,
  steps: readonly ResourceStep[],
  force: boolean,
  notice: (notice: StepNotice) => Promise<void>,
): Promise<Written[]> {
  const written: Written[] = [];
  for (const step of steps) {
    if (isUnchanged(step)) {
      continue;
    }
    const name = resourceName(step.ref);
    try {
      written.push(await write(cluster, step, step.after, force));
      await notice({ level: "info", text: `${step.after === undefined ? "Removed" : "Applied"} ${name}` });
    } catch (error) {
      await notice({
        level: "error",
        text: `${name}: ${isClusterError(error) ? error.message : String(error)}`,
      });
      await restore(
        cluster,
        written.map((one) => one.step),
        notice,
      );
      throw error;
    }
  }
  return written;
}

/** Puts steps back to how they were before, last one first. What cannot be put back is told, and the rest goes on. */
export async function restore(
  cluster: Cluster,
  steps: readonly ResourceStep[],
  notice: (notice: StepNotice) => Promise<void>,
): Promise<void> {
  for (const step of steps.toReversed()) {
    const name = resourceName(step.ref);
    try {
      await write(cluster, step, step.before, true);
      await notice({ level: "warning", text: `Put ${name} back as it was` });
    } catch (error) {
      await notice({ level: "error", text: `${name} could not be put back: ${String(error)}` });
    }
  }
}
