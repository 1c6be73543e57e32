import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { TrafficPort } from "./ports.ts";
import type { RolloutRow } from "./store/rows.ts";

/** Why what it brought is not what holds any more, so that there is nothing of it to take back; empty when it holds. */
export async function undoMovedOn(
  row: Pick<RolloutRow, "state" | "spec">,
  traffic: Pick<TrafficPort, "inForce">,
): Promise<string> {
  const spec = rolloutSpec.safeParse(row.spec);
  if (row.state !== "completed" || !spec.success) {
    return "";
  }
  const { service, canary } = spec.data;
  const inForce = await traffic.inForce(service);
  return inForce === undefined || inForce.stable === canary
    ? ""
    : `Calls go to ${inForce.stable} by now, and not to ${canary}: somebody moved them since. Start a release from there.`;
}
