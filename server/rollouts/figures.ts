/** What versions do now and did since the beginning, from what the proxies counted. */
import type { RolloutDetails, VersionFigures } from "@/server/contracts/rollouts.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { successOf } from "./analysis/success-measures.ts";
import { gets } from "./machine/shares.ts";
import type { Release, Totals } from "./machine/state.ts";
import type { MeasurePort, Shares, WorkloadPort } from "./ports.ts";
import { lastMinute, perSecond, type RateWindow, rateWindow } from "./rate-window.ts";

export type Now = Pick<VersionFigures, "rps" | "success" | "p50Ms" | "p95Ms" | "p99Ms">;

/** Of the last minute, or of another window. */
export function nowOf(
  service: Release["spec"]["service"],
  version: string,
  measure: Pick<MeasurePort, "counts">,
  nowUnixMs: number,
  window: RateWindow = lastMinute(nowUnixMs),
): Now {
  const counts = measure.counts(service, version, window.fromUnixMs, window.toUnixMs);
  return {
    rps: Math.round(perSecond(counts.requests, window) * 100) / 100,
    success: successOf(counts),
    p50Ms: quantileMs(counts.buckets, 0.5),
    p95Ms: quantileMs(counts.buckets, 0.95),
    p99Ms: quantileMs(counts.buckets, 0.99),
  };
}

export function versionsOf(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  totals: Totals,
  {
    measure,
    workloads,
  }: { readonly measure: Pick<MeasurePort, "counts">; readonly workloads: Pick<WorkloadPort, "pods"> },
  nowUnixMs: number,
): VersionFigures[] {
  return (["stable", "canary"] as const).map((role) => ({
    version: spec[role],
    role,
    ...nowOf(spec.service, spec[role], measure, nowUnixMs, rateWindow({ machine }, nowUnixMs)),
    sum: totals[role],
    pods: workloads.pods(spec.service, spec[role]),
  }));
}

/** Share that the canary has by the shares it wants. */
export const weightOf = ({ spec, machine }: Pick<Release, "spec" | "machine">): number => {
  const { wanted } = machine;
  if (wanted === null) {
    return 0;
  }
  return wanted.stable === spec.canary ? 100 : gets(wanted, spec.canary) ? wanted.weight : 0;
};

/** Versions that the shares lead to, the one with more first. */
export function answeringBy(shares: Shares | undefined): RolloutDetails["answering"] {
  if (shares === undefined) {
    return [];
  }
  const { stable, canary, weight } = shares;
  const second = canary !== null && gets(shares, canary) ? [{ version: canary, weight }] : [];
  const first =
    weight < 100 || second.length === 0 ? [{ version: stable, weight: 100 - (second[0]?.weight ?? 0) }] : [];
  return [...first, ...second].sort((one, other) => other.weight - one.weight);
}
