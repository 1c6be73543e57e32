import { performance } from "node:perf_hooks";
import process from "node:process";

/**
 * How busy this thread was since the last call, from 0 to 1: its event loop's utilization, but not more than the share of
 * a core that it had. On a machine that is full the loop is late without doing more, and another thread would not help.
 */
export function utilizationMeter(): () => number {
  let loop = performance.eventLoopUtilization();
  let cpu = process.threadCpuUsage();
  let atMs = performance.now();
  return () => {
    const nowMs = performance.now();
    const now = performance.eventLoopUtilization();
    const { user, system } = process.threadCpuUsage(cpu);
    const { utilization } = performance.eventLoopUtilization(now, loop);
    const share = (user + system) / 1000 / Math.max(1, nowMs - atMs);
    loop = now;
    cpu = process.threadCpuUsage();
    atMs = nowMs;
    return Math.min(utilization, share, 1);
  };
}
