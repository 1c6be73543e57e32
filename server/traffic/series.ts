import type { LatencySeries, Timeline } from "@/server/contracts/traffic.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { isRefusal } from "./graph/edge-totals.ts";
import { countsEdge, type NodeFinder, type NodeRef } from "./graph/node-ref.ts";

/** Which edges count. */
export type EdgeFilter = (from: NodeRef, to: NodeRef) => boolean;

interface Step {
  count: number;
  errors: number;
  buckets: number[];
  seen: boolean;
}

/** What was remembered by the minute is spread over the steps that it covers; what is shorter belongs to one. */
function coveredSteps(at: number, width: number, startMs: number, stepMs: number): { first: number; last: number } {
  const index = (ms: number): number => Math.floor((ms - startMs) / stepMs);
  return width <= stepMs
    ? { first: index(at + width / 2), last: index(at + width / 2) }
    : { first: index(at), last: index(at + width - 1) };
}

/** Requests in equal steps of time, oldest first. Where nothing was reported at all there is a gap. */
export function stepsOfRequests(
  memory: TelemetryMemory,
  finder: NodeFinder,
  filter: EdgeFilter,
  startMs: number,
  stepMs: number,
  steps: number,
): readonly Step[] {
  const all = Array.from({ length: steps }, (): Step => ({ count: 0, errors: 0, buckets: [], seen: false }));
  const from = memory.requests.oldestMs ?? Number.POSITIVE_INFINITY;
  for (const [index, step] of all.entries()) {
    step.seen = startMs + (index + 1) * stepMs > from;
  }
  memory.requests.each(
    startMs,
    startMs + steps * stepMs,
    ({ labels, responseCode, responseFlags }, counts, at, width) => {
      if (
        isRefusal(responseFlags) ||
        !countsEdge(labels, "-", finder) ||
        !filter(finder.source(labels), finder.destination(labels))
      ) {
        return;
      }
      const { first, last } = coveredSteps(at, width, startMs, stepMs);
      const part = 1 / (last - first + 1);
      const failed = responseCode === 0 || responseCode >= 500;
      for (const step of all.slice(Math.max(0, first), last + 1)) {
        step.count += counts.count * part;
        step.errors += failed ? counts.count * part : 0;
        for (const [index, count] of counts.buckets.entries()) {
          step.buckets[index] = (step.buckets[index] ?? 0) + count * part;
        }
      }
    },
  );
  return all;
}

/** Rate and latency of the edges in at most `steps` steps. */
export function latencySeriesOf(
  memory: TelemetryMemory,
  finder: NodeFinder,
  filter: EdgeFilter,
  windowSeconds: number,
  endMs: number,
): LatencySeries {
  const stepSeconds = Math.max(1, Math.ceil(windowSeconds / 60));
  const steps = Math.floor(windowSeconds / stepSeconds);
  const startMs = endMs - steps * stepSeconds * 1_000;
  const all = stepsOfRequests(memory, finder, filter, startMs, stepSeconds * 1_000, steps);
  const quantiles = (q: number): (number | null)[] => all.map(({ buckets }) => quantileMs(buckets, q));
  return {
    stepSeconds,
    endUnixMs: endMs,
    p50Ms: quantiles(0.5),
    p95Ms: quantiles(0.95),
    p99Ms: quantiles(0.99),
    rps: all.map(({ count, seen }) => (seen ? count / stepSeconds : null)),
  };
}

/** Refusals per second in equal steps. */
export function denialRates(
  memory: TelemetryMemory,
  startMs: number,
  stepMs: number,
  steps: number,
): Timeline["deniedPerSecond"] {
  const counts = Array.from({ length: steps }, () => 0);
  memory.denials.each(startMs, startMs + steps * stepMs, (_identity, { count }, at, width) => {
    const { first, last } = coveredSteps(at, width, startMs, stepMs);
    for (let step = Math.max(0, first); step <= Math.min(last, steps - 1); step++) {
      counts[step] = (counts[step] ?? 0) + count / (last - first + 1);
    }
  });
  const from = memory.requests.oldestMs ?? Number.POSITIVE_INFINITY;
  return counts.map((count, index) => (startMs + (index + 1) * stepMs > from ? count / (stepMs / 1_000) : null));
}
