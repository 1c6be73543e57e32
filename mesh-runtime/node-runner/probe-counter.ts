import type { Probe } from "./pod-types.ts";

/** Limits of a probe with Kubernetes' defaults (core/v1 Probe). */
export interface ProbeLimits {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export function probeLimits(probe: Probe): ProbeLimits {
  return {
    initialDelayMs: Math.max(0, probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: Math.max(1, probe.periodSeconds ?? 10) * 1000,
    timeoutMs: Math.max(1, probe.timeoutSeconds ?? 1) * 1000,
    successThreshold: Math.max(1, probe.successThreshold ?? 1),
    failureThreshold: Math.max(1, probe.failureThreshold ?? 3),
  };
}

/** Results in a row, and what they amount to. */
export interface ProbeCount {
  readonly passing: boolean;
  readonly run: { readonly passed: boolean; readonly length: number };
  /** The threshold of failures was reached by this very result. */
  readonly tripped: boolean;
}

/** Liveness begins as passing, readiness and startup as failing. */
export const firstCount = (passing: boolean): ProbeCount => ({
  passing,
  run: { passed: passing, length: 0 },
  tripped: false,
});

/** Adds one result. The state flips only after as many equal results in a row as the threshold says. */
export function countResult(count: ProbeCount, passed: boolean, limits: ProbeLimits): ProbeCount {
  const length = count.run.passed === passed ? count.run.length + 1 : 1;
  const threshold = passed ? limits.successThreshold : limits.failureThreshold;
  const reached = length >= threshold;
  return {
    passing: reached ? passed : count.passing,
    run: { passed, length },
    tripped: reached && !passed && length === threshold,
  };
}
