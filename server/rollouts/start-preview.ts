/** What starting a release would do. */

import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { nowOf } from "./figures.ts";
import { msOf } from "./machine/circumstances.ts";

export async function previewOf(spec: RolloutSpec, personId: string, deps: DriverDeps): Promise<RolloutPreview> {
  const { db, ports } = deps;
  const { service, stable, canary, start } = spec;
  const [first, workload, before] = await Promise.all([
    ports.traffic.preview(spec, personId),
    start === null ? "" : ports.workloads.manifest(service, stable, canary, start),
    db.rollout.findMany({
      where: { namespace: service.namespace, service: service.name, state: { in: ["queued", ...owningStates] } },
      orderBy: { number: "asc" },
      select: { id: true, number: true, state: true },
    }),
  ]);
  const rps = [stable, canary].reduce(
    (sum, version) => sum + nowOf(service, version, ports.measure, deps.now()).rps,
    0,
  );
  return {
    first,
    workload,
    steps: spec.steps.map((step, index) => ({
      weight: step.weight,
      rps: Math.round(rps * step.weight) / 100,
      words: stepWords(spec, index),
    })),
    queuedBehind: before.map(({ id, number, state }) => ({
      id,
      number,
      title: `Release ${number} ${state === "queued" ? "waits" : "runs"}`,
    })),
    leastMs: leastMsOf(spec),
    sample: sampleWords(spec, rps),
  };
}

function stepWords({ canary, steps, analysis }: RolloutSpec, index: number): string {
  const step = steps[index];
  if (step === undefined) {
    return "";
  }
  const share =
    step.mirror > 0
      ? `${canary} gets ${step.weight} % and copies of ${step.mirror} %`
      : `${canary} gets ${step.weight} %`;
  return [
    share,
    msOf(step.hold) > 0 ? `at least ${step.hold}` : "",
    step.analysis ? `until ${analysis.passes} intervals of ${analysis.interval} passed in a row` : "",
    step.gate ? "then a person decides" : "",
  ]
    .filter((text) => text !== "")
    .join(", ");
}

const asksPerson = ({ steps }: RolloutSpec): boolean =>
  steps.some(({ gate }) => gate) || (steps.at(-1)?.weight ?? 0) < 100;

/** Null when a person must come. */
export function leastMsOf(spec: RolloutSpec): number | null {
  return asksPerson(spec) ? null : spec.steps.reduce((sum, step) => sum + leastOfStep(spec, step), 0);
}

const leastOfStep = ({ analysis }: RolloutSpec, { hold, analysis: judged }: RolloutSpec["steps"][number]): number =>
  Math.max(msOf(hold), judged ? analysis.passes * msOf(analysis.interval) : 0);

function sampleWords({ analysis, steps, canary }: RolloutSpec, rps: number): string {
  const first = steps.find((step) => step.analysis);
  if (first === undefined) {
    return "No step is judged.";
  }
  const share = Math.max(first.weight, first.mirror);
  const needed = `A verdict needs ${analysis.minRequests} requests to ${canary}`;
  const rate = (rps * share) / 100;
  if (share === 0) {
    return `${needed}, which come only with the header, cookie or caller that gets there.`;
  }
  return rate === 0
    ? `${needed}. Nobody calls it at this moment.`
    : `${needed}: about ${Math.max(1, Math.round(analysis.minRequests / rate))} s at ${first.weight} % of today's ${Math.round(rps * 10) / 10} requests per second.`;
}
