/** Words for bundles. Pure. */
import type { BundleDetails } from "@/server/contracts/rollout-bundles.ts";

/** "one after the other, back together". */
export const bundleWords = ({ order, abortTogether }: Pick<BundleDetails, "order" | "abortTogether">): string =>
  `${order === "in-order" ? "one after the other" : "all at once"}${abortTogether ? ", back together" : ""}`;

/** "1 of 3 completed". */
export function doneWords({ rollouts }: Pick<BundleDetails, "rollouts">): string {
  const done = rollouts.filter(({ state }) => state === "completed").length;
  return `${done} of ${rollouts.length} completed`;
}
