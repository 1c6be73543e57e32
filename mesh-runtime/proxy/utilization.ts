import { performance } from "node:perf_hooks";

/** Share of the time since the last call that this thread's event loop was busy, from 0 to 1. */
export function utilizationMeter(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
