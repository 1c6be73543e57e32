/** What a kind of release begins with: steps, and who always gets to the new version. Pure. */

import type { ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import {
  analysisRules,
  newVersion,
  type RolloutKind,
  type RolloutStep,
  rolloutStep,
} from "@/server/contracts/rollout-spec.ts";

const step = (weight: number, more: Partial<RolloutStep> = {}): RolloutStep => rolloutStep.parse({ weight, ...more });

const byHeader = (name: string, value: string): ReleaseMatch[] => [{ by: "header", name, value }];

/** Anybody who sends it reaches the new version, whatever its share. */
const canaryHeader = byHeader("x-canary", "true");

/** Only what a match leads to it reaches it; nothing to judge by, so a person decides. */
const matchedOnly = (hold: string): RolloutStep => step(0, { hold, analysis: false, gate: true });

interface Preset {
  readonly steps: readonly RolloutStep[];
  readonly match: readonly ReleaseMatch[];
}

export const presets: Readonly<Record<RolloutKind, Preset>> = {
  progressive: { steps: [5, 10, 25, 50, 100].map((weight) => step(weight)), match: canaryHeader },
  weighted: {
    steps: [step(10, { hold: "1m" }), step(50, { hold: "2m", gate: true }), step(100)],
    match: canaryHeader,
  },
  "header-canary": { steps: [matchedOnly("0s"), step(100)], match: canaryHeader },
  "blue-green": { steps: [matchedOnly("0s"), step(100, { hold: "5m" })], match: canaryHeader },
  "mirror-first": { steps: [step(0, { mirror: 100, hold: "1m" }), step(10), step(50), step(100)], match: canaryHeader },
  "ab-test": { steps: [matchedOnly("1h"), step(100)], match: byHeader("x-group", "b") },
};

/** Rows of steps that can be taken at once, beside the kind's own. */
export const stepRows: readonly { readonly title: string; readonly steps: readonly RolloutStep[] }[] = [
  { title: "1, 10, 50, 100", steps: [step(1), step(10), step(50, { gate: true }), step(100)] },
  { title: "10, 50, 100", steps: [step(10), step(50), step(100)] },
  { title: "Tens", steps: Array.from({ length: 10 }, (_, at) => step((at + 1) * 10)) },
];

/** The rules of the contract, and a look at the slow requests: twice what stable has is too slow. */
export const usualAnalysis = analysisRules.parse({ latency: [{ quantile: 95, maxRatio: 2 }] });

/** A version that is started beside the others. */
export const usualVersion = newVersion.parse({});

const mostSteps = 20;

/** One step more: half way to all calls, or all of them. Nothing when there is no room. */
export function withStep(steps: readonly { readonly weight: number | null }[]): RolloutStep | undefined {
  if (steps.length >= mostSteps) {
    return undefined;
  }
  const last = steps.at(-1)?.weight ?? 0;
  const from = Number.isFinite(last) ? last : 0;
  return step(from === 0 ? 10 : Math.min(100, Math.ceil((from + (100 - from) / 2) / 5) * 5));
}

/** The name that follows: `v2` after `v1`, `2026-2` after `2026-1`. */
export function nextVersion(version: string, taken: readonly string[]): string {
  const [, stem = version, number] = /^(.*?)(\d+)$/.exec(version) ?? [];
  for (let next = Number(number ?? 1) + 1; next < Number(number ?? 1) + 100; next += 1) {
    const name = number === undefined ? `${stem === "" ? "v" : `${stem}-`}${next}` : `${stem}${next}`;
    if (!taken.includes(name)) {
      return name.slice(0, 63);
    }
  }
  return "";
}
