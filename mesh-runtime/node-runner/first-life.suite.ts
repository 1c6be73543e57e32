/** A node runner's life in a process of its own, so that a test can end it with kill -9: `<data> <pods as JSON>`. */
import { openNode, standInAgent } from "./node-bench.suite.ts";
import type { Pod } from "./pod-types.ts";

const [data, text = "[]"] = process.argv.slice(2);
const bench = await openNode(data);
const agent = await standInAgent(bench.agentPath);
const pods = JSON.parse(text) as Pod[];
for (const pod of pods) {
  bench.put(pod);
}
const timer = setInterval(() => {
  const now = pods.map((pod) => bench.get(pod.metadata?.name ?? ""));
  const sent = pods.map((pod) => agent.last(pod.metadata?.uid ?? ""));
  if (
    sent.every((pod) => pod?.sessions.length === 1) &&
    now.every((pod) => pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"))
  ) {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify({ pods: now, sent })}\n`);
  }
}, 20);
