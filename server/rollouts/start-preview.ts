/** What starting a release would do. */

import type { Finding, Preview } from "@/server/contracts/golden-paths.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { fewPods } from "./capacity.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { nowOf } from "./figures.ts";
import { leastMsOf } from "./least-time.ts";
import { msOf } from "./machine/circumstances.ts";
import { withLimits } from "./release-limits.ts";

export async function previewOf(spec: RolloutSpec, personId: string, deps: DriverDeps): Promise<RolloutPreview> {
  const { db, ports } = deps;
  const { service, stable, canary, start } = spec;
  const [first, guardrails, workload, before] = await Promise.all([
    ports.traffic.preview(spec, personId),
    readGuardrails(db),
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
    first: withFindings(withLimits(first, guardrails, spec), fewPods(spec, ports.workloads)),
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
    leastMs: leastMsOf(spec, rps),
    sample: sampleWords(spec, rps),
  };
}

/** Warnings: they block nothing. */
const withFindings = (first: Preview, findings: readonly Finding[]): Preview => ({
  ...first,
  findings: [...first.findings, ...findings],
});

/** "1 min 30 s" of "1m30s". */
const told = (duration: string): string =>
  duration
    .replace(/(\d+)(ms|h|m|s)/g, (_, count: string, unit: string) => `${count} ${unit === "m" ? "min" : unit} `)
    .trim();

function stepWords({ canary, steps, analysis }: RolloutSpec, index: number): string {
  const step = steps[index];
  if (step === undefined) {
    return "";
  }
  const share =
    step.mirror === 0
      ? `${canary} gets ${step.weight} %`
      : step.weight === 0
        ? `${canary} gets copies of ${step.mirror} % and answers nobody`
        : `${canary} gets ${step.weight} % and copies of ${step.mirror} %`;
  return [
    share,
    msOf(step.hold) > 0 ? `at least ${told(step.hold)}` : "",
    step.analysis ? `until ${analysis.passes} intervals of ${told(analysis.interval)} passed in a row` : "",
    step.gate ? "then a person decides" : "",
  ]
    .filter((text) => text !== "")
    .join(", ");
}

/**
 * How long the first judged step needs for a verdict. In a step that copies, copies of all calls count beside those that
 * the canary gets; a waypoint keeps no more than 64 KiB of a body to copy it (`held-body.ts`).
 */
export function sampleWords({ analysis, steps, canary }: RolloutSpec, rps: number): string {
  const first = steps.find((step) => step.analysis);
  if (first === undefined) {
    return "No step is judged.";
  }
  const { weight, mirror } = first;
  const rate = (rps * (weight + mirror)) / 100;
  const counted = mirror === 0 ? "requests" : weight === 0 ? "copies of requests" : "requests and copies";
  const needed = `A verdict needs ${analysis.minRequests} ${counted} to ${canary}`;
  if (weight + mirror === 0) {
    return `${needed}, which come only with the header, cookie or caller that gets there.`;
  }
  if (rate === 0) {
    return `${needed}. Nobody calls it at this moment.`;
  }
  const share =
    mirror === 0
      ? `at ${weight} %`
      : weight === 0
        ? `with copies of ${mirror} %`
        : `at ${weight} % and with copies of ${mirror} %`;
  const today = `today's ${Math.round(rps * 10) / 10} requests per second`;
  const seconds = Math.max(1, Math.round(analysis.minRequests / rate));
  const left = mirror === 0 ? "" : " Requests of more than 64 KiB are not copied.";
  return `${needed}: about ${seconds} s ${share} of ${today}.${left}`;
}
