import type { Impact, ImpactWindow } from "@/server/contracts/golden-paths.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { rateLimitNotes } from "@/server/impact/rate-limits.ts";
import { secondsOfService } from "@/server/traffic/seconds.ts";
import type { ChangeDeps } from "./deps.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";

/**
 * The impact of steps on the traffic of the window before `nowMs`, worked out in a thread of its own. Where it cannot be,
 * the impact says why (`unknownBecause`).
 */
export async function assessSteps(
  steps: readonly ResourceStep[],
  deps: Pick<ChangeDeps, "inventory" | "telemetry" | "replay">,
  windowSeconds: ImpactWindow,
  nowMs: number,
): Promise<Impact> {
  const { objects } = deps.inventory.current;
  const asked = steps.map((step) => ({
    ref: step.ref,
    before: step.before,
    after: step.after,
    changes: !isUnchanged(step),
  }));
  return deps.replay.assess({ steps: asked, windowSeconds, nowMs, notes: limitNotes(steps, deps, nowMs) }, objects);
}

/** What limits that come or change would have refused in the last minutes. */
function limitNotes(
  steps: readonly ResourceStep[],
  { inventory: live, telemetry }: Pick<ChangeDeps, "inventory" | "telemetry">,
  nowMs: number,
): string[] {
  const changed = steps.filter((step) => !isUnchanged(step));
  if (!changed.some(({ ref }) => ref.kind === "RateLimitPolicy")) {
    return [];
  }
  const inventory = live.current;
  return rateLimitNotes(inventory, inventoryAfter(inventory, changed), (service) =>
    secondsOfService(telemetry, inventory, service, nowMs),
  );
}
