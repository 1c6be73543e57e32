import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { utilizationMeter } from "./utilization.ts";

/** Waits without working, as a thread does that others keep from the core. */
const stall = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function work(turns: number): number {
  let sum = 0;
  for (let index = 0; index < turns; index++) {
    sum += Math.sqrt(index);
  }
  return sum;
}

test("a loop that is late because its thread does not run is not busy", async () => {
  const meter = utilizationMeter();
  await turn();
  stall(100);
  await turn();
  expect(meter()).toBeLessThan(0.5);
});

test("a thread that works is busier than one that stalls, and each measure begins where the last ended", async () => {
  const meter = utilizationMeter();
  await turn();
  work(50_000_000);
  await turn();
  const working = meter();
  stall(100);
  await turn();
  expect(meter()).toBeLessThan(working);
});
