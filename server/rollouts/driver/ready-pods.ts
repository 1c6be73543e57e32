import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { ReadyPods } from "../machine/to-answers.ts";
import type { WorkloadPort } from "../ports.ts";

/** Of both versions, as the live copy has them. */
export function readyPodsOf(
  { service, stable, canary }: RolloutSpec,
  { workloads }: { readonly workloads: Pick<WorkloadPort, "pods"> },
): ReadyPods {
  const ready = (version: string): number => workloads.pods(service, version).filter((pod) => pod.ready).length;
  return { stableReady: ready(stable), canaryReady: ready(canary) };
}
