/** Whether the new version has the pods for what it is to answer. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { count, finding } from "@/server/golden-paths/path.ts";
import type { WorkloadPort } from "./ports.ts";

/** From this share on the new version answers as much as the stable one. */
const half = 50;

/**
 * A warning where half of the calls or more go to fewer pods than the stable version has. A release ends with all calls,
 * whatever its steps say.
 */
export function fewPods(
  { service, stable, canary, start, steps }: RolloutSpec,
  workloads: Pick<WorkloadPort, "pods">,
): Finding[] {
  const before = workloads.pods(service, stable).length;
  const after = start === null ? workloads.pods(service, canary).length : (start.replicas ?? before);
  if (after >= before || after === 0) {
    return [];
  }
  const step = steps.find(({ weight }) => weight >= half);
  const share = step?.weight ?? 100;
  const more =
    start === null
      ? `Add pods of ${canary} before that.`
      : `Start ${before}, or leave the number empty: then as many start as ${stable} has.`;
  return [
    finding(
      "warning",
      "few-pods",
      start === null ? "canary" : "start.replicas",
      `${share} % of the calls go to ${count(after, "pod")} of ${canary}, where ${stable} has ${before}. ${more}`,
    ),
  ];
}
