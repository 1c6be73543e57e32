import { setTimeout as sleep } from "node:timers/promises";
import type { Probe } from "./pod-types.ts";
import { attemptProbe, type ProbeResult, type ProbeTarget } from "./probe-attempt.ts";
import { countResult, firstCount, type ProbeCount, probeLimits } from "./probe-counter.ts";

export interface ProberOptions {
  readonly probe: Probe;
  /** What holds before the first result. */
  readonly passing: boolean;
  readonly target: ProbeTarget;
  readonly signal: AbortSignal;
  /** The state flipped. */
  readonly onChange: (passing: boolean) => void;
  /** The threshold of failures was reached (liveness, startup: the container must be killed). */
  readonly onTripped: (result: ProbeResult) => void;
  /** A counted attempt failed. */
  readonly onFailure: (result: ProbeResult) => void;
}

/** Until the first success a probe is tried more often than its period says, so that a quick start is seen quickly. */
const eagerFirstMs = 100;

/**
 * Probes until the signal fires. Attempts between the periods, made only while the probe has not passed yet, count when
 * they pass and are forgotten when they fail (the kubelet does so for readiness).
 */
export async function runProbe(options: ProberOptions): Promise<void> {
  const { probe, target, signal } = options;
  const limits = probeLimits(probe);
  let count: ProbeCount = firstCount(options.passing);
  let eagerMs = eagerFirstMs;
  // A start takes a moment: what fails in the first period (liveness: in the first second) is no failure yet.
  const startMs = options.passing ? Math.min(limits.periodMs, 1_000) : limits.periodMs;
  let dueAt = Date.now() + limits.initialDelayMs + startMs;
  await pause(limits.initialDelayMs + (options.passing ? startMs : 0), signal);
  while (!signal.aborted) {
    const result = await attemptProbe(probe, target, limits.timeoutMs);
    if (signal.aborted) {
      return;
    }
    const due = Date.now() >= dueAt;
    if (due || result.passed) {
      const before = count.passing;
      count = countResult(count, result.passed, limits);
      if (!result.passed) {
        options.onFailure(result);
      }
      if (count.passing !== before) {
        options.onChange(count.passing);
      }
      if (count.tripped) {
        options.onTripped(result);
      }
    }
    if (due) {
      dueAt = Date.now() + limits.periodMs;
    }
    const untilDue = Math.max(1, dueAt - Date.now());
    await pause(count.passing ? untilDue : Math.min(eagerMs, untilDue), signal);
    eagerMs = Math.min(eagerMs * 1.5, limits.periodMs);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
